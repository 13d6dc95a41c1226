"""`python tests/benchmarks/renaming.py [3000]`: programs under as many random names; prints those that differ."""

import sys
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from renaming import draw
from test_renaming import BUILDERS, as_written, own_names, results, same_bits
from users_programs import Names

import symformer as sf


def main(count):
    random, bad = Random(16), 0
    for number in range(count):
        name = random.choice(sorted(BUILDERS))
        names = draw(random, own_names(name))
        forward, backward, shape, _ = results(sf.program(BUILDERS[name](Names(names))))
        wanted = as_written(name)
        if not (same_bits(forward, wanted[0]) and same_bits(backward, wanted[1]) and shape == wanted[2]):
            bad += 1
            print(f"{name} differs under {names}")
        if (number + 1) % 100 == 0:
            print(f"{number + 1} of {count}: {bad} differ", flush=True)
    return bad


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000) > 0)
