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
  async function latex(edited) {
    const texts = await unpacked(document.querySelector("[data-tex]").dataset.tex);
    const steps = [...document.querySelectorAll(".step")].map((step, place) => (edited ? filled : prepared)(step, texts[place]));
    return steps.map(lines => `\\begin{aligned}\n${lines}\n\\end{aligned}`).join("\n\n") + "\n";
  }

  // ▦ stands for the rows of a matrix of decimals, and brackets for every other number.
  const prepared = (step, text) => filledIn(step, text, inside => inside);

  function filled(step, text) {
    const sign = step.querySelector(".more:last-child > b").textContent;
    const last = /&(=|\\approx) (?!.*&(=|\\approx) )/s;
    return filledIn(step, text, (inside, node) => tex(node)).replace(last, sign === "=" ? "&= " : "&\\approx ");
  }

  function filledIn(step, text, write) {
    const nodes = [...step.querySelectorAll("mrow[id]")];
    return text.replace(/▦|⟦(.*?)⟧/g, (mark, inside) => (mark === "▦" ? matrix(nodes) : write(inside, nodes.shift())));
  }

  // The rows of the matrix in which the next number stands.
  function matrix(nodes) {
    const table = nodes[0].closest("mtable");
    while (nodes.length && table.contains(nodes[0])) nodes.shift();
    return [...table.children].map(row => [...row.children].map(tex).join(" & ")).join(" \\\\ ");
  }

  // A number as the printer writes it.
  const SIGNS = { "−": "-", "·": " \\cdot ", "+": " + ", "∞": "\\infty" };
  const TEX = {
    mfrac: ([over, under]) => `\\frac{${over}}{${under}}`, msqrt: parts => `\\sqrt{${parts.join("")}}`,
    msup: ([base, power]) => `${base}^{${power}}`,
  };

  function tex(node) {
    if (node.cell) return decimal(node.cell.value);
    if (!node.children.length) return SIGNS[node.textContent] ?? decimal(node.textContent);
    const parts = [...node.children].map(tex);
    return TEX[node.nodeName] ? TEX[node.nodeName](parts) : parts.map((part, k) => (part === "-" && k < parts.length - 1 && !/^[\d.]/.test(parts[k + 1]) ? "- " : part)).join("");
  }

  const decimal = text => text.replace(/−/g, "-").replace("∞", "\\infty").replace(/e(-?\d+)/, " \\cdot 10^{$1}");

  return { valuesFile, numpy, latex };
})();
