"""Reference entries in MyST markdown, made from source, docstrings and docments."""

import ast
import inspect
from importlib import import_module
from textwrap import dedent

from docstrings import numpy_markdown, sections
from fastcore.docments import docments
from nbdev.doclinks import NbdevLookup
from sphinx.util.inspect import stringify_signature


def signature(thing):
    """Return the signature as its author wrote it, without `self`."""
    function = thing.__init__ if inspect.isclass(thing) else inspect.unwrap(thing)
    try:
        tree = ast.parse(dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError):  # Python wrote the constructor: a dataclass, or none at all
        found = inspect.signature(thing)
        return stringify_signature(found, show_return_annotation=False, unqualified_typehints=True)
    if "." in function.__qualname__ and tree.args.args[:1]:
        tree.args.args = [a for a in tree.args.args if a.arg not in ("self", "cls")]
    returns = f" -> {ast.unparse(tree.returns)}" if tree.returns else ""
    return f"({ast.unparse(tree.args)})" + ("" if inspect.isclass(thing) else returns)


def parameter_table(thing):
    """Return what the docments say as a markdown table; nothing where the docstring says it."""
    if {"Parameters", "Returns"} & sections(thing.__doc__)[1].keys():
        return ""
    notes = {name: note for name, note in docments(thing).items() if note}
    rows = [
        (f"*{name}s*" if name == "return" else f"`{name}`", " ".join(note.split()))
        for name, note in notes.items()
    ]
    lines = [f"| {name} | " + note.replace("|", r"\|") + " |" for name, note in rows]
    return "\n".join(["{.parameters}", "| name | meaning |", "|---|---|", *lines]) if rows else ""


def public_home(thing):
    """Return the outermost package that offers the name."""
    parts = thing.__module__.split(".")
    packages = [".".join(parts[:depth]) for depth in range(1, len(parts) + 1)]
    return next(p for p in packages if getattr(import_module(p), thing.__name__, None) is thing)


def entry(thing, name, options, methods=()):
    """Describe a function, class, method or property, and then the methods given."""
    inner, is_property, is_class = "." in name, isinstance(thing, property), inspect.isclass(thing)
    kind = "class" if is_class else "property" if is_property else "method" if inner else "function"
    if inspect.ismethod(thing):
        options = [*options, ":classmethod:"]
    offered = thing.__doc__ and not inner
    body = [
        f"{{.import}}\n`from {public_home(thing)} import {name}`" if offered else "",
        numpy_markdown(thing.__doc__, NbdevLookup().linkify),
        "" if is_property else parameter_table(thing),
        *(entry(method, title, options) for title, method in methods),
    ]
    fence = ":" * (6 if inner else 7)
    head = f"{fence}{{py:{kind}}} {name}" + ("" if is_property else signature(thing))
    return "\n".join([head, *options, "", "\n\n".join(filter(None, body)), fence])


def constant(name, value, options):
    """Describe a public value that is neither function nor class."""
    written = " ".join(repr(value).split())
    shown = written if len(written) <= 100 else written[:97] + "..."
    value_line = [] if "<" in written else [f":value: {shown}"]  # no addresses of objects
    return "\n".join([f":::{{py:data}} {name}", *value_line, *options, ":::"])
