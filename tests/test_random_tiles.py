"""Random programs through all passes, in tiles of a few rows and columns: the interpreter's numbers, entry by entry.

`benchmarks/tiles.py` draws thousands. A program is drawn from its seed; one that fails is run again by that seed alone.
"""

import pytest
from tiled_programs import Drawn

CASES, TOGETHER = 200, 10


@pytest.mark.parametrize("first", range(0, CASES, TOGETHER))
def test_random_programs_in_tiles_give_the_numbers_of_the_interpreter(first):
    found = {seed: Drawn(seed).wrong() for seed in range(first, first + TOGETHER)}
    assert not {seed: wrong[:3] for seed, (wrong, _) in found.items() if wrong}
    assert sum(compared for _, compared in found.values()) > 0


def test_most_of_them_are_computed_in_tiles():
    assert sum(Drawn(seed).compiled()[1] for seed in range(20)) > 10
