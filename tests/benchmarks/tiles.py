"""Random programs in small tiles against the interpreter: prints those that differ, and how many were in tiles.

`python tests/benchmarks/tiles.py [cases [first]]` (3,000 from seed 1,000 without arguments; some minutes).
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tiled_programs import Drawn


def main(cases=3000, first=1000):
    """Draws and compares; the exit code says whether all agreed."""
    failed = entries = tiled = 0
    for seed in range(first, first + cases):
        wrong, compared = Drawn(seed).wrong()
        entries += compared
        tiled += Drawn(seed).compiled()[1]
        if wrong:
            failed += 1
            print(f"seed {seed}: {len(wrong)} of {compared} entries, first {wrong[0]}", flush=True)
    print(f"{cases} programs, {tiled} in tiles, {entries} entries compared; {failed} programs differ")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
