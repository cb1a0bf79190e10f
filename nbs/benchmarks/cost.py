"""CPU seconds and peak memory of every task at sizes that grow threefold, each size in a process of its own.

    python cost.py TASK FOLDER         measure one task, into FOLDER/TASK.json
    python cost.py TASK FOLDER SIZE    measure one size of it only, into FOLDER/TASK-SIZE.json

A task is a function that makes data of a size and returns the call to be measured. Making data is not
measured. Peak memory is what the call adds to the process: its high-water mark is set back before.
"""

from __future__ import annotations

import cProfile
import json
import os
import pstats
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent


def pathway_sets(genes, random, n_sets=50):
    return {f"set {k}": list(random.choice(genes, size, replace=False))
            for k, size in enumerate(random.integers(15, 120, n_sets))}  # fmt: skip


def signatures(n, folder):
    """Write n random signatures of the landmark genes as a GCTX file."""
    import h5py

    random, genes = np.random.default_rng(0), [f"g{k}" for k in range(978)]
    with h5py.File(folder / "x.gctx", "w") as file:
        matrix = file.create_dataset("0/DATA/0/matrix", (n, 978), dtype="f4")
        for a in range(0, n, 5000):
            matrix[a : a + 5000] = random.normal(size=(min(5000, n - a), 978))
        file["0/META/COL/id"], file["0/META/ROW/id"] = [f"s{k}" for k in range(n)], genes
    return folder / "x.gctx", pathway_sets(genes, random)


def prerank_scores(n, folder):
    from transomics.gsea import prerank_many

    path, sets = signatures(n, folder)
    return lambda: prerank_many(path, sets, folder / "out", verbose=False)


def prerank_sets(n, folder):
    from transomics.gsea import prerank_many

    path, _ = signatures(60, folder)
    sets = pathway_sets([f"g{k}" for k in range(978)], np.random.default_rng(1), n)
    return lambda: prerank_many(path, sets, folder / "out", verbose=False)


def prerank_ranks(n, folder):
    from transomics.gsea import prerank_many

    path, sets = signatures(n, folder)
    return lambda: prerank_many(path, sets, folder / "out", scale="ranks", verbose=False)


def sparse_cells(n, n_genes, density, random):
    """Draw counts at random places, by rows."""
    from scipy import sparse

    per_row = int(n_genes * density)
    indices = (random.integers(0, n_genes, (n, 1)) + np.arange(per_row) * (n_genes // per_row)) % n_genes
    indices = np.sort(indices, axis=1).astype(np.int32)
    values = random.integers(1, 6, n * per_row).astype(np.float32)
    return sparse.csr_matrix((values, indices.ravel(), np.arange(n + 1) * per_row), shape=(n, n_genes))


def treated_cells(n, n_genes, density, n_contexts=5, n_drugs=40):
    """Make cells of a screen: every context untreated, and under every drug."""
    import anndata as ad
    import pandas as pd

    random = np.random.default_rng(0)
    number = np.arange(n)
    drugs = np.array(["control", *(f"drug {k}" for k in range(n_drugs))])
    obs = pd.DataFrame({"context": [f"context {k}" for k in number % n_contexts],
                        "perturbation": drugs[number // n_contexts % len(drugs)]},
                       index=[f"c{k}" for k in number])  # fmt: skip
    var = pd.DataFrame(index=[f"g{k}" for k in range(n_genes)])
    return ad.AnnData(sparse_cells(n, n_genes, density, random), obs=obs, var=var)


NAMES = dict(perturbation="perturbation", context="context", control="control")


def responses(n, folder):
    import anndata as ad
    from transomics.perturb import measure_responses

    treated_cells(n, 2000, 0.09).write_h5ad(folder / "cells.h5ad")
    table = ad.read_h5ad(folder / "cells.h5ad", backed="r")
    return lambda: measure_responses(table, **NAMES)


def predict(n, folder):
    from transomics.perturb import TransferPredictor

    cells = treated_cells(1000, 20_000, 0.05, n_contexts=4, n_drugs=9)
    model = TransferPredictor("mean").fit(cells, **NAMES)
    control = treated_cells(n, 20_000, 0.05, n_contexts=1, n_drugs=0)
    control.obs["context"] = "new"
    drug = "drug 0"
    return lambda: model.predict(control, perturbation=drug)


def predictor(n, folder):
    from transomics.perturb import TransferPredictor
    from transomics.simulate import perturbation_screen

    screen = perturbation_screen(n_contexts=6, n_drugs=max(2, n // 6), n_genes=300, n_cells=8, n_controls=50)
    cells = screen[screen.obs["context"] != "context 0"].copy()
    return lambda: TransferPredictor(random_state=0).fit(cells, **NAMES)


def labels(n, folder):
    from transomics.annotate import LabelTransfer
    from transomics.simulate import multiome

    rna, atac = multiome(n_cells=n, n_genes=2000, label_share=0.3)
    return lambda: LabelTransfer(random_state=0).fit(rna, atac, "cell_type").predict()


def adapt_cohorts(n, n_genes):
    from transomics.simulate import cohorts

    return cohorts(n_source=n * 3 // 4, n_target=n // 4, n_test=30, n_genes=n_genes)[:2]


def adapter_auto(n, folder):
    import lightning_fabric  # noqa: F401  (networks import it on first use: three seconds at any size)

    from transomics.adapt import DomainAdapter

    source, target = adapt_cohorts(n, 2000)
    return lambda: DomainAdapter(random_state=0).fit(source, target, "label")


def adapter_pooled(n, folder):
    from transomics.adapt import DomainAdapter

    source, target = adapt_cohorts(n, 20_000)
    return lambda: DomainAdapter("pooled", random_state=0).fit(source, target, "label")


TASKS = {  # sizes that grow threefold, and the size to which the fitted line is drawn
    "prerank_ranks": (prerank_ranks, (580, 1740, 5220, 15_660), 473_647),
    "prerank_scores": (prerank_scores, (180, 540, 1_620, 4_860), 473_647),
    "prerank_sets": (prerank_sets, (55, 166, 500, 1_500), 5_000),
    "responses": (responses, (5_500, 16_500, 49_500, 148_500), 1_000_000),
    "predict": (predict, (620, 1_860, 5_570, 16_700), 100_000),
    "predictor": (predictor, (21, 63, 188, 564), 1_800),
    "adapter_pooled": (adapter_pooled, (140, 410, 1_220, 3_670), 11_000),
    "adapter_auto": (adapter_auto, (111, 333, 1_000, 3_000), 10_000),
    "labels": (labels, (370, 1_110, 3_330, 10_000), 100_000),
}


def memory(key):
    """Read resident memory of this process: VmRSS now, VmHWM at most; in MB."""
    line = next(line for line in open("/proc/self/status") if line.startswith(key))
    return int(line.split()[1]) / 1024


def measure_once(task, n):
    """Measure one size in this process."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        call = TASKS[task][0](n, Path(folder))
        Path("/proc/self/clear_refs").write_text("5")
        before, start = memory("VmRSS"), time.process_time()
        call()
        return {"n": n, "CPU s": time.process_time() - start, "peak MB": memory("VmHWM") - before}


def profile_once(task, n):
    """Name the function in which most of the time of a size is spent, and its share."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        call, profile = TASKS[task][0](n, Path(folder)), cProfile.Profile()
        profile.runcall(call)
        stats = pstats.Stats(profile)
        (file, _, name), row = max(stats.stats.items(), key=lambda item: item[1][2])
        return {"top": f"{Path(file).stem}.{name}".lstrip("~."), "share": row[2] / stats.total_tt}


def in_a_process(work, *arguments):
    """Fork, run and return what comes back; memory of one size is not that of another."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(write, json.dumps(work(*arguments)).encode())
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    os.close(write)
    told = b"".join(iter(lambda: os.read(read, 65536), b""))
    os.waitpid(child, 0)
    if not told:
        raise RuntimeError(f"{arguments} failed")
    return json.loads(told)


def measure(task, sizes=None):
    """Measure all sizes of a task, and profile the second largest."""
    sizes = sizes or TASKS[task][1]
    in_a_process(measure_once, task, sizes[0])  # imports and caches of files are paid for here
    rows = [in_a_process(measure_once, task, n) for n in sizes]
    return {"rows": rows, **in_a_process(profile_once, task, sizes[-2])}


def measured(*asked, folder):
    """Measure a task, or one size of it, in a fresh interpreter, or read what was measured before."""
    path = Path(folder, "-".join(map(str, asked)) + ".json")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        task, *size = map(str, asked)
        subprocess.run([sys.executable, str(HERE / "cost.py"), task, str(folder), *size], check=True)
    return json.loads(path.read_text())


if __name__ == "__main__":
    task, folder, *size = sys.argv[1:]
    told = measure_once(task, int(size[0])) if size else measure(task)
    Path(folder, "-".join([task, *size]) + ".json").write_text(json.dumps(told, indent=1))
