"use strict";
// One slide at a time, and on it one line more with each key; the address says where one is.
(() => {
  const slides = [...document.querySelectorAll(".slide")], places = slides.flatMap((slide, number) => Array.from({ length: Math.max(1, slide.querySelectorAll(".line").length) }, (_, line) => [number, line]));
  let at = 0;
  document.documentElement.classList.add("js");

  function show(to) {
    at = Math.max(0, Math.min(places.length - 1, to));
    const [number, last] = places[at];
    slides.forEach((slide, place) => slide.classList.toggle("now", place === number));
    slides[number].querySelectorAll(".line").forEach((line, place) => {
      line.classList.toggle("later", place > last);
      line.classList.toggle("latest", place === last && last > 0);
    });
    document.querySelector("#at").textContent = `${number + 1} / ${slides.length}`;
    history.replaceState(null, "", `#${at + 1}`);
  }

  const ahead = by => (by < 0 ? places.findLastIndex(([slide]) => slide === places[at][0] - 1) : places.findIndex(([slide]) => slide === places[at][0] + 1));
  const turn = by => { const to = ahead(by); if (to >= 0) show(to); };
  const KEYS = { ArrowRight: () => show(at + 1), " ": () => show(at + 1), PageDown: () => turn(1), ArrowLeft: () => show(at - 1), PageUp: () => turn(-1), ArrowDown: () => show(at + 1), ArrowUp: () => show(at - 1), Home: () => show(0), End: () => show(places.length - 1) };
  addEventListener("keydown", event => {
    const act = KEYS[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || event.key === " " && event.target.closest?.("button, a")) return;
    act();
    event.preventDefault();
  });
  for (const button of document.querySelectorAll("[data-go]")) { button.hidden = false; button.addEventListener("click", () => show(at + Number(button.dataset.go))); }
  show(Number(location.hash.slice(1) || 1) - 1 || 0);
})();
