"use strict";
for (const block of document.querySelectorAll("pre")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    const selection = getSelection();
    selection.selectAllChildren(block);
    try {
      await navigator.clipboard.writeText(block.textContent);
    } catch {
      document.execCommand("copy");
    }
    selection.removeAllRanges();
    button.textContent = "Copied";
  });
  block.before(button);
}
