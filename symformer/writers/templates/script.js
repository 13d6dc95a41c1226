"use strict";
// Numbers in a table with a key get the ids that follow from their places: S-1-2, then S-1-2.2 where it stands again; on a
// large page a matrix comes as 1 2; 3 4, and empty where it stood before.
(() => {
  const MATH = "http://www.w3.org/1998/Math/MathML", seen = new Map(), rows = new Map();
  const named = (node, key) => {
    const times = (seen.get(key) || 0) + 1;
    seen.set(key, times);
    node.id = times === 1 ? key : `${key}.${times}`;
  };
  const cells = (name, parts) => {
    const node = document.createElementNS(MATH, name);
    node.append(...parts);
    return node;
  };
  for (const step of document.querySelectorAll(".step")) step.tabIndex = 0;
  for (const place of document.querySelectorAll("mtable[data-k], mtable[data-v], mtable[data-l], math mrow[id]")) {
    if (place.id) { named(place, place.id.replace(/\.\d+$/, "")); continue; }
    const { k, v } = place.dataset;
    if (place.closest("[data-brief]")) {
      const row = cells("mrow", []);
      place.replaceWith(row);
      row.append(cells("mo", ["("]), place, cells("mo", [")"]));
    }
    const line = place.querySelector(":scope > mtr:only-child > mtd:only-child > mtext:only-child");
    if (line) place.replaceChildren(...line.textContent.split("; ").map(row => cells("mtr", row.split(" ").map(text => cells("mtd", [cells("mn", [text])])))));
    if (place.dataset.l !== undefined) continue;
    if (place.children.length) rows.set(k ?? v, place.cloneNode(true));
    else place.append(...rows.get(k ?? v).cloneNode(true).children);
    [...place.children].forEach((row, down) => [...row.children].forEach((cell, across) => {
      const holder = document.createElementNS(MATH, "mrow");
      holder.append(...cell.childNodes);
      cell.append(holder);
      named(holder, v === undefined ? `${k}-${down + 1}-${across + 1}` : `${v}-${down + 1}`);
    }));
  }
})();
for (const block of document.querySelectorAll("pre")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    const selection = getSelection();
    selection.selectAllChildren(block);
    try {
      await navigator.clipboard.writeText(block.textContent);
    } catch {
      document.execCommand("copy");
    }
    selection.removeAllRanges();
    button.textContent = "Copied";
  });
  block.before(button);
}
