"""Build the documentation: `python nbs/_site/build.py`; the README alone: `--readme`.

nbdev processes the chapters, `chapters` and `reference` translate them, Sphinx renders them
to `_docs/`. Nothing runs again but imports and exported cells; nothing is fetched.
"""

import os
import re
import shutil
import sys
from itertools import chain
from pathlib import Path

import nbformat
import yaml

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "nbs"
PICTURES = {".png", ".svg", ".jpg", ".gif"}


def sections():
    """Return title and paths of each section in sidebar.yml; refuse a page it forgets."""
    contents = yaml.safe_load((BOOK / "sidebar.yml").read_text())["website"]["sidebar"]["contents"]
    listed = [
        (part["section"], part["contents"]) if isinstance(part, dict) else (None, [part]) for part in contents
    ]
    found = {p.relative_to(BOOK) for p in BOOK.rglob("*.ipynb")}
    found = {p.as_posix() for p in found if not any(part[0] in "._" for part in p.parts)}
    named = set(chain.from_iterable(paths for _, paths in listed))
    if found != named:
        unlisted, absent = sorted(found - named), sorted(named - found)
        raise SystemExit(f"sidebar.yml does not list {unlisted} or lists what is not there: {absent}")
    return listed


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


def write_readme():
    """Write README.md from the index notebook: text, code and results."""
    parts = []
    for cell in nbformat.read(BOOK / "index.ipynb", as_version=4).cells:
        if re.search(r"^#\|\s*(hide|include: false)", cell.source, re.MULTILINE):
            continue
        if cell.cell_type == "markdown":
            text = re.sub(r"\]\((?![a-z]+:|#)", "](nbs/", cell.source)
            parts.append(re.sub(r"^:{3,}.*\n?", "", text, flags=re.MULTILINE))
        elif cell.cell_type == "code":
            if not re.search(r"^#\|\s*echo: false", cell.source, re.MULTILINE):
                parts.append("```python\n" + re.sub(r"(?m)^#\|.*\n?", "", cell.source) + "\n```")
            parts += results(cell)
    (ROOT / "README.md").write_text("\n\n".join(parts) + "\n")


def toctrees(chapters):
    """Return the sections as one hidden captioned toctree each."""
    trees = [
        [f":caption: {title}", "", *(f"/{chapter.page.as_posix()}" for chapter in part)]
        for title, part in chapters
        if title
    ]
    trees.append([":caption: Reference", "", "All names <genindex>"])
    return "\n\n".join("```{toctree}\n:hidden:\n" + "\n".join(t) + "\n```" for t in trees)


def list_for_programs(chapters, settings):
    """Return llms.txt: every page with its lead line."""
    lines = [f"# {settings.title}", "", f"> {settings.description}"]
    for title, part in chapters:
        lines += ["", f"## {title or 'Start'}", ""]
        address = f"{settings.doc_host}{settings.doc_baseurl}"
        lines += [f"- [{c.title}]({address}/{c.page.as_posix()}.html): {c.lead}" for c in part]
    return "\n".join(lines) + "\n"


def build():
    """Build the whole site; any warning of Sphinx ends in an error."""
    from chapters import Chapter, write_page
    from nbdev.config import get_config
    from nbdev.serve import proc_nbs
    from sphinx.cmd.build import main as sphinx

    listed = sections()
    chapters = [(title, [Chapter(Path(path)) for path in paths]) for title, paths in listed]
    processed = proc_nbs(path="nbs", force=True, n_workers=0)
    work, site = ROOT / "build" / "site", ROOT / "_docs"
    pages, html = work / "pages", work / "html"
    for folder in (work, site):
        shutil.rmtree(folder, ignore_errors=True)
    for chapter in chain.from_iterable(part for _, part in chapters):
        ending = toctrees(chapters) if chapter.path.name == "index.ipynb" else ""
        write_page(chapter, processed, pages, ending)
    for picture in (p for p in processed.rglob("*") if p.suffix in PICTURES):
        target = pages / picture.relative_to(processed)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(picture, target)
    if sphinx(["-q", "-W", "--keep-going", "-c", str(BOOK / "_site"), str(pages), str(html)]):
        raise SystemExit("the site has warnings")
    shutil.move(html, site)
    (site / "llms.txt").write_text(list_for_programs(chapters, get_config()))
    print(f"{sum(len(part) for _, part in chapters)} pages in {site.relative_to(ROOT)}/")


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    write_readme() if "--readme" in sys.argv else build()
