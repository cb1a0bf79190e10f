"""Read the built site, then look at every page in Chromium: `python nbs/_site/test_site.py`.

Reading finds links that lead nowhere, pictures without a real alternative text, names without
documentation, and links to the source that end elsewhere. Looking finds console errors, requests to
elsewhere, missing pictures, unrendered maths, pages wider than the screen, text that is too faint in
either theme, a list of pages that does not begin where the reader is, and questions whose page is not
among the first three answers.
"""

import asyncio
import os
import re
import shutil
import sys
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urldefrag

import yaml
from sphinx.util.inventory import InventoryFile

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_docs"
QUESTIONS = yaml.safe_load((ROOT / "nbs/_site/questions.yml").read_text(encoding="utf-8"))
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
TABS = 4  # pages that are open at once
ENTRY = re.compile(r'<dt class="sig sig-object py"(?: id="[\w.]+")?>(.*?)</dt>', re.DOTALL)
NAME = re.compile(r'<span class="sig-name descname">(?:<span class="pre">)?(\w+)')
SOURCE = re.compile(r'<a class="reference external" href="[^"]*/blob/[^/"]+/([^"#]+)#L(\w+)">')
FAULTS = """async () => {
  await document.fonts.ready;
  const all = selector => [...document.querySelectorAll(selector)];
  const name = e => (e.src || e.textContent.trim() || e.outerHTML).slice(0, 80);
  const seen = (what, found) => found.map(e => `${what}: ${name(e)}`);
  const scrolls = e => e && (e.matches("pre, .output, .table-wrapper, .tex, .highlight")
    && getComputedStyle(e).overflowX !== "visible" || scrolls(e.parentElement));
  const wide = e => e.getBoundingClientRect().right > innerWidth + 1 && !scrolls(e);
  const list = document.querySelector(".sidebar-scroll"), here = list?.querySelector("a.current");
  const place = here?.getBoundingClientRect(), room = list?.getBoundingClientRect();
  const lost = here && innerWidth > 1100 && (place.top < room.top || place.bottom > room.bottom + 1);
  return [
    ...seen("missing picture", all("img").filter(e => !(e.complete && e.naturalWidth))),
    ...seen("maths not rendered", all(".tex").filter(e => !e.querySelector(".katex-html"))),
    ...seen("the list of pages is not at", lost ? [here] : []),
    ...seen("wider than the screen",
      all("html, article *:not(svg, svg *, math, math *)").filter(wide).slice(0, 3)),
  ];
}"""
FAINT = """() => {
  const number = text => [...text.match(/[\\d.]+/g).map(Number), 1].slice(0, 4);
  const linear = v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = color => color.slice(0, 3).map(v => linear(v / 255))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e, theme) => { for (; e; e = e.parentElement) {
    const color = number(getComputedStyle(e).backgroundColor); if (color[3] > 0.5) return color; }
    return theme === "dark" ? [0, 0, 0, 1] : [255, 255, 255, 1]; };
  const named = e => e ? `${e.tagName} ${e.className}` : "";
  const kinds = new Map();  // one element stands for all of its tag and class in the same surroundings
  const texts = "pre span, pre, p, li, td, th, a, code, figcaption, summary";
  for (const e of document.querySelectorAll(`article :is(${texts}), .sidebar-tree a, summary`)) {
    const key = [e, e.parentElement, e.parentElement?.parentElement].map(named).join(" < ");
    if (kinds.has(key) || e.closest(".katex, .sd, button") || !e.offsetParent) continue;
    if ([...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) kinds.set(key, e);
  }
  const faint = theme => {
    document.body.dataset.theme = theme;
    return [...kinds].flatMap(([key, e]) => {
      const style = getComputedStyle(e);
      const [a, b] = [light(number(style.color)), light(behind(e, theme))].sort((x, y) => y - x);
      const contrast = (a + 0.05) / (b + 0.05), least = parseFloat(style.fontSize) >= 24 ? 3 : 4.5;
      return contrast < least ? [`too faint, ${theme}: ${key} ${style.color}: ${contrast.toFixed(1)}:1`] : [];
    });
  };
  return ["light", "dark"].flatMap(faint);
}"""


def find_chromium():
    """Return the path of an installed Chromium, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), None)


@cache
def text_of(path):
    """Return a file of the site."""
    return path.read_text(encoding="utf-8")


@cache
def anchors(path):
    """Return the places of a page that a link may name."""
    return set(re.findall(r'\bid="([^"]+)"', text_of(path)))


def pages():
    """Return the pages of the site."""
    return sorted(SITE.rglob("*.html"))


@cache
def dead(target, anchor):
    """Say whether a link leads nowhere."""
    if not target.exists():
        return True
    return bool(anchor) and target.suffix == ".html" and anchor not in anchors(target) and anchor != "L"


def dead_links():
    """Return links between pages that lead nowhere."""
    faults = []
    for path in pages():
        for link in set(re.findall(r'<a [^>]*href="([^"]+)"', text_of(path))):
            place, anchor = urldefrag(link)
            if not re.match(r"[a-z]+:|//", link) and link != "#":
                target = (path.parent / unquote(place)).resolve() if place else path
                faults += [f"{path.relative_to(SITE)}: dead link {link}"] * dead(target, unquote(anchor))
    return faults


def without_words():
    """Return pictures whose alternative text is missing or says nothing."""
    faults = []
    for path in pages():
        for image in re.findall(r"<img [^>]*>", text_of(path)):
            said = re.search(r'alt="([^"]*)"', image)
            if not said or len(said[1]) < 4 or said[1].startswith("A figure of:"):
                faults.append(f"{path.relative_to(SITE)}: picture without words: {said and said[1]}")
    return faults


def unlisted_names():
    """Return public names of the package that the reference does not list."""
    from transomics.documentation import public_names

    with (SITE / "objects.inv").open("rb") as stream:
        listed = InventoryFile.load(stream, "", os.path.join)
    known = {name for kind, names in listed.items() if kind.startswith("py:") for name in names}
    return [f"not documented: {n}" for n, v in public_names().items() if n not in known and not is_module(v)]


def is_module(value):
    """Say whether a public name is a module, whose names have a page of their own."""
    return isinstance(value, type(os))


@cache
def source_lines(path):
    """Return the lines of a file of this checkout."""
    return (ROOT / path).read_text(encoding="utf-8").splitlines() if (ROOT / path).is_file() else []


def source_line(path, number):
    """Return one line of a file, empty where there is none."""
    lines = source_lines(path)
    return lines[int(number) - 1] if number.isdigit() and 0 < int(number) <= len(lines) else ""


def wrong_sources():
    """Return names whose [source] leads to no line, or not to the one that defines them."""
    faults, right = [], 0
    for path in pages():
        for entry in ENTRY.findall(text_of(path)):
            own, place = NAME.search(entry)[1], SOURCE.search(entry)
            line = source_line(*place.groups()) if place else ""
            good = re.match(rf"\s*(?:(?:async )?def|class) {own}\b|(?:.*,\s*)?{own}\s*[:=,]", line)
            right += bool(good)
            found = f"{place and place[0]} is {line.strip()!r}"
            faults += [] if good else [f"{path.name}: source of {own}: {found}"]
    print(f"{right} links to the source end where their name is defined")
    return faults + ["no source links"] * (not right)


async def look_at(page, path):
    """Look at a page on a desk and on a phone, light and dark; return what is wrong."""
    await page.set_viewport_size(DESKTOP)
    await page.goto(path.as_uri(), wait_until="load")
    found = [f"desktop: {fault}" for fault in await page.evaluate(FAULTS)]
    found += await page.evaluate(FAINT)
    await page.set_viewport_size(PHONE)
    found += [f"phone: {fault}" for fault in await page.evaluate(FAULTS)]
    return [f"{path.relative_to(SITE)}: {fault}" for fault in found]


async def look_at_all(browser, faults):
    """Look at every page, some at a time."""
    left = pages()

    async def tab():
        page = await browser.new_page()
        page.on("console", lambda m: m.type == "error" and faults.append(f"console: {m.text} at {page.url}"))
        page.on("pageerror", lambda error: faults.append(f"script: {error} at {page.url}"))
        page.on("request", lambda r: r.url.startswith("http") and faults.append(f"asks elsewhere: {r.url}"))
        while left:
            faults.extend(await look_at(page, left.pop()))
        await page.close()

    await asyncio.gather(*(tab() for _ in range(TABS)))


async def ask(browser, faults):
    """Type every question into the search; its page has to be among the first three."""
    page = await browser.new_page(viewport=DESKTOP)
    await page.goto((SITE / "index.html").as_uri())
    await page.fill(".sidebar-search", "prerank")
    await page.press(".sidebar-search", "Enter")
    await page.wait_for_selector("#search-results li a")
    for question, wanted in QUESTIONS.items():
        await page.fill("#search-box", question)
        first = "all => all.slice(0, 3).map(e => e.getAttribute('href'))"
        links = await page.eval_on_selector_all("#search-results li > a:first-child", first)
        if not any(link.startswith(f"{one}.html") for link in links for one in wanted):
            faults.append(f"search {question!r}: {wanted} not among {links}")
    await page.fill("#search-box", "prerank")
    await page.click("#search-results li a >> nth=0")
    assert "prerank" in page.url, "the search led elsewhere"


async def walk(browser, size):
    """Go from home to a tutorial by the list of pages, then switch to dark."""
    page = await browser.new_page(viewport=size)
    await page.goto((SITE / "index.html").as_uri())
    if size is PHONE:
        await page.click("header label[for=__navigation]")
        await page.wait_for_timeout(400)
    await page.click(".sidebar-tree summary:has-text('Tutorials')")
    await page.click(".sidebar-tree details[open] a[href^='tutorials/'] >> nth=0")
    await page.wait_for_url("**/tutorials/*")
    background = "getComputedStyle(document.body).backgroundColor"
    before = await page.evaluate(background)
    for _ in range(3):
        await page.click(".theme-toggle:visible >> nth=0")
        if await page.get_attribute("body", "data-theme") == "dark":
            break
    assert await page.evaluate(background) != before, "dark mode changes nothing"


async def look():
    """Look at everything in one browser; return what is wrong."""
    from playwright.async_api import async_playwright

    faults = []
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        await look_at_all(browser, faults)
        await ask(browser, faults)
        for size in (DESKTOP, PHONE):
            await walk(browser, size)
        await browser.close()
    return faults


def main():
    """Read the site, look at it where there is a browser, and report."""
    faults = dead_links() + without_words() + unlisted_names() + wrong_sources()
    seen = "browser test skipped: no chromium"
    if find_chromium():
        faults += asyncio.run(look())
        seen = f"{len(pages())} pages on two screens in two themes, {len(QUESTIONS)} questions answered"
    print("\n".join(faults) or f"site test passed: {seen}")
    return bool(faults)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
