"""The API reference: one page a task, each public name once, from signatures and docstrings."""

import inspect
import re
from importlib import import_module

from chapters import markdown, write_if_new
from docstrings import sections
from reference import constant, entry

from transomics.documentation import public_names

PAGES = {  # page -> title, lead, modules whose public names it shows
    "gsea": (
        "Gene set enrichment",
        "Every public name of `transomics.gsea`: exact, single-sample, differentiable enrichment",
        ["gsea"],
    ),
    "adapt": (
        "Domain adaptation",
        "Every public name of `transomics.adapt`: labels from another cohort, in spite of the batch effect",
        ["adapt"],
    ),
    "perturb": (
        "Perturbation response prediction",
        "Every public name of `transomics.perturb`: responses of a context that was never treated",
        ["perturb"],
    ),
    "molecules": (
        "Molecule to transcriptome",
        "Every public name of `transomics.molecules`: drug response from chemical structure",
        ["molecules"],
    ),
    "annotate": (
        "Label transfer",
        "Every public name of `transomics.annotate`: cell types for ATAC cells from labelled RNA cells",
        ["annotate"],
    ),
    "data": (
        "Data: samples, readers, simulation",
        "What loads, reads, checks, scales and simulates tables",
        ["datasets", "readers", "data", "scaling", "simulate"],
    ),
    "app": ("Command line and reports", "What the command `transomics` is made of", ["app"]),
    "foundations": (
        "Foundations",
        "What all tasks share: estimators, registries, averages, networks, training, metrics, plots, files",
        [],
    ),
}
HOMES = {module: page for page, (_, _, modules) in PAGES.items() for module in modules}


def pages():
    """Return page -> module -> public names; what stands in no other page is a foundation."""
    found = {page: {module: {} for module in modules} for page, (_, _, modules) in PAGES.items()}
    for full, thing in public_names().items():
        module, _, name = full.removeprefix("transomics.").rpartition(".")
        found[HOMES.get(module, "foundations")].setdefault(module, {})[name] = thing
    return found


def purpose(thing):
    """Return the first sentence of a docstring, or what kind of value it is."""
    if not inspect.isclass(thing) and not inspect.isroutine(thing):
        return "A module." if inspect.ismodule(thing) else f"A value: {type(thing).__name__}."
    return re.split(r"\n\s*\n", sections(thing.__doc__)[0])[0].replace("\n", " ").replace("|", r"\|")


def ours(value):
    """Say whether a function was written in the package; scikit-learn puts some of its own into classes."""
    return inspect.isfunction(value) and value.__module__.startswith("transomics")


def methods(thing, name):
    """Return the documented public methods of a class, those it inherits within the package included."""
    found = {}
    for owner in reversed(inspect.getmro(thing)) if inspect.isclass(thing) else []:
        if owner.__module__.startswith("transomics"):
            found |= {key: value for key, value in vars(owner).items() if key[0] != "_" and value.__doc__}
    kinds = (property, staticmethod, classmethod)
    return [
        (f"{name}.{key}", value if isinstance(value, property) else getattr(thing, key))
        for key, value in found.items()
        if isinstance(value, kinds)
        or (inspect.isfunction(value) and value.__module__.startswith("transomics"))
    ]


def described(name, thing, module, chapters):
    """Write one entry, and where to read on."""
    options = [f":module: {module}"]
    if inspect.ismodule(thing):
        chapter = chapters[thing.__name__]
        return f"`{name}` is the module of the chapter [{chapter.title}](/{chapter.page})."
    if not (inspect.isclass(thing) or inspect.isroutine(thing)):
        return markdown(constant(name, thing, options))
    text = markdown(entry(thing, name, options, methods(thing, name)))
    chapter = chapters.get(thing.__module__)
    if not chapter:
        return text
    body, fence = text.rsplit("\n", 1)
    return f"{body}\n\n{{.chapter}}\nChapter: [{chapter.title}](/{chapter.page.as_posix()})\n{fence}"


def summary(names, module):
    """List the names of a module with a line each."""
    role = {
        name: f"`{name}`" if inspect.ismodule(thing) else f"{{py:obj}}`{name} <{module}.{name}>`"
        for name, thing in names.items()
    }
    rows = [f"| {role[name]} | {purpose(thing)} |" for name, thing in names.items()]
    return "\n".join(["{.parameters}", "| name | purpose |", "|---|---|", *rows])


def write_reference(chapters, folder):
    """Write the pages of the reference below a folder; return {page: title}."""
    homes = {chapter.module: chapter for chapter in chapters if chapter.module}
    titles = {}
    for page, modules in pages().items():
        title, lead, _ = PAGES[page]
        parts = [f"# {title}", f"{{.lead}}\n{lead}"]
        for module, names in modules.items():
            full = f"transomics.{module}".rstrip(".")
            import_module(full)
            parts += [f"## `{full}`"] * (len(modules) > 1)
            parts.append(summary(names, full))
            parts += [described(name, thing, full, homes) for name, thing in names.items()]
        write_if_new(folder / "reference" / f"{page}.md", "\n\n".join(parts) + "\n")
        titles[f"reference/{page}"] = title
    return titles
