"use strict";
// Formulas that stand in a long list as text, set as mathematics.
(async () => {
  const list = document.querySelector("[data-formulas]"), places = list.querySelectorAll("[data-formula]");
  (await unpacked(list.dataset.formulas)).forEach((formula, place) => { if (places[place]) places[place].innerHTML = formula; });
})();
