"""Helpers of the annotate benchmarks: hidden labels, scores, and all methods on one preparation."""

import numpy as np
import pandas as pd
from sklearn.metrics import f1_score

from transomics.annotate.auto import GRAPH_WEIGHTS, SourceViews, cross, judge, pool_answers
from transomics.annotate.prepare import prepare
from transomics.annotate.registry import METHODS
from transomics.metrics import calibration_error
from transomics.simulate.cells import multiome

BASELINES = ("harmony", "knn", "direct")


def simulate_pair(setting: str, seed: int):
    """Draw a simulated data set and prepare it; the pair, and the true types of its ATAC cells."""
    rna, atac = multiome(setting, random_state=seed)
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


def all_answers(rna, atac, label: str, seed: int, peaks=None):
    """Ask auto, graph and the baselines on one crossing; answers by name, and the crossing."""
    views, crossing = cross_over(rna, atac, label, seed, peaks)
    members = METHODS.make("auto")(crossing)
    graph = [member for member in members if member.name in GRAPH_WEIGHTS]
    answers = {"auto": judge(crossing, views, members).posterior, "graph": pool_answers(graph)}
    return answers | {name: METHODS.make(name)(crossing) for name in BASELINES}, crossing
