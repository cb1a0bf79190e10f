// Maths by the bundled KaTeX, and a copy button on every block of code.
for (const formula of document.querySelectorAll(".tex")) {
  katex.render(formula.textContent, formula, {
    displayMode: formula.dataset.display === "true",
    throwOnError: false,
  });
}
for (const block of document.querySelectorAll("div.highlight-python, div.highlight-ipython3, div.highlight-ipython")) {
  const button = document.createElement("button");
  button.className = "copy";
  button.textContent = "copy";
  button.onclick = async () => {
    await navigator.clipboard.writeText(block.querySelector("pre").textContent);
    button.textContent = "copied";
    setTimeout(() => (button.textContent = "copy"), 1500);
  };
  block.append(button);
}
