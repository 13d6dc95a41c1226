"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const sizes = { ...data.sizes };
const field = name => document.getElementById(name);
const sliders = [...document.querySelectorAll("input[data-size]")];

// A slider's middle is the configuration's own size; each end is 2^10 away from it, but never below 1.
const moved = slider => Math.max(1, Math.round(data.sizes[slider.dataset.size] * 2 ** ((slider.value - 120) / 12)));

// A term is a coefficient and powers of sizes; where a list stands for a size, the least of its members counts.
const sized = name => Array.isArray(name) ? Math.min(...name.map(sized)) : name in sizes ? sizes[name] : Number(name);
const term = ([coefficient, ...powers]) => powers.reduce((all, [name, power]) => all * sized(name) ** power, coefficient);
const value = terms => terms.reduce((all, one) => all + term(one), 0);

const plain = number => number < 2 ** 53 ? Math.ceil(number).toLocaleString("en-US") : number.toPrecision(6);
const bytes = number => {
  const power = Math.min(Math.floor(Math.log10(Math.max(number, 1)) / 3), 6);
  return `${(number / 1000 ** power).toPrecision(4)} ${["B", "kB", "MB", "GB", "TB", "PB", "EB"][power]}`;
};

function drawBars(list, parts, shown) {
  const all = parts.map(([name, terms]) => [name, value(terms)]).filter(([, number]) => number > 0);
  const total = all.reduce((sum, [, number]) => sum + number, 0);
  list.replaceChildren(...all.map(([name, number]) => {
    const row = document.createElement("div"), word = document.createElement("dt");
    const bar = document.createElement("dd"), amount = document.createElement("dd");
    const share = document.createElement("progress");
    share.max = 1;
    share.value = number / total;
    share.setAttribute("aria-label", `${name}: ${(100 * number / total).toFixed(1)} %`);
    word.textContent = name.replaceAll("_", " ");
    amount.textContent = shown(number);
    bar.append(share);
    row.append(word, bar, amount);
    return row;
  }));
}

function show() {
  for (const slider of sliders) {
    sizes[slider.dataset.size] = moved(slider);
    field(`is-${slider.dataset.size}`).textContent = plain(sizes[slider.dataset.size]);
  }
  if (data.sizes.m === data.sizes.n) sizes.m = sizes.n;
  for (const [name, terms] of Object.entries(data.totals)) field(`total-${name}`).textContent = plain(value(terms));
  drawBars(field("flops"), data.flops, number => `${number.toExponential(3)} FLOPs`);
  drawBars(field("memory"), data.memory, bytes);
}

function reset() {
  for (const slider of sliders) slider.value = 120;
  show();
}

for (const slider of sliders) slider.addEventListener("input", show);
field("reset").addEventListener("click", reset);
reset();
