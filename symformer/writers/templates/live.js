"use strict";
// A live page: every number that the page shows has an id; a change of an input puts new text where the value changes.
(() => {
  const MATH = "http://www.w3.org/1998/Math/MathML";
  const HASH = "#at=", { read, check, placeName } = reading, { compute } = computing;
  const { decimal, drop, place, restore, want, write } = writing;
  const bar = document.querySelector(".live"), status = bar.querySelector("[role=status]");
  const part = name => bar.querySelector(`[data-live=${name}]`);
  const inputs = page.inputs.map(input => ({ ...input, texts: [...input.values], good: input.values, cells: [], wrong: [] }));
  const numbers = new Map(), shown = new Map(), steps = [], figures = drawn.figures();
  let good = null, edited = false, timer = 0;

  // The page's own numbers, from which every edit starts: computed while nothing else is to be done.
  function start() {
    if (good) return;
    good = compute(inputs);
    for (const number of numbers.values()) number.value = at(good.values, number);
  }

  // -- showing ------------------------------------------------------------------------------------------------------

  // The value of one entry; null where the page's script has none.
  function at(values, { name, place }) {
    const array = values[name];
    return array ? array.data[place.reduce((offset, number, axis) => offset * array.shape[axis] + number, 0)] : null;
  }

  function collect() {
    for (const node of document.querySelectorAll(".number-level math mrow[id]")) {
      const key = node.id.replace(/\.\d+$/, "");
      if (!numbers.has(key)) numbers.set(key, entry(key));
      numbers.get(key).places.push(place(node));
    }
  }

  // What a key names: an entry of an array, every place where it stands, and the steps that are related by it.
  function entry(key) {
    const [name, ...place] = key.split("-");
    const number = { name, place: place.map(one => one - 1), places: [], value: null, text: null, steps: new Set() };
    if (!shown.has(name)) shown.set(name, []);
    shown.get(name).push(number);
    return number;
  }

  // Puts new text where a value is another than before; every other number stays as it is printed.
  function show({ values, fresh }, from) {
    const touched = new Set();
    if (!edited) for (const number of numbers.values()) if (number.value === null) doubt(number, touched);
    for (const name of fresh) {
      for (const number of shown.get(name) || []) {
        const value = at(values, number);
        if (Object.is(value, number.value)) continue;
        const text = decimal(value);
        if (text !== number.text) for (const own of number.places) want(own, text);
        number.value = value;
        number.text = text;
        for (const step of number.steps) touched.add(step);
      }
    }
    write(from);
    for (const step of touched) relate(step);
    for (const figure of figures) figure.show(entry => at(values, entry));
    document.body.classList.add("edited");
    edited = true;
  }

  // A number that the page's script does not compute may follow from the edit: its print is not kept.
  function doubt(number, touched) {
    for (const own of number.places) want(own, "?");
    for (const step of number.steps) touched.add(step);
  }

  // Whether what stands there is the value itself: an integer, a decimal that ends, a fraction or a root.
  function exact({ value, text, places }) {
    if (value === null || value === -Infinity || places.some(own => own.cell)) return value !== null;
    if (text !== null) return Number(text) === value;
    const { node } = places[0], printed = node.textContent.replace(/−/g, "-").replace(/[()]/g, "");
    return Boolean(node.querySelector("mfrac, msqrt")) || Math.abs(Number(printed)) === Math.abs(value);
  }

  // The last relation of every step, with the numbers behind it.
  function related() {
    for (const sign of document.querySelectorAll(".step > .more:last-child > b")) {
      const keys = [...sign.parentNode.querySelectorAll("mrow[id]")].map(node => node.id.replace(/\.\d+$/, ""));
      const step = { sign, own: sign.textContent, numbers: keys.map(key => numbers.get(key)) };
      for (const number of step.numbers) number.steps.add(step);
      steps.push(step);
    }
  }

  function relate(step) {
    const text = step.numbers.every(exact) ? "=" : "≈";
    if (step.sign.textContent !== text) step.sign.textContent = text;
  }

  function say(words, bad) {
    status.textContent = words;
    status.classList.toggle("bad", bad);
  }

  // Once typing has paused: the number of changes, which stands in a box of its own size, and the address.
  function settle() {
    count([...numbers.values()].filter(number => number.text !== null).length);
    remember();
  }

  const count = many => { part("count").textContent = many ? `${many} number${many === 1 ? "" : "s"} changed` : ""; };

  const refuse = words => say(`${words}. The numbers below are those of the last good values.`, true);

  function mark(input, faults) {
    faults.forEach((words, cell) => {
      const box = input.cells[cell];
      if (!box || Boolean(words) === (box.getAttribute("aria-invalid") === "true")) return;
      box.setAttribute("aria-invalid", String(Boolean(words)));
      box.title = words && `${placeName(input, cell)}: ${words}`;
    });
  }

  // Takes what stands in the cells of the changed inputs; where something is wrong, marks it and leaves every number.
  function update(changed = inputs, from = 0) {
    for (const input of changed) {
      input.wrong = check(input, input.texts);
      mark(input, input.wrong);
    }
    const wrong = inputs.flatMap(input => input.wrong.flatMap((words, cell) => (words ? [`${placeName(input, cell)}: ${words}`] : [])));
    if (wrong.length) return refuse(`${wrong[0]}${wrong.length > 1 ? ` (and ${wrong.length - 1} more)` : ""}`);
    try {
      good = compute(inputs.filter(input => input.texts.some((text, cell) => text !== input.good[cell])), good);
    } catch (error) {
      return refuse(error.message);
    }
    for (const input of inputs) if (good.fresh.has(input.name)) input.good = [...input.texts];
    show(good, from);
    say("", false);
    clearTimeout(timer);
    timer = setTimeout(settle, 250);
  }

  // -- cells --------------------------------------------------------------------------------------------------------

  function makeCells() {
    for (const input of inputs) {
      input.texts.forEach((text, cell) => {
        const key = [input.name, ...placeName(input, cell).match(/\d+(?=\])/g) || []].join("-");
        const own = numbers.get(key)?.places[0];
        if (!own || own.node.id !== key || !own.node.closest(".given")) return;
        const box = document.createElement("input");
        box.inputMode = "decimal";
        box.autocomplete = "off";
        box.spellcheck = false;
        box.setAttribute("aria-label", placeName(input, cell));
        box.addEventListener("input", () => { start(); input.texts[cell] = box.value; rebase(); size(box); changed(box, box.value !== input.values[cell]); update([input], own.index); });
        own.cell = own.node.cell = box;
        input.cells[cell] = box;
        beside(own.node, input.name).append(box);
      });
      fill(input);
    }
  }

  // The cells of one formula, in HTML beside it: controls have no place inside mathematics, which is read as one whole.
  function beside(node, name) {
    const formula = node.closest("math"), known = formula.nextElementSibling;
    if (known) return known;
    const cells = document.createElement("span"), table = node.closest("mtr");
    cells.className = "cells";
    cells.setAttribute("role", "group");
    cells.setAttribute("aria-label", `Entries of ${name}`);
    cells.style.gridTemplateColumns = `repeat(${table ? table.children.length : formula.querySelectorAll("mrow[id]").length}, auto)`;
    formula.after(cells);
    formula.classList.add("gone");
    return cells;
  }

  const changed = (node, is) => node.classList.toggle("chg", is);

  const size = box => { box.style.width = `${Math.min(Math.max(box.value.length, 1), 14) + 1.2}ch`; };

  function fill(input) {
    input.texts.forEach((text, cell) => { const box = input.cells[cell]; if (box) { box.value = text; size(box); changed(box, text !== input.values[cell]); } });
  }

  function reset() {
    for (const input of inputs) {
      input.texts = [...input.values];
      input.good = input.values;
      fill(input);
      input.wrong = [];
      mark(input, input.texts.map(() => ""));
    }
    good = null;
    drop();
    for (const number of numbers.values()) {
      number.text = null;
      number.places.forEach(restore);
    }
    for (const step of steps) step.sign.textContent = step.own;
    for (const figure of figures) figure.reset();
    document.body.classList.remove("edited");
    edited = false;
    rebase();
    say("", false);
    count(0);
    clearTimeout(timer);
    history.replaceState(null, "", location.pathname + location.search);
  }

  // -- temperature --------------------------------------------------------------------------------------------------

  const slider = part("temperature"), cooled = inputs.find(input => input.name === page.temperature);
  let base = null;

  function rebase() {
    if (!cooled) return;
    base = cooled.texts.map(read);
    slider.value = cooled.shape.length ? 0 : Math.log10(base[0]);
    warm();
  }

  const warm = () => { part("degrees").textContent = String(Number((10 ** slider.value).toPrecision(3))); };

  function slide() {
    start();
    warm();
    const degrees = Number((10 ** slider.value).toPrecision(3));
    const values = cooled.shape.length ? base.map(value => value / degrees) : [degrees];
    cooled.texts = values.map(value => String(Number(value.toPrecision(12))));
    fill(cooled);
    update();
  }

  // -- state in the address -----------------------------------------------------------------------------------------

  function remember() {
    const changed = inputs.filter(input => input.texts.some((text, cell) => text !== input.values[cell]));
    const state = Object.fromEntries(changed.map(input => [input.name, input.texts]));
    const hash = changed.length ? HASH + encodeURIComponent(JSON.stringify(state)) : location.pathname + location.search;
    history.replaceState(null, "", hash);
  }

  function stateFault(state) {
    if (typeof state !== "object" || state === null || Array.isArray(state)) return "it holds no named values";
    for (const [name, texts] of Object.entries(state)) {
      const input = inputs.find(one => one.name === name);
      if (!input) return `${name.slice(0, 40)} is no input of this page`;
      const fits = Array.isArray(texts) && texts.length === input.values.length;
      if (!fits) return `${name}: expected ${input.values.length} numbers${Array.isArray(texts) ? `, found ${texts.length}` : ""}`;
      if (!texts.every(text => typeof text === "string")) return `${name}: expected numbers as text`;
      const cell = check(input, texts).findIndex(words => words);
      if (cell >= 0) return `${placeName(input, cell)}: ${check(input, texts)[cell]}`;
    }
    return "";
  }

  function recall() {
    if (!location.hash.startsWith(HASH)) return;
    let words = "it cannot be read", state = null;
    try {
      state = JSON.parse(decodeURIComponent(location.hash.slice(HASH.length)));
      words = stateFault(state);
    } catch { /* said below */ }
    document.querySelector("#level-number")?.click();
    if (words) return say(`The values in the address were refused: ${words}. Shown are the page's own.`, true);
    start();
    for (const input of inputs) { input.texts = state[input.name] ?? [...input.values]; fill(input); }
    rebase();
    update();
  }

  // -- copying ------------------------------------------------------------------------------------------------------

  async function copy(button, write) {
    await copyText(await write(), bar);
    told(button);
  }

  // -- start --------------------------------------------------------------------------------------------------------

  collect();
  related();
  makeCells();
  bar.hidden = false;
  part("reset").addEventListener("click", reset);
  const texts = {
    latex: () => { write(0, Infinity); return copying.latex(edited); },
    numpy: () => { start(); return copying.numpy(good.values); },
    values: () => copying.valuesFile(inputs),
  };
  for (const [name, write] of Object.entries(texts)) {
    part(name).addEventListener("click", event => copy(event.currentTarget, write));
  }
  if (cooled) { part("warmth").hidden = false; rebase(); slider.addEventListener("input", slide); }
  addEventListener("hashchange", recall);
  recall();
  (window.requestIdleCallback || setTimeout)(start);
})();
