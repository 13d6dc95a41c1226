"""Memory that blocks, and calls, use again."""

import numpy as np
import pytest

from symformer import functions
from symformer.functions import memory


def test_a_product_lies_where_the_last_of_its_name_lay(monkeypatch):
    monkeypatch.setattr(memory, "SMALL", 4)
    scratch, a = {}, np.arange(12.0).reshape(3, 4)
    first = memory.product(scratch, "S", a, a.T)
    np.testing.assert_array_equal(first, a @ a.T)
    second = memory.product(scratch, "S", a[:2], a.T)
    np.testing.assert_array_equal(second, a[:2] @ a.T)
    assert np.shares_memory(first, second)
    assert not np.shares_memory(second, memory.product(scratch, "T", a, a.T))
    single = memory.product(scratch, "S", a.astype(np.float32), a.T.astype(np.float32))
    assert single.dtype == np.float32 and not np.shares_memory(second, single)


def test_a_total_of_products_starts_as_the_first():
    a = np.arange(12.0).reshape(3, 4)
    scratch, total = {}, None
    for _ in range(3):
        total = memory.added_product(scratch, "S", total, a, a.T)
    np.testing.assert_array_equal(total, 3 * (a @ a.T))


def test_ones_are_shared_and_nobody_may_write_to_them():
    few, many = memory.ones(3, np.dtype(np.float32)), memory.ones(5000, np.dtype(np.float32))
    assert few.tolist() == [1, 1, 1] and many.shape == (5000,) and many.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        few[0] = 2


def test_leading_axes_of_a_product_broadcast(monkeypatch):
    monkeypatch.setattr(memory, "SMALL", 4)
    a, b = np.arange(24.0).reshape(2, 1, 3, 4), np.arange(40.0).reshape(2, 4, 5)
    np.testing.assert_array_equal(memory.product({}, "S", a, b), a @ b)


def test_much_memory_and_that_of_many_calls_is_not_kept(monkeypatch):
    monkeypatch.setattr(memory, "FREE", [])
    scratch, tall = {}, np.ones((memory.KEPT // 8 + 1, 1))
    memory.product(scratch, "S", tall, tall[:1])
    memory.given_back(scratch)
    assert memory.FREE == []
    for _ in range(9):
        memory.given_back({"S": np.empty(1)})
    assert len(memory.FREE) == 4
    assert memory.taken_scratch() is not memory.taken_scratch()


def test_results_do_not_lie_in_memory_that_is_used_again(monkeypatch):
    """Of no function with products: all that it gave is what it was, after another call of the same sizes."""
    monkeypatch.setattr(memory, "SMALL", 4)
    x, w, up = (np.random.default_rng(seed).standard_normal((8, 8)) for seed in range(3))
    calls = {"attention": (x, w, up), "linear": (x, w), "feed_forward": (x, w, x[0], up, x[1]), "swiglu": (x, w, up, w)}
    for name, given in calls.items():
        for function, inputs in ((name, given), (f"{name}_vjp", (x, *given))):
            got = getattr(functions, function)(*inputs)
            first = [part for part in (got if isinstance(got, tuple) else (got,)) if part is not None]
            before = [np.copy(part) for part in first]
            getattr(functions, function)(*(2 * array for array in inputs))
            assert all(np.array_equal(one, other) for one, other in zip(first, before, strict=True))
