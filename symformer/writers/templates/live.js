"use strict";
// A live page: every number that the page shows has an id; a change of an input puts new text into all of them.
(() => {
  const MATH = "http://www.w3.org/1998/Math/MathML";
  const HASH = "#at=", { read, check, placeName } = reading;
  const bar = document.querySelector(".live"), status = bar.querySelector("[role=status]");
  const part = name => bar.querySelector(`[data-live=${name}]`);
  const inputs = page.inputs.map(input => ({ ...input, texts: [...input.values], good: input.values, cells: [] }));
  const numbers = new Map(), steps = [], figures = drawn.figures();
  let good = null, edited = false, timer = 0;

  // -- computing ----------------------------------------------------------------------------------------------------

  function compute(every) {
    const values = {}, given = every.map(({ name, shape, texts }) => [name, shape, Float64Array.from(texts, read)]);
    for (const [name, shape, data] of given) values[name] = arrays.make([], shape, fromZero(name, data));
    page.run(values);
    for (const [name, shape, data] of given) values[name] = arrays.make([], shape, data);
    for (const [name, { data }] of Object.entries(values)) {
      const lost = data.some(value => !Number.isFinite(value) && !(value === -Infinity && page.hides.includes(name)));
      if (lost) throw new RangeError(`${name.replace(/^\w+:.*/, "a line")} leaves the range of 64-bit numbers`);
    }
    return values;
  }

  // Positions count from 1 on paper and from 0 in arrays.
  function fromZero(name, data) {
    const input = page.inputs.find(one => one.name === name);
    return input.upper !== null ? data.map(place => place - 1) : data;
  }

  function find(values, { name, place }) {
    const array = values[name];
    if (!array) return null;
    return array.data[place.reduce((offset, number, axis) => offset * array.shape[axis] + number, 0)];
  }

  // -- showing ------------------------------------------------------------------------------------------------------

  function decimal(value) {
    const { decimals, digits, scientific } = page.rounding;
    if (value === -Infinity) return "-∞";
    if (scientific) return value.toExponential(digits === null ? decimals : digits - 1).replace("e+", "e");
    const short = String(value), after = short.includes("e") ? Infinity : (short.split(".")[1] || "").length;
    if (digits !== null) return short.replace(/\D/g, "").length <= digits ? short : value.toPrecision(digits).replace("e+", "e");
    if (after <= decimals) return short;
    const small = Math.abs(value) < 0.5 * 10 ** -decimals, large = Math.abs(value) >= 1e21;
    return small || large ? value.toExponential(Math.max(decimals - 1, 0)).replace("e+", "e") : value.toFixed(decimals);
  }

  function collect() {
    for (const node of document.querySelectorAll(".number-level math mrow[id]")) {
      const key = node.id.replace(/\.\d+$/, "");
      const [name, ...place] = key.split("-");
      const own = { node, name, place: place.map(number => number - 1), minus: node.classList.contains("minus"), original: [...node.childNodes], digits: null };
      const before = node.previousElementSibling, after = node.nextElementSibling;
      own.fenced = before?.textContent === "(" && after?.textContent === ")";
      own.brackets = !own.fenced && (before ? !/^[,=(]$/.test(before.textContent) : /^msu/.test(node.parentNode.nodeName));
      if (own.fenced && mayOpen(node.parentNode)) own.fence = [before, after];
      numbers.set(key, [...(numbers.get(key) || []), own]);
    }
  }

  // Whether brackets around a number can go when it is not negative: not after a function, nor between factors.
  function mayOpen(fence) {
    const before = fence.previousElementSibling;
    return before ? /^[+−·=]$/.test(before.textContent) : /^(mrow|msup|math)$/.test(fence.parentNode.nodeName);
  }

  function put(own, text) {
    if (own.cell) return;
    const shown = own.minus ? (text.startsWith("-") ? text.slice(1) : `-${text}`) : text;
    const negative = shown.startsWith("-") && shown !== "-0";
    if (!own.digits) own.digits = document.createElementNS(MATH, "mn");
    own.digits.textContent = (negative && own.brackets ? `(${shown})` : shown).replace(/-/g, "−");
    if (own.digits.parentNode !== own.node) own.node.replaceChildren(own.digits);
    if (own.fence) own.fence.forEach(mark => mark.classList.toggle("gone", !negative));
  }

  function show(values) {
    for (const places of numbers.values()) {
      const value = find(values, places[0]), text = value === null ? "?" : decimal(value);
      const exact = value !== null && (value === -Infinity || Number(text) === value);
      for (const own of places) {
        if (own.text !== text) put(own, text);
        own.text = text;
        own.exact = exact;
      }
    }
    for (const step of steps) relate(step);
    for (const figure of figures) figure.show(entry => find(values, entry));
    document.body.classList.add("edited");
    edited = true;
  }

  // The last relation of every step, with the numbers behind it.
  function related() {
    for (const sign of document.querySelectorAll(".step > .more:last-child > b")) {
      const keys = [...sign.parentNode.querySelectorAll("mrow[id]")].map(node => node.id.replace(/\.\d+$/, ""));
      steps.push({ sign, own: sign.textContent, numbers: keys.flatMap(key => numbers.get(key)) });
    }
  }

  function relate(step) {
    const text = step.numbers.every(own => own.exact || own.cell) ? "=" : "≈";
    if (step.sign.textContent !== text) step.sign.textContent = text;
  }

  function say(words, bad) {
    status.textContent = words;
    status.classList.toggle("bad", bad);
  }

  const refuse = words => say(`${words}. The numbers below are those of the last good values.`, true);

  function mark(input, faults) {
    faults.forEach((words, cell) => {
      const box = input.cells[cell];
      if (!box || Boolean(words) === (box.getAttribute("aria-invalid") === "true")) return;
      box.setAttribute("aria-invalid", String(Boolean(words)));
      box.title = words && `${placeName(input, cell)}: ${words}`;
    });
  }

  // Takes what stands in the cells; where something is wrong, marks it and leaves every number as it was.
  function update() {
    const wrong = [];
    for (const input of inputs) {
      const faults = check(input, input.texts);
      mark(input, faults);
      faults.forEach((words, cell) => { if (words) wrong.push(`${placeName(input, cell)}: ${words}`); });
    }
    if (wrong.length) return refuse(`${wrong[0]}${wrong.length > 1 ? ` (and ${wrong.length - 1} more)` : ""}`);
    try {
      good = compute(inputs);
    } catch (error) {
      return refuse(error.message);
    }
    for (const input of inputs) input.good = [...input.texts];
    show(good);
    say("", false);
    clearTimeout(timer);
    timer = setTimeout(remember, 250);
  }

  // -- cells --------------------------------------------------------------------------------------------------------

  function makeCells() {
    for (const input of inputs) {
      input.texts.forEach((text, cell) => {
        const key = [input.name, ...placeName(input, cell).match(/\d+(?=\])/g) || []].join("-");
        const own = numbers.get(key)?.[0];
        if (!own || own.node.id !== key || !own.node.closest(".given")) return;
        const box = document.createElement("input"), holder = document.createElementNS(MATH, "mtext");
        box.inputMode = "decimal";
        box.autocomplete = "off";
        box.spellcheck = false;
        box.setAttribute("aria-label", placeName(input, cell));
        box.addEventListener("input", () => { input.texts[cell] = box.value; rebase(); size(box); update(); });
        holder.append(box);
        own.cell = box;
        input.cells[cell] = box;
        own.node.replaceChildren(holder);
      });
      fill(input);
    }
  }

  const size = box => { box.style.width = `${Math.min(Math.max(box.value.length, 1), 14) + 1.2}ch`; };

  function fill(input) {
    input.texts.forEach((text, cell) => { const box = input.cells[cell]; if (box) { box.value = text; size(box); } });
  }

  function reset() {
    for (const input of inputs) {
      input.texts = [...input.values];
      input.good = input.values;
      fill(input);
      mark(input, input.texts.map(() => ""));
    }
    for (const places of numbers.values()) {
      for (const own of places) {
        if (!own.cell) own.node.replaceChildren(...own.original);
        own.text = null;
        own.fence?.forEach(sign => sign.classList.remove("gone"));
      }
    }
    for (const step of steps) step.sign.textContent = step.own;
    for (const figure of figures) figure.reset();
    document.body.classList.remove("edited");
    edited = false;
    rebase();
    say("", false);
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
    for (const input of inputs) { input.texts = state[input.name] ?? [...input.values]; fill(input); }
    rebase();
    update();
  }

  // -- copying ------------------------------------------------------------------------------------------------------

  async function copy(button, write) {
    const words = button.textContent, text = await write();
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      bar.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = words; }, 1500);
  }

  // -- start --------------------------------------------------------------------------------------------------------

  collect();
  related();
  makeCells();
  bar.hidden = false;
  part("reset").addEventListener("click", reset);
  const texts = {
    latex: () => copying.latex(edited),
    numpy: () => copying.numpy(edited ? good : compute(inputs)),
    values: () => copying.valuesFile(inputs),
  };
  for (const [name, write] of Object.entries(texts)) {
    part(name).addEventListener("click", event => copy(event.currentTarget, write));
  }
  if (cooled) { part("warmth").hidden = false; rebase(); slider.addEventListener("input", slide); }
  addEventListener("hashchange", recall);
  recall();
})();
