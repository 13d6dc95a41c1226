"""Passes, one by one: what each does to lines, and that the numbers stay what they were."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace

import numpy as np
import numpy_reference
import pytest
from compiled_lines import lines_of

import symformer as sf
from symformer import functions
from symformer.compile import CompileError
from symformer.compile.arrays import Contract, Load, Map, Number, PlaceAdd, Reduce, RowDot, walk
from symformer.compile.passes.blocks import scheduled
from symformer.compile.passes.columns import by_columns
from symformer.compile.passes.deltas import at_positions
from symformer.compile.passes.exchange import exchanged
from symformer.compile.passes.in_place import Writer
from symformer.compile.passes.quotients import as_quotients
from symformer.compile.passes.row_sums import row_sums
from symformer.compile.passes.scales import scaled_inside, scaled_once
from symformer.compile.passes.shifts import with_branches
from symformer.compile.passes.terms import guarded_terms, only_where_set, without_names
from symformer.functions import support
from symformer.programs import Guard

n, m, d = sf.sizes("n m d")
i, j, k, c = sf.indices("i j k c")
X, Y, W = sf.tensor("X", n, m), sf.tensor("Y", n, m), sf.tensor("W", m, d)
G = sf.tensor("G", n, d)
ids = sf.tensor("ids", n, kind="integer", upper=m)


def everything(array):
    """Every array is worth it."""
    return True


def written(lines, kept=(), placed=()):
    """The code of lines, without the formulas."""
    return [line for line in Writer(lines, set(kept), set(placed), everything).write() if not line.startswith("#")]


# In place. ------------------------------------------------------------------------------------------------------------


def test_what_nobody_reads_any_more_is_overwritten():
    s = sf.define("S", (i, j), X[i, j] * Y[i, j])
    t = sf.define("T", (i, j), sf.exp(s[i, j] - 1))
    code = written(lines_of(t), kept=("X", "Y"))
    assert code == ["S = X * Y", "S -= 1", "T = np.exp(S, out=S)"]


def test_what_is_read_later_is_not_overwritten():
    s = sf.define("S", (i, j), X[i, j] * Y[i, j])
    t = sf.define("T", (i, j), sf.exp(s[i, j]))
    u = sf.define("U", (i, j), s[i, j] + t[i, j])
    code = written(lines_of(u), kept=("X", "Y"))
    assert code[1] == "T = np.exp(S)"
    assert code[2] in ("U = np.add(S, T, out=S)", "U = np.add(S, T, out=T)")


def test_an_output_is_computed_where_it_lies():
    s = sf.define("S", (i, j), X[i, j] * Y[i, j])
    t = sf.define("T", (i, j), sf.exp(s[i, j]))
    assert written(lines_of(t), kept=("X", "Y"), placed=("T",)) == [
        "S = np.multiply(X, Y, out=T)",
        "np.exp(S, out=S)",
    ]


def test_inputs_are_never_overwritten():
    t = sf.define("T", (i, j), sf.exp(X[i, j] + Y[i, j] * 2))
    assert not any(line.startswith(("X", "Y")) or "out=X" in line for line in written(lines_of(t), kept=("X", "Y")))


def test_what_is_read_again_in_a_sum_of_the_same_operation_is_overwritten():
    s = sf.define("S", (i, j), X[i, j] * Y[i, j])
    t = sf.define("T", (i, j), s[i, j] - sf.sum(s[i, k] * s[i, k], k))
    assert written(lines_of(t), kept=("X", "Y"))[1].startswith("T = np.subtract(S, np.sum(")


# Blocks. --------------------------------------------------------------------------------------------------------------


def test_rows_are_inside_and_what_has_none_is_outside():
    square = sf.define("Q", (j, c), W[j, c] ** 2)
    product = sf.define("P", (i, c), sf.sum(X[i, j] * square[j, c], j))
    columns = sf.define("C", c, sf.sum(product[i, c], i))
    total = sf.define("t", (), sf.sum(columns[c], c))
    plan = scheduled(lines_of(product, total), i, {"P", "t"})
    assert [line.variable for line in plan.before] == ["Q"]
    assert [(line.variable, line.adds) for line in plan.inside] == [("P", False), ("C", True)]
    assert [line.variable for line in plan.after] == ["t"]
    assert plan.whole == {"P"}


def test_what_needs_all_rows_first_is_refused():
    total = sf.define("t", j, sf.sum(X[i, j], i))
    shares = sf.define("s", (i, j), X[i, j] / total[j])
    lines = lines_of(shares)
    with pytest.raises(CompileError, match="only known after all rows"):
        scheduled(lines, lines[-1].axes[0], {"s"})


def test_attention_makes_no_array_of_all_scores():
    """Neither forward nor backward: 2048 x 2048 scores would be 16 MB."""
    q = np.random.default_rng(0).standard_normal((2048, 16), dtype=np.float32)
    functions.attention_vjp(q[:8], q[:8], q[:8], q[:8])
    for run in (lambda: functions.attention(q, q, q), lambda: functions.attention_vjp(q, q, q, q)):
        tracemalloc.start()
        run()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 14e6


def test_columns_are_inside_and_what_needs_their_sums_comes_after():
    u = sf.define("U", (i, j), sf.exp(X[i, j]))
    z = sf.define("Z", i, sf.sum(u[i, j], j))
    o = sf.define("O", (i, c), sf.sum(u[i, j] * W[j, c], j) / z[i])
    found = by_columns(lines_of(o), j)
    assert [(line.variable, line.adds) for line in found.inside] == [("U", False), ("Z", True), ("O_sum", True)]
    assert [line.variable for line in found.after] == ["O"]
    p = sf.define("P", (i, j), u[i, j] / z[i])
    assert by_columns(lines_of(p), j) is None


def test_what_columns_do_not_change_comes_before_them():
    half = sf.define("H", (i, c), G[i, c] / 2)
    s = sf.define("S", (i, j), sf.sum(half[i, c] * W[j, c], c))
    z = sf.define("Z", i, sf.sum(s[i, j], j))
    o = sf.define("O", i, z[i] + half[i, 1])
    found = by_columns(lines_of(o), j)
    assert [line.variable for line in found.before] == ["H"]
    assert [line.variable for line in found.inside] == ["S", "Z"]
    assert [line.variable for line in found.after] == ["O"]


# Terms. ---------------------------------------------------------------------------------------------------------------

FLAG = Guard("flag", "flag", "if flag is set")


def test_a_second_name_is_left_out():
    s = sf.define("S", (i, j), X[i, j] * 2)
    t = sf.define("T", (i, j), s[i, j])
    assert [line.variable for line in without_names(lines_of(t), {"T"})] == ["T"]
    assert len(without_names(lines_of(s, t), {"S", "T"})) == 2


def test_a_term_that_an_option_adds_is_added_where_it_is_set():
    term = sf.define("A", (i, j), Y[i, j] * 3, guard=FLAG, otherwise=0)
    t = sf.define("T", (i, j), X[i, j] * 2 + term[i, j])
    first, second = guarded_terms(lines_of(t), {"T"})
    assert first.guard is None and first.reads == ["X"]
    assert second.guard == FLAG and second.reads == ["T", "Y"]


def test_an_output_that_is_zero_without_its_option_is_left_out_there():
    t = sf.define("T", (i, j), Y[i, j] * 3, guard=FLAG, otherwise=0)
    (line,) = only_where_set(lines_of(t), {"T"})
    assert line.other is None
    u = sf.define("U", (i, j), 0, guard=FLAG, otherwise=Y[i, j] * 3)
    (line,) = only_where_set(lines_of(u), {"U"})
    assert line.other is None and line.guard.code == "not (flag)"


def test_a_delta_of_a_position_is_added_in_its_place():
    v = sf.tensor("v", n)
    hit = sf.define("H", (i, (j, m)), v[i] * sf.delta(j, ids[i]))
    t = sf.define("T", (i, j), hit[i, j] + X[i, j] * 2)
    first, second = at_positions(lines_of(t))
    assert first.reads == ["X"]
    assert isinstance(second.array, PlaceAdd) and second.variable == "T"
    rows = np.zeros((2, 3))
    support.add_at(rows, np.array([2, 0]), np.array([5.0, 7.0]))
    np.testing.assert_array_equal(rows, [[0, 0, 5], [7, 0, 0]])


def test_an_output_that_only_its_row_dot_reads_is_left_out():
    v, g = sf.tensor("v", m, d), sf.tensor("g", n, d)
    f = sf.indices("f")
    u = sf.define("u", (i, j), sf.exp(X[i, j]))
    z = sf.define("z", i, sf.sum(u[i, j], j))
    o = sf.define("O", (i, f), sf.sum(u[i, j] * v[j, f], j) / z[i])
    du = sf.define("du", (i, j), sf.sum(g[i, f] * v[j, f], f) - sf.sum(g[i, f] * o[i, f], f))
    lines = exchanged(lines_of(du))
    assert [line.variable for line in lines] == ["u", "z", "dP", "D", "du"]
    assert lines[2].reads == ["g", "v"]


def test_what_their_difference_is_divided_by_divides_the_smaller_factor():
    v, g = sf.tensor("v", m, d), sf.tensor("g", n, d)
    f = sf.indices("f")
    z = sf.define("z", i, sf.sum(X[i, j], j))
    o = sf.define("O", (i, f), sf.sum(X[i, j] * v[j, f], j) / z[i])
    du = sf.define("du", (i, j), (sf.sum(g[i, f] * v[j, f], f) - sf.sum(g[i, f] * o[i, f], f)) / z[i])
    _, slopes, _, reader = exchanged(lines_of(du))
    factor = slopes.array.parts[0]
    assert (factor.name, [part.name for part in factor.parts]) == ("divide", ["g", "z"])
    assert reader.array.name == "subtract"


# Scales and quotients. ------------------------------------------------------------------------------------------------


def test_a_factor_is_scaled_once_for_all_its_products():
    v, g = sf.tensor("v", m, d), sf.tensor("g", n, d)
    s = sf.define("S", (i, j), sf.sum(3 * g[i, c] * v[j, c], c))
    t = sf.define("T", (k, c), sf.sum(3 * g[i, c] * s[i, k], i))
    lines = scaled_once([scaled_inside(replace(line, adds=line.variable == "T"), {"g"}) for line in lines_of(t)])
    assert [line.variable for line in lines] == ["g_scaled", "S", "T"]
    assert all("g_scaled" in line.reads and "g" not in line.reads for line in lines[1:])


def test_what_is_divided_by_its_last_axis_is_no_scaled_factor():
    v, w = sf.tensor("v", m, d), sf.tensor("w", d)
    s = sf.define("S", (i, j), sf.sum(G[i, c] / w[c] * v[j, c], c))
    assert [line.variable for line in scaled_once(lines_of(s))] == ["S"]


def test_a_factor_that_is_a_reciprocal_becomes_a_divisor():
    b = sf.define("b", (i, j), 1 / (1 + sf.exp(-X[i, j])))
    y = sf.define("y", (i, j), X[i, j] * b[i, j] * Y[i, j])
    below, quotient = as_quotients(lines_of(y), {"y"})
    assert below.array.name == "add" and below.formula.startswith("the reciprocal of b")
    assert "divide" in {node.name for node in walk(quotient.array) if isinstance(node, Map)}


def test_a_reciprocal_that_something_else_reads_stays():
    b = sf.define("b", (i, j), 1 / (1 + sf.exp(-X[i, j])))
    y = sf.define("y", (i, j), X[i, j] * b[i, j])
    z = sf.define("z", (i, j), Y[i, j] + b[i, j])
    for made, outputs in ((lines_of(y, z), {"y", "z"}), (lines_of(y), {"y", "b"}), (lines_of(z), {"z"})):
        assert as_quotients(made, outputs) == made


# Row sums. ------------------------------------------------------------------------------------------------------------


def test_sums_of_rows_are_products():
    u = sf.define("U", (i, j), sf.exp(X[i, j]))
    z = sf.define("Z", i, sf.sum(u[i, j], j))
    both = sf.define("B", i, sf.sum(u[i, j] * Y[i, j], j))
    lines, columns = row_sums(lines_of(z, both), everything)
    kinds = {line.variable: type(line.array) for line in lines}
    assert kinds["Z"] is Contract and kinds["B"] is RowDot
    assert columns == {"ones_m": "m"}


def test_means_keep_the_sum_of_numpy():
    mu = sf.define("mu", i, sf.mean(X[i, j], j))
    ((line,), columns) = row_sums(lines_of(mu), everything)
    assert isinstance(line.array.parts[0], Reduce) and not columns


# Shifts. --------------------------------------------------------------------------------------------------------------


def shifted_softmax():
    """The maximum of rows, and exponentials shifted by it."""
    s = sf.define("S", (i, j), X[i, j] * 2)
    top = sf.define("top", i, sf.max(s[i, k], k))
    return lines_of(sf.define("U", (i, j), sf.exp(s[i, j] - top[i])))


def test_a_block_without_need_takes_zero_for_its_maxima():
    lines = with_branches(shifted_softmax(), i)
    assert lines[-1].guard is not None and lines[-1].guard.code == "needs_shift(top)"
    assert "top" not in {load.name for load in [lines[-1].other, *lines[-1].other.kids] if isinstance(load, Load)}
    assert not any(isinstance(part, Number) for part in lines[-1].other.kids)


@pytest.mark.parametrize(("top", "needed"), [([0, 16], False), ([-1e-3, 1], True), ([1, 17], True), ([np.nan], True),
                                             ([], True), ([np.inf], True)])  # fmt: skip
def test_exponentials_need_a_shift_outside_of_what_the_bound_allows(top, needed):
    assert support.needs_shift(np.array(top)) is needed


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logsumexp"])
@pytest.mark.parametrize("shift", [-100.0, -1.0, 0.0, 30.0, 100.0])
def test_rows_are_the_same_with_and_without_their_shift(name, shift):
    x = np.random.default_rng(0).standard_normal((5, 40)) + shift
    got, want = getattr(functions, name)(x), getattr(numpy_reference, name)(x)
    np.testing.assert_allclose(got, want, rtol=1e-13)


# Contractions. --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", ["ia,agrc->gric", "grij,gjf->grif", "gric,agrc->ia", "gjri,grif->gjf", "ij,jk->ki"])
@pytest.mark.parametrize("lead", [(), (3,), (2, 3)])
def test_contractions_by_blas_are_einsums(spec, lead):
    rng = np.random.default_rng(0)
    sizes = dict(zip("agrcijfk", (2, 3, 4, 5, 6, 7, 2, 3), strict=True))
    (one, two), out = spec.split("->")[0].split(","), spec.split("->")[1]
    left = rng.standard_normal((*lead, *(sizes[letter] for letter in one)))
    right = rng.standard_normal([sizes[letter] for letter in two])
    want = np.einsum(f"...{one},...{two}->...{out}", left, right)
    np.testing.assert_allclose(support.contract(spec, left, right), want, atol=1e-12)
