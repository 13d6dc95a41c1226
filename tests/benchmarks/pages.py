"""How fast and how big pages are: an edit in Chromium, the bytes of a page, the whole book from nothing.

`python tests/benchmarks/pages.py` (a minute or two on two quiet cores).
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

import symformer as sf
from symformer.book import book_folder, build

EDITS = """() => {
  const cell = document.querySelector('.given input'), times = [];
  for (let k = 1; k <= 60; k++) {
    const start = performance.now();
    cell.value = String(k / 7);
    cell.dispatchEvent(new Event('input'));
    document.body.offsetHeight;
    times.push(performance.now() - start);
  }
  return times.slice(10).sort((a, b) => a - b);
}"""


def edits(slug: str, folder: Path) -> None:
    """Milliseconds from an edit to the new layout, for the page of a worked example."""
    path = folder / f"{slug}.html"
    path.write_text(sf.load(slug).at().html(), encoding="utf-8")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1000, "height": 900})
        page.goto(path.as_uri())
        times = page.evaluate(EDITS)
        browser.close()
    quarter, median = times[len(times) // 4], times[len(times) // 2]
    print(f"an edit of {slug}: quartile {quarter:.1f} ms, median {median:.1f} ms (wanted: under 30)")


def whole_book(folder: Path) -> None:
    """Seconds for the book without PDF and without anything kept, and the largest page."""
    os.environ["SYMFORMER_CACHE"] = str(folder / "cache")
    start = time.perf_counter()
    report = build(book_folder(), folder / "book", pdf=False)
    seconds = time.perf_counter() - start
    print(f"{report.pages} pages from nothing: {seconds:.1f} s (wanted: under 30 on 2 cores)")
    largest = max((folder / "book" / "html").glob("*.html"), key=lambda path: path.stat().st_size)
    print(f"largest page: {largest.name}, {largest.stat().st_size / 1000:.0f} kB (wanted: under 200)")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        for slug in ("softmax-jacobian", "attention-backward", "random-transformer"):
            edits(slug, Path(name))
        whole_book(Path(name))
