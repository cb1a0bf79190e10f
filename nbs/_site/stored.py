"""Read back the tables that chapters keep under their cells, for pages that quote them."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd


def as_numbers(column):
    """Turn a column of text into numbers where all of it is numbers, or missing."""
    try:
        return pd.to_numeric(column.where(column != "NaN"))
    except ValueError:
        return column


def table_of(html):
    """Read a table that pandas wrote as HTML; levels of labels are joined by a space, numbers are numbers."""
    table = ElementTree.fromstring(html[html.index("<table") : html.index("</table>") + len("</table>")])
    head, body = ([list(row) for row in part] for part in table)
    labels = [[]]
    for row in body:  # a label that spans rows is written once
        own = [entry.text or "" for entry in row if entry.tag == "th"]
        labels.append(labels[-1][: max(0, len(labels[-1]) - len(own))] + own)
    values = [[entry.text or "" for entry in row if entry.tag == "td"] for row in body]
    names = [[entry.text or "" for entry in row for _ in range(int(entry.get("colspan", 1)))] for row in head]
    columns = [" ".join(filter(None, parts)) for parts in zip(*(row[len(labels[1]) :] for row in names))]
    return pd.DataFrame(values, [" ".join(parts) for parts in labels[1:]], columns).apply(as_numbers)


def stored_table(chapter, cell):
    """Read the table that a chapter (a path) shows under the one code cell that contains the text `cell`.

    Raises ValueError when no cell contains it, when several do, or when that cell shows no table.
    """
    cells = json.loads(Path(chapter).read_text(encoding="utf-8"))["cells"]
    found = [c["outputs"] for c in cells if c["cell_type"] == "code" and cell in "".join(c["source"])]
    shown = [
        "".join(o["data"]["text/html"]) for part in found for o in part if "text/html" in o.get("data", {})
    ]
    if len(found) != 1 or not shown:
        raise ValueError(
            f"`cell`: {len(found)} cells of {chapter} contain {cell!r}, and they show {len(shown)} tables; "
            "name a part of one cell that shows one."
        )
    return table_of(shown[0])
