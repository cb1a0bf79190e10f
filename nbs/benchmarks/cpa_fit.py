"""Fit CPA to one question and decode its answer: python cpa_fit.py FOLDER LOSS BATCH SEED.

Runs in an environment of its own, see cpa_blood.py. FOLDER holds cells.h5ad: X in logs, layer counts, obs
with context and perturbation, untreated cells of the context "target". LOSS is nb (counts) or gauss (logs).
profiles.npz is written there: mean decoded states of the target in logs, epochs and CPU seconds.
"""

import logging
import sys
import time
from pathlib import Path

import anndata as ad
import numpy as np
import torch
from cpa import CPA

MODEL = dict(n_latent=64, doser_type="linear", variational=False)
MODEL |= dict(n_hidden_encoder=128, n_layers_encoder=2, dropout_rate_encoder=0.0)
MODEL |= dict(n_hidden_decoder=512, n_layers_decoder=2, dropout_rate_decoder=0.1)
MODEL |= dict(use_batch_norm_encoder=True, use_layer_norm_encoder=False)
MODEL |= dict(use_batch_norm_decoder=False, use_layer_norm_decoder=True)
PLAN = dict(n_epochs_kl_warmup=None, n_epochs_pretrain_ae=30, n_epochs_adv_warmup=50)
PLAN |= dict(n_epochs_mixup_warmup=0, mixup_alpha=0.0, adv_steps=None, adv_loss="cce", reg_adv=20.0)
PLAN |= dict(pen_adv=5.0, n_hidden_adv=64, n_layers_adv=3, use_batch_norm_adv=True, use_layer_norm_adv=False)
PLAN |= dict(dropout_rate_adv=0.3, lr=3e-4, wd=4e-7, adv_lr=3e-4, adv_wd=4e-7, doser_lr=3e-4, doser_wd=4e-7)
PLAN |= dict(do_clip_grad=True, gradient_clip_value=1.0, step_size_lr=10)
TRAIN = dict(max_epochs=2000, early_stopping_patience=5, check_val_every_n_epoch=5, plan_kwargs=PLAN)
TRAIN |= dict(use_gpu=False, save_path=False, enable_progress_bar=False, logger=False)
KEYS = dict(perturbation_key="perturbation", control_group="ctrl", dosage_key="dose", max_comb_len=1)
VALID = 0.15  # share of cells that early stopping looks at


def ask(cells, loss, seed):
    """Add the question: untreated cells of the target again, called treated; no step learns from them."""
    asked = cells[cells.obs["context"] == "target"].copy()
    asked.obs["perturbation"] = "stim"
    table = ad.concat([cells, asked], index_unique="-")
    values = table.layers["counts"] if loss == "nb" else table.X
    split = np.where(np.random.default_rng(seed).random(table.n_obs) < VALID, "valid", "train")
    split[cells.n_obs :] = "ood"
    obs = table.obs.astype(str).assign(split=split, dose="1.0")
    return ad.AnnData(values.toarray().astype(np.float32), obs=obs, var=table.var)


def fit(table, loss, batch, seed):
    """Train as the tutorial on these cells does; its last word is the best state that validation saw."""
    CPA.pert_smiles_map = {}  # without a column of structures the package would look for one
    CPA.setup_anndata(table, categorical_covariate_keys=["context"], is_count_data=loss == "nb", **KEYS)
    splits = dict(split_key="split", train_split="train", valid_split="valid", test_split="ood")
    model = CPA(table, recon_loss=loss, seed=seed, **splits, **MODEL)
    model.train(batch_size=batch, **TRAIN)
    return model


def decode(model, table, loss):
    """Decode all cells; means of counts are brought to one total and to logs, as the cells are."""
    model.predict(table, batch_size=512)
    decoded = table.obsm["CPA_pred"]
    return np.log1p(decoded / decoded.sum(axis=1, keepdims=True) * 1e4) if loss == "nb" else decoded


if __name__ == "__main__":
    folder, loss, batch, seed = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    torch.set_num_threads(1)
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    table = ask(ad.read_h5ad(folder / "cells.h5ad"), loss, seed)
    start = time.process_time()
    model = fit(table, loss, batch, seed)
    decoded = decode(model, table, loss)
    treated = (table.obs["split"] == "ood").to_numpy()
    untreated = (table.obs["context"] == "target").to_numpy() & ~treated
    found = dict(treated=decoded[treated].mean(axis=0), untreated=decoded[untreated].mean(axis=0))
    found |= dict(epochs=model.epoch_history["epoch"].max() + 1, cpu_s=time.process_time() - start)
    np.savez(folder / "profiles.npz", **found)
