"""Run Seurat's label transfer on tasks of the benchmark: python seurat.py DATA.

DATA is the folder of shared data. Needs Rscript with Seurat 4.3 and irlba (Debian: r-cran-seurat).
Writes seurat.csv beside this file: a row a task, number of labels and draw. Labelled RNA cells are the
reference, activity of genes the query; LSI of peaks weighs anchors.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
from cells import hide_labels
from scipy import io, sparse
from sklearn.metrics import balanced_accuracy_score, f1_score, roc_auc_score

from transomics.annotate import gene_activity

HERE = Path(__file__).resolve().parent


def scicar(data, seed):
    """Every other cell gives its RNA, the others their ATAC."""
    rna = ad.read_h5ad(data / "multiomic/scicar_a549_rna.h5ad")
    peaks = ad.read_h5ad(data / "multiomic/scicar_a549_atac_peaks.h5ad")
    types = np.where(rna.obs["time_h"].astype(str) == "0", "0 h", "dex")
    half, other = np.array_split(np.random.default_rng(seed).permutation(rna.n_obs), [rna.n_obs // 2])
    return rna[half].copy(), peaks[other].copy(), types[half], types[other], False


def marrow(data, seed):
    """Three types of bone marrow; RNA is z-scores."""
    rna = ad.read_h5ad(data / "multiomic/granja2019_bm_rna_300cells_scaled.h5ad")
    peaks = ad.read_h5ad(data / "multiomic/granja2019_bm_atac_10kpeaks.h5ad")
    types, others = (table.obs["BioClassification"].astype(str).to_numpy() for table in (rna, peaks))
    closed = np.flatnonzero(np.isin(others, types))
    closed = np.random.default_rng(seed).permutation(closed)[:2000]
    return rna, peaks[closed].copy(), types, others[closed], True


def ask(rna, peaks, types, truth, scaled, level, seed, genes_bed):
    """Write the tables, run R, and score its answer."""
    activity = gene_activity(peaks, genes_bed)
    known = hide_labels(types, level, np.random.default_rng(seed))
    labelled = np.flatnonzero(pd.notna(known))
    genes = rna.var_names.intersection(activity.var_names)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        tables = {"rna": rna[labelled, genes].X, "activity": activity[:, genes].X, "peaks": peaks.X}
        for name, values in tables.items():
            io.mmwrite(place / f"{name}.mtx", sparse.coo_matrix(values).T)
        texts = {"genes": genes, "labels": known[labelled], "scaled": [str(int(scaled))]}
        for name, lines in texts.items():
            (place / f"{name}.txt").write_text("\n".join(map(str, lines)) + "\n")
        done = subprocess.run(["Rscript", HERE / "seurat.R", folder], capture_output=True, text=True)
        if done.returncode:
            return {"remark": "stops: " + done.stderr.strip().splitlines()[-1][:80]}
        said = pd.read_csv(place / "scores.csv", index_col=0)
    named = said["predicted.id"].to_numpy()
    row = {"macro-F1": f1_score(truth, named, average="macro")}
    row["balanced accuracy"] = balanced_accuracy_score(truth, named)
    if len(set(truth)) == 2:
        row["AUC"] = roc_auc_score(truth == "dex", said["prediction.score.dex"])
    return row


if __name__ == "__main__":
    data = Path(sys.argv[1])
    rows = []
    for name, read, levels in (("sci-CAR", scicar, (0.05, 0.2, 1.0)), ("bone marrow", marrow, (5, 20, 100))):
        for seed in (200,):
            for level in levels:
                task = read(data, seed)
                row = ask(*task, level, seed, data / "multiomic/hg19_genes.bed.gz")
                rows.append({"task": name, "labels": str(level), "seed": seed} | row)
                pd.DataFrame(rows).to_csv(HERE / "seurat.csv", index=False)
                print(rows[-1], flush=True)
