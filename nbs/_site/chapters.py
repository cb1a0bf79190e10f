"""Turn chapters processed by nbdev into pages that Sphinx reads."""

import inspect
import re
from dataclasses import dataclass
from importlib import import_module
from itertools import chain, groupby
from pathlib import Path

from execnb.nbio import mk_cell, nb2str, read_nb
from nbdev.config import get_config
from reference import constant, entry

from transomics._modidx import d as index
from transomics.documentation import public_names

settings = get_config()
ADDRESS = settings.doc_host + settings.doc_baseurl
NAMES = {  # address of a name on the published site -> its full name
    f"{ADDRESS}/{place}": name for module in index["syms"].values() for name, (place, _) in module.items()
}
OFFERED = {  # where a public name is defined -> the name that users import, which the API reference shows
    f"{thing.__module__}.{thing.__name__}": name
    for name, thing in public_names().items()
    if inspect.isclass(thing) or inspect.isroutine(thing)
}
CALLOUT = re.compile(
    r"^(:{3,})\s*\{\.callout-(\w+)(?:[^}]*title=\"(.*?)\")?[^}]*\}[ \t]*\n(?:#+ (.+)\n)?",
    re.MULTILINE,
)
API_LINK = re.compile(rf"\[`([^`]+)`\]\(({re.escape(ADDRESS)}/[^)]+)\)")
NUMBERED = re.compile(r"(\]\((?![a-z]+:)(?:[^)\s]*/)?)\d+[a-z]?_([^)/\s]+\.ipynb)")
OPTION = re.compile(r"^#\|\s*([\w-]+):?[ \t]*(.*)\n?", re.MULTILINE)
RESULTS_FIRST = {"benchmarks", "index", "book/what_we_found"}  # code opens on a click
SETS_UP = re.compile(r"(?:#.*\n|\s)*(?:import|from|def|class|@|sys\.path|[A-Z_]{3,} = )")
TAGS = {
    ("echo", "false"): "remove-input",
    ("include", "false"): "remove-cell",
    ("output", "false"): "remove-output",
    ("code-fold", "true"): "hide-input",
}


@dataclass
class Chapter:
    """A notebook, known by its path under nbs/."""

    path: Path

    def __post_init__(self):
        self.source = read_nb(settings.nbs_path / self.path)
        self.title, self.lead = title_and_lead(self.source, self.path)
        self.page = self.path.with_name(re.sub(r"^\d+[a-z]?_", "", self.path.stem))
        code = "\n".join(c.source for c in self.source.cells if c.cell_type == "code")
        found = re.search(r"^#\|\s*default_exp\s+(\S+)", code, re.MULTILINE)
        self.module = found and f"{settings.lib_name}.{found[1]}".removesuffix(".__init__")

    def head(self):
        """Return title, lead and where the chapter's code lives."""
        module = f"<code>{self.module}</code> · " if self.module else ""
        notebook = f"{settings.git_url}/blob/{settings.branch}/nbs/{self.path.as_posix()}"
        origin = f'<p class="origin">{module}<a href="{notebook}">notebook</a></p>'
        return f"# {self.title}\n\n{{.lead}}\n{self.lead}\n\n{origin}"


def title_and_lead(notebook, path):
    """Return H1 and lead line of the first cell; nbdev drops whatever else it holds."""
    found = re.fullmatch(r"# ([^\n]+)\n+> ([^\n]+)", notebook.cells[0].source.strip())
    if not found:
        raise SystemExit(f"{path}: the first cell is an H1, an empty line, and one '> ' line alone")
    return found.groups()


def offered(full):
    """Return the name under which users know a name, methods included."""
    owner, _, inner = full.rpartition(".")
    return OFFERED.get(full) or (f"{OFFERED[owner]}.{inner}" if owner in OFFERED else full)


def markdown(text):
    """Translate callouts and links to MyST."""

    def callout(found):
        fence, kind, *titles = found.groups()
        title = titles[0] or titles[1]
        name = f"{{admonition}} {title}\n:class: {kind}" if title else f"{{{kind}}}"
        return f"{fence}{name}\n"

    def name_link(found):
        label, address = found.groups()
        return f"{{py:obj}}`{label} <{offered(NAMES[address])}>`" if address in NAMES else f"`{label}`"

    text = NUMBERED.sub(r"\1\2", CALLOUT.sub(callout, text))
    return API_LINK.sub(name_link, text)


def look_up(name, module):
    """Return an object that a chapter shows, and the module that defines it."""
    homes = [home for home, names in index["syms"].items() if f"{home}.{name}" in names]
    owner, *inner = name.split(".")
    for home in filter(None, [module, *homes]):
        if hasattr(import_module(home), owner):
            thing = kind = getattr(import_module(home), owner)
            for part in inner:
                thing = getattr(thing, part)
            return thing, kind.__module__
    raise SystemExit(f"show_doc({name}): {module or 'no module'} has no such name")


def methods_of(thing, name, home, shown):
    """Return the documented public methods that a class defines in its notebook."""
    members = vars(thing) if isinstance(thing, type) else {}
    return [
        (f"{name}.{key}", value if isinstance(value, property) else getattr(thing, key))
        for key, value in members.items()
        if key[0] != "_"
        and value.__doc__
        and f"{home}.{name}.{key}" in index["syms"].get(home, ())
        and f"{name}.{key}" not in shown
    ]


def show(name, chapter, shown):
    """Write the entry of a name; the index lists it once: in the API reference, or in its own chapter."""
    thing, home = look_up(name, chapter.module)
    elsewhere = home != chapter.module or f"{home}.{name.partition('.')[0]}" in OFFERED
    options = [f":module: {home}"] + [":no-index:"] * elsewhere
    return markdown(entry(thing, name, options, methods_of(thing, name, home, shown)))


def left_over(chapter, shown):
    """List the public names that no entry shows: values, and what the module offers of another."""
    module = chapter.module and import_module(chapter.module)
    if not module or hasattr(module, "__path__"):  # a section only repeats its chapters' names
        return []
    options = [f":module: {chapter.module}"]
    left = {name: getattr(module, name) for name in module.__all__ if name not in shown}
    left = {name: thing for name, thing in left.items() if f"{chapter.module}.{name}" not in public_names()}
    made = {name: thing for name, thing in left.items() if inspect.isroutine(thing) or inspect.isclass(thing)}
    borrowed = [markdown(entry(thing, name, options)) for name, thing in made.items()]
    values = [constant(name, value, options) for name, value in left.items() if name not in made]
    parts = [("## Also here", borrowed), ("## Constants", values)]
    return [mk_cell("\n\n".join([title, *entries]), "markdown") for title, entries in parts if entries]


def prompt(cell):
    """Say what a folded cell holds, for the line that opens it."""
    return (
        "How it was made" if cell.outputs else "Imports and helpers" if SETS_UP.match(cell.source) else "Code"
    )


def translated(cell, chapter):
    """Return a cell for myst-nb, which looks for cell options in another place than Quarto."""
    if cell.cell_type == "markdown":
        return mk_cell(markdown(cell.source), "markdown")
    options = {key: value.strip("\"'") for key, value in OPTION.findall(cell.source)}
    cell.source = OPTION.sub("", cell.source)
    if RESULTS_FIRST & {chapter.page.parts[0], chapter.page.as_posix()}:
        options.setdefault("code-fold", "true")
    caption = options.get("fig-cap")
    notes = {"image": {"alt": options.get("fig-alt") or caption or f"A figure of: {chapter.title}"}}
    if options.get("code-fold") == "true":
        notes |= {"code_prompt_show": prompt(cell), "code_prompt_hide": prompt(cell)}
    if caption:
        notes["figure"] = {"caption": caption}
    if "helpers" in cell:
        line = f"Helpers: {cell.pop('helpers')}"
        notes |= {"code_prompt_show": line, "code_prompt_hide": line}
    tags = [tag for (key, value), tag in TAGS.items() if options.get(key) == value]
    cell.metadata = {"tags": tags, "mystnb": notes}
    return cell


def shown_name(cell):
    """Return the name that a cell shows with show_doc, or None."""
    found = re.match(r"(?:#\|.*\n)*show_doc\(([\w.]+)", cell.source)
    return found and found[1]


def in_source_order(names, chapter):
    """Sort names as their module defines them; nbdev turns the names of a cell around."""

    def line(name):
        thing, home = look_up(name, chapter.module)
        return home, 0 if isinstance(thing, property) else inspect.getsourcelines(thing)[1]

    return sorted(names, key=line)


def helpers(chapter, kept):
    """Return the exported cells that no entry shows, folded, by the id of the cell that they follow."""
    found, after = {}, None
    for cell in chapter.source.cells:
        after = cell.id if cell.id in kept else after
        names = re.findall(r"^(?:def|class) (\w+)|^(\w+) = ", cell.source, re.MULTILINE)
        if cell.cell_type == "code" and re.match(r"#\|\s*exporti", cell.source) and names:
            folded = mk_cell("#| code-fold: true\n" + cell.source, "code")
            folded.helpers = ", ".join(filter(None, chain.from_iterable(names)))
            found.setdefault(after, []).append(folded)
    return found


def write_if_new(path, text):
    """Write a file unless it says so already; what is not touched need not be rendered again."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def write_page(chapter, processed, folder, ending=""):
    """Write one processed notebook as a page below the folder."""
    notebook = read_nb(processed / chapter.path)
    body = notebook.cells[2:]  # without front matter and nbdev's warning
    behind = helpers(chapter, {cell.id for cell in body})
    body = [*behind.get(None, []), *chain.from_iterable([cell, *behind.get(cell.id, [])] for cell in body)]
    every = {shown_name(cell) for cell in body}
    cells = [mk_cell(chapter.head(), "markdown")]
    for shows, run in groupby(body, key=lambda cell: shown_name(cell) is not None):
        if shows:
            names = in_source_order(map(shown_name, run), chapter)
            cells += [mk_cell(show(name, chapter, every), "markdown") for name in names]
        else:
            cells += [translated(cell, chapter) for cell in run if cell.source]
    cells += left_over(chapter, every) + [mk_cell(ending, "markdown")]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"  # the same at every build
    notebook.cells = cells
    notebook.metadata = {"language_info": {"name": "python"}}
    target = folder / f"{chapter.page}.ipynb"
    write_if_new(target, nb2str(notebook))
