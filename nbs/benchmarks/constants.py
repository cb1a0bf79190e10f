"""The constants of every `auto`, each at half and at double: what the answers make of it.

    python constants.py TASK FOLDER     try the constants of one task, into FOLDER/constants-TASK.json

A constant is changed in a copy of the package, in a process of its own, so that imported names and default
arguments see it too. A share above one half is brought half or twice as near to one.
"""

from __future__ import annotations

import ast
import json
import operator
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cost import in_a_process

PACKAGE = Path(__file__).resolve().parents[2] / "transomics"
FILES = {
    "adapt": ("adapt/auto.py", "adapt/linear.py", "adapt/scaling.py", "ensemble.py"),
    "perturb": (
        *("perturb/auto.py", "perturb/registry.py", "perturb/kernel.py", "perturb/limits.py"),
        *("perturb/base.py", "perturb/baselines.py", "ensemble.py"),
    ),
    "annotate": (
        *("annotate/auto.py", "annotate/evidence.py", "annotate/spread.py", "annotate/unknown.py"),
        *("annotate/embed.py", "annotate/prepare.py", "annotate/registry.py", "annotate/neighbours.py"),
    ),
}


@dataclass(frozen=True)
class Constant:
    """A constant as it stands in a file."""

    file: str  # below the package
    name: str
    value: str  # the expression
    source: str  # the comment beside it: what it is and where it came from
    numbers: tuple  # (line, first column, last column, value) of each number in it


def numbers_in(value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Find what is scaled together: the entries of a table one by one, all else as a whole."""
    if isinstance(value, ast.Dict):
        yield from ((f"[{ast.unparse(key)}]", part) for key, part in zip(value.keys, value.values))
    else:
        yield "", value


def computed(node: ast.AST) -> object:
    """Return the product, ratio or power of two numbers, or the value of a literal."""
    if not isinstance(node, ast.BinOp):
        return getattr(node, "value", None)
    work = {ast.Pow: operator.pow, ast.Div: operator.truediv, ast.Mult: operator.mul}[type(node.op)]
    return work(ast.literal_eval(node.left), ast.literal_eval(node.right))


def places_of(value: ast.expr) -> tuple:
    """Say where the numbers of an expression stand; a product, a ratio or a power of two is one number."""
    nodes = [value] if isinstance(value, ast.BinOp) else ast.walk(value)
    told = []
    for node in nodes:
        number = computed(node)
        if type(number) in (int, float) and number:
            told.append((node.lineno, node.col_offset, node.end_col_offset, number))
    return tuple(told)


def constants_of(file: str, text: str) -> list[Constant]:
    """Read the constants of a module: names in capitals that are given numbers."""
    lines, found = text.splitlines(), []
    for node in ast.parse(text).body:
        if not isinstance(node, ast.Assign) or not getattr(node.targets[0], "id", "").isupper():
            continue
        said = [line.split("  # ")[1] for line in lines[node.lineno - 1 : node.end_lineno] if "  # " in line]
        for key, part in numbers_in(node.value):
            if places := places_of(part):
                value = ast.unparse(part)
                found.append(Constant(file, f"{node.targets[0].id}{key}", value, "; ".join(said), places))
    return found


def scaled(value: float, factor: float) -> float:
    """Halve or double a number; of a share above one half, its distance to one."""
    if isinstance(value, int):
        return max(1, round(value * factor))
    return 1 - (1 - value) / factor if 0.5 < value < 1 else value * factor


def changed(text: str, constant: Constant, factor: float) -> str:
    """Write a module with another value of a constant."""
    lines = text.splitlines(keepends=True)
    for line, first, last, value in sorted(constant.numbers, reverse=True):
        old = lines[line - 1]
        lines[line - 1] = f"{old[:first]}{scaled(value, factor)!r}{old[last:]}"
    return "".join(lines)


def use_copy(constant: Constant | None, factor: float, folder: str) -> None:
    """Import the package from a copy with a changed constant, from here on."""
    copy = Path(folder, "transomics")
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    if constant is not None:
        place = copy / constant.file
        place.write_text(changed(place.read_text(), constant, factor))
    for name in list(sys.modules):
        if name.split(".")[0] in ("transomics", "screens", "cells"):
            del sys.modules[name]
    sys.path.insert(0, folder)


# ---------------------------------------------------------------- what is asked, on draws of development
def ask_perturb(seed: int) -> dict[str, float]:
    """Correlations of predicted with true responses, for contexts, perturbations and pairs."""
    from screens import run_methods

    from transomics.perturb import TransferPredictor

    auto = {"auto": lambda: TransferPredictor(verbose=False)}
    size = dict(n_contexts=6, n_drugs=24, n_genes=200, n_truth=100)
    asked = {"context": "T3", "perturbation": "T2", "pair": "T1"}
    tables = {what: run_methods(task, auto, [seed], **size)[0] for what, task in asked.items()}
    return {what: table.loc[table["method"] == "auto", "r"].mean() for what, table in tables.items()}


def ask_annotate(seed: int) -> dict[str, float]:
    """Macro-F1 with and without a missing type and on a panel, and how well cells of that type stand out."""
    import numpy as np
    from sklearn.metrics import f1_score, roc_auc_score

    from transomics.annotate import LabelTransfer
    from transomics.simulate import multiome

    rna, atac = multiome("imb5", random_state=seed, n_cells=800)
    truth = atac.uns["truth"]["cell_type"]
    whole = LabelTransfer(verbose=False).fit(rna, atac, label="cell_type")
    open_rna, open_atac = multiome("imb5", novel=True, random_state=seed, n_cells=800)
    open_truth = np.asarray(open_atac.uns["truth"]["cell_type"])
    part = LabelTransfer(verbose=False).fit(open_rna, open_atac, label="cell_type")
    known = np.isin(open_truth, part.classes_)
    panel, there = multiome("panel", random_state=seed, n_cells=700, n_genes=216, label_share=0.33)
    panel_truth = there.uns["truth"]["cell_type"]
    shared = LabelTransfer(verbose=False).fit(panel, there, label="cell_type")
    guess = lambda model: model.classes_[model.posterior_.argmax(axis=1)]
    f1 = lambda true, found: f1_score(true, found, average="macro", labels=np.unique(true))
    return {
        "all types": f1(truth, guess(whole)),
        "panel": f1(panel_truth, guess(shared)),
        "one missing": f1(open_truth[known], guess(part)[known]),
        "unknown": roc_auc_score(~known, part.novelty_),
    }


def ask_adapt(seed: int) -> dict[str, float]:
    """Balanced accuracy and calibration without labels and with five a class."""
    from sklearn.metrics import recall_score

    from transomics.adapt import DomainAdapter
    from transomics.metrics import calibration_error
    from transomics.simulate import cohorts

    told, size = {}, dict(n_source=450, n_target=240, n_test=480, n_genes=300)
    for n_labelled in (0, 5):
        source, target, test = cohorts("C_cond", n_labelled, random_state=seed, **size)
        model = DomainAdapter(device="cpu", verbose=False).fit(source, target, label="label")
        answers = model.predict_proba(test)
        codes, found = answers.columns.get_indexer(test.obs["label"]), answers.to_numpy()
        told[f"{n_labelled} labels"] = recall_score(codes, found.argmax(axis=1), average="macro")
        told[f"{n_labelled} labels, ECE"] = calibration_error(found, codes)
    return told


ASK = {"adapt": (ask_adapt, (0,)), "perturb": (ask_perturb, (1,)), "annotate": (ask_annotate, (0, 1))}


def answer(task: str, constant: Constant | None = None, factor: float = 1.0) -> list[dict]:
    """Ask the questions of a task with one constant changed; a row of scores a seed."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        use_copy(constant, factor, folder)
        ask, seeds = ASK[task]
        return [ask(seed) for seed in seeds]


def constants(task: str) -> list[Constant]:
    """List the constants of a task's modules."""
    return [c for file in FILES[task] for c in constants_of(file, (PACKAGE / file).read_text())]


def try_all(task: str) -> dict:
    """Ask with every constant as it is, at half and at double."""
    rows = [{"name": None, "scores": in_a_process(answer, task)}]
    for constant in constants(task):
        row = dict(file=constant.file, name=constant.name, value=constant.value, source=constant.source)
        for word, factor in (("half", 0.5), ("double", 2.0)):
            try:
                row[word] = in_a_process(answer, task, constant, factor)
            except RuntimeError:  # an impossible value is an answer too
                row[word] = None
        rows.append(row)
        print(constant.name, row["half"], row["double"], flush=True)
    return {"task": task, "rows": rows}


if __name__ == "__main__":
    task, folder = sys.argv[1:]
    Path(folder, f"constants-{task}.json").write_text(json.dumps(try_all(task), indent=1))
