"use strict";
// The program of a page: statements in order, and what each of them reads. A change recomputes what depends on it.
const computing = (() => {
  const reads = new Map();

  // The numbers of an input as the statements take them: positions count from 1 on paper and from 0 in arrays.
  function given({ name, shape, texts, upper }) {
    const data = Float64Array.from(texts, reading.read), own = arrays.make([], shape, data);
    return [name, own, upper === null ? own : arrays.make([], shape, data.map(place => place - 1))];
  }

  // Every named array: those before with what the changed inputs, or all of them at first, make anew.
  function compute(changed, before) {
    const values = { ...before?.values }, taken = { ...before?.taken }, fresh = new Set();
    for (const [name, own, from] of changed.map(given)) {
      values[name] = own;
      taken[name] = from;
      fresh.add(name);
    }
    for (const [name, run] of page.statements) {
      if (before && !reads.get(name).some(one => fresh.has(one))) continue;
      const seen = new Set();
      values[name] = taken[name] = run((one, axes) => { seen.add(one); return arrays.loaded(taken[one], axes); });
      reads.set(name, [...seen]);
      inRange(name, values[name].data);
      fresh.add(name);
    }
    return { values, taken, fresh };
  }

  function inRange(name, data) {
    const lost = data.some(value => !Number.isFinite(value) && !(value === -Infinity && page.hides.includes(name)));
    if (lost) throw new RangeError(`${name.replace(/^\w+:.*/, "a line")} leaves the range of 64-bit numbers`);
  }

  return { compute };
})();
