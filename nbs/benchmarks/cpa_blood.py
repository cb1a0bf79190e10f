"""Ask CPA the questions of perturb_blood.ipynb, pooled: python cpa_blood.py PYTHON.

PYTHON runs cpa_fit.py: an interpreter (3.11) with cpa-tools 0.8.1 installed by `pip install --no-deps`, since
it asks for torch below 2, and beside it torch 2.13.0 (CPU), scvi-tools 0.20.3, pytorch-lightning 1.9.5,
torchmetrics 1.9.0, jax 0.4.23, flax 0.8.4, numpy 1.26.4, scipy 1.12.0, pandas 2.1.4, anndata 0.10.8, scanpy
1.10.4, rdkit 2026.9.1, adjustText 1.4.0 and requests. Writes cpa_blood.csv beside this file: a row a
likelihood, size of batches, seed of the network (6977 is the tutorial's), held-out type and reading.
"""

import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
from scipy import sparse
from screens import blood_cells, blood_questions, score_blood

from transomics.datasets import load

HERE = Path(__file__).resolve().parent
SETTINGS = list(product(("nb", "gauss"), ((512, 100), (512, 6977), (64, 100))))  # likelihood, batches, seed


def questions(seed):
    """Yield type, all cells with counts and logs, mean of the given cells [G], observed response [G]."""
    cells, counts = blood_cells(), load("kang")
    counts.obs = cells.obs
    both = (blood_questions(table, seed, "pooled") for table in (cells, counts))
    for (held_out, train, given, goal, *_), (_, train_counts, given_counts, *_) in zip(*both):
        table = ad.concat([train, given], index_unique="-")
        table.layers["counts"] = sparse.vstack([train_counts.X, given_counts.X]).tocsr()
        yield held_out, table, np.asarray(given.X.mean(axis=0)).ravel(), goal


def answer(python, table, loss, batch, seed):
    """Fit CPA in its own environment."""
    with tempfile.TemporaryDirectory() as folder:
        table.write_h5ad(Path(folder) / "cells.h5ad")
        command = [python, HERE / "cpa_fit.py", folder, loss, str(batch), str(seed)]
        subprocess.run(command, capture_output=True, check=True)
        with np.load(Path(folder) / "profiles.npz") as found:
            return dict(found)


if __name__ == "__main__":
    rows, seed = [], 100
    for loss, (batch, start) in SETTINGS:
        for held_out, table, measured, goal in questions(seed):
            found = answer(sys.argv[1], table, loss, batch, start)
            for method, basal in (("CPA", found["untreated"]), ("CPA, minus measured", measured)):
                row = score_blood(method, seed, held_out, found["treated"] - basal, goal)
                cost = dict(epochs=int(found["epochs"]), cpu_s=float(found["cpu_s"]))
                rows.append(row | dict(loss=loss, batch=batch, network=start) | cost)
                print(rows[-1], flush=True)
            pd.DataFrame(rows).to_csv(HERE / "cpa_blood.csv", index=False, float_format="%.5g")
