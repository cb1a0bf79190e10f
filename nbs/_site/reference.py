"""Reference entries in MyST markdown, made from signatures, docstrings and docments."""

import importlib
import inspect

from fastcore.docments import docments
from nbdev.doclinks import NbdevLookup

EMPTY = inspect.Parameter.empty
LONGEST_FENCE = 9


class Verbatim(str):
    """Text that a signature prints without quotes."""

    __repr__ = str.__str__


def as_written(value):
    """Return a type or a default value as its author wrote it."""
    if value is EMPTY:
        return value
    named = inspect.isclass(value) or inspect.isroutine(value)
    return Verbatim(value.__name__ if named else str(value).replace("typing.", ""))


def signature(thing):
    """Return the signature without `self`, types and defaults as written."""
    found = inspect.signature(thing)
    parameters = [
        p.replace(
            annotation=as_written(p.annotation),
            default=p.default if isinstance(p.default, str) else as_written(p.default),
        )
        for p in found.parameters.values()
        if p.name != "self"
    ]
    returns = as_written(found.return_annotation)
    return found.replace(parameters=parameters, return_annotation=returns)


def parameter_table(thing, shape):
    """Return a markdown table, a row a parameter, unless no comment explains any."""
    comments = docments(thing)
    rows = [
        (f"`{p.name}`", p.annotation, EMPTY if p.default is EMPTY else repr(p.default), p.name)
        for p in shape.parameters.values()
    ]
    rows += [("*returns*", shape.return_annotation, EMPTY, "return")]
    rows = [
        (title, *("" if value is EMPTY else f"`{value}`" for value in code), comments.get(key))
        for title, *code, key in rows
    ]
    rows = [row for row in rows if row[-1] or row[0] != "*returns*"]
    if not any(row[-1] for row in rows):
        return ""
    lines = [[(cell or "").replace("\n", " ").replace("|", r"\|") for cell in row] for row in rows]
    header = ["{.parameters}", "| parameter | type | default | meaning |", "|---|---|---|---|"]
    return "\n".join(header + [f"| {' | '.join(line)} |" for line in lines])


def public_home(thing):
    """Return the outermost package that offers the name."""
    parts = thing.__module__.split(".")
    packages = [".".join(parts[:depth]) for depth in range(1, len(parts) + 1)]
    return next(
        package
        for package in packages
        if getattr(importlib.import_module(package), thing.__name__, None) is thing
    )


def members(kind, name, options, shown):
    """Yield entries for the documented public methods and properties of a class itself."""
    for key, raw in vars(kind).items():
        value = raw if isinstance(raw, property) else getattr(kind, key)
        known = isinstance(raw, property) or inspect.isroutine(value)
        if known and value.__doc__ and not key.startswith("_") and f"{name}.{key}" not in shown:
            yield entry(value, f"{name}.{key}", options, shown)


def entry(thing, name, options, shown=()):
    """Describe a function, class, method or property; a class brings its members along."""
    is_class, is_property = inspect.isclass(thing), isinstance(thing, property)
    shape = "" if is_property else signature(thing)
    body = [NbdevLookup().linkify(inspect.cleandoc(thing.__doc__ or ""))]
    if "." not in name:
        body.insert(0, f"{{.import}}\n`from {public_home(thing)} import {name}`")
    if not is_property:
        body.append(parameter_table(thing, shape))
    if is_class:
        body += members(thing, name, options, shown)
    inner = "property" if is_property else "method"
    kind = "class" if is_class else inner if "." in name else "function"
    fence = ":" * (LONGEST_FENCE if is_class else LONGEST_FENCE - 1)
    head = f"{fence}{{py:{kind}}} {name}{shape}"
    return "\n".join([head, *options, "", "\n\n".join(filter(None, body)), fence])


def constant(name, value, options):
    """Describe a public value that is neither function nor class."""
    written = repr(value).replace("\n", " ")
    shown = written if len(written) <= 100 else written[:97] + "..."
    return f":::{{py:data}} {name}\n:value: {shown}\n" + "\n".join([*options, ":::"])
