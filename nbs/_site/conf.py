"""How Sphinx renders the pages that build.py writes."""

import json
import sys
from html import escape
from pathlib import Path

from docutils.nodes import SkipNode
from nbdev.config import get_config

sys.path.append(str(Path(__file__).parent))
from navigation import Navigation
from sources import line_of

settings = get_config()
project, release, author = settings.title, settings.version, settings.author
copyright = settings.copyright

extensions = ["myst_nb", "sphinx.ext.linkcode"]
nb_execution_mode = "off"
nb_output_stderr = "remove-warn"
myst_enable_extensions = ["amsmath", "attrs_block", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 4
add_module_names = False
maximum_signature_line_length = 72
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"

templates_path = [str(Path(__file__).parent / "templates")]
html_theme = "furo"
html_title = project
html_static_path = [str(Path(__file__).parent / "static")]
html_css_files = ["katex/katex.min.css", "site.css"]
html_js_files = [(name, {"defer": "defer"}) for name in ("katex/katex.min.js", "site.js")]
html_favicon = html_logo = str(Path(__file__).parent / "logo.svg")
html_copy_source = html_show_sourcelink = html_show_sphinx = False
html_theme_options = {
    "top_of_page_buttons": [],
    "source_repository": "",
    "light_css_variables": {"color-brand-primary": "#1b6ca8", "color-brand-content": "#1b6ca8"},
    "dark_css_variables": {"color-brand-primary": "#6db3e8", "color-brand-content": "#6db3e8"},
}
pygments_style, pygments_dark_style = "a11y-high-contrast-light", "a11y-high-contrast-dark"
html_additional_pages = {"search": "search.html"}


def linkcode_resolve(domain, info):
    """Link a name to the line that defines it; no link where nothing does."""
    path, line = line_of(info["module"], info["fullname"])
    return f"{settings.git_url}/blob/{settings.branch}/{path}#L{line}" if line else None


def write_maths(tag, display):
    """Return a writer that leaves the formula to KaTeX in the reader's browser."""

    def write(writer, node):
        formula = escape(node.astext())
        writer.body.append(f'<{tag} class="tex" data-display="{display}">{formula}</{tag}>')
        raise SkipNode

    return write


def leave_search_and_lists(app):
    """Build no search index (search_index.py does), and read what the navigation shows."""
    app.builder.search = False
    order = json.loads((Path(app.srcdir).parent / "navigation.json").read_text())
    app.navigation = Navigation(order["tree"], order["titles"])


def skip_furo_navigation(app, page, template, context, doctree):
    """Keep Furo from writing all tables of contents anew for each page: it took half of the build."""
    context["toctree"] = lambda **_: ""


def add_navigation(app, page, template, context, doctree):
    """Put our list of pages where Furo has its own."""
    context["furo_navigation_tree"] = app.navigation.page(page)


def setup(app):
    """Give Sphinx the writer of maths and the navigation."""
    inline, block = write_maths("span", "false"), write_maths("div", "true")
    app.add_html_math_renderer("katex", (inline, None), (block, None))
    app.connect("builder-inited", leave_search_and_lists)
    app.connect("html-page-context", skip_furo_navigation, priority=100)
    app.connect("html-page-context", add_navigation, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
