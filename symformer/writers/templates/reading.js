"use strict";
// What may stand in a cell: a decimal or a fraction, where its tensor's entries live. Nothing is run as code.
const reading = (() => {
  const RATIONAL = /^\s*[-+]?\d+\s*\/\s*[1-9]\d*\s*$/, DECIMAL = /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i;
  const LONGEST = 400;

  function read(text) {
    const plain = text.replace(/−/g, "-");
    if (plain.length > LONGEST) return NaN;
    if (RATIONAL.test(plain)) { const [over, under] = plain.split("/").map(Number); return over / under; }
    return DECIMAL.test(plain) ? Number(plain) : NaN;
  }

  const KINDS = {
    positive: value => value > 0, nonnegative: value => value >= 0, unit: value => value > 0 && value < 1, simplex: value => value >= 0,
    mask: value => value === 0 || value === 1,
    integer: (value, upper) => Number.isInteger(value) && (upper === null || (value >= 1 && value <= upper)),
    permutation: (value, upper) => Number.isInteger(value) && value >= 1 && value <= upper,
  };

  function fault(input, text) {
    const value = read(text);
    if (!Number.isFinite(value)) return "expected a finite number, or a fraction such as 1/3";
    const allowed = KINDS[input.kind];
    if (!allowed || allowed(value, input.upper)) return "";
    return `expected ${/^[aeiou]/.test(input.kind) ? "an" : "a"} ${input.kind} value${input.upper === null ? "" : ` from 1 to ${input.upper}`}`;
  }

  // Rows of a simplex sum to 1, those of a permutation hold each number once, and those of a mask that sees a 1.
  function rowFault(input, values) {
    const width = input.shape.at(-1) || 1;
    for (let start = 0; start < values.length; start += width) {
      const row = values.slice(start, start + width), total = row.reduce((a, b) => a + b, 0);
      if (input.kind === "simplex" && !(Math.abs(total - 1) <= 1e-6)) return [start, "expected a row that sums to 1"];
      if (input.kind === "permutation" && new Set(row).size < row.length) return [start, "expected each number once"];
      if (input.sees && total === 0) return [start, "expected a row with at least one 1"];
    }
    return null;
  }

  function placeName(input, cell) {
    const at = [];
    for (let axis = input.shape.length - 1, rest = cell; axis >= 0; axis--) {
      at.unshift((rest % input.shape[axis]) + 1);
      rest = Math.floor(rest / input.shape[axis]);
    }
    return input.name + at.map(place => `[${place}]`).join("");
  }

  function check(input, texts) {
    const faults = texts.map(text => fault(input, text));
    const row = faults.every(found => !found) && rowFault(input, texts.map(read));
    if (row) faults[row[0]] = row[1];
    return faults;
  }

  return { RATIONAL, read, check, placeName };
})();
