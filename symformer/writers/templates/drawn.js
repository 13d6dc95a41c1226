"use strict";
// Heat maps and bars that follow the page's numbers: every cell names the entry that it shows, and is shaded as it was first drawn.
const drawn = (() => {
  const DARKEST = 0.45, DIGITS = 2;

  const words = value => {
    if (value === null) return "?";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    return (Number(value.toFixed(DIGITS)) + 0).toFixed(DIGITS).replace("-", "−");
  };

  function cell(node) {
    const [name, ...place] = node.dataset.entry.split("-");
    const [shade, text] = [node.querySelector("rect"), node.querySelector("text")];
    const first = [shade.getAttribute("class"), shade.getAttribute("fill-opacity"), text.textContent];
    const set = (role, opacity, said) => {
      shade.setAttribute("class", role);
      shade.setAttribute("fill-opacity", opacity);
      text.textContent = said;
    };
    return { entry: { name, place: place.map(number => number - 1) }, set, reset: () => set(...first) };
  }

  // Bars from 0, as `bars.py` draws them: the length of each, and where 0 is.
  function barred(node) {
    const [left, right] = node.querySelector("[data-bars]").dataset.bars.split(" ").map(Number), zero = node.querySelector(".zero");
    const places = [...node.querySelectorAll("[data-entry]")].map(one => ({ ...cell(one), bar: one.querySelector("rect"), text: one.querySelector("text") }));
    const kept = [...places.flatMap(({ bar, text }) => [[bar, "x"], [bar, "width"], [text]]), [zero, "x1"], [zero, "x2"]]
      .map(([one, name]) => [one, name, name ? one.getAttribute(name) : one.textContent]);
    function show(find) {
      const values = places.map(one => find(one.entry)), low = Math.min(0, ...values), high = Math.max(0, ...values);
      const unit = (right - left) / (high > low ? high - low : 1);
      places.forEach(({ bar, text }, k) => {
        bar.setAttribute("x", left + (Math.min(values[k], 0) - low) * unit);
        bar.setAttribute("width", Math.abs(values[k]) * unit);
        text.textContent = words(values[k]);
      });
      for (const end of ["x1", "x2"]) zero.setAttribute(end, left - low * unit);
    }
    const reset = () => kept.forEach(([one, name, was]) => { if (name) one.setAttribute(name, was); else one.textContent = was; });
    return { show, reset };
  }

  function figure(node) {
    if (node.querySelector("[data-bars]")) return barred(node);
    const cells = [...node.querySelectorAll("[data-entry]")].map(cell);
    function show(find) {
      const values = cells.map(one => find(one.entry));
      const largest = Math.max(0, ...values.filter(Number.isFinite).map(Math.abs));
      cells.forEach((one, k) => {
        const share = largest && Number.isFinite(values[k]) ? Math.abs(values[k]) / largest : 0;
        one.set(values[k] < 0 ? "accent2" : "accent", (DARKEST * share).toFixed(2), words(values[k]));
      });
    }
    return { show, reset: () => cells.forEach(one => one.reset()) };
  }

  const figures = () => [...document.querySelectorAll("figure")].filter(node => node.querySelector("[data-entry]")).map(figure);
  return { figures };
})();
