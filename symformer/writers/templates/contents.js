"use strict";
// The contents: search over titles, symbols and statements, all of it in this page; pages that were read are ticked.
(async () => {
  const box = document.querySelector("[data-search]"), field = box.querySelector("input"), list = box.querySelector("ol"), status = box.querySelector("[role=status]");
  const MOST = 12, seen = (kept.get("seen") || "").split(" ");
  for (const link of document.querySelectorAll(".cards a")) link.parentNode.classList.toggle("seen", seen.includes(link.getAttribute("href").replace(/\.html$/, "")));
  const bytes = Uint8Array.from(atob(box.dataset.search), character => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const fold = words => words.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  const pages = (await new Response(stream).text()).split("\0").map(text => {
    const [slug, title, line, symbols, ...statements] = text.split("\u0001");
    return { slug, title, line, symbols: symbols.split(" "), statements, words: fold(text), heading: fold(title) };
  });

  // A word of the title counts more than a symbol by its name, and that more than a word anywhere; each must be found, a letter as a symbol.
  function score(page, words) {
    let sum = 0;
    for (const { raw, folded } of words) {
      if (raw.length === 1 && !page.symbols.includes(raw)) return 0;
      if (page.heading.startsWith(folded) || page.heading.includes(` ${folded}`)) sum += 9;
      else if (page.heading.includes(folded)) sum += 6;
      else if (page.symbols.includes(raw)) sum += 4;
      else if (page.words.includes(folded)) sum += 1;
      else return 0;
    }
    return sum;
  }

  function show() {
    const words = field.value.split(/\s+/).filter(Boolean).map(raw => ({ raw, folded: fold(raw) }));
    const hits = words.length ? pages.map(page => ({ page, found: score(page, words) })).filter(hit => hit.found).sort((one, two) => two.found - one.found) : [];
    list.replaceChildren(...hits.slice(0, MOST).map(({ page }) => {
      const item = document.createElement("li"), link = item.appendChild(document.createElement("a")), small = item.appendChild(document.createElement("small"));
      link.href = `${page.slug}.html`;
      link.textContent = page.title;
      small.textContent = page.statements.find(one => words.every(({ folded }) => fold(one).includes(folded))) || page.line;
      return item;
    }));
    status.textContent = words.length ? `${hits.length} page${hits.length === 1 ? "" : "s"} found` : "";
    if (words.length && !hits.length) list.append(Object.assign(document.createElement("li"), { textContent: "Nothing found. Try a symbol, such as P, or a word of a title." }));
  }

  const links = () => [...list.querySelectorAll("a")];
  box.hidden = false;
  field.addEventListener("input", show);
  field.addEventListener("keydown", event => { if (event.key === "Enter") links()[0]?.click(); });
  box.addEventListener("keydown", event => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    const order = [field, ...links()], at = order.indexOf(document.activeElement);
    order[Math.max(0, Math.min(order.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))].focus();
    event.preventDefault();
  });
  addEventListener("keydown", event => { if (event.key === "/" && event.target !== field) { field.focus(); event.preventDefault(); } });
  const asked = () => { if (location.hash === "#search") field.focus(); };
  addEventListener("hashchange", asked);
  asked();
})();
