"""Array notation on tensors: NumPy's operators, methods and functions give tensors like any others."""

from __future__ import annotations

import numpy as np
import pytest

import symformer as sf
from symformer import exp, indices, sizes, softmax, sqrt, tensor

n, m, d, e, V = sizes("n m d e V")
i, j, k, c, f = indices("i j k c f")
Q, K, W = tensor("Q", n, d), tensor("K", m, d), tensor("W", m, e)
X, Y, x, y = tensor("X", n, d), tensor("Y", n, d), tensor("x", n), tensor("y", n)
M, ids = tensor("M", n, m, kind="mask"), tensor("ids", n, kind="integer", upper=V)
E = tensor("E", V, d)
SIZES = {n: 3, m: 4, d: 5, e: 2, V: 6}


def drawn(of):
    """Values for an input."""
    shape = [int(size.subs(SIZES)) for size in of.shape]
    random = np.random.default_rng(len(shape))
    if of.domain.whole:
        return random.integers(0, 6, shape)
    return random.integers(0, 2, shape) if of.domain.kind == "mask" else random.normal(size=shape)


def test_attention_is_the_program_that_the_book_writes():
    S = Q @ K.T / sqrt(d)
    P = softmax(S, name="P")
    O = P @ W
    written = ["S_ij = (Σ_c Q_ic K_jc)/√d", "P_ij = exp(S_ij)/(Σ_k exp(S_ik))", "O_if = Σ_j P_ij W_jf"]
    assert [str(one) for one in sf.program(O)] == written
    s = sf.define("S", (i, j), sf.sum(Q[i, c] * K[j, c], c) / sqrt(d))
    p = softmax(s, name="P")
    assert sf.define("O", (i, f), sf.sum(p[i, j] * W[j, f], j)) == O


def test_ops_take_expressions():
    twice = softmax(2 * x)
    assert twice.expr.doit() == softmax(sf.define("t", i, 2 * x[i])).expr.doit()
    whole = softmax(Q @ K.T / sqrt(d)) @ W
    assert "exp" in str(whole.program)


def test_arguments_that_nobody_named_have_names_of_their_own():
    g, b = tensor("g", d), tensor("b", d)
    listed = [str(one) for one in sf.program(sf.layer_norm(X + Y, 2 * g, b + 1))]
    assert listed[:3] == ["S_ic = X_ic + Y_ic", "y_c = 2 g_c", "bias_c = b_c + 1"]
    attended = sf.attention(X + Y, 2 * K, W * 3)
    assert str(sf.program(attended)[attended.name]).startswith("attention(S, k, v)_if = ")
    arrays = [drawn(one) for one in (X, Y, K, W)]
    made = sf.lambdify(sf.program(attended, inputs=(X, Y, K, W)))
    plain = sf.lambdify(sf.program(sf.attention(Q, K, W), inputs=(Q, K, W)))
    np.testing.assert_allclose(made(*arrays), plain(arrays[0] + arrays[1], 2 * arrays[2], arrays[3] * 3), rtol=1e-12)


def test_what_nobody_named_has_no_name_of_another_definition():
    made = sf.define("y", i, (2 * x)[i] + (3 * x)[i])
    assert [str(one) for one in sf.program(made)] == ["z_i = 2 x_i", "u_i = 3 x_i", "y_i = z_i + u_i"]
    again = sf.define("y", i, sf.sort(x)[i] * 2)
    assert [one.name for one in sf.program(again).statements] == ["r", "z", "y"]


OPERATIONS = {
    "sum": (lambda a: a.sum(axis=-1), (X,)),
    "sum of all": (lambda a: a.sum(), (X,)),
    "mean": (lambda a: a - a.mean(axis=0), (X,)),
    "max": (lambda a: a.max(axis=-1), (X,)),
    "min": (lambda a: np.min(a, axis=-1), (X,)),
    "var": (lambda a: a.var(axis=1, keepdims=True), (X,)),
    "layer norm": (lambda a: (a - a.mean(-1, keepdims=True)) / np.sqrt(a.var(-1, keepdims=True) + 0.5), (X,)),
    "broadcast": (lambda a, b: a * b[:, None], (X, x)),
    "row": (lambda a: a[0, :] * a[-1, :], (X,)),
    "columns": (lambda a: a[:, 1:], (X,)),
    "first columns": (lambda a: a[:, :3] * 2, (tensor("Z", n, 5),)),
    "differences": (lambda a: a[1:] - a[:-1], (X,)),
    "turned": (lambda a: a[::-1], (X,)),
    "transpose": (lambda a: a.T @ a, (X,)),
    "swapaxes": (lambda a: np.swapaxes(a, 0, 1) * 1.5, (X,)),
    "matmul": (lambda a, b: a @ b.T, (Q, K)),
    "einsum": (lambda a, b: np.einsum("ic,jc->ij", a, b), (Q, K)),
    "outer": (lambda a, b: np.outer(a, b), (x, y)),
    "power": (lambda a: a**2 + 2.0 ** (a / 4), (X,)),
    "right operands": (lambda a: 1 - 2 / (3 + a * a), (X,)),
    "exp": (lambda a: np.exp(-a), (X,)),
    "maximum": (lambda a: np.maximum(a, 0) - np.minimum(a, 1), (X,)),
    "clip": (lambda a: np.clip(a, -0.5, 0.5), (X,)),
    "where": (lambda a, b: np.where(a > b, a, b), (X, Y)),
    "mask": (lambda a, b, mask: np.where(mask == 1, a @ b.T, 0), (Q, K, M)),
    "abs": (lambda a: abs(a) + np.sign(a), (X,)),
    "concatenate": (lambda a, b: np.concatenate([a, b], axis=0), (Q, K)),
    "stack": (lambda a, b: np.stack([a, b], axis=-1).sum(-1), (X, Y)),
    "gather": (lambda table, at: table[at], (E, ids)),
    "take": (lambda table, at: np.take(table, at, axis=0), (E, ids)),
    "cumsum": (lambda a: np.cumsum(a, axis=0), (X,)),
    "norm": (lambda a: a / np.linalg.norm(a, axis=-1, keepdims=True), (X,)),
    "expand": (lambda a: np.expand_dims(a, 1) + np.squeeze(a[:, None], 1)[None], (x,)),
    "logaddexp": (lambda a, b: np.logaddexp(a, b), (x, y)),
    "tanh": (lambda a: np.tanh(a) + np.sinh(a) - np.cosh(a), (x,)),
    "log-sum-exp": (lambda a: np.log(np.exp(a - a.max(-1, keepdims=True)).sum(-1)) + a.max(-1), (X,)),
    "tensordot": (lambda a, b: np.dot(a, b.T), (Q, K)),
    "trace": (lambda a: np.trace(a @ a.T) * 1.0, (X,)),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_numpys(name):
    operation, inputs = OPERATIONS[name]
    arrays = [drawn(one) for one in inputs]
    made = sf.lambdify(sf.program(operation(*inputs), inputs=inputs))
    np.testing.assert_allclose(made(*arrays), operation(*arrays), rtol=1e-12, atol=1e-12)


def test_what_array_notation_makes_is_a_tensor_like_any_other():
    centred = x - x.mean()
    assert centred.name == "centred"
    assert centred.shape == (n,)
    again = sf.define("s", (), sf.sum(centred[i] ** 2, i))
    assert str(sf.program(again)["centred"]) == "centred_i = x_i − 1/n Σ_j x_j"
    assert all(one.passes for one in sf.gradient((centred**2).sum()).derivation.check())


def test_functions_of_entries_take_whole_tensors():
    assert str(exp(-x)).endswith("= exp(−x_i)")
    assert str(sqrt(d) * Q).endswith("= √d Q_ic")
    assert str(d * Q).endswith("= d · Q_ic")
    assert str(sf.maximum(Q, 1)).endswith("= max(Q_ic, 1)")


BAD = {
    "product": (lambda: Q @ K, "Q (n, d) @ K (m, d): the sum would run over d on the left and over m on the right; "
                "write Q @ K.T"),
    "broadcast": (lambda: Q + W, "Q (n, d) and W (m, e): the shapes do not broadcast"),
    "rank": (lambda: Q + x, "axes are aligned at the last; add one with [:, None], or keepdims=True"),
    "axis": (lambda: Q.sum(axis=2), "Q (n, d) has no axis 2; its axes are -2 to 1"),
    "number": (lambda: Q @ 3, "a matrix product needs axes; write *"),
    "unknown": (lambda: np.fft.fft(Q), "np.fft.fft is not known here"),
    "partition": (lambda: np.partition(Q, 1), "write np.sort, whose order holds for every entry"),
    "entry": (lambda: Q[i, c] * Q, "an entry with the indices i, c meets a whole array"),
    "slice": (lambda: Q[4:2], "the slice 4:2 of an axis of size n of Q (n, d) is empty"),
    "mask": (lambda: Q[M == 1], "x[mask] has a size that depends on values; write np.where(mask, x, 0)"),
    "places": (lambda: E[x], "an array of real numbers as an index"),
    "array": (lambda: np.asarray([1.0, 2.0]) * x, "an array of numbers of shape (2,) among symbols"),
    "text": (lambda: Q + "a", "str is no array and no number"),
    "reshape": (lambda: Q.reshape(2, -1), "write the axis in `shapes` as the product that it is split into"),
    "to NumPy": (lambda: np.array(Q, dtype=float), "an array of symbols has no values"),
    "concatenate": (lambda: np.concatenate([Q, W]), "another axis differs"),
    "einsum": (lambda: np.einsum("ijk->i", Q), "ijk in 'ijk->i' is 3 letters for Q (n, d)"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_with_the_place_and_the_cure(name):
    wrong, says = BAD[name]
    with pytest.raises(sf.ArrayError) as caught:
        wrong()
    message = str(caught.value)
    assert says in message
    assert "\n" not in message
    assert message.startswith(f"{__file__}:")
