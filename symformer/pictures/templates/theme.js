"use strict";
// Light or dark: as the reader's system has it, until the button says otherwise; kept where the browser keeps things.
const kept = (() => {
  const get = key => { try { return localStorage.getItem(`symformer-${key}`); } catch { return null; } };
  const set = (key, value) => { try { localStorage.setItem(`symformer-${key}`, value); } catch { /* a private window */ } };
  return { get, set };
})();
(() => {
  const root = document.documentElement, button = document.querySelector("[data-do=theme]");
  if (kept.get("theme")) root.dataset.theme = kept.get("theme");
  if (!button) return;
  const system = matchMedia("(prefers-color-scheme: dark)"), dark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
  const say = () => { button.textContent = dark() ? "☀" : "☾"; button.setAttribute("aria-pressed", dark()); };
  button.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; kept.set("theme", root.dataset.theme); say(); });
  system.addEventListener("change", say);
  button.hidden = false;
  say();
})();
