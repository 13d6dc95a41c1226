"use strict";
// Point at a symbol and all its places light up; a card says what it is where the margin is out of sight. An index lights in its chain.
const lighting = (() => {
  const NAME = /^s\d+$/, SCRIPTS = new Set(["msub", "msubsup", "munder", "munderover"]);
  const card = document.body.appendChild(document.createElement("div"));
  card.className = "tip";
  card.hidden = true;
  let shown = null;

  const nameOf = node => [...(node?.classList || [])].find(one => NAME.test(one));
  const symbolAt = node => { for (let at = node; at && at.nodeName !== "math"; at = at.parentElement) if (nameOf(at)) return at; return null; };

  // Whether a letter is an index: in the row of a subscript (a bare subscript is part of a name), behind a semicolon where one stands, or under a sum.
  function isIndex(letter) {
    if (letter.nodeName !== "mi" || symbolAt(letter)) return false;
    let child = letter;
    for (let at = letter.parentElement; at && at.nodeName !== "math"; child = at, at = at.parentElement) {
      if (!SCRIPTS.has(at.nodeName) || at.children[1] !== child) continue;
      if (at.nodeName.startsWith("munder")) return true;
      if (child.nodeName !== "mrow") return false;
      const parts = [...child.children], cut = parts.findIndex(part => part.textContent === ";");
      return parts.findIndex(part => part.contains(letter)) > cut;
    }
    return false;
  }

  // A letter of its own, as in δ or in a reason, is the same index.
  function sameIndex(letter, text) {
    return letter.textContent === text && !symbolAt(letter) && (isIndex(letter) || !SCRIPTS.has(letter.parentElement.nodeName) || letter.parentElement.children[0] === letter);
  }

  function rowOf(node, name) {
    if (name) return document.querySelector(`[data-def="${name.slice(1)}"]`) || document.querySelector(`.margin li:has(.${name})`);
    const starts = row => [...(row.querySelector("math")?.querySelectorAll("mi") || [])].some(letter => letter.textContent === node.textContent && !symbolAt(letter) && letter.closest("math").firstElementChild === letter.parentElement.closest("math")?.firstElementChild);
    return [...document.querySelectorAll(".margin li")].find(starts);
  }

  function light(node) {
    clear();
    const name = nameOf(node), scope = name ? document : node.closest(".chain-of, .def, .step, li, p") || node.closest("math");
    const places = name ? [...scope.querySelectorAll(`math .${name}`)] : [...scope.querySelectorAll("math mi")].filter(letter => sameIndex(letter, node.textContent));
    places.forEach(place => place.classList.add("on"));
    shown = node;
    tell(node, rowOf(node, name), places.filter(place => place.getClientRects().length).length);
  }

  function tell(node, row, count) {
    row?.classList.add("lit");
    const at = node.getBoundingClientRect(), place = row?.getBoundingClientRect();
    if (!row || row.contains(node) || (place.height && place.top > 40 && place.bottom < innerHeight)) return;
    const copy = row.cloneNode(true), words = document.createElement("span");
    copy.classList.remove("lit");
    words.className = "count";
    words.textContent = `${count} place${count === 1 ? "" : "s"} on this page`;
    card.replaceChildren(copy, words);
    card.hidden = false;
    card.style.left = `${Math.max(8, Math.min(at.left, innerWidth - card.offsetWidth - 12))}px`;
    card.style.top = `${at.bottom + card.offsetHeight + 14 < innerHeight ? at.bottom + 10 : at.top - card.offsetHeight - 10}px`;
  }

  function clear() {
    card.hidden = true;
    document.querySelectorAll(".on, .lit").forEach(place => { if (place.closest("math, .margin, .defs")) place.classList.remove("on", "lit"); });
    shown = null;
  }

  const found = target => symbolAt(target?.closest?.("math *")) || (target?.closest && isIndex(target) ? target : null);
  const point = target => { const node = found(target); if (node && node !== shown) light(node); else if (!node && shown) clear(); };
  document.addEventListener("pointerover", event => { if (event.pointerType !== "touch") point(event.target); });
  document.addEventListener("click", event => point(event.target));
  return { clear, found };
})();
// A large page names its symbols once, here, and its script marks them wherever they stand.
(async () => {
  const list = document.querySelector("[data-names]");
  if (!list) return;
  const sign = node => (node.children.length ? `${node.nodeName}(${[...node.children].map(sign).join(",")})` : node.textContent);
  const known = new Map(), holder = document.createElement("template");
  for (const text of await unpacked(list.dataset.names)) {
    const [name, formula] = text.split("\u0001");
    holder.innerHTML = formula;
    const parts = [...holder.content.firstElementChild.children].map(sign);
    known.set(parts.length > 1 ? `mrow(${parts.join(",")})` : parts[0], name.split(" "));
  }
  const first = sub => { const cut = [...sub.children].findIndex(part => part.textContent === ";"); return sub.nodeName !== "mrow" || cut < 0 ? sign(sub) : cut === 1 ? sign(sub.children[0]) : `mrow(${[...sub.children].slice(0, cut).map(sign).join(",")})`; };
  for (const node of document.querySelectorAll("main math :is(mi, mover, mrow, msub, msup, msubsup)")) {
    if (node.nodeName.startsWith("ms")) {
      const [base, sub, power] = node.children, own = sub && first(sub);
      const found = known.get(sign(node)) || (power && known.get(`msubsup(${sign(base)},${own},${sign(power)})`)) || (node.nodeName !== "msup" && known.get(`msub(${sign(base)},${own})`));
      if (found) base.classList.add(...found);
      continue;
    }
    const at = node.parentNode, part = at.nodeName.startsWith("ms") && at.children[0] !== node || at.nodeName === "mrow" && at.parentNode.nodeName.startsWith("ms") && at.parentNode.children[1] === at && node.nodeName === "mi";
    const found = !part && known.get(sign(node));
    if (found) node.classList.add(...found);
  }
})();
