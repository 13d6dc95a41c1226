"use strict";
// The places of a page where numbers stand, and new text for them: what was printed comes back as it was.
const writing = (() => {
  const MATH = "http://www.w3.org/1998/Math/MathML";
  const BATCH = 800; // places that one task writes, so that typing is not held up on a long page
  let total = 0, waiting = [], timer = 0;

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

  // A place in a formula: what stands around it, and what it may need to be read right.
  function place(node) {
    const before = node.previousElementSibling, after = node.nextElementSibling;
    const own = { node, index: total++, wanted: null, minus: node.classList.contains("minus"), digits: null };
    own.fenced = before?.textContent === "(" && after?.textContent === ")";
    own.brackets = !own.fenced && (before ? !/^[,=(]$/.test(before.textContent) : /^msu/.test(node.parentNode.nodeName));
    if (own.fenced && mayOpen(node.parentNode)) own.fence = [before, after];
    return own;
  }

  // Whether brackets around a number can go when it is not negative: not after a function, nor between factors.
  function mayOpen(fence) {
    const before = fence.previousElementSibling;
    return before ? /^[+−·=]$/.test(before.textContent) : /^(mrow|msup|math)$/.test(fence.parentNode.nodeName);
  }

  function put(own, text) {
    if (own.cell) return;
    const signed = own.minus ? (text.startsWith("-") ? text.slice(1) : `-${text}`) : text;
    const negative = signed.startsWith("-") && signed !== "-0";
    const written = (negative && own.brackets ? `(${signed})` : signed).replace(/-/g, "−");
    if (!own.digits) unlock(own);
    own.digits.data = written;
    own.node.classList.add("chg");
    if (own.fence && own.negative !== negative) own.fence.forEach(mark => mark.classList.toggle("gone", !negative));
    own.negative = negative;
  }

  // Where digits stand they are written over, which is quick; a fraction, a root or a sign makes room for them.
  function unlock(own) {
    const [only] = own.node.children;
    own.plain = own.node.children.length === 1 && only.nodeName === "mn" ? only.textContent : null;
    if (own.plain !== null) return (own.digits = only.firstChild);
    own.original = [...own.node.childNodes];
    const digits = document.createElementNS(MATH, "mn");
    own.digits = digits.appendChild(document.createTextNode(""));
    own.node.replaceChildren(digits);
  }

  function restore(own) {
    if (!own.digits) return;
    if (own.plain !== null) own.digits.data = own.plain;
    else own.node.replaceChildren(...own.original);
    own.digits = null;
    own.node.classList.remove("chg");
    own.fence?.forEach(mark => mark.classList.remove("gone"));
    own.negative = undefined;
  }

  function want(own, text) {
    if (own.wanted === null) waiting.push(own);
    own.wanted = text;
  }

  // Writes what is wanted, what stands behind the edited cell first; the rest of a long page in the tasks that follow.
  function write(from, count = BATCH) {
    clearTimeout(timer);
    const turn = own => (own.index - from + total) % total;
    if (waiting.length > count) waiting.sort((one, two) => turn(one) - turn(two));
    for (const own of waiting.splice(0, count)) {
      put(own, own.wanted);
      own.wanted = null;
    }
    if (waiting.length) timer = setTimeout(write, 0, from);
  }

  function drop() {
    clearTimeout(timer);
    for (const own of waiting.splice(0)) own.wanted = null;
  }

  return { decimal, drop, place, restore, want, write };
})();
