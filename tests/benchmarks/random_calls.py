"""Random calls of generated functions and their gradients beside PyTorch: `python random_calls.py 100000 softmax`.

Names are those of the families, which are the files of `symformer/ops`; without one, all of them. The calls of a family
are shared by its functions. Cases are those of `tests/function_cases.py`, each drawn from its number, so that a
difference is told by `case("attention", 4711)`. Prints one line for each family, and exits with 1 where anything
differs. The extra `torch` has to be installed. A family takes some minutes.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from function_cases import CASES
from pytorch.compared import compared

from symformer.ops import MODULES

FIRST = 1_000_000  # no test has these cases
SHOWN = 3


def families():
    """The functions of each family that have cases."""
    found = {}
    for module in MODULES:
        names = [signature.name for signature in module.SIGNATURES if signature.name in CASES]
        if names:
            found[module.__name__.rsplit(".", 1)[1]] = names
    return found


def called(names, calls):
    """The differences of so many calls, by function and number."""
    found = {}
    for number in range(calls):
        name, seed = names[number % len(names)], FIRST + number // len(names)
        told = compared(name, seed)
        if told:
            found[name, seed] = told
    return found


def main(calls, *chosen):
    """Every family, or those that are chosen."""
    differing = 0
    for family, names in families().items():
        if chosen and family not in chosen:
            continue
        began = time.perf_counter()
        found = called(names, calls)
        differing += len(found)
        took = time.perf_counter() - began
        print(f"{family}: {calls} calls of {', '.join(names)}: {len(found)} differ ({took:.0f} s)", flush=True)
        for (name, seed), told in list(found.items())[:SHOWN]:
            print(f"  case({name!r}, {seed}): {told}")
    return int(differing > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, *sys.argv[2:]))
