"use strict";
// Arrays whose axes have letters, which functions take as "i j": {axes: ["i", "j"], shape: [2, 3], data: Float64Array}. Axes are lined up by letter.
const arrays = (() => {
  const total = shape => shape.reduce((product, size) => product * size, 1);
  const make = (axes, shape, data) => ({ axes, shape, data });
  const known = new Map([["", []]]);
  const lifted = part => (typeof part === "number" ? make([], [], [part]) : part);

  // "h i j" as letters.
  function letters(axes) {
    if (!known.has(axes)) known.set(axes, axes.split(" "));
    return known.get(axes);
  }

  function sizeOf(letter, parts) {
    const part = parts.find(one => one.axes.includes(letter));
    if (!part) throw new Error(`no array has an axis ${letter}`);
    return part.shape[part.axes.indexOf(letter)];
  }

  function strideOf(part, letter) {
    const place = part.axes.indexOf(letter);
    return place < 0 ? 0 : total(part.shape.slice(place + 1));
  }

  // Visits every place of `axes` and, inside each, of `over`. `step` gets the value so far and where each part is read.
  function visit(axes, over, parts, start, step) {
    const every = [...axes, ...over];
    const sizes = every.map(letter => sizeOf(letter, parts));
    const strides = every.map(letter => parts.map(part => strideOf(part, letter)));
    const shape = sizes.slice(0, axes.length);
    const data = new Float64Array(total(shape)).fill(start);
    const inner = total(sizes.slice(axes.length));
    const place = every.map(() => 0);
    const at = parts.map(() => 0);
    for (let cell = 0; cell < data.length; cell++) {
      for (let term = 0; term < inner; term++) {
        data[cell] = step(data[cell], at);
        advance(place, sizes, strides, at);
      }
    }
    return make(axes, shape, data);
  }

  function advance(place, sizes, strides, at) {
    for (let axis = place.length - 1; axis >= 0; axis--) {
      const stride = strides[axis], more = ++place[axis] < sizes[axis], times = more ? 1 : 1 - sizes[axis];
      for (let part = 0; part < at.length; part++) at[part] += stride[part] * times;
      if (more) return;
      place[axis] = 0;
    }
  }

  // 2/√π · exp(−x²) · Σ 2^k x^(2k+1) / (1·3·…·(2k+1)): all terms have one sign, so nothing cancels.
  function erf(x) {
    if (Math.abs(x) > 6) return Math.sign(x);
    let term = x, sum = 0;
    for (let k = 1; sum + term !== sum; k++) { sum += term; term *= 2 * x * x / (2 * k + 1); }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  const sigmoid = x => (x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x)));

  // σ(x) (1 − σ(x)), which keeps its digits where σ(x) is nearly 1.
  function sigmoid_slope(x) {
    const small = Math.exp(-Math.abs(x));
    return small / (1 + small) ** 2;
  }

  const functions = {
    add: (a, b) => a + b, subtract: (a, b) => a - b, multiply: (a, b) => a * b, divide: (a, b) => a / b,
    power: (a, b) => a ** b, square: a => a * a, negative: a => -a, real: a => a,
    exp: Math.exp, log: Math.log, sqrt: Math.sqrt, tanh: Math.tanh, sin: Math.sin, cos: Math.cos,
    erf, sigmoid, softplus: x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), relu: x => Math.max(x, 0),
    inside: (at, seen, size) => (seen ? at : Math.min(Math.max(at, 0), size - 1)), identity: a => a, where: (c, a, b) => (c ? a : b),
    logical_and: (a, b) => Number(a && b), logical_or: (a, b) => Number(a || b), logical_not: a => Number(!a),
    sign: Math.sign, floor: Math.floor, expm1: Math.expm1, floor_divide: (a, b) => Math.floor(a / b),
    remainder: (a, b) => a - b * Math.floor(a / b), maximum: Math.max, minimum: Math.min, abs: Math.abs,
    equal: (a, b) => Number(a === b), not_equal: (a, b) => Number(a !== b),
    less: (a, b) => Number(a < b), less_equal: (a, b) => Number(a <= b),
    greater: (a, b) => Number(a > b), greater_equal: (a, b) => Number(a >= b),
    hide: (value, seen) => (seen ? value : -Infinity), select: (value, seen) => (seen ? value : 0),
    log1p: Math.log1p, normal_cdf: x => (1 + erf(x / Math.SQRT2)) / 2, precise: a => a,
    from_max: (x, top) => (x === top ? 0 : x - top), sigmoid_slope, tanh_slope: x => 4 * sigmoid_slope(2 * x),
    damped: (x, factor) => (factor === 0 && Math.abs(x) === Infinity ? 0 : x * factor),
    zero_wins: (x, y) => ((x === 0 || y === 0) && !Number.isNaN(x + y) ? 0 : x * y),
  };

  function map(name, axes, parts) {
    const own = parts.map(lifted), f = functions[name];
    if (!f) throw new Error(`no operation ${name}`);
    const [one, two] = own.map(part => part.data);
    if (own.length === 1) return visit(letters(axes), [], own, 0, (_, at) => f(one[at[0]]));
    if (own.length === 2) return visit(letters(axes), [], own, 0, (_, at) => f(one[at[0]], two[at[1]]));
    return visit(letters(axes), [], own, 0, (_, at) => f(...own.map((part, k) => part.data[at[k]])));
  }

  // The maximum of a row that holds nothing but −∞ is 0, as in symformer.functions.
  function fold(name, axes, over, part) {
    if (name === "argmax") return argmax(axes, over, part);
    if (name === "prod") return visit(letters(axes), letters(over), [part], 1, (value, at) => value * part.data[at[0]]);
    const best = name === "max";
    const step = best ? (value, at) => Math.max(value, part.data[at[0]]) : (value, at) => value + part.data[at[0]];
    const found = visit(letters(axes), letters(over), [part], best ? -Infinity : 0, step);
    if (best) found.data.forEach((value, k) => { if (value === -Infinity) found.data[k] = 0; });
    return found;
  }

  // Counted from 0; of several, the first.
  function argmax(axes, over, part) {
    let best = -Infinity, place = 0, size = sizeOf(over, [part]), seen = 0;
    return visit(letters(axes), letters(over), [part], 0, (_, at) => {
      if (seen % size === 0) { best = -Infinity; place = 0; }
      const value = part.data[at[0]];
      if (value > best) { best = value; place = seen % size; }
      seen++;
      return place;
    });
  }

  function contract(axes, over, parts) {
    const own = parts.map(lifted);
    const step = (sum, at) => {
      let term = own[0].data[at[0]];
      for (let k = 1; k < own.length; k++) term *= own[k].data[at[k]];
      return sum + term;
    };
    return visit(letters(axes), letters(over), own, 0, step);
  }

  function take(axes, table, along, positions) {
    const chosen = lifted(positions), stride = strideOf(table, along), size = sizeOf(along, [table]);
    const step = (_, at) => {
      const row = chosen.data[at[1]];
      if (!(row >= 0 && row < size)) throw new Error(`position ${row + 1} is outside 1 to ${size}`);
      return table.data[at[0] + stride * row];
    };
    return visit(letters(axes), [], [table, chosen], 0, step);
  }

  // Values added up in zeros, each at its position on the axis `along`; letters that are no axes of the result are summed over.
  function deposit(axes, along, size, inside, values, positions) {
    const [value, at] = [lifted(values), lifted(positions)], every = letters(axes), read = [...new Set([...value.axes, ...at.axes])];
    const shape = every.map(letter => (letter === along ? size : sizeOf(letter, [value, at])));
    const found = make(every, shape, new Float64Array(total(shape))), stride = strideOf(found, along);
    visit(read, [], [value, at, found], 0, (_, [from, where, start]) => {
      const row = at.data[where], fits = row >= 0 && row < size;
      if (fits) found.data[start + stride * row] += value.data[from];
      else if (inside) throw new Error(`position ${row + 1} is outside 1 to ${size}`);
      return 0;
    });
    return found;
  }

  const count = (axes, size, start) => make(letters(axes), [size], Float64Array.from({ length: size }, (_, k) => k + start));
  const ones = (axes, size) => make(letters(axes), [size], new Float64Array(size).fill(1));
  // An array under the letters of its reader.
  const loaded = ({ shape, data }, axes) => make(letters(axes), shape, data);
  // A definition's array, its axes in the order of its letters; arrays are never written to, so that data may be shared.
  const named = (part, axes) => (part.axes?.join(" ") === axes ? part : map("real", axes, [part]));
  return { make, map, fold, contract, take, deposit, count, ones, loaded, named, total };
})();
