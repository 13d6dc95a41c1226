"""Prints every speed that the project promises, as ratios or seconds measured side by side in one run.

`python tests/benchmarks/measure.py` (a few minutes; one thread for NumPy).
"""

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np

from symformer.functions import attention, layer_norm, softmax

ROOT = Path(__file__).resolve().parents[2]


def textbook_softmax(x):
    """What a textbook writes."""
    u = np.exp(x - x.max(axis=-1, keepdims=True))
    return u / u.sum(axis=-1, keepdims=True)


def textbook_attention(q, k, v):
    """What a textbook writes."""
    return textbook_softmax(q @ k.T / np.sqrt(np.float32(q.shape[-1]))) @ v


def textbook_layer_norm(x):
    """What a textbook writes."""
    mean = x.mean(axis=-1, keepdims=True)
    return (x - mean) / np.sqrt(x.var(axis=-1, keepdims=True) + np.float32(1e-5))


def side_by_side(ours, theirs, rounds=7):
    """The least time of each, rounds interleaved, in milliseconds."""
    ours(), theirs()
    best = [float("inf")] * 2
    for _ in range(rounds):
        for place, run in enumerate((ours, theirs)):
            start = time.perf_counter()
            run()
            best[place] = min(best[place], time.perf_counter() - start)
    return [1000 * seconds for seconds in best]


def functions():
    """Generated functions against textbook NumPy."""
    rng = np.random.default_rng(0)
    for n in (256, 1024):
        for dtype in (np.float32, np.float64):
            qkv = [rng.standard_normal((n, 64)).astype(dtype) for _ in range(3)]
            report(
                f"attention n={n} d=64 {dtype.__name__}", partial(attention, *qkv), partial(textbook_attention, *qkv)
            )
    x = rng.standard_normal((4096, 1024)).astype(np.float32)
    report("softmax (4096, 1024) float32", lambda: softmax(x), lambda: textbook_softmax(x))
    report("layer_norm (4096, 1024) float32", lambda: layer_norm(x), lambda: textbook_layer_norm(x))


def report(name, ours, theirs):
    """One line: both times and their ratio."""
    mine, other = side_by_side(ours, theirs)
    print(f"{name:40s} {mine:8.2f} ms, textbook {other:8.2f} ms, ratio {mine / other:.2f}")


def seconds(code, setup=""):
    """The least of seven runs of some code in a fresh interpreter, timed inside it after `setup`."""
    timed = f"{setup}\nimport time\nstart = time.perf_counter()\n{code}\nprint(time.perf_counter() - start)"
    runs = [subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True) for _ in range(7)]
    return min(float(run.stdout.split()[-1]) for run in runs)


def imports():
    """How long the doors take to open."""
    numpy, functions_too = seconds("import numpy"), seconds("import symformer.functions")
    print(f"import symformer.functions {1000 * functions_too:.1f} ms, import numpy {1000 * numpy:.1f} ms, "
          f"ratio {functions_too / numpy:.2f}")  # fmt: skip
    first = seconds("import symformer as sf\nstr(sf.softmax(sf.tensor('x', sf.sizes('n'))))", "import sympy")
    print(f"first softmax shown after import sympy: {first:.3f} s")


def builds():
    """A cold build without PDF, and the same again."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "SYMFORMER_CACHE": f"{folder}/cache"}
        for word in ("cold", "again"):
            start = time.perf_counter()
            command = [sys.executable, "-m", "symformer", "build", "-o", f"{folder}/docs", "--no-pdf"]
            subprocess.run(command, env=environment, check=True, capture_output=True, cwd=folder)
            print(f"build, {word}: {time.perf_counter() - start:.2f} s")


def pages():
    """First paint of the heaviest pages, and one changed derivation built again (needs Chromium and playwright)."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        environment = {**os.environ, "SYMFORMER_CACHE": f"{folder}/cache"}
        command = [sys.executable, "-m", "symformer", "build", f"{folder}/book", "-o", f"{folder}/docs", "--no-pdf"]
        shutil.copytree(ROOT / "derivations", f"{folder}/book")
        subprocess.run(command, env=environment, check=True, capture_output=True, cwd=folder)
        for name in ("softmax_jacobian", "attention_backward", "causal_mask"):
            path = Path(folder, "book", f"{name}.py")
            path.write_text(path.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
            start = time.perf_counter()
            subprocess.run(command, env=environment, check=True, capture_output=True, cwd=folder)
            print(f"build after a change to {name}: {time.perf_counter() - start:.2f} s")
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for slug in ("softmax-jacobian", "random-transformer", "attention-backward"):
            page = browser.new_page()
            page.goto(Path(folder, "docs", "html", f"{slug}.html").as_uri())
            page.wait_for_timeout(500)
            paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
            print(f"first paint of {slug}: {paint:.0f} ms")
            page.close()
        browser.close()


if __name__ == "__main__":
    functions()
    imports()
    builds()
    if shutil.which("chromium"):
        pages()
