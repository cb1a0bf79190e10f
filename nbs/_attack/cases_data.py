"""Odd tables and odd labels at the doors."""

import anndata as ad
import numpy as np
import pandas as pd
from attack import equal, refused, sound, told
from scipy import sparse

from transomics.data import align, detect_scale, harmonise_genes, log_normalise, take_in, to_logs
from transomics.labels import drop_unlabelled, labels_of

RNG = np.random.default_rng(0)
GENES = [f"G{k}" for k in range(20)]
FRAME = pd.DataFrame(RNG.normal(size=(6, 20)), [f"s{k}" for k in range(6)], GENES)
COUNTS = pd.DataFrame(RNG.poisson(5, size=(6, 20)), FRAME.index, GENES)


def table(values=None, **more):
    """Make an AnnData of these values."""
    return ad.AnnData(
        FRAME.to_numpy() if values is None else values, FRAME[[]].copy(), pd.DataFrame(index=GENES), **more
    )


def with_names(obs=None, var=None):
    """Make an AnnData with other names."""
    data = table()
    data.obs_names = obs or data.obs_names
    data.var_names = var or data.var_names
    return data


def spoilt(place, value, kind=sparse.csr_matrix):
    """Make an AnnData whose sparse table is broken."""
    matrix = kind(FRAME.to_numpy())
    getattr(matrix, place)[1] = value
    return lambda folder: take_in(table(matrix))


TABLES = {
    "None": None,
    "a list": [[1.0]],
    "an array": FRAME.to_numpy(),
    "a Series": FRAME["G0"],
    "a path": "x.h5ad",
    "no rows": FRAME[:0],
    "no columns": FRAME[[]],
    "text": FRAME.astype(str),
    "one column of text": FRAME.assign(G3="a"),
    "dates": FRAME.assign(G3=pd.Timestamp("2024")),
    "complex": FRAME.astype(complex),
    "NaN": FRAME.mask(FRAME > 1.5),
    "infinite": FRAME.replace(FRAME.iloc[0, 0], np.inf),
    "a gene twice": FRAME.rename(columns={"G1": "G0"}),
    "a sample twice": FRAME.rename(index={"s1": "s0"}),
    "AnnData: a gene twice": with_names(var=["G0", *GENES[:19]]),
    "AnnData: a sample twice": with_names(obs=["s0", "s0", "s2", "s3", "s4", "s5"]),
    "AnnData: complex": table(FRAME.to_numpy().astype(complex)),
    "AnnData: no X": ad.AnnData(obs=FRAME[[]], var=pd.DataFrame(index=GENES)),
    "AnnData: sparse NaN": table(sparse.csr_matrix(FRAME.mask(FRAME > 1.5).to_numpy())),
    "AnnData: sparse infinite": table(sparse.csr_matrix(np.where(FRAME > 1.5, np.inf, FRAME))),
}
CASES = [
    refused(f"take_in: {name}", lambda folder, t=t: take_in(t, "source"), "`source`")
    for name, t in TABLES.items()
]
for kind in (sparse.csr_matrix, sparse.csc_matrix):
    name = kind.__name__[:3]
    CASES += [
        refused(f"{name}: indices[1] = {n}", spoilt("indices", n, kind), "`data`")
        for n in (-1, -(2**31), 20, 2**31 - 1)
    ]
    CASES += [
        refused(f"{name}: indptr[1] = {n}", spoilt("indptr", n, kind), "`data`") for n in (-1, 2**31 - 1)
    ]
CASES += [refused("a layer that is not there", lambda folder: take_in(table(), layer="raw"), "'raw'")]
ALIKE = {
    "float32": lambda: (table(FRAME.to_numpy(np.float32)), FRAME.astype(np.float32)),
    "Fortran order": lambda: (table(np.asfortranarray(FRAME)), FRAME),
    "csr": lambda: (table(sparse.csr_matrix(FRAME)), FRAME),
    "csc": lambda: (table(sparse.csc_matrix(FRAME)), FRAME),
    "a view": lambda: (ad.AnnData(pd.concat([FRAME, FRAME.add_prefix("X")], axis=1))[:, :20], FRAME),
    "integers": lambda: (table(COUNTS.to_numpy()), COUNTS.astype(float)),
    "truths": lambda: (table(COUNTS.to_numpy() > 4), (COUNTS > 4).astype(float)),
    "a layer": lambda: (table(FRAME.to_numpy() * 0, layers={"x": FRAME.to_numpy()}), FRAME),
}
for name, make in ALIKE.items():
    CASES.append(
        equal(
            f"take_in: {name}",
            lambda folder, m=make, n=name: (
                take_in(m()[0], layer="x" if n == "a layer" else None).to_df().astype(float)
            ),
            lambda folder, m=make: m()[1].astype(float),
        )
    )


def labelled(values):
    """Make an AnnData with a column of labels."""
    data = table()
    data.obs["er"] = values
    return data


LABELS = {
    "floats": ([1.0, 0.0, np.nan, 1.0, 0.0, np.nan], ["1", "0", None, "1", "0", None]),
    "integers": ([1, 0, 1, 1, 0, 0], ["1", "0", "1", "1", "0", "0"]),
    "text": (["1", "0", "NA", "1", "0", ""], ["1", "0", None, "1", "0", None]),
    "blanks": (["a ", " a", "a", "b", "b ", "  "], ["a", "a", "a", "b", "b", None]),
    "a category": (pd.Categorical(["a", "b", None, "a", "b", "a"]), ["a", "b", None, "a", "b", "a"]),
    "pd.NA": (pd.array([1, 0, pd.NA, 1, 0, 1], dtype="Int64"), ["1", "0", None, "1", "0", "1"]),
    "truths": ([True, False, True, True, False, True], ["True", "False", "True", "True", "False", "True"]),
    "words for missing": (["nan", "NaN", "<NA>", "none", "None", "null"], [None] * 6),
}
CASES += [
    equal(f"labels: {name}", lambda folder, v=v: labels_of(labelled(v), "er").tolist(), want)
    for name, (v, want) in LABELS.items()
]
CASES += [
    equal(
        "labels: a control called none",
        lambda folder: labels_of(labelled(["none"] * 6), "er", keep=["none"]).tolist(),
        ["none"] * 6,
    ),
    refused("labels: no column", lambda folder: labels_of(table(), "er", "target"), "`target`", "'er'"),
    refused(
        "labels: none left",
        lambda folder: drop_unlabelled(d := labelled([None] * 6), labels_of(d, "er")),
        "`data`",
    ),
    told(
        "labels: some left",
        lambda folder: drop_unlabelled(d := labelled(["a"] * 5 + [None]), labels_of(d, "er")),
        "1",
    ),
    refused("logs: an unknown scale", lambda folder: to_logs(COUNTS, scale="cpm"), "`scale`"),
    refused("logs: another scale", lambda folder: to_logs(COUNTS, expected="log"), "log"),
    refused("logs: an empty sample", lambda folder: to_logs(COUNTS.mul([0, 1, 1, 1, 1, 1], axis=0)), "`"),
    refused("logs of logs", lambda folder: log_normalise(FRAME.abs()), "`data`"),
    refused("logs of ratios", lambda folder: log_normalise(FRAME * 100), "`data`"),
    equal("scale: counts", lambda folder: detect_scale(COUNTS), "counts"),
    equal("scale: logs", lambda folder: detect_scale(FRAME), "log"),
    equal("scale: linear", lambda folder: detect_scale(COUNTS * 10.5), "linear"),
    equal(
        "scale: sparse", lambda folder: detect_scale(table(sparse.csr_matrix(COUNTS.to_numpy()))), "counts"
    ),
    refused("align: nothing shared", lambda folder: align(FRAME, FRAME.add_prefix("X")), "`tables`"),
    refused(
        "harmonise: twice",
        lambda folder: harmonise_genes(FRAME.rename(columns=str.lower).assign(G0=1.0), upper=True),
        "`",
    ),
    refused("harmonise: unknown", lambda folder: harmonise_genes(FRAME, duplicates="max"), "`duplicates`"),
    sound("one row", lambda folder: take_in(FRAME[:1]).shape == (1, 20)),
]
