"use strict";
// A live page's numbers as text to paste: a values file, NumPy, LaTeX.
const copying = (() => {
  function nested(shape, items) {
    if (!shape.length) return items[0];
    const width = items.length / shape[0];
    return `[${Array.from({ length: shape[0] }, (_, k) => nested(shape.slice(1), items.slice(k * width, (k + 1) * width))).join(", ")}]`;
  }

  // The last good values, as `--at` reads them.
  function valuesFile(inputs) {
    const number = text => (reading.RATIONAL.test(text) ? JSON.stringify(text.trim()) : json(text));
    const lines = inputs.map(({ name, shape, good }) => `  ${JSON.stringify(name)}: ${nested(shape, good.map(number))}`);
    return `{\n${lines.join(",\n")}\n}\n`;
  }

  // A decimal as JSON allows it: digits on both sides of the point, and no plus.
  const json = text => text.trim().replace(/−/g, "-").replace(/^\+/, "").replace(/^(-?)0+(?=\d)/, "$1")
    .replace(/^(-?)\./, "$10.").replace(/\.(?=e|$)/i, "");

  // Every named array, inputs and results.
  function numpy(values) {
    const python = value => (value === -Infinity ? "-np.inf" : String(value));
    const lines = Object.entries(values).filter(([name]) => !name.includes(":")).map(([name, { shape, data }]) =>
      `${name.replace(/\W/g, "_")} = np.array(${nested(shape, Array.from(data, python))})`);
    return ["import numpy as np", "", ...lines, ""].join("\n");
  }

  // The steps as they stand; `edited` says that the prepared numbers have given way to others.
  function latex(edited) {
    return [...document.querySelectorAll(".step")].map(step => (edited ? filled(step) : prepared(step))).join("\n\n") + "\n";
  }

  const prepared = step => step.dataset.tex.replace(/[⟦⟧]/g, "");

  function filled(step) {
    const texts = [...step.querySelectorAll("mrow[id]")].map(node => (node.querySelector("input")?.value ?? node.textContent));
    const sign = step.querySelector(".formula:last-child > .relation")?.textContent;
    const last = /&(=|\\approx) (?!.*&(=|\\approx) )/s;
    return step.dataset.tex.replace(/⟦.*?⟧/g, () => tex(texts.shift())).replace(last, sign === "=" ? "&= " : "&\\approx ");
  }

  const tex = text => text.replace(/−/g, "-").replace("∞", "\\infty ").replace(/e(-?\d+)/, " \\cdot 10^{$1}");

  return { valuesFile, numpy, latex };
})();
