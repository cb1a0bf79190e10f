"""Find the line of a module that defines a name."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def module_file(module):
    """Return the path of a module, from the root of the repository."""
    path = Path(*module.split("."))
    return path / "__init__.py" if (ROOT / path).is_dir() else path.with_suffix(".py")


@cache
def syntax(path):
    """Return the parsed source of a file."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def defined(node):
    """Return the names that a statement defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    targets = getattr(node, "targets", [node.target] if isinstance(node, ast.AnnAssign) else [])
    flat = [one for target in targets for one in getattr(target, "elts", [target])]
    return {one.id for one in flat if isinstance(one, ast.Name)}


def origin(path, node, name):
    """Return the module from which a file imports a name, or None."""
    for imported in (one for one in getattr(node, "body", ()) if isinstance(one, ast.ImportFrom)):
        if name in {alias.asname or alias.name for alias in imported.names}:
            parts = path.with_suffix("").parts[: -imported.level] if imported.level else ()
            return ".".join([*parts, imported.module or ""])
    return None


def inherited(path, node, name):
    """Return path and line of a name in the classes that a class is made from."""
    module = ".".join(path.with_suffix("").parts).removesuffix(".__init__")
    bases = [base.id for base in getattr(node, "bases", ()) if isinstance(base, ast.Name)]
    found = [line_of(module, f"{base}.{name}") for base in bases if in_package(path, base)]
    return next((place for place in found if place[1]), (path.as_posix(), None))


def in_package(path, name):
    """Say whether a file defines a name or imports it from this package."""
    home = origin(path, syntax(path), name)
    here = any(name in defined(node) for node in syntax(path).body)
    return here or (home is not None and (ROOT / module_file(home)).is_file())


def line_of(module, name):
    """Return path and line where `name` (dotted for a method) is defined; the last definition counts."""
    path = module_file(module)
    node = syntax(path)
    for part in name.split("."):
        found = [inner for inner in getattr(node, "body", ()) if part in defined(inner)]
        if not found and isinstance(node, ast.ClassDef):
            return inherited(path, node, part)
        if not found:
            elsewhere = origin(path, node, part)
            return line_of(elsewhere, name) if elsewhere else (path.as_posix(), None)
        node = found[-1]
    return path.as_posix(), node.lineno
