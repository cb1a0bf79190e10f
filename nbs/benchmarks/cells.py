"""Helpers of the annotate benchmarks: hidden labels, scores, and all methods on one preparation."""

import anndata as ad
import numpy as np
import pandas as pd
from scipy import sparse, stats
from shared import shared_data
from sklearn.metrics import f1_score, recall_score, roc_auc_score

from transomics.annotate.activity import gene_activity
from transomics.annotate.auto import GRAPH_WEIGHTS, SourceViews, cross, judge, pool_answers
from transomics.annotate.prepare import prepare
from transomics.annotate.registry import JOINT_STRENGTH, METHODS, joint_points, regress_points
from transomics.metrics import calibration_error
from transomics.simulate.cells import multiome

SIMPLE = ("knn", "cosine 1-NN", "joint", "direct")  # the strongest is chosen on other seeds


def simulate_pair(setting: str, seed: int, n_cells: int = 1500):
    """Draw a simulated data set and prepare it; the pair, and the true types of its ATAC cells."""
    rna, atac = multiome(setting, random_state=seed, n_cells=n_cells)
    return prepare(rna, atac, "cell_type"), atac.uns["truth"]["cell_type"]


def score(p, truth, classes) -> dict[str, float]:
    """Compare probabilities [m, K] with true types: accuracy, macro-F1 and calibration error."""
    p, codes = np.asarray(p), pd.Index(classes).get_indexer(truth)
    f1 = f1_score(codes, p.argmax(1), average="macro", labels=np.unique(codes[codes >= 0]))
    ece = calibration_error(p / p.sum(1, keepdims=True), codes)
    return {"accuracy": (p.argmax(1) == codes).mean(), "macro-F1": f1, "ECE": ece}


def bootstrap_interval(values, draws: int = 4000) -> np.ndarray:
    """Bound the mean of values by a bootstrap, at 95 %."""
    means = np.random.default_rng(0).choice(values, (draws, len(values))).mean(1)
    return np.percentile(means, [2.5, 97.5])


def t_interval(values) -> np.ndarray:
    """Bound the mean of values at 95 % by Student's t: one value for each unit that would be drawn anew."""
    values = np.asarray(values, dtype=float)
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.inf
    return values.mean() + np.array([-1, 1]) * stats.t.ppf(0.975, max(len(values) - 1, 1)) * error


def hide_labels(types, level, random) -> np.ndarray:
    """Keep labels of a share of the cells (a float), of so many a type (a number), or of all (None)."""
    shown = np.zeros(len(types), dtype=bool)
    if isinstance(level, float):
        shown[random.choice(len(types), max(2, round(level * len(types))), replace=False)] = True
    for kind in np.unique(types):
        rows = random.permutation(np.flatnonzero(types == kind))
        if isinstance(level, float):
            shown[rows[0]] |= not shown[rows].any()
        else:
            shown[rows[: level or len(rows)]] = True
    return np.where(shown, types, None)


def cross_over(rna, atac, label: str, seed: int, peaks=None):
    """Prepare two tables and find the way across."""
    pair = prepare(rna, atac, label)
    return cross(pair, SourceViews(pair.source, len(pair.classes), seed), peaks, random_state=seed)


def simple_answers(crossing) -> dict[str, np.ndarray]:
    """Ask the simple baselines; cosine 1-NN on joint components, its neighbours by angle."""
    source, target = joint_points(crossing)
    joint = np.concatenate([source, target])
    unit = joint / np.linalg.norm(joint, axis=1, keepdims=True).clip(1e-12)
    nearest_one = (unit[len(source) :] @ unit[: len(source)][crossing.known].T).argmax(axis=1)
    simple = {name: METHODS.make(name)(crossing) for name in ("knn", "direct")}
    simple["joint"] = regress_points(crossing, source, target, JOINT_STRENGTH)
    return simple | {"cosine 1-NN": crossing.given[nearest_one]}


def all_answers(rna, atac, label: str, seed: int, peaks=None):
    """Ask auto, graph and the baselines on one crossing; answers by name, and the crossing."""
    crossing = cross_over(rna, atac, label, seed, peaks)
    members = METHODS.make("auto")(crossing)
    graph = [member for member in members if member.name in GRAPH_WEIGHTS]
    answers = {"auto": judge(crossing, members).posterior, "graph": pool_answers(graph)}
    return answers | simple_answers(crossing), crossing


# ---------------------------------------------------------------- real cells
def read_task(name, seed):
    """Tables, true types of both, and peaks of one split or draw."""
    random, data = np.random.default_rng(seed), shared_data()
    if name.startswith("sci-CAR"):
        rna = ad.read_h5ad(data / "multiomic/scicar_a549_rna.h5ad")
        peaks = ad.read_h5ad(data / "multiomic/scicar_a549_atac_peaks.h5ad")
        activity = gene_activity(peaks, data / "multiomic/hg19_genes.bed.gz")
        hours = rna.obs["time_h"].astype(str).to_numpy()
        types = hours if name.endswith("hours") else np.where(hours == "0", "0 h", "dex")
        half, other = np.array_split(random.permutation(rna.n_obs), [rna.n_obs // 2])
        return rna[half].copy(), activity[other].copy(), types[half], types[other], peaks.X[other]
    if name == "treatment":
        kang = ad.read_h5ad(data / "perturb/kang_muscat_2donor_5ct.h5ad")
        types, first = (
            kang.obs["cell_type"].astype(str).to_numpy(),
            (kang.obs["condition"] == "ctrl").to_numpy(),
        )
        some = np.zeros(len(types), bool)
        some[random.permutation(len(types))[: round(0.8 * len(types))]] = True
        a, b = first & some, ~first & some
        return kang[a].copy(), kang[b].copy(), types[a], types[b], None
    if name in ("donors", "thinned"):
        cells = ad.read_h5ad(data / "perturb/kang_ctrl12k_1287genes.h5ad")
        types, donors = (cells.obs[key].astype(str).to_numpy() for key in ("cell_type", "donor"))
        pair = random.choice(["1015", "1256", "1488", "1244", "1016"], 2, replace=False)
        a, b = (np.sort(random.permutation(np.flatnonzero(donors == one))[:1300]) for one in pair)
        rna, target = cells[a].copy(), cells[b].copy()
        if name == "thinned":
            target.X = random.binomial(target.X.toarray().astype(int), 0.25).astype(np.float32)
            genes = random.permutation(cells.n_vars)[:600]
            rna, target = rna[:, genes].copy(), target[:, genes].copy()
        return rna, target, types[a], types[b], None
    if name == "bone marrow":
        rna = ad.read_h5ad(data / "multiomic/granja2019_bm_rna_300cells_scaled.h5ad")
        peaks = ad.read_h5ad(data / "multiomic/granja2019_bm_atac_10kpeaks.h5ad")
        types, others = (table.obs["BioClassification"].astype(str).to_numpy() for table in (rna, peaks))
        closed = random.permutation(np.flatnonzero(np.isin(others, types)))[:2000]
        peaks = peaks[closed].copy()
        return rna, gene_activity(peaks, data / "multiomic/hg19_genes.bed.gz"), types, others[closed], peaks.X
    array, sequenced = (
        ad.read_h5ad(data / f"bulk/brca_tcga_{name}_pam50.h5ad") for name in ("agilent_g450", "rnaseq")
    )
    half, other = np.array_split(random.permutation(array.n_obs), [array.n_obs // 2])
    types = array.obs["subtype"].astype(str).to_numpy()
    return array[half].copy(), sequenced[other].copy(), types[half], types[other], None


def thin(counts, kept, random):
    """Keep each count with a probability."""
    counts = sparse.csr_matrix(counts, copy=True)
    counts.data = random.binomial(np.round(counts.data).astype(int), kept).astype(np.float32)
    counts.eliminate_zeros()
    return counts


def genes_as_peaks(name, seed, n_shared, kept):
    """Let both tables of a task share some genes; the target's others, thinned, stand for peaks."""
    rna, target, types, truth, _ = read_task(name, seed)
    random = np.random.default_rng(seed)
    shared, own = np.split(random.permutation(rna.n_vars), [n_shared])
    return rna[:, shared].copy(), target[:, shared].copy(), types, truth, thin(target.X[:, own], kept, random)


def judged(p, truth, classes):
    """Scores of one answer, and the F1 of each type."""
    p, codes = np.asarray(p), pd.Index(classes).get_indexer(truth)
    p, kinds = p / p.sum(1, keepdims=True), np.unique(codes)
    each = f1_score(codes, p.argmax(1), average=None, labels=kinds)
    recall = recall_score(codes, p.argmax(1), average="macro", labels=kinds)
    scores = {"macro-F1": each.mean(), "balanced accuracy": recall, "ECE": calibration_error(p, codes)}
    seen, labels = (p[:, 1], None) if p.shape[1] == 2 else (p, range(p.shape[1]))
    if len(kinds) == p.shape[1]:
        scores["AUC"] = roc_auc_score(codes, seen, multi_class="ovr", labels=labels)
    return scores | {f"F1 {classes[k]}": value for k, value in zip(kinds, each)}
