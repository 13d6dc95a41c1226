"use strict";
// Heat maps that follow the page's numbers: every cell names the entry that it shows, and is shaded as it was first drawn.
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

  function figure(node) {
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
