"""CPU seconds that deriving and judging the gradients of each formula of `tests/formulas` take, and its verdicts.

`python tests/benchmarks/formulas.py [--to SECONDS SECONDS] [NAME|FILE.py ...]`: a fresh process a formula, so that
nothing was kept from the one before; `--to` are the bars to meet, 0.5 and 5 if not given. A formula is given up after
60 s of CPU. The last line counts what is over.
"""

import argparse
import os
import pickle
import resource
import sys
from collections import Counter
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from time import process_time

import symformer as sf

FOLDER = Path(__file__).resolve().parents[1] / "formulas"
LIMIT = 60  # seconds of CPU


def loaded(path):
    """The module of a file."""
    spec = spec_from_file_location(path.stem, path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def timed(path):
    """(seconds of deriving, seconds of judging, verdicts, what is bad) of the gradients of a file's PROGRAM."""
    program = loaded(path).PROGRAM
    start = process_time()
    gradient = sf.gradient(program)
    middle = process_time()
    judged = [*gradient.derivation.check(), *gradient.forms]
    end = process_time()
    bad = [f"{one.verdict.kind}: {one.verdict.evidence}" for one in judged if not one.passes]
    return middle - start, end - middle, Counter(one.verdict.kind for one in judged), bad


def alone(path):
    """The same in a process of its own, in which the library is loaded and warm; None where it was given up."""
    read, write = os.pipe()
    if os.fork() == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (LIMIT + 2, LIMIT + 2))
        with os.fdopen(write, "wb") as out:
            pickle.dump(timed(path), out)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as source:
        said = source.read()
    os.wait()
    return pickle.loads(said) if said else None


def warm():
    """Loads every room once: what a first gradient of a session pays is not the formula's."""
    x = sf.tensor("x", sf.sizes("n"))
    sf.gradient(sf.softmax(x, name="p")).derivation.check()


def main(names, bars):
    """Prints a line a formula; the status is 1 where one is over a bar or not confirmed."""
    paths = [Path(name) if name.endswith(".py") else FOLDER / f"{name}.py" for name in names]
    paths = paths or sorted(FOLDER.glob("*.py"))
    warm()
    over = 0
    for path in paths:
        derive, judge, kinds, bad = alone(path) or (LIMIT, LIMIT, Counter(), ["not through, or an error"])
        slow = derive > bars[0] or judge > bars[1]
        over += slow or bool(bad)
        counted = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
        print(f"{path.stem:32s} {derive:6.2f} {judge:6.2f}  {counted}{'  SLOW' * slow}", flush=True)
        for one in bad:
            print(f"    {one[:300]}", flush=True)
    print(f"{len(paths)} formulas, {over} over {bars[0]} s, {bars[1]} s, or with a line open or refuted")
    return int(over > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--to", nargs=2, type=float, default=(0.5, 5.0))
    chosen = parser.parse_args()
    sys.exit(main(chosen.names, chosen.to))
