// Maths by the bundled KaTeX, and a copy button on every block of code.
for (const formula of document.querySelectorAll(".tex")) {
  try {
    const options = { displayMode: formula.dataset.display === "true" };
    formula.innerHTML = katex.renderToString(formula.textContent, options);
  } catch (error) {
    console.error(error.message); // the formula stays as it was written
  }
}
const typed = (block) => { // without prompts, and without what Python answers
  const text = block.querySelector("pre").textContent;
  if (!block.matches(".highlight-pycon")) return text;
  const lines = text.split("\n").filter((line) => /^(>>>|\.\.\.)( |$)/.test(line));
  return lines.map((line) => line.slice(4)).join("\n");
};
for (const block of document.querySelectorAll("div.highlight-python, div.highlight-pycon, div.highlight-sh")) {
  const button = document.createElement("button");
  button.className = "copy";
  button.textContent = "copy";
  button.onclick = async () => {
    await navigator.clipboard.writeText(typed(block));
    button.textContent = "copied";
    setTimeout(() => (button.textContent = "copy"), 1500);
  };
  block.append(button);
}
// The list of pages begins where the reader is.
const sidebar = document.querySelector(".sidebar-scroll"), here = document.querySelector(".sidebar-tree a.current");
if (sidebar && here) {
  const away = here.getBoundingClientRect().top - sidebar.getBoundingClientRect().top - sidebar.clientHeight / 3;
  sidebar.scrollTo({ top: sidebar.scrollTop + away, behavior: "instant" }); // the theme would glide there
}
// On a phone a table of sentences becomes cards, and each entry carries its title.
for (const table of document.querySelectorAll("table.prose")) {
  const titles = [...table.querySelectorAll("thead tr:first-child th")].map((title) => title.textContent);
  for (const row of table.tBodies[0].rows) {
    const skipped = row.querySelectorAll("th").length;
    [...row.querySelectorAll("td")].forEach((entry, number) => (entry.dataset.title = titles[number + skipped] || ""));
  }
}
