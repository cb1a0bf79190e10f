"""How Sphinx renders the pages that build.py writes."""

import sys
from html import escape
from pathlib import Path

from docutils.nodes import SkipNode
from nbdev.config import get_config

sys.path.append(str(Path(__file__).parent))
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
pygments_style, pygments_dark_style = "friendly", "github-dark"


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


def setup(app):
    """Give Sphinx the writer of maths."""
    inline, block = write_maths("span", "false"), write_maths("div", "true")
    app.add_html_math_renderer("katex", (inline, None), (block, None))
