"use strict";
// Keys, the level that stays, the fold of the margin, the pages that were read.
(() => {
  const find = query => document.querySelector(query), all = query => [...document.querySelectorAll(query)], home = find("a.brand");
  document.documentElement.classList.add("js");

  // -- levels, the fold of the margin, pages that were read -----------------------------------------------------------
  const levels = all("input[name=level]"), list = find(".margin details"), narrow = matchMedia("(max-width: 68rem)");
  const wanted = home && levels.find(input => input.id === kept.get("level"));
  if (wanted && !location.hash) wanted.checked = true;
  levels.forEach(input => input.addEventListener("change", () => { kept.set("level", input.id); lighting.clear(); }));
  const fold = () => { if (list) list.open = !narrow.matches; };
  narrow.addEventListener("change", fold);
  fold();
  if (home) {
    const slug = location.pathname.split("/").at(-1).replace(/\.html$/, ""), seen = (kept.get("seen") || "").split(" ").filter(Boolean);
    if (!seen.includes(slug)) kept.set("seen", [...seen, slug].join(" "));
  }
  // A line of one level that an address names is shown at that level.
  const shown = () => { const target = location.hash.startsWith("#matrix-line") && find("#level-matrix"); if (target) { target.checked = true; find(location.hash)?.scrollIntoView(); } };
  addEventListener("hashchange", shown);
  shown();

  function step(by) {
    const shown = all(".line > details.mark").filter(mark => mark.getClientRects().length), at = shown.findIndex(mark => mark.open);
    const next = shown[Math.min(Math.max(at + by, 0), shown.length - 1)];
    if (!next) return;
    shown.forEach(mark => { mark.open = mark === next; });
    next.firstElementChild.focus({ preventScroll: true });
    next.scrollIntoView({ block: "center" });
  }

  // -- the page as a notebook, which it holds packed -------------------------------------------------------------------
  const taken = find("[data-notebook]");
  if (taken) {
    taken.hidden = false;
    taken.addEventListener("click", async () => {
      const link = document.createElement("a"), [content] = await unpacked(taken.dataset.notebook);
      link.href = URL.createObjectURL(new Blob([content], { type: "application/x-ipynb+json" }));
      link.download = taken.dataset.name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
  }

  // -- keys -----------------------------------------------------------------------------------------------------------
  const follow = query => find(query)?.click();
  const KEYS = {
    j: () => step(1), k: () => step(-1), n: () => follow("a[rel=next]"), p: () => follow("a[rel=prev]"), "/": () => follow("a.find"),
    1: () => levels[0]?.click(), 2: () => levels[1]?.click(), 3: () => levels[2]?.click(),
    Escape: () => { all(".line > details.mark").forEach(mark => { mark.open = false; }); lighting.clear(); },
  };
  addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input:not([type=radio]), select, textarea")) return;
    const act = KEYS[event.key];
    if (act) { act(); if (event.key !== "Escape") event.preventDefault(); }
  });
})();
