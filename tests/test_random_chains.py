"""Random chains of elementwise operations: in blocks of a few rows, and in whole ones, what comes out at once.

A program is drawn from its seed; one that fails is run again by that seed alone.
"""

import numpy as np
import pytest
from random_chains import Chain

import symformer as sf
from symformer.compile.small_blocks import small_blocks


def tuple_of(results):
    return results if isinstance(results, tuple) else (results,)


@pytest.mark.parametrize("first", range(0, 60, 10))
def test_random_chains_in_blocks_give_the_numbers_of_everything_at_once(first):
    for seed in range(first, first + 10):
        chain = Chain(seed)
        blocks, whole = (sf.lambdify(chain.program, rows=rows, check=False) for rows in ("", None))
        arrays = chain.arrays([(), (3,), (2, 3)][seed % 3])
        with small_blocks(blocks):
            found = tuple_of(blocks(*arrays))
        for one, small, other in zip(tuple_of(blocks(*arrays)), found, tuple_of(whole(*arrays)), strict=True):
            wanted = np.broadcast_to(other, one.shape)
            np.testing.assert_allclose(one, wanted, rtol=1e-9, atol=1e-9, err_msg=f"seed {seed}")
            np.testing.assert_allclose(small, wanted, rtol=1e-9, atol=1e-9, err_msg=f"seed {seed}, small blocks")


def test_many_of_them_are_computed_in_blocks():
    assert sum("for rows in" in sf.lambdify(Chain(seed).program, check=False).source for seed in range(20)) > 5
