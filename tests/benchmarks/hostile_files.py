"""Files of values, configurations and headers as Hypothesis draws them: `python hostile_files.py 10000 values`.

Each goes through a whole command: status 0, 1 or 2, one line on status 2, no traceback, nothing written. Kinds are
values, configurations and headers (of .npz and .safetensors); without one, all of them. Prints one line for each kind.
"""

from __future__ import annotations

import sys
import tempfile
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from attacks.drawn import DRAWS
from hypothesis import HealthCheck, given, settings


def drawn_times(draws, act, strategy, folder):
    """How many files were drawn; one that breaks the rule ends it with its smallest example."""
    seen = []

    def draw(drawn):
        seen.append(1)
        act(folder, drawn)

    calm = settings(max_examples=draws, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    calm(given(strategy)(draw))()
    return len(seen)


def main(draws, *chosen):
    """Every kind, or those that are chosen."""
    warnings.simplefilter("ignore")
    for kind in chosen or DRAWS:
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            count = drawn_times(draws, *DRAWS[kind], Path(folder))
        print(f"{kind}: {count} draws, none against the rule ({time.perf_counter() - began:.0f} s)", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000, *sys.argv[2:])
