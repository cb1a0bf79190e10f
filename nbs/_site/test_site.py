"""Click through the built site in Chromium: `python nbs/_site/test_site.py`.

Fails on console errors, missing pictures, unrendered maths, pages wider than the screen, and on
a public name that the search does not find.
"""

import os
import shutil
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from sphinx.util.inventory import InventoryFile

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_docs"
SCREENS = {"desktop": (1280, 900), "phone": (390, 844)}
FAULTS = """async () => {
  await document.fonts.ready;
  const all = selector => [...document.querySelectorAll(selector)];
  const name = e => (e.src || e.textContent.trim() || e.outerHTML).slice(0, 80);
  const seen = (what, found) => found.map(e => `${what}: ${name(e)}`);
  const scrolls = e => e && (e.matches("pre, .output, .table-wrapper, .tex, .highlight")
    && getComputedStyle(e).overflowX !== "visible" || scrolls(e.parentElement));
  const wide = e => e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e);
  return [
    ...seen("missing picture", all("img").filter(e => !(e.complete && e.naturalWidth))),
    ...seen("maths not rendered", all(".tex").filter(e => !e.querySelector(".katex-html"))),
    ...seen("wider than the screen",
      all("html, article *:not(svg, svg *, math, math *)").filter(wide).slice(0, 3)),
  ];
}"""


class QuietHandler(SimpleHTTPRequestHandler):
    """Serve files without a log."""

    def log_message(self, *_):
        """Say nothing."""


def serve(folder):
    """Serve a folder on a free port of this machine; return its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def find_chromium():
    """Return the path of an installed Chromium, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), None)


def unlisted_names():
    """Return public names of the package that no page documents."""
    from importlib import import_module

    from transomics._modidx import d as index

    with (SITE / "objects.inv").open("rb") as stream:
        listed = InventoryFile.load(stream, "", os.path.join)
    known = {name for kind, names in listed.items() if kind.startswith("py:") for name in names}
    modules = [import_module(name) for name in index["syms"]]
    public = {f"{m.__name__}.{name}" for m in modules for name in getattr(m, "__all__", ())}
    return sorted(public - known)


def look_at_pages(page, address):
    """Open every page; return what is wrong with it."""
    faults = []
    for path in sorted(p.relative_to(SITE).as_posix() for p in SITE.rglob("*.html")):
        page.goto(f"{address}/{path}")
        page.wait_for_load_state("load")
        faults += [f"{path}: {fault}" for fault in page.evaluate(FAULTS)]
    return faults


def click_through(page, address, on_phone):
    """Go from home to a chapter, search a name, open what was found, switch to dark."""
    page.goto(f"{address}/index.html")
    if on_phone:
        page.click("header label[for=__navigation]")
        page.wait_for_timeout(400)
    page.click(".sidebar-tree a.internal >> nth=0")
    assert "index.html" not in page.url, "the first chapter did not open"
    page.fill(".sidebar-search", "enrichment_score", force=True)
    page.eval_on_selector(".sidebar-search-container", "form => form.submit()")
    page.click("#search-results li a >> nth=0")
    assert "enrichment_score" in page.content(), "the search led elsewhere"
    background = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(background)
    for _ in range(3):
        page.click(".theme-toggle:visible >> nth=0")
        if page.get_attribute("body", "data-theme") == "dark":
            break
    assert page.evaluate(background) != before, "dark mode changes nothing"


def main():
    """Look at everything on two screens and report."""
    from playwright.sync_api import sync_playwright

    address = serve(SITE)
    faults = [f"not documented: {name}" for name in unlisted_names()]
    report = faults.append
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for screen, (width, height) in SCREENS.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            page.on("console", lambda m: m.type == "error" and report(f"console: {m.text}"))
            page.on("pageerror", lambda error: report(f"script: {error}"))
            faults += [f"{screen} {fault}" for fault in look_at_pages(page, address)]
            click_through(page, address, screen == "phone")
        browser.close()
    pages = len(list(SITE.rglob("*.html")))
    print("\n".join(faults) or f"browser test passed: {pages} pages on two screens")
    return bool(faults)


if __name__ == "__main__":
    if not find_chromium():
        print("browser test skipped: no chromium")
        sys.exit(0)
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
