"""Arrays joined, padded, rolled and sorted: values, gradients and verdicts, in array notation and by `sf.`'s words."""

import numpy as np
import pytest

import symformer as sf

n, m, d, k_many = sf.sizes("n m d k")
i, j, c, k = sf.indices("i j c k")
x, y = sf.tensor("x", n), sf.tensor("y", m)
X, Y = sf.tensor("X", n, d), sf.tensor("Y", m, d)
SIZES = {n: 4, m: 2, d: 3}

# name: (operation on tensors, inputs, NumPy where it has another name)
OPERATIONS = {
    "concat": (lambda a, b: sf.concat([a, b]), (x, y), lambda a, b: np.concatenate([a, b])),
    "concat of three": (
        lambda a, b: sf.concat([a, b, a * 2]) * 3, (X, Y), lambda a, b: np.concatenate([a, b, a * 2]) * 3,
    ),
    "concat along rows": (lambda a: np.concatenate([a, a[:, 1:]], axis=1), (X,), None),
    "an entry behind": (lambda a: np.concatenate([np.zeros(1), a[:-1]]), (x,), None),
    "zeros before": (lambda a: np.concatenate([np.zeros_like(a[:1]), a[:-1]]), (X,), None),
    "append": (lambda a, b: np.append(a, b), (x, y), None),
    "stack": (lambda a: sf.stack([a, a**2], axis=1), (X,), lambda a: np.stack([a, a**2], axis=1)),
    "neighbours": (lambda a: a[1:] * a[:-1], (X,), None),
    "every second": (lambda a: a[::2] ** 2, (sf.tensor("z", 5),), None),
    "pad": (lambda a: sf.pad(a, (1, 2)), (x,), lambda a: np.pad(a, (1, 2))),
    "pad before": (lambda a: np.pad(a, ((1, 0), (0, 0))), (X,), None),
    "pad with a value": (lambda a: np.pad(a, ((1, 2), (0, 1)), constant_values=7), (X,), None),
    "pad with the edge": (lambda a: np.pad(a, (2, 1), mode="edge"), (x,), None),
    "pad around": (lambda a: np.pad(a, ((0, 0), (2, 1)), mode="wrap"), (X,), None),
    "roll": (lambda a: sf.roll(a, 1), (x,), lambda a: np.roll(a, 1)),
    "roll back along rows": (lambda a: np.roll(a, -2, axis=1), (X,), None),
    "roll both": (lambda a: np.roll(a, (1, 2), axis=(0, 1)), (X,), None),
    "flip": (lambda a: sf.flip(a, 0), (X,), lambda a: np.flip(a, 0)),
    "flip all": (lambda a: np.flip(a), (X,), None),
    "fliplr": (lambda a: np.fliplr(a) * a, (X,), None),
    "diff": (lambda a: np.diff(a, axis=0), (X,), None),
    "second differences": (lambda a: np.diff(a, n=2), (sf.tensor("z", 5),), None),
    "prod": (lambda a: np.prod(a, axis=0), (X,), None),
    "cumprod": (lambda a: np.cumprod(a, axis=1), (X,), None),
    "argmax": (lambda a: a[np.argmax(a)] * a, (x,), None),
    "argmin of rows": (lambda a: np.argmin(a, axis=1) * 1.5, (X,), None),
    "sort": (lambda a: np.sort(a), (x,), None),
    "sort columns": (lambda a: np.sort(a, axis=0) * a, (X,), None),
    "sort descending": (lambda a: sf.sort(a, descending=True), (X,), lambda a: -np.sort(-a)),
    "argsort": (lambda a: np.argsort(a, axis=0) * 1.0, (X,), None),
    "by the order of another": (lambda a, b: np.take_along_axis(b, np.argsort(a, axis=0), axis=0), (X, X), None),
    "rank": (lambda a: sf.rank(a) * a, (x,), lambda a: (np.argsort(np.argsort(a)) + 1) * a),
    "top k": (lambda a: sf.top_k(a, 2)[0], (X,), lambda a: -np.sort(-a)[:, :2]),
    "top k of columns": (
        lambda a: sf.top_k(a, 2, axis=0)[0] ** 2, (X,), lambda a: (-np.sort(-a, axis=0)[:2]) ** 2,
    ),
    "places of the top k": (lambda a: sf.top_k(a, 2)[1] * 1.0, (X,), lambda a: np.argsort(-a)[:, :2]),
}  # fmt: skip


def _drawn(tensors, seed=0):
    random = np.random.default_rng(seed)
    return [random.normal(size=[int(size.subs(SIZES)) for size in one.shape]) for one in tensors]


def _made(name):
    operation, inputs, numpys = OPERATIONS[name]
    inputs = tuple(dict.fromkeys(inputs))
    arguments = OPERATIONS[name][1]
    right = numpys or operation
    program = sf.program(operation(*arguments), inputs=inputs)
    return program, inputs, lambda *arrays: right(*(arrays[inputs.index(one)] for one in arguments))


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_numpys(name):
    program, inputs, right = _made(name)
    function = sf.lambdify(program)
    arrays = _drawn(inputs)
    np.testing.assert_allclose(function(*arrays), right(*arrays), rtol=1e-12, atol=1e-12)
    batch = [np.stack([one, -one]) for one in arrays]
    rows = [right(*(one[row] for one in batch)) for row in range(2)]
    np.testing.assert_allclose(function(*batch), rows, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", OPERATIONS)
def test_its_gradient_is_that_of_differences(name):
    program, inputs, right = _made(name)
    backward = sf.lambdify(sf.reverse(program).program)
    arrays = _drawn(inputs, 1)
    cotangent = np.random.default_rng(2).normal(size=np.shape(right(*arrays)))
    found = backward(cotangent, *arrays)
    for place, (one, slope) in enumerate(zip(arrays, found if isinstance(found, tuple) else (found,), strict=True)):
        for at in np.ndindex(one.shape):
            step = np.zeros_like(one)
            step[at] = 1e-6
            up, down = ([*arrays[:place], one + side * step, *arrays[place + 1 :]] for side in (1, -1))
            expected = np.sum((right(*up) - right(*down)) / 2e-6 * cotangent)
            np.testing.assert_allclose(slope[at], expected, atol=1e-6, rtol=1e-6)


def test_of_equal_entries_the_lowest_index_comes_first():
    given = np.array([2.0, 3.0, 2.0, 3.0, 1.0])
    assert sf.lambdify(sf.argsort(x))(given).tolist() == [4, 0, 2, 1, 3]
    assert sf.lambdify(sf.argsort(x, descending=True))(given).tolist() == [1, 3, 0, 2, 4]
    values, places = sf.top_k(x, 3)
    assert sf.lambdify(values)(given).tolist() == [3, 3, 2]
    assert sf.lambdify(places)(given).tolist() == [1, 3, 0]


def test_entries_are_sorted_and_not_compared_in_pairs():
    """A hundred thousand entries are no 10¹⁰ pairs; ties, a batch and NaN are as NumPy has them."""
    many = np.random.default_rng(3).integers(0, 1000, 100_000).astype(float)
    np.testing.assert_array_equal(sf.lambdify(sf.sort(x))(many), np.sort(many))
    rows = np.random.default_rng(4).integers(0, 4, (2, 3, 9)).astype(float)
    rows[0, 0, 2] = np.nan
    np.testing.assert_array_equal(sf.lambdify(sf.argsort(X))(rows), np.argsort(rows, kind="stable"))
    falling = sf.lambdify(sf.argsort(X, axis=0, descending=True))(rows[1])
    np.testing.assert_array_equal(falling, np.argsort(-rows[1], axis=0, kind="stable"))
    backward = sf.lambdify(sf.reverse(sf.program(sf.sort(x))).program)
    np.testing.assert_array_equal(backward(np.arange(1e5), many)[np.argsort(many, kind="stable")], np.arange(1e5))


def test_the_first_k_have_a_symbolic_k():
    values, places = sf.top_k(x, k_many)
    given = np.array([2.0, 3.0, 2.0, 5.0])
    assert sf.lambdify(values)(given, k=3).tolist() == [5, 3, 2]
    assert sf.lambdify(places)(given, k=3).tolist() == [3, 1, 0]
    with pytest.raises(ValueError, match="outside its axis of 4"):
        sf.lambdify(values)(given, k=5)
    backward = sf.lambdify(sf.reverse(sf.program(values)).program)
    assert backward(np.array([1.0, 2.0]), given).tolist() == [0, 2, 0, 1]


def test_what_is_hidden_stays_out_of_what_is_beside_it():
    """No product with 0 stands for a choice: ∞ in one part is no NaN in another."""
    given = np.array([1.0, np.inf]), np.array([2.0, 3.0])
    for made in (sf.concat([x, y]), sf.sort(x), sf.pad(x, 1), sf.roll(x, 1)):
        arrays = given if len(sf.program(made).inputs) == 2 else given[:1]
        assert not np.isnan(sf.lambdify(made)(*arrays)).any()


def test_more_than_there_are_is_an_error():
    with pytest.raises(ValueError, match="outside its axis of 1"):
        sf.lambdify(sf.top_k(x, 2)[0])(np.array([1.0]))
    with pytest.raises(sf.ArrayError, match="top_k: 4 of an axis of size 3"):
        sf.top_k(sf.tensor("w", 3), 4)
    with pytest.raises(sf.ArrayError, match=r"write np\.sort, whose order holds"):
        np.partition(x, 2)


def test_entries_of_what_was_joined_are_written_with_indices():
    both = sf.concat([X, Y])
    assert str(sf.program(sf.define("s", i, sf.sum(both[i, c], c)))["both"]) == (
        "both_jc = {X_[j,c] if j ≤ n; Y_[j−n,c] otherwise}"
    )
    before = sf.pad(x, (1, 0))
    assert str(before) == "before_i = [i > 1] x_[i−1]"
    assert before.shape == (n + 1,)


def test_an_index_reads_a_part_of_an_axis():
    """In index notation: as far as the index goes, or as far as a condition lets it."""
    joined = sf.define("T", ((i, n + m),), sf.where(sf.lift(i) <= n, x[i], y[i - n]))
    np.testing.assert_array_equal(sf.lambdify(joined)(np.arange(3.0), np.arange(2.0)), [0, 1, 2, 0, 1])
    pairs = sf.define("T", ((i, n - 1),), x[i + 1] * x[i])
    np.testing.assert_array_equal(sf.lambdify(pairs)(np.arange(4.0)), [0, 2, 6])
    assert str(sf.sum(x[i], (i, n - 1))) == "Σ_[i=1]^(n − 1) x_i"
    assert sf.judge(sf.sum(x[i], (i, n - 1)) + x[n], "=", sf.sum(x[i], i)).kind in ("proved", "exact")
    with pytest.raises(sf.ShapeError, match=r"index i runs over m \+ n in the definition but over n in x"):
        sf.define("T", ((i, n + m),), x[i])
    with pytest.raises(sf.ShapeError, match="runs over n in the definition but over m in y"):
        sf.define("T", ((i, n),), y[i])


JUDGED = {
    "a sum in two parts": (sf.sum(sf.concat([x, y])[i], i), sf.sum(x[i], i) + sf.sum(y[j], j), "proved exact"),
    "not the first alone": (sf.sum(sf.concat([x, y])[i], i), sf.sum(x[i], i), "refuted"),
    "what is rolled": (sf.sum(sf.roll(x, 1)[i], i), sf.sum(x[i], i), "proved exact checked"),
    "a read that a factor turns off": (sf.sum(sf.pad(x, (1, 0))[i], i), sf.sum(x[i], i), "proved exact"),
    "two reads that conditions turn off": (sf.sum(sf.pad(x, (2, m))[i], i), sf.sum(x[i], i), "proved exact"),
    "what is turned": (sf.sum(sf.flip(x)[i], i), sf.sum(x[i], i), "proved exact"),
    "what is sorted": (sf.sum(sf.sort(x)[i], i), sf.sum(x[i], i), "exact checked"),
    "sorted is not the same": (sf.sort(x)[i], x[i], "refuted"),
    "the largest": (sf.sort(x, descending=True)[1], sf.max(x[i], i), "exact checked"),
    "ranks": (sf.sum(sf.rank(x)[i], i), sf.lift(n * (n + 1) / 2), "proved"),
}


@pytest.mark.parametrize("name", JUDGED)
def test_what_is_said_of_it_is_judged(name):
    left, right, kinds = JUDGED[name]
    assert sf.judge(left, "=", right).kind in kinds.split()


def test_the_slope_of_a_sorted_array_stands_where_entries_differ():
    chosen = sf.indicator(j, "=", sf.argmax(sf.indicator(sf.rank(x)[c], "=", i), c))
    verdict = sf.judge(sf.diff(sf.sort(x)[i], x[j]), "=", chosen)
    assert verdict.kind in ("exact", "checked")
    assert verdict.data["conditions"] == ["x_j ≠ x_i"]
