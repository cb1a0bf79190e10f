"""The order of the pages: sidebar.yml read once, and the navigation that every page carries."""

from fnmatch import fnmatch
from html import escape
from itertools import chain

import yaml


def read_sidebar(book):
    """Return sidebar.yml as a tree of (title, children) and paths; refuse a page it forgets.

    `auto: folder/*.ipynb` stands for the chapters of a folder, by name, that no other line lists.
    """
    contents = yaml.safe_load((book / "sidebar.yml").read_text())["website"]["sidebar"]["contents"]
    found = sorted(path.relative_to(book).as_posix() for path in book.rglob("*.ipynb"))
    found = [path for path in found if not any(part[0] in "._" for part in path.split("/"))]
    left = [path for path in found if path not in set(leaves(contents))]

    def grown(entry):
        if isinstance(entry, str):
            return [entry]
        if "auto" in entry:
            here = [path for path in left if in_folder(path, entry["auto"])]
            left[:] = [path for path in left if path not in here]
            return here
        return [(entry["section"], list(chain.from_iterable(map(grown, entry["contents"]))))]

    tree = list(chain.from_iterable(map(grown, contents)))
    absent = sorted(set(flat(tree)) - set(found))
    if left or absent:
        raise SystemExit(f"sidebar.yml does not list {left} or lists what is not there: {absent}")
    return tree


def in_folder(path, pattern):
    """Say whether a pattern names a path; a star does not reach into folders."""
    return fnmatch(path, pattern) and path.count("/") == pattern.count("/")


def leaves(contents):
    """Yield the paths that sidebar.yml lists by name."""
    for entry in contents:
        if isinstance(entry, str):
            yield entry
        elif "section" in entry:
            yield from leaves(entry["contents"])


def flat(tree):
    """Return all pages of a tree in reading order."""
    return list(chain.from_iterable(flat(node[1]) if isinstance(node, tuple) else [node] for node in tree))


def parts_of(tree):
    """Return (title, pages) of each part at the top; a page outside of any part has no title."""
    return [(node[0], flat(node[1])) if isinstance(node, tuple) else (None, [node]) for node in tree]


class Navigation:
    """The list of all pages as HTML: written once for each depth, opened where the reader is.

    `tree` holds (title, children) and pages; `titles` maps a page ("gsea/prerank") to what the list shows.
    """

    def __init__(self, tree, titles):
        self.tree, self.titles = tree, {page: title.replace("`", "") for page, title in titles.items()}
        self.groups, self.written, self.count = {}, {}, 0

    def items(self, nodes, root, inside):
        """Write the entries of a list; remember in which groups each page stands."""
        return "".join(self.item(node, root, inside) for node in nodes)

    def item(self, node, root, inside):
        """Write a page as a link, a group as a list that folds."""
        if not isinstance(node, tuple | list):
            self.groups[node] = inside
            title = escape(self.titles[node])
            return f'<li><a class="reference internal" href="{root}{node}.html">{title}</a></li>'
        self.count += 1
        group = self.count
        inner = self.items(node[1], root, (*inside, group))
        opening = f'<li><details data-group="{group}"><summary>{escape(node[0])}</summary>'
        return f"{opening}<ul>{inner}</ul></details></li>"

    def page(self, name):
        """Return the list as it stands beside a page: its groups open, itself marked."""
        depth = name.count("/")
        root = "../" * depth
        if depth not in self.written:
            self.count = 0
            self.written[depth] = f"<ul>{self.items(self.tree, root, ())}</ul>"
        html = self.written[depth]
        for group in self.groups.get(name, (1,)) or (1,):
            html = html.replace(f'data-group="{group}"', f'data-group="{group}" open', 1)
        link = f'<a class="reference internal" href="{root}{name}.html"'
        here = link.replace('"reference', '"current reference', 1) + ' aria-current="page"'
        return html.replace(link, here)
