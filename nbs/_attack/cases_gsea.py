"""Odd rankings, odd sets, odd expression."""

import anndata as ad
import numpy as np
import pandas as pd
import torch
from attack import equal, refused, sound, told
from scipy import sparse

from transomics.gsea import (
    GeneSets,
    aucell,
    enrichment_score,
    gsea,
    gsva,
    ora,
    plage,
    prerank,
    rank_genes,
    read_rnk,
    soft_enrichment_score,
    ssgsea,
    ulm,
    weighted_sum,
    zscore,
)

RNG = np.random.default_rng(0)
GENES = [f"G{k}" for k in range(200)]
RANKING = pd.Series(RNG.normal(size=200), GENES, name="r")
SETS = {"up": GENES[:20], "down": GENES[50:80]}
SAMPLES = pd.DataFrame(RNG.normal(size=(12, 200)), [f"s{k}" for k in range(12)], GENES)
ARM = ["case"] * 6 + ["control"] * 6
DRAWS = {"n_permutations": 50, "verbose": False}


def pre(ranking=RANKING, sets=SETS, **options):
    """Return a call of prerank."""
    return lambda folder: prerank(ranking, sets, **(DRAWS | options))


def arms(data=SAMPLES, sets=SETS, group=ARM, positive="case", **options):
    """Return a call of gsea."""
    return lambda folder: gsea(data, sets, group, positive=positive, **(DRAWS | options))


def changed(at, value):
    """Return the ranking with another value."""
    ranking = RANKING.copy().astype(object if isinstance(value, str) else float)
    ranking.iloc[at] = value
    return ranking


BAD = {
    "a text among scores": changed(3, "high"),
    "NaN": changed(3, np.nan),
    "infinite": changed(3, np.inf),
    "a gene twice": RANKING.rename({"G1": "G0"}),
    "two genes": RANKING[:2],
    "nothing": RANKING[:0],
    "complex": RANKING.astype(complex),
    "a list": list(RANKING),
    "a number": 3.0,
    "None": None,
    "an array": RANKING.to_numpy(),
    "text": pd.Series(["a"] * 200, GENES),
    "dates": pd.Series(pd.date_range("2024", periods=200), GENES),
    "a signature twice": pd.DataFrame(np.ones((200, 2)), GENES, ["a", "a"]),
    "other genes": RANKING.rename(lambda g: f"ENSG{g}"),
}
CASES = [refused(f"prerank: {name}", pre(ranking), "`") for name, ranking in BAD.items()]
CASES += [
    refused(f"prerank: {name}", pre(**options), f"`{next(iter(options))}`")
    for name, options in {
        "fdr of nothing": {"fdr": "fwer"},
        "no draws": {"n_permutations": 0},
        "half a draw": {"n_permutations": 10.5},
        "a negative seed": {"random_state": -1},
        "min above max": {"min_size": 50, "max_size": 10},
        "min of none": {"min_size": 0},
        "weight below zero": {"weight": -1.0},
        "weight NaN": {"weight": float("nan")},
        "no jobs": {"n_jobs": 0},
        "a layer of a Series": {"layer": "x"},
    }.items()
]
CASES += [
    refused(f"sets: {name}", pre(sets=sets), "`")
    for name, sets in {
        "empty": {},
        "a string for a list": {"up": "G0"},
        "a gene without a name": {"up": ["G0", None]},
        "NaN among genes": {"up": ["G0", np.nan]},
        "too small": {"up": ["G0", "G1"]},
        "a list of lists": [["G0"]],
        "a number": 3,
    }.items()
]
CASES += [
    refused(
        "a GMT that is not there",
        lambda f: prerank(RANKING, str(f / "none.gmt")),
        by=(FileNotFoundError, ValueError),
        named=False,
    ),
    told("expression as a ranking", pre(SAMPLES.abs().T), "`ranking`"),
    told("magnitudes", pre(RANKING.abs()), "`ranking`"),
    told("all the same", pre(RANKING * 0 + 1), "same score"),
    equal("order of genes", pre(RANKING[::-1]), pre()),
    equal(
        "genes as numbers",
        pre(RANKING.set_axis(range(200)), {"up": range(20)}),
        pre(RANKING.set_axis(map(str, range(200))), {"up": map(str, range(20))}),
    ),
    equal("repeats in a set", pre(sets={"up": GENES[:20] * 2}), pre(sets={"up": GENES[:20]})),
    equal("strangers in a set", pre(sets={"up": [*GENES[:20], "X", "Y"]}), pre(sets={"up": GENES[:20]})),
    equal(
        "blanks around genes", pre(sets={"up": [f" {g} " for g in GENES[:20]]}), pre(sets={"up": GENES[:20]})
    ),
    equal("float32", pre(RANKING.astype("float32").astype(float)), pre(RANKING.astype("float32"))),
    equal("integers", pre((RANKING * 1000).round().astype(int)), pre((RANKING * 1000).round())),
    equal("a frame of one column", pre(RANKING.to_frame()), pre()),
    equal("threads", pre(SAMPLES.T, n_jobs=4), pre(SAMPLES.T)),
    sound("denormals", pre(RANKING * 1e-310)),
    sound("1e300", pre(RANKING * 1e300)),
    sound("weight 50", pre(weight=50.0)),
    sound("weight 1e4", pre(weight=1e4)),
    sound("a set of all genes but one", pre(sets={"most": GENES[1:]})),
    sound("10,000 empty terms", pre(sets={"up": GENES[:20]} | {f"e{k}": [f"X{k}"] for k in range(10_000)})),
]
CASES += [
    refused(f"gsea: {name}", call, "`")
    for name, call in {
        "no such group": arms(positive="kase"),
        "a group against itself": arms(negative="case"),
        "two samples": arms(SAMPLES[4:8], group=["case", "case", "control", "control"]),
        "labels short": arms(group=ARM[:5]),
        "no labels": arms(group=[None] * 12),
        "constant genes": arms(SAMPLES.assign(G0=1.0)),
        "NaN": arms(SAMPLES.mask(SAMPLES > 2)),
        "a metric of nothing": arms(metric="magic"),
        "permute nothing": arms(permute="cells"),
        "a column of a frame": arms(group="arm"),
        "a block short": arms(blocks=[1, 2]),
        "complex": arms(SAMPLES.astype(complex)),
        "text": arms(SAMPLES.astype(str)),
    }.items()
]
SCORES = {
    "ssgsea": ssgsea,
    "gsva": gsva,
    "aucell": aucell,
    "ulm": ulm,
    "zscore": zscore,
    "plage": plage,
    "weighted_sum": weighted_sum,
}
for name, score in SCORES.items():
    shuffled = RNG.permutation(200)
    CASES += [
        equal(
            f"{name}: order of genes",
            lambda f, s=score, o=shuffled: s(SAMPLES.iloc[:, o], SETS),
            lambda f, s=score: s(SAMPLES, SETS),
        ),
        equal(
            f"{name}: sparse",
            lambda f, s=score: s(
                ad.AnnData(sparse.csr_matrix(SAMPLES), SAMPLES[[]], pd.DataFrame(index=GENES)), SETS
            ),
            lambda f, s=score: s(ad.AnnData(SAMPLES), SETS),
        ),
        refused(f"{name}: NaN", lambda f, s=score: s(SAMPLES.mask(SAMPLES > 2), SETS), "`"),
        refused(
            f"{name}: a gene twice", lambda f, s=score: s(SAMPLES.rename(columns={"G1": "G0"}), SETS), "`"
        ),
        refused(f"{name}: no set left", lambda f, s=score: s(SAMPLES, {"x": ["A"] * 20}), "`"),
        sound(f"{name}: one sample", lambda f, s=score: s(SAMPLES[:1], SETS)),
        sound(f"{name}: flat samples", lambda f, s=score: s(SAMPLES * 0, SETS)),
    ]
CASES += [
    refused("ora: one text", lambda f: ora("G0", SETS, GENES), "`genes`"),
    refused("ora: nothing", lambda f: ora([], SETS, GENES), "`genes`"),
    refused("ora: a stranger", lambda f: ora(["X"], SETS, GENES), "`genes`"),
    refused("ora: all", lambda f: ora(GENES, SETS, GENES), "`genes`"),
    refused("rank_genes: no sign", lambda f: rank_genes(pd.DataFrame({"pvalue": [0.1]}, ["A"])), "`source`"),
    refused(
        "rank_genes: one sign",
        lambda f: rank_genes(pd.DataFrame({"t": [1.0, 2.0]}, ["A", "B"])),
        "`statistic`",
    ),
    refused(
        "rank_genes: no column",
        lambda f: rank_genes(pd.DataFrame({"t": [1.0, -2.0]}, ["A", "B"]), statistic="z"),
        "`statistic`",
    ),
    refused(
        "rank_genes: a gene twice",
        lambda f: rank_genes(pd.DataFrame({"t": [1.0, -2.0]}, ["A", "A"])),
        "`source`",
    ),
    told(
        "rank_genes: untested",
        lambda f: rank_genes(pd.DataFrame({"t": [1.0, -2.0, np.nan]}, ["A", "B", "C"])),
        "not tested",
    ),
    refused(
        "read_rnk: three columns",
        lambda f: read_rnk((f / "x.rnk").write_text("A\t1\t2\n") and f / "x.rnk"),
        "x.rnk, line 1",
    ),
    refused("a term of one string", lambda f: GeneSets({"a": "TP53"}), "`sets`"),
    refused("enrichment_score: NaN", lambda f: enrichment_score(np.full(200, np.nan), SETS, GENES), "`"),
    refused("enrichment_score: genes short", lambda f: enrichment_score(np.ones(200), SETS, GENES[:5]), "`"),
    refused(
        "soft: temperature zero",
        lambda f: soft_enrichment_score(
            torch.as_tensor(RANKING.to_numpy()), SETS, GENES, rank_temperature=0.0
        ),
        "`",
    ),
    sound(
        "soft: temperature 1e-6",
        lambda f: bool(
            torch.isfinite(
                soft_enrichment_score(torch.as_tensor(RANKING.to_numpy()), SETS, GENES, rank_temperature=1e-6)
            ).all()
        ),
    ),
    sound(
        "soft: temperature 1e6",
        lambda f: bool(
            torch.isfinite(
                soft_enrichment_score(torch.as_tensor(RANKING.to_numpy()), SETS, GENES, rank_temperature=1e6)
            ).all()
        ),
    ),
]
CASES.append(
    refused(
        "gsea: one block a sample",
        arms(blocks=list(range(12))),
        "`blocks`",
    )
)
