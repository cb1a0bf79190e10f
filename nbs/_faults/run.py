"""Plant every fault of a list, one at a time, and fail where the checks of the book let one pass.

    python nbs/_faults/run.py                  all sections
    python nbs/_faults/run.py gsea adapt       some
    python nbs/_faults/run.py gsea --only FDR  the faults whose name contains a text

A fault is a real mistake that a person could make: `old`, a text that stands exactly once in the exported
cells of `chapter`, becomes `new`. Package and chapter change in a copy, then the fast cells of `caught_by`
(the same chapter unless it says otherwise) run there; one of their checks has to fail. Every chapter is also
run once without a fault, so that a chapter that fails by itself catches nothing. A fault of a benchmark's
helpers names a module beside the chapters, `file`, in the place of `chapter`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
EXPORTED = ("#| export\n", "#| exporti\n", "#|export\n", "#|exporti\n")
SKIPPED = ("#| slow", "#| gpu", "#| eval: false", "nbdev_export()")
SECONDS = 300  # a chapter that runs longer than this hangs, and a fault that makes it hang is noticed


def cells(chapter: str) -> list[str]:
    """Return the sources of a chapter's code cells."""
    book = json.loads((ROOT / "nbs" / f"{chapter}.ipynb").read_text())
    return ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code"]


def is_exported(cell: str) -> bool:
    return any(line in cell + "\n" for line in EXPORTED)


def module_of(chapter: str) -> Path:
    """Return the module that a chapter exports to, relative to the root."""
    name = next(
        line.split()[-1] for cell in cells(chapter) for line in cell.splitlines() if "default_exp" in line
    )
    return Path("transomics", *name.split(".")).with_suffix(".py")


def script(chapter: str, fault: dict | None) -> str:
    """Return a chapter's fast cells as one program, with the fault in its exported cells."""
    own = fault is not None and fault["chapter"] == chapter
    sources = []
    for cell in cells(chapter):
        if any(mark in cell for mark in SKIPPED):
            continue
        lines = [line for line in cell.splitlines() if not line.lstrip().startswith(("%", "!"))]
        cell = "\n".join(lines)
        sources.append(cell.replace(fault["old"], fault["new"]) if own and is_exported(cell + "\n") else cell)
    return json.dumps(sources)


RUNNER = """
import json, sys
import matplotlib
matplotlib.use("Agg")
import builtins
from pathlib import Path
import __main__
builtins.display = lambda *things, **options: None
if __name__ == "__main__":  # workers that a chapter starts read this file, too
    for cell in json.loads(Path(sys.argv[1]).read_text()):
        exec(compile("from __future__ import annotations\\n" + cell, "cell", "exec"), __main__.__dict__)
"""


def passes(chapter: str, fault: dict | None) -> tuple[bool, str]:
    """Run a chapter in a copy, with or without a fault; return whether all checks held, and the last line."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        shutil.copytree(
            ROOT / "transomics", place / "transomics", ignore=shutil.ignore_patterns("__pycache__")
        )
        (place / "nbs").symlink_to(ROOT / "nbs")
        for name in ("README.md", "settings.ini", "CHANGELOG.md", ".github"):
            (place / name).symlink_to(ROOT / name)
        if fault is not None and "file" in fault:  # stands before the module itself on the path
            module = place / Path(fault["file"]).name
            module.write_text((ROOT / "nbs" / fault["file"]).read_text().replace(fault["old"], fault["new"]))
        elif fault is not None:
            module = place / module_of(fault["chapter"])
            module.write_text(module.read_text().replace(fault["old"], fault["new"]))
        (place / "cells.json").write_text(script(chapter, fault))
        (place / "runner.py").write_text(RUNNER)
        where = place / "nbs" / Path(chapter).parent  # chapters read files beside them
        beside = f"{place}{os.pathsep}{where}"
        environment = {**os.environ, "PYTHONPATH": beside, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        try:
            done = subprocess.run(
                [sys.executable, place / "runner.py", place / "cells.json"],
                cwd=where.resolve(), env=environment, capture_output=True, text=True, timeout=SECONDS,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return False, f"no answer within {SECONDS} s"
    return done.returncode == 0, (done.stderr.strip().splitlines() or [""])[-1][:100]


def read(sections: list[str], only: str) -> list[dict]:
    """Read the lists of faults, and refuse one whose text is not found exactly once."""
    faults = []
    for path in sorted(HERE.glob("*.toml")):
        if sections and path.stem not in sections:
            continue
        for fault in tomllib.loads(path.read_text())["fault"]:
            if "file" in fault:
                fault["chapter"] = None
                text = (ROOT / "nbs" / fault["file"]).read_text()
            else:
                fault.setdefault("caught_by", fault["chapter"])
                text = "\n".join(cell for cell in cells(fault["chapter"]) if is_exported(cell))
            if (found := text.count(fault["old"])) != 1:
                what = fault.get("file", fault["chapter"])
                raise SystemExit(f"{path.name}: {fault['name']!r}: `old` stands {found} times in {what}")
            if only in fault["name"]:
                faults.append({**fault, "section": path.stem})
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sections", nargs="*", help="lists of faults, without .toml")
    parser.add_argument("--only", default="", help="a part of the name of a fault")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1))
    arguments = parser.parse_args()
    faults = read(arguments.sections, arguments.only)
    chapters = sorted({fault["caught_by"] for fault in faults})
    with ThreadPoolExecutor(arguments.workers) as pool:
        broken = [
            f"{chapter}: {message}"
            for chapter, (held, message) in zip(chapters, pool.map(lambda c: passes(c, None), chapters))
            if not held
        ]
        if broken:
            raise SystemExit("these chapters fail without any fault:\n" + "\n".join(broken))
        survivors = 0
        for fault, (held, message) in zip(faults, pool.map(lambda f: passes(f["caught_by"], f), faults)):
            survivors += held
            print(
                f"{'SURVIVED' if held else 'caught  '} {fault['section']:12} {fault['name']}  {message}",
                flush=True,
            )
    print(f"{len(faults) - survivors} caught, {survivors} survived")
    return int(survivors > 0)


if __name__ == "__main__":
    sys.exit(main())
