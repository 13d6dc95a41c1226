"""How long an edit of the whole Random Transformer takes in Chromium: script, layout, and to the next frame.

Run: python tests/benchmarks/live_edits.py [cell …]; by default an input that everything depends on, and three others.
"""

import sys
import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import sync_playwright

import symformer as sf

CELLS = ("E[1][1]", "W_V_E[1][2][3][1]", "W_K_X[2][1][4][3]", "U[4][10]")
EDITS = """async ([cell, count]) => {
    const box = document.querySelector(`input[aria-label="${cell}"]`), found = [];
    for (let k = 0; k < count; k++) {
        box.value = String(2.25 + k % 3);
        const start = performance.now();
        box.dispatchEvent(new Event("input", { bubbles: true }));
        const script = performance.now();
        document.body.offsetHeight;
        const layout = performance.now();
        await new Promise(done => requestAnimationFrame(() => setTimeout(done, 0)));
        found.push([script - start, layout - script, performance.now() - layout]);
    }
    return found; }"""


def main(cells):
    """Prints first paint, and for each cell the first edit and the median of twelve, in milliseconds."""
    path = Path(tempfile.mkdtemp()) / "page.html"
    path.write_text(sf.load("random-transformer-whole").at().html(), encoding="utf-8")
    print(f"{path.stat().st_size} bytes")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium")
        for cell in cells:
            page = browser.new_page()
            page.goto(path.as_uri())
            paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
            page.wait_for_timeout(700)
            rows = page.evaluate(EDITS, [cell, 12])
            medians = [median(column) for column in zip(*rows, strict=True)]
            told = "  ".join(f"{first:.1f} / {middle:.1f}" for first, middle in zip(rows[0], medians, strict=True))
            print(f"{cell}: first paint {paint:.0f}; first / median of script, layout, frame: {told}")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:] or CELLS)
