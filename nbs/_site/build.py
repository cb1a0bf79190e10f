"""Build the documentation: `python nbs/_site/build.py`; what changed: `--again`; the README: `--readme`.

nbdev processes the chapters, `chapters` and `reference` translate them, Sphinx renders them
to `_docs/`. Nothing runs again but imports and exported cells; nothing is fetched.
"""

import gc
import json
import os
import posixpath
import re
import shutil
import sys
from pathlib import Path

import nbformat
from navigation import flat, parts_of, read_sidebar

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "nbs"
FRONT = ("index.ipynb", "start/first_look.ipynb", "start/install.ipynb")  # what the README holds
PICTURES = {".png", ".svg", ".jpg", ".gif"}


def results(cell):
    """Return what a cell printed or showed, as Markdown; pictures stay in the book."""
    from stored import table_of

    parts = []
    for output in cell.outputs:
        data = output.get("data", {})
        text = output.get("text") or data.get("text/plain", "")
        if "<table" in data.get("text/html", ""):
            table = table_of(data["text/html"])
            rows = [
                ["", *table.columns],
                ["---"] * (table.shape[1] + 1),
                *table.reset_index().astype(str).values,
            ]
            parts.append("\n".join("| " + " | ".join(row) + " |" for row in rows))
        elif "image/png" not in data and text.strip():
            parts.append(f"```\n{text.rstrip()}\n```")
    return parts


def written(chapter, first):
    """Return a notebook as Markdown: text, code and results; a later one as a section of the first."""
    parts, folder = [], Path(chapter).parent
    for cell in nbformat.read(BOOK / chapter, as_version=4).cells:
        if re.search(r"^#\|\s*(hide|include: false)", cell.source, re.MULTILINE):
            continue
        if cell.cell_type == "markdown":
            cell.source = cell.source.partition("## Limits")[0].rstrip()
            text = re.sub(
                r"\]\((?![a-z]+:|#)([^)]+)\)",
                lambda m: f"](nbs/{posixpath.normpath(folder / m[1])})",
                cell.source,
            )
            text = text if first else re.sub(r"(?m)^#(?=#* )", "##", text)
            parts.append(re.sub(r"^:{3,}.*\n?", "", text, flags=re.MULTILINE))
        elif cell.cell_type == "code":
            if not re.search(r"^#\|\s*(echo: false|code-fold: true)", cell.source, re.MULTILINE):
                parts.append("```python\n" + re.sub(r"(?m)^#\|.*\n?", "", cell.source) + "\n```")
            parts += results(cell)
    return parts


def write_readme():
    """Write README.md from the home page, and from what a stranger reads first."""
    parts = [part for chapter in FRONT for part in written(chapter, chapter == FRONT[0]) if part]
    (ROOT / "README.md").write_text("\n\n".join(parts) + "\n")


def page_of(path):
    """Return the page of a chapter: its path without number and ending."""
    folder, _, name = path.rpartition("/")
    return "/".join(filter(None, [folder, re.sub(r"^\d+[a-z]?_", "", name.removesuffix(".ipynb"))]))


def as_pages(tree):
    """Return the tree of chapters as a tree of pages."""
    return [(node[0], as_pages(node[1])) if isinstance(node, tuple) else page_of(node) for node in tree]


def toctrees(parts):
    """Return the parts as one hidden captioned toctree each."""
    trees = [[f":caption: {title}", "", *(f"/{page}" for page in pages)] for title, pages in parts if title]
    return "\n\n".join("```{toctree}\n:hidden:\n" + "\n".join(t) + "\n```" for t in trees)


def list_for_programs(parts, leads, titles, settings):
    """Return llms.txt: every page with its lead line."""
    lines = [f"# {settings.title}", "", f"> {settings.description}"]
    address = f"{settings.doc_host}{settings.doc_baseurl}"
    for title, pages in parts:
        lines += ["", f"## {title or 'Home'}", ""]
        lines += [f"- [{titles[page]}]({address}/{page}.html)" + f": {leads.get(page, '')}" for page in pages]
    return "\n".join(lines) + "\n"


def write_pages(tree, processed, folder):
    """Write what Sphinx reads; return the tree with the reference, titles and leads of all pages."""
    from api import write_reference
    from chapters import Chapter, write_page

    every = [Chapter(Path(path)) for path in flat(tree)]
    reference = write_reference(every, folder)
    kept = {folder / f"{chapter.page}.ipynb" for chapter in every}
    for page in set(folder.rglob("*.ipynb")) - kept:  # of chapters that have gone
        page.unlink()
    tree = as_pages(tree)
    place = [node[0] if isinstance(node, tuple) else None for node in tree].index("The book")
    tree.insert(place, ("API reference", list(reference)))
    tree[-1][1].append("genindex")
    for chapter in every:
        write_page(
            chapter, processed, folder, toctrees(shown(tree)) if chapter.path.name == "index.ipynb" else ""
        )
    for picture in (p for p in processed.rglob("*") if p.suffix in PICTURES):
        target = folder / picture.relative_to(processed)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(picture, target)
    titles = {c.page.as_posix(): c.title for c in every} | reference | {"genindex": "All names"}
    return tree, titles | {"index": "Home"}, {c.page.as_posix(): c.lead for c in every}


def shown(tree):
    """Return the parts with the pages that Sphinx reads; it writes the list of all names itself."""
    return [(title, [page for page in pages if page != "genindex"]) for title, pages in parts_of(tree)]


def build(again=False):
    """Build the whole site; return 1 where Sphinx warns. `again` renders only what has changed."""
    from nbdev.config import get_config
    from nbdev.serve import proc_nbs
    from search_index import write_index
    from sphinx.cmd.build import main as sphinx

    tree = read_sidebar(BOOK)
    processed = proc_nbs(path="nbs", force=not again, n_workers=0)
    work, site = ROOT / "build" / "site", ROOT / "_docs"
    pages, html = work / "pages", work / "html"
    for folder in (site,) if again else (work, site):
        shutil.rmtree(folder, ignore_errors=True)
    tree, titles, leads = write_pages(tree, processed, pages)
    (work / "navigation.json").write_text(json.dumps({"tree": tree, "titles": titles}))
    order = ["-q", "-W", "--keep-going", "-j", "auto", "-c", str(BOOK / "_site"), str(pages), str(html)]
    warned = sphinx(order)
    shutil.copytree(html, site, ignore=shutil.ignore_patterns(".doctrees", ".buildinfo"))
    write_index(site, shown(tree), titles)
    (site / "llms.txt").write_text(list_for_programs(shown(tree), leads, titles, get_config()))
    print(f"{len(flat(tree))} pages in {site.relative_to(ROOT)}/" + ", with warnings" * bool(warned))
    return warned


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    if "--readme" in sys.argv:
        write_readme()
    else:
        gc.set_threshold(200_000, 50, 100)  # trees of many nodes, few of them ever garbage
        status = build("--again" in sys.argv)
        sys.stdout.flush()
        os._exit(status)  # taking the trees apart would take as long as a hundred pages
