"""The index behind the search box, read from the built pages: titles, headings, names, words and keywords."""

import json
import re
from collections import Counter
from html import unescape

import yaml

ARTICLE = re.compile(r"<article[^>]*>(.*)</article>", re.DOTALL)
HEADING = re.compile(
    r'<section id="([^"]+)">\s*(?:<span id="[^"]*"></span>)*<h([1-4])>(.*?)</h\2>', re.DOTALL
)
NAME = re.compile(r'<dt class="sig[^"]*" id="([\w.]+)">.*?</dt>\s*<dd>(?:<p[^>]*>(.*?)</p>)?', re.DOTALL)
ASIDE = re.compile(
    r"<pre.*?</pre>|<table class=\"dataframe.*?</table>|<dt class=\"sig.*?</dt>|<script.*?</script>",
    re.DOTALL,
)
WORD = re.compile(r"[a-z0-9]+(?:-[a-z]+)?")
COMMON = set(
    "a an and are as at be by can do does each for from has have how i if in is it its me my no not "
    "of on one or other our so than that the their them then there these they this to us was we were what "
    "when which who why will with you your here where must should".split()
)


def plain(html):
    """Return the text of a piece of HTML."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).replace("¶", "").replace("#", " ").split())


def stem(word):
    """Cut the endings that do not matter; search.js does the same."""
    for ending in ("ations", "ation", "ings", "ing", "ies", "es", "s", "ed", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def words(text):
    """Return the stems of a text, without the common ones; a word with a hyphen counts whole and in parts."""
    found = WORD.findall(text.lower().replace("_", " "))
    split = [
        part
        for word in found
        for part in ([word.replace("-", ""), *word.split("-")] if "-" in word else [word])
    ]
    return [stem(word) for word in split if word not in COMMON]


def read_page(path, name, title, part, keywords):
    """Return one entry of the index, the names that the page defines, and its words."""
    found = ARTICLE.search(path.read_text(encoding="utf-8"))
    article = found[1] if found else ""
    heads = [[place, plain(text)] for place, level, text in HEADING.findall(article) if level in "23"]
    lead = re.search(r'<p class="lead">(.*?)</p>', article, re.DOTALL)
    entry = {
        "url": f"{name}.html",
        "title": title,
        "part": part,
        "lead": plain(lead[1]) if lead else "",
        "keys": " ".join(words(keywords)),
        "heads": heads,
    }
    names = [[f"{name}.html#{key}", key, plain(about)[:140]] for key, about in NAME.findall(article)]
    return entry, names, Counter(words(plain(ASIDE.sub(" ", article))))


def write_index(site, parts, titles):
    """Write search-index.js for the pages of `parts`, a list of (title of the part, pages)."""
    from pathlib import Path

    keywords = yaml.safe_load((Path(__file__).parent / "keywords.yml").read_text(encoding="utf-8"))
    unknown = set(keywords) - set(titles)
    if unknown:
        raise SystemExit(f"keywords.yml names pages that are not there: {sorted(unknown)}")
    pages, names, body = [], [], {}
    for part, inside in parts:
        for page in inside:
            entry, own, counts = read_page(
                site / f"{page}.html", page, titles[page], part, keywords.get(page, "")
            )
            for word, count in counts.items():
                body.setdefault(word, []).extend((len(pages), min(count, 9)))
            pages.append(entry)
            names += own if page.startswith("reference/") else []
    index = {"pages": pages, "names": names, "words": dict(sorted(body.items()))}
    text = json.dumps(index, separators=(",", ":"), ensure_ascii=False)
    (site / "_static" / "search-index.js").write_text(f"window.siteIndex={text};\n", encoding="utf-8")
