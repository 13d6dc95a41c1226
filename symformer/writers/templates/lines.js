"use strict";
// A line that is selected shows its evidence, what of it moved, and ways to copy it.
(() => {
  const find = (query, from = document) => from.querySelector(query), all = (query, from = document) => [...from.querySelectorAll(query)];

  // -- what two lines do not have in common ---------------------------------------------------------------------------
  const signs = new WeakMap(), ROWS = new Set(["math", "mrow", "msqrt", "mtd"]);
  const sign = node => {
    if (!signs.has(node)) signs.set(node, node.children.length ? `${node.nodeName}(${[...node.children].map(sign).join(",")})` : `${node.nodeName}:${node.textContent}`);
    return signs.get(node);
  };

  function compare(one, two, left, right) {
    if (sign(one) === sign(two)) return;
    const [first, second] = [[...one.children], [...two.children]];
    const rows = ROWS.has(one.nodeName) && ROWS.has(two.nodeName), alike = one.nodeName === two.nodeName && first.length === second.length;
    if (!first.length || !second.length || (!rows && !alike)) { left.push(one); right.push(two); return; }
    if (!rows) { first.forEach((kid, place) => compare(kid, second[place], left, right)); return; }
    while (first.length && second.length && sign(first[0]) === sign(second[0])) { first.shift(); second.shift(); }
    while (first.length && second.length && sign(first.at(-1)) === sign(second.at(-1))) { first.pop(); second.pop(); }
    if (first.length === 1 && second.length === 1) { compare(first[0], second[0], left, right); return; }
    left.push(...first);
    right.push(...second);
  }

  function moved(line) {
    all(".moved, .came").forEach(node => node.classList.remove("moved", "came"));
    if (!line) return;
    let before = line.previousElementSibling;
    while (before?.classList.contains("known")) before = before.previousElementSibling;
    if (!before) return;
    const [from, to] = [before, line].map(one => find(".formula math", one)), left = [], right = [];
    compare(from, to, left, right);
    const whole = nodes => nodes.some(node => node.nodeName === "math" || node.parentNode.children.length === 1 && node.parentNode.nodeName === "math");
    if (whole(left) && whole(right)) return;
    left.forEach(node => node.classList.add("came"));
    right.forEach(node => node.classList.add("moved"));
  }

  // -- copying a line -------------------------------------------------------------------------------------------------
  const packed = find("[data-lines]");
  let texts = null;
  const names = all("ol.chain:not(.matrix) > li, ol.chain.matrix > li").map(item => item.id);
  async function said(item) {
    texts ??= (await unpacked(packed.dataset.lines)).map(line => line.split("\u0001"));
    const order = [...names.filter(name => name.startsWith("line")), ...names.filter(name => name.startsWith("matrix"))];
    const [latex, typst, unicode] = texts[order.indexOf(item.id)];
    return { LaTeX: latex, Markdown: `$\`${latex}\`$`, Typst: `$ ${typst} $`, Unicode: unicode, Link: `${location.href.split("#")[0]}#${item.id}` };
  }

  function offer(line) {
    const rule = find(".rule", line);
    if (!rule || find(".how", rule) || !packed) return;
    const how = rule.appendChild(document.createElement("div"));
    how.className = "how";
    how.append("Copy as");
    for (const name of ["LaTeX", "Markdown", "Typst", "Unicode", "Link"]) {
      const button = how.appendChild(document.createElement("button"));
      button.type = "button";
      button.textContent = name;
      button.addEventListener("click", async () => { await copyText((await said(line))[name], how); told(button); });
    }
  }

  // -- selecting ------------------------------------------------------------------------------------------------------
  const marks = all(".line > details.mark");
  for (const mark of marks) {
    const line = mark.parentNode;
    mark.addEventListener("toggle", () => {
      if (mark.open) { marks.forEach(other => { if (other !== mark) other.open = false; }); offer(line); moved(line); }
      else if (!marks.some(other => other.open)) moved(null);
    });
    line.addEventListener("click", event => {
      if (event.target.closest("a, button, summary, .rule") || String(getSelection())) return;
      if (matchMedia("(hover: none)").matches && lighting.found(event.target)) return;
      mark.open = !mark.open;
    });
  }
})();
