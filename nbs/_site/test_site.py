"""Read the built site, then click through it in Chromium: `python nbs/_site/test_site.py`.

Fails on console errors, missing pictures, unrendered maths, pages wider than the screen, a public name that
the search does not find, and a link to the source that does not end on the line that defines the name.
"""

import os
import re
import shutil
import sys
import threading
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from sphinx.util.inventory import InventoryFile

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_docs"
SCREENS = {"desktop": (1280, 900), "phone": (390, 844)}
ENTRY = re.compile(r'<dt class="sig[^"]*" id="([\w.]+)">(.*?)</dt>', re.DOTALL)
SOURCE = re.compile(r'<a class="reference external" href="[^"]*/blob/[^/"]+/([^"#]+)#L(\w+)">')
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


def wrong_sources():
    """Return names whose [source] leads to no line, or not to the one that defines them; count the others."""
    faults, right = [], 0
    for path in sorted(SITE.rglob("*.html")):
        for name, rest in ENTRY.findall(path.read_text(encoding="utf-8")):
            place = SOURCE.search(rest)
            line = source_line(*place.groups()) if place else ""
            own = re.escape(name.rpartition(".")[2])
            good = re.match(rf"\s*(?:(?:async )?def|class) {own}\b|(?:.*,\s*)?{own}\s*[:=,]", line)
            right += bool(good)
            faults += [] if good else [f"source of {name}: {place and place[0]} is {line.strip()!r}"]
    return faults, right


@cache
def source_lines(path):
    """Return the lines of a file of this checkout."""
    return (ROOT / path).read_text(encoding="utf-8").splitlines() if (ROOT / path).is_file() else []


def source_line(path, number):
    """Return one line of a file, empty where there is none."""
    lines = source_lines(path)
    return lines[int(number) - 1] if number.isdigit() and 0 < int(number) <= len(lines) else ""


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


def read_site():
    """Return what is wrong without looking at it: names that no page documents, links that lead astray."""
    wrong, right = wrong_sources()
    print(f"{right} links to the source end where their name is defined")
    return (
        [f"not documented: {name}" for name in unlisted_names()] + wrong + ["no source links"] * (not right)
    )


def look(faults):
    """Look at everything on two screens; add what is wrong."""
    from playwright.sync_api import sync_playwright

    address, report = serve(SITE), faults.append
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for screen, (width, height) in SCREENS.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            page.on("console", lambda m: m.type == "error" and report(f"console: {m.text}"))
            page.on("pageerror", lambda error: report(f"script: {error}"))
            faults += [f"{screen} {fault}" for fault in look_at_pages(page, address)]
            click_through(page, address, screen == "phone")
        browser.close()


def main():
    """Read the site, look at it where there is a browser, and report."""
    faults = read_site()
    if find_chromium():
        look(faults)
    pages = len(list(SITE.rglob("*.html")))
    seen = f"{pages} pages on two screens" if find_chromium() else "browser test skipped: no chromium"
    print("\n".join(faults) or f"site test passed: {seen}")
    return bool(faults)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
