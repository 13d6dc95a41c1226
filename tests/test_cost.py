"""Counting programs: parameters, FLOPs and what is kept, by the stated rules."""

import pytest
import sympy
from gpt_layer import H, L, b, d, layer, n
from recorded import recorded

import symformer as sf
from symformer.cost import largest_batch, optimizer_bytes, width_of
from symformer.notation import NotationError

i, j, k, c, ell = sf.indices("i j k c ell")
m, e, V = sf.sizes("m e V")
A, B, x, y = sf.tensor("A", n, m), sf.tensor("B", m, e), sf.tensor("x", n), sf.tensor("y", n)


def define(indices, body):
    """A definition called Y."""
    return sf.define("Y", indices, body)


@pytest.mark.parametrize(
    ("tensor", "contraction", "rest"),
    [
        (define((i, k), sf.sum(A[i, j] * B[j, k], j)), 2 * n * m * e, 0),
        (define((), sf.sum(x[i] * y[i], i)), 2 * n, 0),
        (define((), sf.sum(x[i] * y[i] * x[i], i)), 3 * n, 0),
        (define((), sf.sum(x[i], i)), 0, n),
        (define((), sf.max(x[i], i)), 0, n),
        (define((), sf.sum(x[i] ** 2, i)), 0, 2 * n),
        (define((), sf.sum(sf.sum(A[i, j] * x[i] * B[j, 1], j), i)), 3 * n * m, 0),
        (define((i, k), sf.sum(x[i] * A[i, j] * B[j, k], j)), 2 * n * m * e, n * e),
        (define((i, k), 2 * sf.sum(A[i, j] * B[j, k], j) / sf.sqrt(m)), 2 * n * m * e, 2 * n * e),
        (define(i, x[i] + y[i] * 2), 0, 2 * n),
        (define(i, -x[i]), 0, 0),
        (define(i, sf.exp(x[i]) / y[i]), 0, 2 * n),
        (define((i, j), x[i] * x[i] * A[i, j]), 0, 2 * n * m),
        (define((i, j), (x[i] + y[i]) * A[i, j]), 0, n + n * m),
        (define((i, j), sf.indicator(j, "≤", i) * A[i, j]), 0, 0),
        (define((i, (j, n)), sf.delta(i, j) * x[i]), 0, 0),
        (define((i, n), sf.sum(sf.delta(i, j) * x[j], j)), 0, 0),
        (define(i, x[i] * sf.sqrt(2 * m + 1)), 0, n),
        (sf.softmax(x), 0, 5 * n),
        (sf.linear(A, B), 2 * n * m * e, 0),
    ],
    ids=str,
)
def test_flops_follow_the_stated_rules(tensor, contraction, rest):
    found = sf.count(tensor).forward
    assert (found.contraction, found.rest) == (sympy.expand(contraction), sympy.expand(rest))


def test_a_gather_costs_nothing_and_chosen_rows_of_a_stack_cost_what_is_chosen():
    ids = sf.tensor("ids", n, kind="integer", upper=V)
    table, stack = sf.tensor("E", V, e), sf.tensor("W", V, m, e)
    assert sf.count(define((i, c), table[ids[i], c])).forward.total == 0
    chosen = define((i, c), sf.sum(A[i, j] * stack[ids[i], j, c], j))
    assert sf.count(chosen).forward.contraction == 2 * n * m * e


def test_backward_a_contraction_is_done_once_for_each_factor_with_a_gradient():
    product = define((i, k), sf.sum(A[i, j] * B[j, k], j))
    assert sf.count(product).backward.contraction == 4 * n * m * e
    assert sf.count(product, [B]).backward.contraction == 2 * n * m * e
    assert sf.count(product, []).backward.contraction == 0


def test_a_layer_of_gpt_takes_24_bsh2_and_4_bs2h_forward_and_twice_that_backward():
    one = layer()
    counts = sf.count(one.out, one.parameters, batch=b)
    assert counts.forward.contraction == sympy.expand(24 * b * n * d**2 + 4 * b * n**2 * d)
    assert counts.backward.contraction == 2 * counts.forward.contraction
    assert counts.parameter_count == 12 * d**2 + 4 * d


@pytest.mark.parametrize(
    ("recompute", "kept"),
    [("none", n * b * (34 * d + 5 * H * n)), ("selective", 34 * n * b * d)],
)
def test_a_layer_keeps_sbh_34_and_5_as_over_h_bytes(recompute, kept):
    one = layer()
    found = sf.count(one.out, one.parameters, batch=b).activations(recompute)
    assert sympy.expand(found - kept) == 0


def test_what_is_kept_is_what_korthikanti_lists():
    one = layer()
    kept = {one.name: one.elements for one in sf.count(one.out, one.parameters).kept()}
    wide, square = n * d, H * n**2
    assert kept == {
        "X": wide, "N_1": wide, "Q": wide, "K": wide, "V": wide, "P": square, "D": square, "M_P": square, "O": wide,
        "M_Y": wide, "X_1": wide, "N_2": wide, "U": 4 * wide, "A": 4 * wide, "M_F": wide,
    }  # fmt: skip


def test_a_layer_without_a_dropout_mask_keeps_a_byte_less_for_each_of_its_entries():
    """The count bites: what is left out of the program is left out of the number."""
    one = layer()
    whole = sf.count(one.out, one.parameters, batch=b).activations()
    bare = sf.define("X_3", (i, k), one.out[i, k] * 1)
    masked = sf.tensor("M", n, d, kind="mask")
    more = sf.count(sf.define("X_4", (i, k), masked[i, k] * bare[i, k]), one.parameters, batch=b).activations()
    assert sympy.expand(more - whole - b * n * d) == 0


def stacked():
    """The layer L times, with masks of its own in each."""
    one = layer()
    each = [*one.parameters, *one.masks]
    start = sf.tensor("X_0", n, d)
    repeated = sf.repeat(one.out, (ell, L), carry={one.x: start}, each=each, name="X_L")
    return repeated, [parameter.name for parameter in one.parameters]


def test_a_repeat_costs_its_layer_times_the_layers():
    repeated, names = stacked()
    one = layer()
    whole, single = sf.count(repeated, names, batch=b), sf.count(one.out, one.parameters, batch=b)
    assert sympy.expand(whole.parameter_count - L * single.parameter_count) == 0
    for side in ("forward", "backward"):
        assert sympy.expand(getattr(whole, side).total - L * getattr(single, side).total) == 0
    for recompute in ("none", "selective"):
        assert sympy.expand(whole.activations(recompute) - L * single.activations(recompute)) == 0


def test_full_recomputation_keeps_what_goes_into_each_layer_and_does_the_layers_again():
    repeated, names = stacked()
    counts = sf.count(repeated, names, batch=b)
    assert counts.activations("full") == 2 * L * b * n * d
    assert counts.recomputed("full").contraction == counts.forward.contraction


def test_selective_recomputation_does_the_products_of_queries_keys_and_values_again():
    repeated, names = stacked()
    assert sf.count(repeated, names, batch=b).recomputed("selective").contraction == 4 * L * b * n**2 * d


def test_a_batch_multiplies_what_differs_from_sequence_to_sequence_and_nothing_else():
    table = sf.define("T", (i, c), sf.exp(A[i, c]))
    seen = sf.define("Z", (i, k), sf.sum(table[i, c] * B[c, k], c))
    constant = sf.count(seen, [B], data=[], batch=b)
    varied = sf.count(seen, [B], batch=b)
    assert constant.forward.rest == n * m
    assert varied.forward.rest == b * n * m
    assert varied.forward.contraction == 2 * b * n * m * e


def grouped_layer():
    """The same as a program."""
    g, r, i, a, c = sf.indices("g r i a c")
    d, G, R, d_k, d_ff = sf.sizes("d G R d_k d_ff")
    x = sf.tensor("X", n, d)
    w_q, w_k, w_v = sf.tensor("W_Q", d, G, R, d_k), sf.tensor("W_K", d, G, d_k), sf.tensor("W_V", d, G, d_k)
    w_o, down = sf.tensor("W_O", G, R, d_k, d), sf.tensor("W_d", d_ff, d)
    gate, up = (sf.tensor(name, d, d_ff) for name in ("W_g", "W_u"))
    q = sf.define("Q", (g, r, i, c), sf.sum(x[i, a] * w_q[a, g, r, c], a))
    k, v = (sf.define(kind, (g, i, c), sf.sum(x[i, a] * w[a, g, c], a)) for kind, w in (("K", w_k), ("V", w_v)))
    o = sf.attention(q, k, v, is_causal=True, name="O")
    y = sf.define("Y", (i, a), x[i, a] + sf.sum(o[g, r, i, c] * w_o[g, r, c, a], g, r, c))
    out = sf.swiglu(y, gate, up, down, name="F")
    return out, [w_q, w_k, w_v, w_o, gate, up, down]


@pytest.mark.parametrize(("batch", "length"), [(1, 5), (3, 8)])
def test_contractions_are_what_pytorch_counts_and_a_causal_mask_halves_nothing(batch, length):
    """FlopCounterMode counts every score, causal or not; so do we."""
    forward, backward = recorded(f"flops of a layer, {batch} {length}")
    tensor, parameters = grouped_layer()
    counts = sf.count(tensor, parameters, batch=batch)
    numbers = {"n": length, "d": 24, "G": 2, "R": 3, "d_k": 4, "d_ff": 40}
    assert counts.forward.at(**numbers).contraction == forward
    assert counts.backward.at(**numbers).contraction == backward


def test_the_causal_attention_of_pytorchs_own_kernel_is_counted_in_full_too():
    queries = sf.tensor("Q", H, n, d)
    found = sf.count(sf.attention(queries, queries, queries, is_causal=True)).forward
    assert found.at(H=2, n=16, d=8).contraction == recorded("flops of causal attention")[0]


@pytest.mark.parametrize(
    ("optimizer", "dtype", "each"),
    [
        ("adamw", "bf16", 12),
        ("adamw", "float32", 8),
        ("adamw-8bit", "fp16", 6),
        ("sgd-momentum", "bf16", 8),
        ("sgd", "float32", 0),
    ],
)
def test_an_optimizer_keeps_its_averages_and_a_copy_of_narrow_parameters(optimizer, dtype, each):
    assert optimizer_bytes(optimizer, dtype) == each


def test_the_largest_batch_fills_what_the_parameters_leave():
    assert largest_batch(100, 30, 20) == 3
    assert largest_batch(10, 30, 20) == 0
    with pytest.raises(NotationError, match="any batch"):
        largest_batch(10, 0, 0)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: sf.count(sf.softmax(x), ["q"]), "parameters: the program has no input q"),
        (lambda: sf.count(sf.softmax(x), data=["q"]), "data: the program has no input q"),
        (lambda: sf.count(sf.softmax(x)).activations("some"), "recompute: expected one of none, selective, full"),
        (lambda: width_of("float3"), "dtype: expected one of float64"),
        (lambda: optimizer_bytes("lion", "bf16"), "optimizer: expected one of adamw"),
    ],
)
def test_what_cannot_be_counted_is_named(wrong, words):
    with pytest.raises(NotationError, match=words):
        wrong()
