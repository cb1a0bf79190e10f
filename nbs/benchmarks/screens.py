"""Questions for perturbation response prediction: simulated screens with a truth, and blood cells.

Beside the benchmarks, not in the package: `from screens import ...` works in the folder of the chapters.
What is hidden and how it is scored is explained, drawn and checked in perturb_questions.ipynb.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

import anndata as ad
import numpy as np
import pandas as pd
from scipy import sparse, stats

from transomics.data import log_normalise
from transomics.datasets import load
from transomics.ensemble import Candidate, build_ensemble, earned_trust, least_squares_weights
from transomics.metrics import bootstrap_interval, row_pearson
from transomics.perturb import Controls, Responses, measure_responses
from transomics.perturb.auto import SPANNED, ask_members, spanned
from transomics.perturb.base import Transfer, controls_of_target
from transomics.perturb.evaluate import score_responses
from transomics.perturb.registry import NEW_CONTEXT, make_member
from transomics.simulate import perturbation_screen

SCORES = ["r", "r_systema", "r_top50", "mse", "discrimination", "covered"]
SHORT = {
    "delta_pearson": "r",
    "systema_delta_pearson": "r_systema",
    "delta_pearson_top50": "r_top50",
    "mse_relative": "mse",
}
KEYS = dict(perturbation="perturbation", context="context", control="control")
WIDTH = 1.96  # standard deviations within which 95 % of a normal distribution lie


# ---------------------------------------------------------------- simulated screens
def simulate_screen(seed: int, **settings) -> tuple[ad.AnnData, Responses, dict, dict]:
    """Draw a screen.

    Parameters
    ----------
    seed : int
    **settings
        Of `transomics.simulate.perturbation_screen`.

    Returns
    -------
    screen : AnnData
        Cells x genes, counts.
    responses : Responses
        What was measured.
    truth : dict
        (context, perturbation) -> true response [G].
    basal : dict
        Context -> true untreated profile [G].
    """
    screen = perturbation_screen(random_state=seed, **settings)
    found = screen.uns["truth"]
    basal = dict(zip(found["contexts"], found["control"]))
    pairs = list(zip(found["conditions"]["context"], found["conditions"]["perturbation"]))
    truth = {pair: treated - basal[pair[0]] for pair, treated in zip(pairs, found["treated"])}
    return screen, measure_responses(screen, **KEYS), truth, basal


def hold_out(task: str, responses: Responses, seed: int) -> tuple[Responses, Responses | None, list]:
    """Hide what a task asks for.

    Parameters
    ----------
    task : {"T1", "T2", "T3"}
        Pairs of a known context and a known drug; drugs shown in context 0 only; a context.
    responses : Responses
    seed : int

    Returns
    -------
    train : Responses
        What a model learns from.
    reference : Responses or None
        What it is shown beside the question.
    asked : list of (context, perturbation)
    """
    rng, table = np.random.default_rng(seed), responses.table
    drugs, pairs = np.unique(table["perturbation"]), list(zip(table["context"], table["perturbation"]))
    if task == "T1":
        away = np.flatnonzero(table["context"] != "context 0")
        out = np.isin(np.arange(len(table)), rng.choice(away, len(away) // 4, replace=False))
        return responses.take(~out), None, [pairs[k] for k in np.flatnonzero(out)]
    if task == "T2":
        new = responses.where(perturbation=list(rng.choice(drugs, 10, replace=False)))
        shown = responses.where(context="context 0")
        return (
            responses.take(~new),
            responses.take(new & shown),
            [pairs[k] for k in np.flatnonzero(new & ~shown)],
        )
    new = responses.where(context="context 5")
    return responses.take(~new), None, [pairs[k] for k in np.flatnonzero(new)]


def score_answers(
    method: str, seed: int, answers: list, asked: list, truth: Mapping, basal: Mapping, common: np.ndarray
) -> pd.DataFrame:
    """Score the answers of one method on one screen.

    Parameters
    ----------
    method : str
    seed : int
    answers : list
        Responses [G], or pairs of response and standard deviation.
    asked : list of (context, perturbation)
    truth, basal : mapping
        As `simulate_screen` returns them.
    common : ndarray [G]
        Mean response, for the Systema score.

    Returns
    -------
    DataFrame
        A row a condition; covered is the share of genes within 1.96 standard deviations.
    """
    contexts, names = ([pair[k] for pair in asked] for k in (0, 1))
    goal, start = (
        np.array([truth[pair] for pair in asked]),
        np.array([basal[context] for context in contexts]),
    )
    pairs = [answer if isinstance(answer, tuple) else (answer, np.nan * answer) for answer in answers]
    guess, sd = (np.array(part) for part in zip(*pairs))
    table = score_responses(guess, goal, start, contexts, common).rename(columns=SHORT)
    inside = (np.abs(guess - goal) <= WIDTH * sd).mean(axis=1)
    covered = np.where(np.isnan(sd).any(axis=1), np.nan, inside)
    return table.assign(covered=covered, method=method, seed=seed, context=contexts, perturbation=names)


def run_methods(
    task: str, methods: Mapping[str, Callable], seeds: Iterable[int], **settings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ask all methods the questions of a task on simulated screens.

    Parameters
    ----------
    task : {"T1", "T2", "T3"}
    methods : mapping
        Name -> function that makes an estimator.
    seeds : iterable of int
    **settings
        Of `transomics.simulate.perturbation_screen`.

    Returns
    -------
    scores : DataFrame
        A row a condition, method and seed; "replicate" is a second measurement of the truth.
    costs : DataFrame
        CPU seconds per method and seed.
    """
    tables, costs = [], []
    for seed in seeds:
        _, responses, truth, basal = simulate_screen(seed, **settings)
        common = np.mean(list(truth.values()), axis=0)
        train, reference, asked = hold_out(task, responses, seed)
        for name, make in methods.items():
            start = time.process_time()
            model = make().fit_responses(train)
            answers = [model.answer(c, p, responses.controls, reference) for c, p in asked]
            costs.append((name, time.process_time() - start))
            tables.append(score_answers(name, seed, answers, asked, truth, basal, common))
        again = [responses.delta[responses.where(context=c, perturbation=p)][0] for c, p in asked]
        tables.append(score_answers("replicate", seed, again, asked, truth, basal, common))
    return pd.concat(tables, ignore_index=True), pd.DataFrame(costs, columns=["method", "cpu_s"])


def paired_gains(table: pd.DataFrame, method: str, baselines: list[str], score: str = "r") -> pd.DataFrame:
    """Compare a method with baselines on the same conditions.

    Parameters
    ----------
    table : DataFrame
        Scores of `run_methods`.
    method : str
    baselines : list of str
    score : str

    Returns
    -------
    DataFrame
        A row a baseline: gain, low, high, with bootstrap intervals over seeds x contexts.
    """
    wide = table.pivot_table(
        index=["seed", "context", "perturbation"], columns="method", values=score
    ).dropna()
    unit = wide.index.get_level_values(0).astype(str) + wide.index.get_level_values(1)
    interval = lambda base: bootstrap_interval(np.mean, (wide[method] - wide[base]).to_numpy(), groups=unit)
    found = {f"{method} - {base}": interval(base) for base in baselines}
    return pd.DataFrame({n: dict(gain=i.estimate, low=i.low, high=i.high) for n, i in found.items()}).T.round(
        3
    )


def mean_scores(table: pd.DataFrame) -> pd.DataFrame:
    """Average the scores of each method, in the order of the table."""
    shown = [score for score in SCORES if score in table]
    return table.groupby("method", sort=False)[shown].mean().round(3)


# ---------------------------------------------------------------- blood cells with interferon
LINEAGE = {
    "CD14+ Monocytes": "myeloid",
    "FCGR3A+ Monocytes": "myeloid",
    "CD4 T cells": "T",
    "CD8 T cells": "T",
    "B cells": "B",
}


def blood_cells() -> ad.AnnData:
    """Read Kang's cells in logs, with type, state and donor as text."""
    cells = log_normalise(load("kang"))
    labels = cells.obs[["cell_type", "condition", "donor"]].astype(str)
    cells.obs = labels.set_axis(["type", "state", "donor"], axis=1)
    return cells


def with_names(cells: ad.AnnData, rows: np.ndarray, contexts: np.ndarray) -> ad.AnnData:
    """Take cells under the names that the benchmark uses."""
    state = cells.obs["state"].to_numpy()[rows]
    names = [str(k) for k in range(len(rows))]
    obs = pd.DataFrame({"context": contexts, "perturbation": state}, index=names)
    return ad.AnnData(cells.X[rows], obs=obs, var=cells.var[[]])


def blood_questions(cells: ad.AnnData, seed: int, protocol: str) -> Iterator[tuple]:
    """Hold out one type of blood cells after the other.

    Parameters
    ----------
    cells : AnnData
        Of `blood_cells`.
    seed : int
        Of the halves, and of the resampling of sources.
    protocol : {"pooled", "per donor", "lineage out"}
        A type; a type of one donor; the same, and sister types of any donor are not learnt from either.

    Yields
    ------
    type, train, given, truth, half, other
        Name, table to learn from, untreated input, observed response [G], and the responses of two halves
        of the cells behind it.
    """
    kind, state, donors = (cells.obs[k].to_numpy() for k in ("type", "state", "donor"))
    rng, lineage = np.random.default_rng(seed), np.array([LINEAGE[t] for t in kind])
    mean = lambda at: np.asarray(cells.X[at].mean(axis=0)).ravel()
    for held_out in LINEAGE:
        for donor in [None] if protocol == "pooled" else np.unique(donors):
            mine = (kind == held_out) & ((donors == donor) if donor else True)
            given, kept = np.array_split(rng.permutation(np.flatnonzero(mine & (state == "ctrl"))), 2)
            treated = rng.permutation(np.flatnonzero(mine & (state == "stim")))
            source = lineage != LINEAGE[held_out] if protocol == "lineage out" else kind != held_out
            contexts = kind if donor is None else (cells.obs["type"] + " " + cells.obs["donor"]).to_numpy()
            groups = pd.DataFrame({"c": contexts, "s": state})[source].groupby(["c", "s"]).groups
            rows = np.concatenate([rng.choice(np.asarray(g), len(g)) for g in groups.values()])
            halves = ((treated, kept), (treated[::2], kept[::2]), (treated[1::2], kept[1::2]))
            goals = [mean(t) - mean(k) for t, k in halves]
            target = with_names(cells, given, np.full(len(given), "target"))
            yield held_out, with_names(cells, rows, contexts[rows]), target, *goals


def score_blood(
    method: str, seed: int, held_out: str, guess: np.ndarray, goal: np.ndarray, sd: np.ndarray | None = None
) -> dict:
    """Score one answer on blood cells: a row of `run_blood`."""
    one = score_responses(guess[None], goal[None], goal[None], ["a"], np.zeros_like(goal)).iloc[0]
    scores = {SHORT[name]: one[name] for name in ("delta_pearson", "delta_pearson_top50", "mse_relative")}
    covered = np.nan if sd is None else np.mean(np.abs(guess - goal) <= WIDTH * sd)
    return dict(method=method, seed=seed, context=held_out, perturbation="stim", **scores, covered=covered)


def untreated_state(given: ad.AnnData) -> Controls:
    """Summarise the untreated cells of a question."""
    return controls_of_target(given.X.toarray().astype(float), np.full(given.n_obs, "target"))


def run_blood(methods: Mapping[str, Callable], seeds: Iterable[int], protocol: str) -> pd.DataFrame:
    """Ask all methods about every held-out type.

    Parameters
    ----------
    methods : mapping
        Name -> function that makes an estimator.
    seeds : iterable of int
    protocol : {"pooled", "per donor", "lineage out"}

    Returns
    -------
    DataFrame
        A row a method, seed and question: r, r_top50, mse, covered; "half split" is one half of the treated
        cells as a prediction of the other half.
    """
    rows, cells = [], blood_cells()
    for seed in seeds:
        for held_out, train, given, goal, half, other in blood_questions(cells, seed, protocol):
            responses = measure_responses(train, "perturbation", "context", "ctrl")
            for name, make in methods.items():
                model = make().fit_responses(responses)
                guess, sd = model.answer("target", "stim", untreated_state(given))
                rows.append(score_blood(name, seed, held_out, guess, goal, sd))
            rows.append(score_blood("half split", seed, held_out, half, other))
    return pd.DataFrame(rows)


def blood_gains(table: pd.DataFrame, method: str, column: str = "r") -> dict:
    """Compare a method with the mean delta: gain with an interval over types and seeds, worst type, wins."""
    mean = table.groupby(["method", "seed", "context"])[column].mean().unstack("method")
    gain = mean[method] - mean["mean delta"]
    found = bootstrap_interval(np.mean, gain.to_numpy())
    per_type = gain.groupby("context").mean() * (1 if column == "r" else -1)
    interval = dict(gain=found.estimate, low=found.low, high=found.high)
    return interval | dict(worst_type=per_type.min(), types_won=int((per_type > 0).sum()))


# ---------------------------------------------------------------- one perturbation, other data
def as_cells(table: ad.AnnData, kind: str, state: str, untreated: str) -> ad.AnnData:
    """Bring a table to logs, with the columns of `blood_cells`: type, and state ctrl or stim."""
    logs = log_normalise(table)
    labels = {"type": logs.obs[kind].astype(str)}
    labels["state"] = np.where(logs.obs[state].astype(str) == untreated, "ctrl", "stim")
    return ad.AnnData(sparse.csr_matrix(logs.X), obs=pd.DataFrame(labels), var=logs.var[[]])


def one_question(cells: ad.AnnData, rows: np.ndarray, names: np.ndarray, held_out: str, rng) -> tuple:
    """Hold one context out: half of its untreated cells is the input, the other half stands in the truth.

    Parameters
    ----------
    cells : AnnData
        Columns state; logs.
    rows : ndarray
        Positions of all cells that take part.
    names : ndarray
        Their contexts.
    held_out : str
    rng : Generator

    Returns
    -------
    tuple
        As `blood_questions` yields it.
    """
    state, own = cells.obs["state"].to_numpy()[rows], names == held_out
    mean = lambda at: np.asarray(cells.X[at].mean(axis=0)).ravel()
    given, kept = np.array_split(rng.permutation(rows[own & (state == "ctrl")]), 2)
    treated = rng.permutation(rows[own & (state == "stim")])
    halves = ((treated, kept), (treated[::2], kept[::2]), (treated[1::2], kept[1::2]))
    target = with_names(cells, given, np.full(len(given), "target"))
    return (
        held_out,
        with_names(cells, rows[~own], names[~own]),
        target,
        *(mean(t) - mean(k) for t, k in halves),
    )


def left_out(cells: ad.AnnData, seed: int) -> Iterator[tuple]:
    """Hold out one context after the other; sources are resampled by seed, as in `blood_questions`."""
    kind, rng = cells.obs["type"].to_numpy(), np.random.default_rng(seed)
    for held_out in np.unique(kind):
        groups = cells.obs.reset_index().groupby(["type", "state"]).indices
        drawn = [rng.choice(g, len(g)) if name[0] != held_out else g for name, g in groups.items()]
        rows = np.concatenate(drawn)
        yield one_question(cells, rows, kind[rows], held_out, rng)


def mixed_patients(cells: ad.AnnData, seed: int, n_patients: int = 6, n_cells: int = 70) -> Iterator[tuple]:
    """Make pseudo-patients, each a random mixture of the cell types, and hold out one after the other."""
    kind, state = (cells.obs[name].to_numpy() for name in ("type", "state"))
    rng, rows, names = np.random.default_rng([seed, 7]), [], []
    types, pool = np.unique(kind), {}
    for name in types:
        for s in ("ctrl", "stim"):
            pool[name, s] = list(rng.permutation(np.flatnonzero((kind == name) & (state == s))))
    for p, mixture in enumerate(rng.dirichlet(np.ones(len(types)), n_patients)):
        for s, n in (("ctrl", 2 * n_cells), ("stim", n_cells)):
            for name, wanted in zip(types, rng.multinomial(n, mixture)):
                taken = [pool[name, s].pop() for _ in range(min(wanted, len(pool[name, s])))]
                rows, names = rows + taken, names + [f"patient {p}"] * len(taken)
    rows, names = np.array(rows), np.array(names)
    for held_out in np.unique(names):
        yield one_question(cells, rows, names, held_out, rng)


class FormerAuto(Transfer):
    """Answer for a new context as `auto` did before: other members, all or nothing, no scale."""

    members = ("mean", "multiplicative", "similarity", "kernel_delta", "kernel_fold_change")

    def learn(self, responses: Responses) -> None:
        """Weigh the members; the mean answers unless the average gains more than one standard error."""
        candidates = [Candidate(name, simple=name == "mean") for name in self.members]
        held = ask_members(candidates, NEW_CONTEXT, responses, 8, 40, 0)[0]
        weigh = partial(least_squares_weights, pull=1.0)
        self.ensemble_ = build_ensemble(candidates, held, weigh, row_pearson, "", earned_trust)
        self.models_ = {name: make_member(name).fit_responses(responses) for name in self.members}

    def respond(self, question) -> np.ndarray:
        """Answer one question."""
        far = spanned(question.basal, self.responses_.controls.basal) < SPANNED
        weights = {"mean": 1.0} if far else self.ensemble_.by_name()
        return sum(w * self.models_[name].respond(question) for name, w in weights.items())


def ask_all(methods: Mapping[str, Callable], questions: Iterable[tuple], seed: int) -> pd.DataFrame:
    """Ask all methods about every held-out context: rows as in `run_blood`."""
    rows = []
    for held_out, train, given, goal, _, _ in questions:
        responses, state = measure_responses(train, "perturbation", "context", "ctrl"), untreated_state(given)
        for name, make in methods.items():
            guess, sd = make().fit_responses(responses).answer("target", "stim", state)
            rows.append(score_blood(name, seed, held_out, guess, goal, sd))
    return pd.DataFrame(rows)


def t_interval(gains: pd.Series, units) -> dict:
    """Average gains over units that one would draw anew, with a 95 % interval by Student's t."""
    per_unit = gains.groupby(np.asarray(units)).mean()
    n, mean = len(per_unit), per_unit.mean()
    half = stats.t.ppf(0.975, n - 1) * per_unit.std(ddof=1) / np.sqrt(n) if n > 1 else np.nan
    return dict(gain=mean, low=mean - half, high=mean + half, units=n)
