"use strict";
const layer = document.getElementById("layer"), head = document.getElementById("head");
const figures = [...document.querySelectorAll(".maps figure")];
const sections = [...document.querySelectorAll(".chosen")];
const patches = [...document.querySelectorAll(".patch")];

const fits = one => [[layer, one.dataset.layer], [head, one.dataset.head]].every(([asked, own]) => asked.value === "" || asked.value === own);

// Of several heads that fit, the first is shown in full; maps and patches of all of them are.
function show() {
  const chosen = sections.find(fits);
  for (const one of figures) {
    one.hidden = !fits(one);
    one.toggleAttribute("data-chosen", one.dataset.layer === chosen.dataset.layer && one.dataset.head === chosen.dataset.head);
  }
  for (const one of sections) one.hidden = one !== chosen;
  for (const row of patches) {
    const [place, number = ""] = row.dataset.part.split(" ")[1].split(".");
    row.hidden = (layer.value !== "" && layer.value !== place) || (head.value !== "" && number !== "" && head.value !== number);
  }
}

for (const one of [layer, head]) one.addEventListener("change", show);
for (const one of figures) {
  one.querySelector("button").addEventListener("click", () => {
    layer.value = one.dataset.layer;
    head.value = one.dataset.head;
    show();
  });
}
show();
