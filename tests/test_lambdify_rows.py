"""`lambdify` with blocks of rows: the same numbers as everything at once, whatever the blocks and the batch."""

import numpy as np
import pytest

import symformer as sf

n, m, d = sf.sizes("n m d")
i, j, k, c = sf.indices("i j k c")
x, y, a = sf.tensor("x", n, d), sf.tensor("y", m, d), sf.scalar("a")

u = sf.define("u", (i, j), sf.exp(a * sf.sum(x[i, c] * y[j, c], c)))
PROGRAMS = {
    "attention": sf.define("v", (i, c), sf.sum(u[i, j] * y[j, c], j) / sf.sum(u[i, k], k)),
    "row sums": sf.define("z", i, sf.sum(u[i, j], j)),
    "elementwise": sf.define("w", (i, c), a * x[i, c] ** 2),
}


@pytest.mark.parametrize("block", [0, 64, 1 << 12])
@pytest.mark.parametrize("lead", [(), (3,), (2, 3)])
@pytest.mark.parametrize("name", PROGRAMS)
def test_blocks_change_no_number(name, lead, block):
    program = sf.program(PROGRAMS[name])
    random = np.random.default_rng(0)
    given = {"x": random.normal(size=(*lead, 7, 3)), "y": random.normal(size=(5, 3)), "a": random.normal(size=lead)}
    arrays = [given[tensor.name] for tensor in program.inputs]
    whole, rows = sf.lambdify(program, rows=None), sf.lambdify(program, rows="i", block=block)
    assert np.allclose(rows(*arrays), whole(*arrays), rtol=1e-14)
    assert np.allclose(sf.lambdify(program)(*arrays), whole(*arrays), rtol=1e-13)
    assert ("for rows in" in rows.source) and "for rows in" not in whole.source


def test_an_index_that_no_definition_has_is_named():
    with pytest.raises(sf.CompileError, match="rows: no definition has an index l"):
        sf.lambdify(PROGRAMS["attention"], rows="l")
