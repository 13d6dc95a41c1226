"""Small programs of every shape: what the compiler makes of them against the interpreter, entry by entry."""

import math

import numpy as np
import pytest
import sympy

import symformer as sf
from symformer.calculus import reverse
from symformer.evaluate import Interpreter, SymbolField
from symformer.functions.views import summed_like
from symformer.notation import lift

n, m, d, p = sf.sizes("n m d p")
i, j, k, l, c = sf.indices("i j k l c")
SIZES = {n: 3, m: 4, d: 2, p: 5}
x, y, z = sf.tensor("x", n), sf.tensor("y", n), sf.tensor("z", m)
A, B, C = sf.tensor("A", n, n), sf.tensor("B", n, m), sf.tensor("C", m, d)
G, H, W = sf.tensor("G", n, m, d), sf.tensor("H", d, m, p), sf.tensor("W", n, m, d, p)
M, M1 = sf.tensor("M", n, n, kind="mask"), sf.tensor("M1", n, kind="mask")
E, s = sf.tensor("E", m, d), sf.scalar("s")
ids, pos = sf.tensor("ids", n, kind="integer", upper=m), sf.tensor("pos", n, kind="integer", upper=d)
below = sf.indicator(i, "≤", j)

PROGRAMS = {
    "a sum that nothing carries": (i, sf.sum(x[i], (k, n))),
    "two bound, one carried": (i, x[i] * sf.sum(y[j], (k, n), j)),
    "a contraction, one not carried": ((), sf.sum(x[j] * z[l], (k, n), j, l)),
    "indicators added": ((i, j), A[i, j] * (below + sf.indicator(j, "≤", i))),
    "indicators subtracted": ((i, j), A[i, j] * (below - sf.indicator(j, "≤", i))),
    "an indicator negated": ((i, j), A[i, j] * -below),
    "masks added": ((i, j), M[i, j] + M[j, i]),
    "masks contracted": ((i, j), A[i, j] * sf.sum(M[i, k] * M[k, j], k)),
    "a mask counted": (i, x[i] * sf.sum(M[i, k], k)),
    "exp of a mask": (i, x[i] * sf.exp(M1[i])),
    "a mask in a maximum": (i, x[i] * sf.max(M1[k], k)),
    "a delta across": ((i, j), A[i, j] * sf.delta(j, n + 1 - i)),
    "an indicator of twice an index": ((i, j), A[i, j] * sf.indicator(2 * j, "≤", i)),
    "an indicator of minus an index": ((i, j), A[i, j] * sf.indicator(-j, "≤", i - 4)),
    "an indicator of a difference": ((i, j), A[i, j] * sf.indicator(i - j, "≤", 1)),
    "an indicator with an offset": ((i, j), A[i, j] * sf.indicator(j, "≤", i + 1)),
    "an indicator with a number": ((i, j), A[i, j] * sf.indicator(j, "≤", 2)),
    "an indicator of a size": (i, x[i] * sf.indicator(n, "=", 3)),
    "backwards": (((i, n),), x[n + 1 - i]),
    "a fixed entry": (i, y[i] * x[2]),
    "the last entry": (i, y[i] * x[n]),
    "rows of a table": ((i, c), E[ids[i], c]),
    "an entry of each row": (i, B[i, ids[i]]),
    "columns of a table": ((i, j), B[j, ids[i]]),
    "two lookups": ((i, j), E[ids[i], pos[j]]),
    "a lookup by pairs": (i, E[ids[i], pos[i]]),
    "a delta of a position": ((i, j), B[i, j] * sf.delta(ids[i], j)),
    "one letter, two ranges": ((), sf.sum(k * x[k], k) + sf.sum(k * z[k], k)),
    "an index as a number": (i, x[i] * i / n),
    "an inverse index": (i, x[i] * lift(i) ** -1),
    "powers of numbers": (i, x[i] * lift(-3) ** 2 + (lift(n) ** 2) ** 3),
    "a maximum of an index": (i, x[i] * sf.max(lift(k), (k, n))),
    "a maximum of a product": (i, sf.max(x[i] * y[k], k)),
    "a constant vector": (((i, n),), x[1] * 2),
    "a product": ((i, c), sf.sum(B[i, j] * C[j, c], j)),
    "a product transposed": ((c, i), sf.sum(B[i, j] * C[j, c], j)),
    "A Aᵀ": ((i, j), sf.sum(A[i, k] * A[j, k], k)),
    "Aᵀ A": ((j, i), sf.sum(A[k, i] * A[k, j], k)),
    "a row times a matrix": (j, sf.sum(x[i] * B[i, j], i)),
    "a matrix times a column": (i, sf.sum(B[i, j] * z[j], j)),
    "an inner product": ((), sf.sum(x[i] * y[i], i)),
    "an outer product": ((j, i), x[i] * z[j]),
    "ranks three and four": ((i, l), sf.sum(G[i, j, c] * W[i, j, c, l], j, c)),
    "rank four transposed": ((l, c, i, j), W[i, j, c, l]),
    "a shared letter": ((c, i, l), sf.sum(G[i, j, c] * H[c, j, l], j)),
    "four factors": (i, sf.sum(B[i, j] * C[j, c] * x[k] * A[k, i], j, c, k)),
    "sums in sums": (i, sf.sum(A[i, j] * sf.sum(A[j, k] * x[k], k), j)),
    "sums in sums, one letter": (i, sf.sum(A[i, k] * sf.sum(A[i, k] * x[k], k), k)),
    "a sum of a sum": (i, sf.sum(A[i, k] + x[k], k)),
    "a quotient in a sum": (i, sf.sum(A[i, k] / (1 + sf.exp(x[k])), k) / n),
    "a scalar": (i, sf.sum(s * A[i, j] * x[j] / n, j)),
    "brackets": (i, x[i] - (y[i] - x[i]) / (1 + (x[i] / y[i]) ** 2) - -(x[i] + y[i]) * 2),
    "a root of a square": (i, (1 + x[i] ** 2) ** sympy.Rational(-1, 2)),
    "a mean": (i, sf.mean(A[i, j], j)),
}  # fmt: skip


def numbers(tensor, lead):
    """Random entries in the tensor's domain, with batch axes."""
    shape = lead + tuple(int(size.subs(SIZES)) for size in tensor.shape)
    random = np.random.default_rng(len(tensor.name) + sum(map(ord, tensor.name)))
    if tensor.domain.kind == "mask":
        return random.integers(0, 2, shape).astype(bool)
    if tensor.domain.kind == "integer":
        return random.integers(0, int(tensor.domain.upper.subs(SIZES)), shape)
    return random.normal(size=shape)


def interpreted(tensor, given):
    """All entries of a tensor by the interpreter; positions count from 1 there."""

    def inputs(source, place):
        value = given[source.name][tuple(number - 1 for number in place)]
        if source.domain.kind in ("mask", "integer"):
            return sympy.Integer(int(value) + (source.domain.kind == "integer"))
        return sympy.Float(float(value), 30)

    interpreter = Interpreter(SymbolField(), SIZES, inputs)
    return np.array([float(value) for value in interpreter.array(tensor).values()]).reshape(interpreter.shape(tensor))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", PROGRAMS)
def test_compiled_is_interpreted(name):
    indices, body = PROGRAMS[name]
    tensor = sf.define("r", indices, body)
    inputs = sf.program(tensor).inputs
    given = {source.name: numbers(source, (2,)) for source in inputs}
    got = sf.lambdify(tensor)(*given.values())
    for batch in range(2):
        one = {key: value[batch] for key, value in given.items()}
        want = interpreted(tensor, one)
        np.testing.assert_allclose(got[batch], want, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(sf.lambdify(tensor)(*one.values()), want, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("indices", "body", "words"),
    [
        (i, sf.diff(x[i] ** 2, x[i]), "Derivative"),
    ],
)
def test_what_has_no_array_form_is_refused_by_name(indices, body, words):
    with pytest.raises(sf.CompileError, match=words):
        sf.lambdify(sf.define("r", indices, body))


DIAGONALS = [
    (i, 2 * A[i, i], lambda a: 2 * np.diagonal(a)),
    ((), sf.sum(A[k, k], k), np.trace),
    ((i, j), A[i, j] - A[j, j], lambda a: a - np.diagonal(a)),
]


@pytest.mark.parametrize(("indices", "body", "wanted"), DIAGONALS, ids=range(len(DIAGONALS)))
def test_a_letter_that_stands_twice_is_a_diagonal(indices, body, wanted):
    function, given = sf.lambdify(sf.define("r", indices, body)), np.arange(32.0).reshape(2, 4, 4) ** 2
    for batch in range(2):
        np.testing.assert_allclose(function(given[batch]), wanted(given[batch]))
        np.testing.assert_allclose(function(given)[batch], wanted(given[batch]))


def test_an_index_that_points_outside_is_an_error_and_never_wraps():
    with pytest.raises(ValueError, match="outside"):
        sf.lambdify(sf.define("r", ((i, n),), x[i - 1]))(np.ones(3))


@pytest.mark.parametrize("name", ["np", "real", "range", "reversed", "bool", "dtype", "at", "rows", "lead", "stacked"])
def test_a_name_that_the_text_needs_for_itself_is_free_for_a_tensor(name):
    given = sf.tensor(name, n)
    found = sf.lambdify(sf.define("r", i, given[i] + sf.sum(sf.indicator(k, "≤", i), (k, n))))(np.ones(3))
    np.testing.assert_array_equal(found, [2, 3, 4])
    layer = sf.define("Y", i, 2 * given[i])
    deep = sf.repeat(layer, (k, 3), {given: sf.tensor("start", n)}, name="deep")
    np.testing.assert_array_equal(sf.lambdify(reverse(deep).program, "vjp")(np.ones(2), np.ones(2)), [8, 8])
    by_rows = sf.lambdify(sf.define("r", i, given[i] + sf.sum(A[i, j], j)), rows="i")
    np.testing.assert_array_equal(by_rows(np.ones(3), np.eye(3)), [2, 2, 2])


def test_a_name_cannot_become_code():
    with pytest.raises(sf.NotationError, match="a name is letters"):
        sf.tensor("x\nimport os #", n)


@pytest.mark.parametrize("read", [((j, i), B[i, j]), (i, B[i, 1]), ((i, j), sf.define("T", (j, i), B[i, j])[j, i])])
def test_what_only_reads_entries_gives_memory_of_its_own(read):
    """Nobody who writes to a result may change an input, or another result."""
    given = np.arange(12.0).reshape(3, 4)
    results = sf.lambdify(sf.program(sf.define("Y", *read), sf.define("Z", *read)))(given)
    for result in results:
        result += 1
    np.testing.assert_array_equal(given, np.arange(12.0).reshape(3, 4))
    np.testing.assert_array_equal(*results)


@pytest.mark.parametrize(("gradient", "shape"), [((5, 2, 3), (2, 3)), ((2, 3), (1, 3)), ((1, 3), (2, 3)), ((), (2,))])
def test_a_gradient_has_the_shape_of_its_array_and_can_be_written_to(gradient, shape):
    found = summed_like(np.ones(gradient), np.zeros(shape))
    found += 1
    assert found.shape == shape


def test_a_chain_of_many_definitions_compiles():
    x = sf.tensor("x", n)
    link = x
    for number in range(300):
        link = sf.define(f"y_{number}", i, link[i] * 0.5 + 1)
    assert sf.lambdify(link)(np.zeros(2)).tolist() == [2, 2]


def test_exponentials_of_exponentials_compile():
    nested = sf.tensor("x", n)[i]
    for _ in range(50):
        nested = sf.exp(-nested)
    wanted = 0.25
    for _ in range(50):
        wanted = math.exp(-wanted)
    assert sf.lambdify(sf.define("y", i, nested))(np.array([0.25])) == pytest.approx(wanted)
