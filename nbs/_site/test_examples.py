"""Run the examples in docstrings: `python nbs/_site/test_examples.py`.

Fails on an example that prints something else than it shows or takes seconds, on a public function or class
without an example, and on a public name that the face of its section does not offer.
"""

import doctest
import inspect
import sys
import time
import warnings
from importlib import import_module
from pathlib import Path

import lightning_fabric  # noqa: F401  (networks import it on first use: not the time of their example)

ROOT = Path(__file__).resolve().parents[2]
SLOW = 5.0  # seconds for the examples of one name, generous since machines differ


def modules():
    """Import every module of the package; return them by name."""
    paths = sorted((ROOT / "transomics").rglob("*.py"))
    names = [path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for path in paths]
    names = [name.removesuffix(".__init__") for name in names if not name.endswith("_modidx")]
    return {name: import_module(name) for name in names}


def unexplained(name, module):
    """Return public functions and classes that a module defines without a docstring or an example."""
    things = {key: getattr(module, key) for key in getattr(module, "__all__", ())}
    own = {k: v for k, v in things.items() if getattr(v, "__module__", None) == name and inspect.isroutine(v)}
    own |= {k: v for k, v in things.items() if inspect.isclass(v) and v.__module__ == name}
    return [f"no example: {name}.{key}" for key, thing in own.items() if ">>>" not in (thing.__doc__ or "")]


def not_offered(name, module, faces):
    """Return public names of an inner module that the face of its section lacks."""
    section = ".".join(name.split(".")[:2])
    if name == section or section not in faces:  # the foundations are modules of their own
        return []
    offered = set(faces[section].__all__)
    return [
        f"not offered by {section}: {name}.{key}"
        for key in getattr(module, "__all__", ())
        if key not in offered
    ]


def failing(module):
    """Run the examples of a module; return what went wrong, how many there were, and their seconds."""
    faults, tried, out = [], 0, []
    for test in doctest.DocTestFinder().find(module):
        start, runner = time.process_time(), doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
        tried += runner.run(test, out=out.append).attempted
        if time.process_time() - start > SLOW:
            faults.append(f"the example of {test.name} took {time.process_time() - start:.0f} s")
    return faults + ["".join(out)] * bool(out), tried


def main():
    """Look at all modules and report."""
    found, faults, total = modules(), [], 0
    faces = {
        name: module for name, module in found.items() if hasattr(module, "__path__") and name.count(".") == 1
    }
    for name, module in found.items():
        wrong, tried = failing(module)
        total += tried
        faults += wrong + unexplained(name, module) + not_offered(name, module, faces)
    print("\n".join(faults) or f"{total} lines of examples in {len(found)} modules do what they show")
    return bool(faults)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    warnings.simplefilter("ignore")
    sys.exit(main())
