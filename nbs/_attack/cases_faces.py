"""Odd cohorts, contexts, cells and molecules: adapt, perturb, annotate, molecules."""

import anndata as ad
import numpy as np
import pandas as pd
from attack import equal, refused, sound, told

from transomics.adapt import DomainAdapter
from transomics.annotate import LabelTransfer, gene_activity
from transomics.datasets import load
from transomics.perturb import TransferPredictor

RNG = np.random.default_rng(0)
GENES = [f"G{k}" for k in range(60)]


def cohort(n=24, shift=0.0, labels=("a", "b"), seed=0):
    """Make samples of two classes that differ in ten genes."""
    rng = np.random.default_rng(seed)
    kind = np.arange(n) % 2
    values = rng.normal(size=(n, 60)) + shift
    values[:, :10] += 2 * kind[:, None]
    obs = pd.DataFrame({"er": np.array(labels, dtype=object)[kind]}, [f"s{seed}_{k}" for k in range(n)])
    return ad.AnnData(values.astype(np.float32), obs, pd.DataFrame(index=GENES))


def changed(data, **columns):
    """Change columns of obs."""
    data = data.copy()
    for name, values in columns.items():
        data.obs[name] = values
    return data


def fit(source=None, target=None, label="er", method="source", **options):
    """Return a call that fits and predicts."""

    def call(folder):
        a, b = source if source is not None else cohort(), target if target is not None else unlabelled()
        return DomainAdapter(method, **options).fit(a, b, label=label).predict_proba(b)

    return call


def unlabelled(**more):
    """Make a cohort without labels."""
    data = cohort(seed=1, **more)
    del data.obs["er"]
    return data


def values(data, change):
    """Change the values of a table."""
    data = data.copy()
    data.X = change(np.asarray(data.X, float))
    return data


def renamed(data, names):
    """Give genes other names."""
    data = data.copy()
    data.var_names = names
    return data


def hole(x):
    """Make one value missing."""
    x[0, 0] = np.nan
    return x


TWICE = ["G0", *GENES[:-1]]
CASES = [
    refused(f"adapt: {name}", call, "`")
    for name, call in {
        "no such label": fit(label="pr"),
        "a source without labels": fit(changed(cohort(), er=None)),
        "one class": fit(changed(cohort(), er="a")),
        "a hole in the source": fit(values(cohort(), hole)),
        "a hole in the target": fit(target=values(unlabelled(), hole)),
        "a gene twice": fit(renamed(cohort(), TWICE)),
        "no shared genes": fit(target=renamed(unlabelled(), [f"X{k}" for k in range(60)])),
        "a misspelt method": fit(method="sourse"),
        "an unknown option": fit(method="dann", options={"epoch": 3}),
        "a scaling of nothing": fit(scaling="minmax"),
        "a scale of nothing": fit(scale="cpm"),
        "an empty target": fit(target=unlabelled()[:0]),
        "a list for a source": fit([1, 2]),
        "a frame for a source": fit(cohort().to_df()),
        "complex": fit(ad.AnnData(cohort().X.astype(complex), cohort().obs, cohort().var)),
        "unknown rate 2": fit(unknown_rate=2.0),
        "a batch that is not there": fit(batch="hospital"),
    }.items()
]
CASES += [
    refused(
        "adapt: predict before fit",
        lambda folder: DomainAdapter("source").predict(cohort()),
        "fit",
        named=False,
    ),
    refused(
        "adapt: genes missing at predict",
        lambda folder: (
            DomainAdapter("source").fit(cohort(), unlabelled(), label="er").predict(unlabelled()[:, :30])
        ),
        "`",
    ),
    refused(
        "adapt: another scale at predict",
        lambda folder: (
            DomainAdapter("source")
            .fit(cohort(), unlabelled(), label="er")
            .predict(values(unlabelled(), lambda x: np.round(np.abs(x) * 50)))
        ),
        "`",
    ),
    equal(
        "adapt: order of genes",
        fit(),
        fit(cohort()[:, GENES[::-1]].copy(), unlabelled()[:, GENES[::-1]].copy()),
    ),
    equal("adapt: integers and words", fit(cohort(labels=(0, 1))), fit(cohort(labels=("0", "1")))),
    equal("adapt: labels with blanks", fit(cohort(labels=("a ", " b"))), fit()),
    equal("adapt: floats and words", fit(cohort(labels=(0.0, 1.0))), fit(cohort(labels=("0", "1")))),
    sound("adapt: two samples", fit(target=unlabelled()[:2].copy())),
    sound("adapt: flat genes", fit(values(cohort(), lambda x: x * (np.arange(60) > 20)))),
    sound("adapt: a class of one sample", fit(changed(cohort(), er=["c", *["a", "b"] * 11, "a"]))),
]

KANG = load("kang")[::12, :200].copy()
HERE = (KANG.obs["cell_type"] == "B cells").to_numpy()
STIM = (KANG.obs["condition"] == "stim").to_numpy()
COLUMNS = {"perturbation": "condition", "context": "cell_type", "control": "ctrl"}


def answer(train=None, ask=None, method="mean", columns=COLUMNS, predict=None, **options):
    """Return a call that fits on the other contexts and predicts B cells."""

    def call(folder):
        cells = KANG[~HERE].copy() if train is None else train
        model = TransferPredictor(method, **options).fit(cells, **columns)
        return model.predict(KANG[HERE & ~STIM].copy() if ask is None else ask, **(predict or {}))

    return call


REST = KANG[~HERE].copy()
CASES += [
    refused(f"perturb: {name}", call, "`")
    for name, call in {
        "no such column": answer(columns=COLUMNS | {"context": "organ"}),
        "no such control": answer(columns=COLUMNS | {"control": "DMSO"}),
        "no treated cells": answer(REST[REST.obs["condition"] == "ctrl"].copy()),
        "no untreated cells": answer(REST[REST.obs["condition"] == "stim"].copy()),
        "a hole": answer(ad.AnnData(hole(REST.to_df().to_numpy(float)), REST.obs, REST.var)),
        "a gene twice": answer(renamed(REST, ["x", "x", *REST.var_names[2:]])),
        "an unknown drug": answer(predict={"perturbation": "LPS"}),
        "genes missing at predict": answer(ask=KANG[HERE & ~STIM, :50].copy()),
        "a misspelt method": answer(method="meen"),
        "an unknown option": answer(method="auto", options={"trust": 3}),
        "an empty question": answer(ask=KANG[:0].copy()),
        "a frame": answer(KANG.to_df()),
    }.items()
]
CASES += [
    told(
        "perturb: a context without a name",
        answer(changed(REST, cell_type=[None, *REST.obs["cell_type"][1:]])),
        "1",
    ),
    equal(
        "perturb: order of genes",
        answer(),
        lambda folder: answer(
            REST[:, REST.var_names[::-1]].copy(), KANG[HERE & ~STIM][:, KANG.var_names[::-1]].copy()
        )(folder)[:, KANG.var_names],
    ),
    equal("perturb: order of cells", answer(), answer(REST[::-1].copy())),
    sound("perturb: one context", answer(REST[REST.obs["cell_type"] == "CD4 T cells"].copy())),
    sound("perturb: one untreated cell", answer(ask=KANG[HERE & ~STIM][:1].copy())),
    refused(
        "perturb: before fit", lambda folder: TransferPredictor("mean").predict(KANG), "fit", named=False
    ),
]

PEAKS = ad.AnnData(
    RNG.poisson(1.0, (5, 2)).astype(np.float32), var=pd.DataFrame(index=["chr1-1500-1600", "chr1-3600-3700"])
)
BED = pd.DataFrame([["chr1", 3000, 4000, "TP53", 0, "+"]])
CASES += [
    refused(
        "activity: names that are no places",
        lambda folder: gene_activity(ad.AnnData(np.ones((2, 2))), BED),
        "`atac`",
    ),
    refused(
        "activity: another genome",
        lambda folder: gene_activity(PEAKS, BED.replace("chr1", "chr9")),
        "`genes_bed`",
    ),
    refused("activity: three columns", lambda folder: gene_activity(PEAKS, BED.iloc[:, :3]), "`genes_bed`"),
    equal(
        "activity: with and without chr",
        lambda folder: gene_activity(PEAKS, BED.replace("chr1", "1")),
        lambda folder: gene_activity(PEAKS, BED),
    ),
]
RNA, ATAC = cohort(40), unlabelled(n=30)


def carry(rna=RNA, atac=ATAC, label="er", method="direct", **options):
    """Return a call that carries labels."""
    return lambda folder: (
        LabelTransfer(method, **options).fit(rna, atac, label).predict()[["label"]].astype(str)
    )


CASES += [
    refused(f"annotate: {name}", call, "`")
    for name, call in {
        "no such label": carry(label="type"),
        "no label": carry(changed(RNA, er=None)),
        "a misspelt method": carry(method="knnn"),
        "no shared genes": carry(atac=renamed(ATAC, [f"X{k}" for k in range(60)])),
        "a hole": carry(values(RNA, hole)),
        "a gene twice": carry(renamed(RNA, TWICE)),
        "unknown rate -1": carry(unknown_rate=-1.0),
        "no cells": carry(atac=ATAC[:0].copy()),
    }.items()
]

try:
    from transomics.molecules import SmilesRegressor

    import rdkit  # noqa: F401

    DRUGS = load("l1000_drugs")[:40, :100].copy()
except ImportError:
    DRUGS = None
if DRUGS is not None:

    def drugs(data=None, smiles=("CCO",), **options):
        """Return a call that fits on drugs and predicts others."""
        return lambda folder: (
            SmilesRegressor(**options).fit(DRUGS if data is None else data).predict(list(smiles))
        )

    CASES += [
        refused(f"molecules: {name}", call, "`")
        for name, call in {
            "a SMILES that is none": drugs(smiles=("C(C",)),
            "a number": drugs(smiles=(3,)),
            "nothing": drugs(smiles=(None,)),
            "no column": drugs(ad.AnnData(DRUGS.X, var=DRUGS.var)),
            "a damaged SMILES in training": drugs(changed(DRUGS, smiles=["C(C", *DRUGS.obs["smiles"][1:]])),
            "a misspelt method": drugs(method="kernal"),
        }.items()
    ]
    CASES += [equal("molecules: two spellings of ethanol", drugs(smiles=("CCO",)), drugs(smiles=("OCC",)))]
    CASES.append(refused("molecules: no molecule", drugs(smiles=()), "`smiles`"))
