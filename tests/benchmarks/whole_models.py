"""Prints what whole models promise: two pages of LaTeX, GPT-3's program in half a second, weights that stay in a file.

    python tests/benchmarks/whole_models.py [pages|build|memory]

`pages` needs pdfLaTeX; `memory` writes half a gigabyte to a temporary folder and reads Linux's /proc.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

import symformer as sf

TOTALS = Path(__file__).parents[1] / "fixtures" / "parameter_totals.json"
DOCUMENT = r"""\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}\usepackage{lmodern,amsmath,amssymb,mathtools}\usepackage[margin=25mm]{geometry}
\begin{document}
%s
\end{document}
"""
GPT3 = {"model_type": "gpt2", "vocab_size": 50257, "n_positions": 2048, "n_embd": 12288, "n_layer": 96, "n_head": 96}


def largest(program):
    """How many lines there are to print, and how much on them."""
    return program.latex().count("&"), len(program.latex())


def programs():
    """Every architecture with the most that its configurations switch on, and the transformers of the documents."""
    found = {}
    for row in json.loads(TOTALS.read_text()):
        model = sf.models.from_config(row["config"])
        name = model.model_type
        found[name] = max(found.get(name, model.program), model.program, key=largest)
    found["GPT-3"] = sf.models.from_config(GPT3).program
    found |= {f"algorithm {number}": sf.models.algorithm(number) for number in (8, 9, 10)}
    return found | {
        "Vaswani et al.": sf.models.transformer(),
        "Random Transformer, its four blocks written out": sf.load("random-transformer-whole").program(),
    }


def pages():
    """Pages of each, and lines that are wider than the page."""
    for name, program in programs().items():
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "model.tex").write_text(DOCUMENT % program.latex(), encoding="utf-8")
            command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "model.tex"]
            log = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace").stdout
        count = re.search(r"Output written on .*\((\d+) page", log.replace("\n", " "))
        wide = len(re.findall(r"Overfull \\hbox", log))
        print(f"{name}: {count[1] if count else 'fails'} pages, {wide} overfull lines")


def build():
    """The time that GPT-3's program takes, from nothing, in a process of its own."""
    code = f"""
import time
from symformer import models
start = time.perf_counter()
models.from_config({GPT3!r}).program
print(time.perf_counter() - start)"""
    seconds = [float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
               for _ in range(5)]  # fmt: skip
    print(
        f"GPT-3's program: built in {min(seconds):.3f} s, the first in a process; at most {max(seconds):.3f} s of five"
    )


def memory():
    """How much memory beside the mapped file a GPT-2 of half a gigabyte takes, loaded and run."""
    config = {
        "model_type": "gpt2",
        "vocab_size": 50257,
        "n_positions": 1024,
        "n_embd": 768,
        "n_layer": 12,
        "n_head": 12,
    }
    random = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "config.json").write_text(json.dumps(config))
        parameters = sf.models.from_config(config).parameters
        tensors = {name: random.standard_normal(one.shape, np.float32) for name, one in parameters.items()}
        save_file(tensors, Path(folder, "model.safetensors"))
        del tensors
        code = MEMORY.format(tiny=TOTALS.parent / "models" / "gpt2", folder=folder)
        print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout, end="")


MEMORY = """
import re, time
from pathlib import Path
from symformer.models import load
def held():
    found = dict(re.findall(r"(Rss\\w+):\\s+(\\d+)", Path("/proc/self/status").read_text()))
    return [int(found[key]) // 1024 for key in ("RssAnon", "RssFile")]
load("{tiny}")([[1, 2]])  # code is loaded and compiled before anything is counted
start, seconds = held(), time.perf_counter()
model = load("{folder}")
seconds = time.perf_counter() - seconds
loaded = held()
model([[1, 2, 3, 4]])
after = held()
print(f"a checkpoint of 475 MB: loaded in {{seconds:.2f}} s with {{loaded[0] - start[0]}} MB of memory of its own; "
      f"after a forward pass {{after[0] - start[0]}} MB, beside {{after[1] - start[1]}} MB of the file that are mapped")
"""
PARTS = {"pages": pages, "build": build, "memory": memory}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
