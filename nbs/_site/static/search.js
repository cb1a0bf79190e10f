// The search page: every word is looked up in titles, keywords, headings, leads and text; nothing is fetched.
const common = new Set(("a an and are as at be by can do does each for from has have how i if in is it its me my no not of " +
  "on one or other our so than that the their them then there these they this to us was we were what when which who why " +
  "will with you your here where must should").split(" "));
const endings = ["ations", "ation", "ings", "ing", "ies", "es", "s", "ed", "e", "y"];
const stem = (word) => {
  const found = endings.find((ending) => word.endsWith(ending) && word.length - ending.length >= 4);
  return found ? word.slice(0, word.length - found.length) : word;
};
const stems = (text) => {
  const found = text.toLowerCase().replaceAll("_", " ").match(/[a-z0-9]+(?:-[a-z]+)?/g) || [];
  return found.flatMap((word) => (word.includes("-") ? [word.replace("-", ""), ...word.split("-")] : [word]))
    .filter((word) => !common.has(word)).map(stem);
};
const parts = { Start: 1.25, Tutorials: 1.2, "User guide": 1.3, "API reference": 1.1, Evidence: 0.9, Contributing: 0.9 };
const within = (term, list) => (list.includes(term) ? 1 : list.some((word) => term.length > 2 && word.startsWith(term)) ? 0.6 : 0);

function search(query) {
  const { pages, names, words } = window.siteIndex;
  const terms = [...new Set(stems(query))];
  if (!terms.length) return [];
  const body = terms.map((term) => {
    const counts = new Map();
    for (const word of term in words ? [term] : term.length > 3 ? Object.keys(words).filter((w) => w.startsWith(term)) : [])
      for (let i = 0; i < words[word].length; i += 2) counts.set(words[word][i], (counts.get(words[word][i]) || 0) + words[word][i + 1]);
    return counts;
  });
  const rare = body.map((counts) => Math.log(1 + pages.length / (counts.size + 1)));
  const score = (fields, number) => {
    let sum = 0, met = 0;
    terms.forEach((term, k) => {
      const count = number === null ? 0 : body[k].get(number) || 0;
      const own = fields.reduce((most, [list, weight]) => most + weight * within(term, list), 0) + (3 * count) / (count + 2);
      sum += own * rare[k];
      met += own > 0;
    });
    return sum * (met / terms.length) ** 3;
  };
  const found = pages.map((page, number) => {
    const fields = [[stems(page.title), 8], [page.keys.split(" "), 9], [page.heads.flatMap((head) => stems(head[1])), 3], [stems(page.lead), 4]];
    const heads = page.heads.filter(([, text]) => stems(text).some((word) => terms.includes(word))).slice(0, 3);
    return { ...page, heads, score: score(fields, number) * (parts[page.part] || 1) };
  });
  const asked = query.trim().replace(/^transomics\./, "").replace(/\(.*$/, "").toLowerCase();
  for (const [url, name, about] of names) {
    const short = name.split(".").slice(2).join(".") || name;
    const exact = [name, short, short.split(".").pop()].some((one) => one.toLowerCase() === asked);
    const fields = [[stems(short.replace(/([a-z])([A-Z])/g, "$1 $2").replaceAll(".", " ")).concat(stem(short.toLowerCase())), 5], [stems(about), 2]];
    found.push({ url, title: short, part: name.split(".").slice(0, 2).join("."), lead: about, heads: [], code: true,
      score: exact ? 1000 - short.length : score(fields, null) });
  }
  return found.filter((one) => one.score > 0.5).sort((a, b) => b.score - a.score).slice(0, 30);
}

const element = (tag, text, attributes = {}) => Object.assign(document.createElement(tag), { textContent: text, ...attributes });
function show(query) {
  const place = document.getElementById("search-results");
  const found = search(query);
  const said = query.trim() ? `${found.length} ${found.length === 1 ? "page or name" : "pages and names"} for “${query.trim()}”` : "Type a word, a question or a name.";
  const list = element("ol", "", { className: "search" });
  for (const { url, title, part, lead, heads, code } of found) {
    const item = element("li", "");
    const link = element("a", "", { href: url });
    link.append(element(code ? "code" : "span", title));
    item.append(link, element("span", part || "", { className: "part" }), element("p", lead));
    for (const [anchor, text] of heads) item.append(element("a", text, { href: `${url.split("#")[0]}#${anchor}`, className: "section" }));
    list.append(item);
  }
  place.replaceChildren(element("p", said, { className: "said" }), list);
}
const box = document.getElementById("search-box");
box.value = new URLSearchParams(location.search).get("q") || "";
box.addEventListener("input", () => show(box.value));
show(box.value);
