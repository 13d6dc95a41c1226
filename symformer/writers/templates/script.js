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
  for (const text of document.querySelectorAll("mtext:is([data-k], [data-v], [data-l])")) {
    const rows = text.textContent ? text.textContent.split("; ") : [];
    const table = cells("mtable", rows.map(row => cells("mtr", row.split(" ").map(number => cells("mtd", [cells("mn", [number])])))));
    Object.assign(table.dataset, text.dataset);
    text.replaceWith(table);
  }
  for (const place of document.querySelectorAll("mtable[data-k], mtable[data-v], mtable[data-l], math mrow[id]")) {
    if (place.id) { named(place, place.id.replace(/\.\d+$/, "")); continue; }
    const { k, v } = place.dataset;
    if (place.closest("[data-brief]")) {
      const row = cells("mrow", []);
      place.replaceWith(row);
      row.append(cells("mo", ["("]), place, cells("mo", [")"]));
    }
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

// What was deflated, in base 64, and parted by zeros.
async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), character => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return (await new Response(stream).text()).split("\0");
}

// Puts text on the clipboard, the old way where a browser does not allow the new one.
async function copyText(text, beside) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = beside.appendChild(document.createElement("textarea"));
    area.value = text;
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

function told(button) {
  const words = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = words; }, 1500);
}

function copyable(block) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => { await copyText(block.textContent, block.parentNode); told(button); });
  block.before(button);
}

document.querySelectorAll("pre").forEach(copyable);
for (const later of document.querySelectorAll("[data-later]")) {
  later.addEventListener("toggle", async () => {
    for (const text of await unpacked(later.dataset.later)) {
      const block = later.appendChild(document.createElement("pre"));
      block.tabIndex = 0;
      block.appendChild(document.createElement("code")).textContent = text;
      copyable(block);
    }
  }, { once: true });
}
