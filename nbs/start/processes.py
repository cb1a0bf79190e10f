"""Fit the networks of four tasks on one or two processes, without dropout, for the page on several machines.

    python processes.py DEVICES local|shared FILE
    python processes.py DEVICES speed FILE           seconds a step of a wide network, and nothing else

Each task makes its data and returns a fit, its answer to new data, and how good that is.
"""

from __future__ import annotations

import json
import sys
import time
import warnings

import numpy as np


def adapt():
    from transomics.adapt import DomainAdapter
    from transomics.simulate import cohorts

    source, target, test = cohorts(n_source=900, n_target=300, n_test=600, n_genes=400, random_state=5)
    truth = test.obs["label"].astype(str).to_numpy()
    model = DomainAdapter("dann", options=dict(encoder=(256, 128), epochs=10, input_dropout=0.0))
    answer = lambda: model.predict_proba(test).to_numpy()
    score = lambda: np.mean(model.predict(test).astype(str).to_numpy() == truth)
    return lambda fabric: model.fit(source, target, "label", fabric=fabric), answer, score


def perturb():
    from transomics.perturb import XTransferCDR
    from transomics.simulate import perturbation_screen

    screen = perturbation_screen(n_contexts=5, n_drugs=8, n_genes=300, n_cells=40, random_state=5)
    here, control = screen.obs["context"] == "context 0", screen.obs["perturbation"] == "control"
    truth = screen.uns["truth"]
    rows = (truth["conditions"]["context"] == "context 0").to_numpy()
    observed = truth["treated"][rows] - truth["control"][0]
    sizes = dict(hidden=(128, 64), narrow=64, n_latent=32, epochs=6)
    model = XTransferCDR(**sizes, noise=0.0, dropout=0.0)
    names = dict(perturbation="perturbation", context="context", control="control")

    def answer():
        told = model.predict(screen[here & control].copy(), screen[~here & ~control].copy())
        names = told.obs["perturbation"].astype(str).to_numpy()
        order = [list(names).index(name) for name in truth["conditions"]["perturbation"][rows].astype(str)]
        return np.asarray(told.layers["delta"])[order]

    score = lambda: np.corrcoef(answer().ravel(), observed.ravel())[0, 1]
    return lambda fabric: model.fit(screen[~here].copy(), **names, fabric=fabric), answer, score


def annotate():
    from transomics.annotate import DANCE
    from transomics.simulate import multiome

    rna, atac = multiome(n_cells=600, n_genes=300, random_state=5)
    model = DANCE(epochs=8, warmup_epochs=6, mixup=False, drop=0.0)
    truth = np.asarray(atac.uns["truth"]["cell_type"])
    answer = lambda: model.predict_proba().to_numpy()
    score = lambda: np.mean(model.classes_[answer().argmax(axis=1)] == truth)
    return lambda fabric: model.fit(rna, atac, "cell_type", fabric=fabric), answer, score


def molecules():
    from transomics.datasets import load
    from transomics.molecules import SmilesRegressor

    drugs = load("l1000_drugs")
    order = np.random.default_rng(5).permutation(drugs.n_obs)[:450]
    train, test = drugs[np.sort(order[50:])].copy(), drugs[np.sort(order[:50])].copy()
    model = SmilesRegressor("mlp", options=dict(hidden=256, epochs=15, patience=None))
    answer = lambda: np.asarray(model.predict(list(test.obs["smiles"])).X)
    score = lambda: np.corrcoef(answer().ravel(), np.asarray(test.X).ravel())[0, 1]
    return lambda fabric: model.fit(train, fabric=fabric), answer, score


def speed(fabric):
    """Return CPU seconds of the busiest process for a step of 512 rows through the published widths."""
    import torch

    from transomics.batches import Batches
    from transomics.nn import MLP
    from transomics.train import train

    widths = [2000, 1024, 512, 512, 512, 256, 128, 256, 512, 512, 512, 1024, 2000]
    rows = Batches(torch.randn(1024, 2000, generator=torch.Generator().manual_seed(0)), batch_size=512)
    loss = lambda module, batch, now: (module(batch[0]) - batch[0]).square().mean()
    net = MLP(widths, "linear batch_norm relu", last="linear")
    train(net, loss, rows, epochs=1, fabric=fabric)
    start = time.process_time()
    train(net, loss, rows, epochs=5, fabric=fabric)
    return float(fabric.all_gather(torch.tensor(time.process_time() - start)).max()) / 10


def main(devices, statistics, file):
    """Fit all, and let the first process write answers, scores and the seconds of the busiest process."""
    import torch

    from transomics import nn
    from transomics.processes import open_fabric

    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    nn.Dropout.forward = lambda self, x: x  # each process would draw its own
    fabric = open_fabric(int(devices), accelerator="cpu", sync_batch_norm=statistics == "shared")
    told = {"speed": speed(fabric)} if statistics == "speed" else {}
    for task in (adapt, perturb, annotate, molecules) if not told else ():
        fit, answer, score = task()
        start = time.process_time()
        fit(fabric)
        busy = fabric.all_gather(torch.tensor(time.process_time() - start)).max()
        if fabric.is_global_zero:
            told[task.__name__] = dict(score=float(score()), busy=float(busy), answer=answer().tolist())
    if fabric.is_global_zero:
        with open(file, "w") as place:
            json.dump(told, place)


if __name__ == "__main__":
    main(*sys.argv[1:])
