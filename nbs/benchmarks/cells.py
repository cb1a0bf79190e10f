"""Helpers of the annotate benchmarks: hidden labels, scores, and all methods on one preparation."""

import numpy as np
import pandas as pd
from scipy import stats
from sklearn.metrics import f1_score

from transomics.annotate.auto import GRAPH_WEIGHTS, SourceViews, cross, judge, pool_answers
from transomics.annotate.embed import components
from transomics.annotate.prepare import prepare
from transomics.annotate.registry import METHODS
from transomics.annotate.spread import balanced_regression
from transomics.metrics import calibration_error
from transomics.simulate.cells import multiome

SIMPLE = ("knn", "cosine 1-NN", "logistic, joint", "direct")  # the strongest is chosen on other seeds


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
    """Prepare two tables and find the way across; the views of RNA and the crossing."""
    pair = prepare(rna, atac, label)
    views = SourceViews(pair.source, len(pair.classes), seed)
    return views, cross(pair, views.posterior(pair.codes), peaks, random_state=seed)


def joint_baselines(crossing) -> dict[str, np.ndarray]:
    """Answer by cosine 1-NN and by logistic regression on 30 joint components of standardised genes."""
    known, n = crossing.known, len(crossing.source_z)
    joint = components(np.concatenate([crossing.source_z, crossing.target_z]), 30, crossing.random_state)
    unit = joint / np.linalg.norm(joint, axis=1, keepdims=True).clip(1e-12)
    nearest_one = (unit[n:] @ unit[:n][known].T).argmax(axis=1)
    scaled = joint / joint.std(axis=0).clip(1e-12)
    return {
        "cosine 1-NN": crossing.given[nearest_one],
        "logistic, joint": balanced_regression(scaled[:n][known], scaled[n:], crossing.given, 0.1),
    }


def simple_answers(crossing) -> dict[str, np.ndarray]:
    """Ask the simple baselines."""
    return {name: METHODS.make(name)(crossing) for name in ("knn", "direct")} | joint_baselines(crossing)


def all_answers(rna, atac, label: str, seed: int, peaks=None):
    """Ask auto, graph and the baselines on one crossing; answers by name, and the crossing."""
    views, crossing = cross_over(rna, atac, label, seed, peaks)
    members = METHODS.make("auto")(crossing)
    graph = [member for member in members if member.name in GRAPH_WEIGHTS]
    answers = {"auto": judge(crossing, views, members).posterior, "graph": pool_answers(graph)}
    return answers | simple_answers(crossing), crossing
