"""Turn numpy-style docstrings into MyST markdown: definition lists for fields, code for examples."""

import inspect
import re
from pathlib import Path

import yaml

FIELDS = {"Parameters", "Other Parameters", "Attributes", "Returns", "Yields", "Raises", "Warns"}
PROSE = {"Notes", "References", "See Also", "Examples"}
HEADING = re.compile(rf"^({'|'.join(sorted(FIELDS | PROSE))})\n-{{3,}}[ \t]*$", re.MULTILINE)
CITATION = re.compile(r"^\.\. \[(\w+)\] ", re.MULTILINE)


ELSEWHERE = yaml.safe_load((Path(__file__).parent / "elsewhere.yml").read_text(encoding="utf-8"))
FOREIGN = re.compile(rf"(?<![\w.`\[/])(?:[a-z_]+\.)*({'|'.join(ELSEWHERE)})\b(?![\w\]`(])")


def foreign(text):
    """Link the types of other packages to where they are documented."""
    return FOREIGN.sub(lambda found: f"[{found[0]}]({ELSEWHERE[found[1]]})", text)


def sections(docstring):
    """Split a docstring into what comes before the first section, and a dict of section -> text."""
    opening, *rest = HEADING.split(inspect.cleandoc(docstring or ""))
    return opening.strip(), {name: text.strip("\n") for name, text in zip(rest[::2], rest[1::2])}


def fields(text):
    """Return (name, type, description) of each field of a section; a line that is not indented opens one."""
    found = [re.match(r"(.+)\n?((?:[ \t]+.*\n?|\n)*)", part) for part in re.split(r"\n(?=\S)", text.strip())]
    parts = [(*one[1].partition(" : "), inspect.cleandoc(one[2])) for one in found if one]
    return [(name.strip(), kind.strip(), about) for name, _, kind, about in parts]


def defined(text, link, named):
    """Write fields as a definition list; `named` is False where a single line is a type, as in Returns."""
    items = []
    for name, kind, about in fields(text):
        if kind or named:
            term = ", ".join(f"`{one.strip()}`" for one in name.split(","))
            term += f" *{foreign(link(kind.replace('*', chr(92) + '*')))}*" if kind else ""
        else:
            term = foreign(link(name))
        about = link(about) or "&#8203;"  # a term needs a definition, if only an empty one
        items.append(f"{term}\n: " + about.replace("\n", "\n  ").replace("\n  \n", "\n\n"))
    return "{.fields}\n" + "\n\n".join(items)


def examples(text):
    """Fence what a reader would type and see; leave the sentences between."""
    parts = re.split(r"\n[ \t]*\n", text.strip())
    fenced = [f"```pycon\n{part}\n```" if part.startswith(">>>") else part for part in parts]
    return re.sub(r"\n```\n\n```pycon\n", "\n\n", "\n\n".join(fenced))


def numpy_markdown(docstring, link=lambda text: text):
    """Return a docstring as markdown; `link` turns names in backticks into links where there is a page."""
    opening, parts = sections(docstring)
    out = [link(opening)]
    for name, text in parts.items():
        if name == "Examples":
            body = examples(text)
        elif name in FIELDS:
            body = defined(text, link, name not in ("Returns", "Yields", "Raises", "Warns"))
        else:
            body = link(CITATION.sub(r"- ", text) if name == "References" else text)
        out.append(f"```{{rubric}} {name}\n```\n\n{body}")
    return "\n\n".join(filter(None, out))
