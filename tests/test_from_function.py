"""The NumPy door: plain functions through `from_function`, against themselves."""

from __future__ import annotations

import math

import numpy as np
import pytest

import symformer as sf

# -- plain NumPy, as people write it --------------------------------------------------------


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def attention(q, k, v):
    d = q.shape[-1]
    scores = q @ k.T / np.sqrt(d)
    weights = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    weights = weights / np.sum(weights, axis=-1, keepdims=True)
    return weights @ v


def causal_attention(q, k, v):
    n, d = q.shape
    s = q @ k.T / math.sqrt(d)
    mask = np.tril(np.ones((n, n), dtype=bool))
    s = np.where(mask, s, -np.inf)
    return softmax(s) @ v


def masked_attention(q, k, v, mask):
    s = np.einsum("id,jd->ij", q, k) * q.shape[-1] ** -0.5
    s = s + np.where(mask, 0.0, -np.inf)
    return np.einsum("ij,je->ie", softmax(s), v)


def multi_head(x, wq, wk, wv, wo):
    n = x.shape[0]
    heads = 4
    q = (x @ wq).reshape(n, heads, -1).transpose(1, 0, 2)
    k = (x @ wk).reshape(n, heads, -1).transpose(1, 0, 2)
    v = (x @ wv).reshape(n, heads, -1).transpose(1, 0, 2)
    s = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    p = softmax(s)
    o = (p @ v).transpose(1, 0, 2).reshape(n, -1)
    return o @ wo


def layer_norm(x, g, b, eps=1e-5):
    mu = x.mean(-1, keepdims=True)
    var = x.var(-1, keepdims=True)
    return (x - mu) / np.sqrt(var + eps) * g + b


def rms_norm(x, g, eps=1e-6):
    return x / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + eps) * g


def gelu(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def rotary(x, angles):
    half = x.shape[-1] // 2
    x1, x2 = x[:, :half], x[:, half:]
    c, s = np.cos(angles), np.sin(angles)
    return np.concatenate([x1 * c - x2 * s, x1 * s + x2 * c], axis=-1)


def block(x, g1, b1, wq, wk, wv, wo, g2, b2, w1, c1, w2, c2):
    n = x.shape[0]
    heads = 2

    def split(y):
        return y.reshape(n, heads, -1).swapaxes(0, 1)

    h = layer_norm(x, g1, b1)
    q, k, v = split(h @ wq), split(h @ wk), split(h @ wv)
    scores = q @ k.swapaxes(-1, -2) / math.sqrt(q.shape[-1])
    i = np.arange(n)
    scores = np.where(i[:, None] >= i, scores, -np.inf)
    weights = softmax(scores)
    heads_out = (weights @ v).swapaxes(0, 1).reshape(n, -1)
    x = x + heads_out @ wo
    h = layer_norm(x, g2, b2)
    hidden = gelu(h @ w1 + c1)
    return x + hidden @ w2 + c2


def cross_entropy(logits, targets):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    picked = np.take_along_axis(log_probs, targets[:, None], axis=-1)
    return -picked.mean()


def lora(x, w, a, b, scale=0.25):
    return x @ w + scale * (x @ a) @ b


def swiglu(x, w, v, w2):
    gate = x @ w
    return (gate / (1 + np.exp(-gate)) * (x @ v)) @ w2


def linear_attention(q, k, v):
    phi_q, phi_k = np.maximum(q, 0) + 1, np.maximum(k, 0) + 1
    kv = np.cumsum(phi_k[:, :, None] * v[:, None, :], axis=0)
    z = np.cumsum(phi_k, axis=0)
    return np.einsum("id,ide->ie", phi_q, kv) / np.sum(phi_q * z, axis=-1, keepdims=True)


def batch_norm(x, gamma, beta):
    mean, var = x.mean(axis=0), x.var(axis=0)
    return gamma * (x - mean) / np.sqrt(var + 1e-5) + beta


def group_norm(x, g, b):
    n, d = x.shape
    y = x.reshape(n, 2, d // 2)
    y = (y - y.mean(-1, keepdims=True)) / np.sqrt(y.var(-1, keepdims=True) + 1e-5)
    return y.reshape(n, d) * g + b


def contrastive(x, y, t):
    x = x / np.linalg.norm(x, axis=-1, keepdims=True)
    y = y / np.linalg.norm(y, axis=-1, keepdims=True)
    logits = x @ y.T * np.exp(t)
    rows = np.log(np.exp(logits).sum(axis=1)) - np.diagonal(logits)
    columns = np.log(np.exp(logits).sum(axis=0)) - np.diagonal(logits)
    return (rows.mean() + columns.mean()) / 2


def alibi(q, k, v, slopes):
    n = q.shape[1]
    distance = np.arange(n)[None, :] - np.arange(n)[:, None]
    s = np.einsum("hic,hjc->hij", q, k) / np.sqrt(q.shape[-1]) + slopes[:, None, None] * distance
    s = np.where(distance <= 0, s, -np.inf)
    return np.einsum("hij,hje->hie", softmax(s), v)


def t5_bias(q, k, v, table, buckets):
    bias = np.moveaxis(table[buckets], -1, 0)
    return softmax(q @ k.mT + bias) @ v if hasattr(k, "mT") else softmax(q @ np.swapaxes(k, -1, -2) + bias) @ v


def mlp(x, w1, b1, w2, b2):
    h = x @ w1 + b1
    h = np.maximum(h, 0)
    return h @ w2 + b2


def adam(p, g, m, v, b1=0.9, b2=0.999, lr=0.01):
    m = b1 * m + (1 - b1) * g
    v = b2 * v + (1 - b2) * g**2
    return p - lr * m / (np.sqrt(v) + 1e-8), m, v


QKV = {"q": "n d", "k": "m d", "v": "m e"}
SELF = {"q": "n d", "k": "n d", "v": "n e"}
HEADS = {"x": "n d", "wq": "d 4*k", "wk": "d 4*k", "wv": "d 4*k", "wo": "4*k d"}
BLOCK = {"x": "n d", "g1": "d", "b1": "d", "wq": "d 2*k", "wk": "d 2*k", "wv": "d 2*k", "wo": "2*k d", "g2": "d",
         "b2": "d", "w1": "d f", "c1": "f", "w2": "f d", "c2": "d"}  # fmt: skip

FUNCTIONS = {
    attention: QKV,
    causal_attention: SELF,
    masked_attention: {**QKV, "mask": "bool n m"},
    multi_head: HEADS,
    layer_norm: {"x": "n d", "g": "d", "b": "d"},
    rms_norm: {"x": "n d", "g": "d"},
    gelu: {"x": "n d"},
    rotary: {"x": "n 2*k", "angles": "n k"},
    block: BLOCK,
    cross_entropy: {"logits": "n V", "targets": "int[V] n"},
    lora: {"x": "n d", "w": "d e", "a": "d r", "b": "r e"},
    swiglu: {"x": "n d", "w": "d f", "v": "d f", "w2": "f d"},
    linear_attention: SELF,
    batch_norm: {"x": "n d", "gamma": "d", "beta": "d"},
    group_norm: {"x": "n 2*k", "g": "2*k", "b": "2*k"},
    contrastive: {"x": "n d", "y": "n d", "t": "()"},
    alibi: {"q": "H n d", "k": "H n d", "v": "H n e", "slopes": "H"},
    t5_bias: {"q": "H n d", "k": "H m d", "v": "H m e", "table": "B H", "buckets": "int[B] n m"},
    mlp: {"x": "n d", "w1": "d f", "b1": "f", "w2": "f e", "b2": "e"},
    adam: {"p": "d", "g": "d", "m": "d", "v": "nonnegative d"},
}
SIZES = {"n": 6, "m": 5, "d": 4, "e": 3, "k": 2, "f": 7, "V": 9, "r": 2, "H": 3, "B": 8}


def name_of(value):
    """The name of a function, for the names of tests."""
    return getattr(value, "__name__", "")


def drawn(shapes, seed=0):
    """Values for arguments of these shapes, at sizes that `from_function` does not try."""
    random = np.random.default_rng(seed)
    arrays = []
    for shape in shapes.values():
        words = shape.replace("()", "").split()
        kind = words.pop(0) if words and words[0].startswith(("int", "bool", "nonnegative")) else ""
        lengths = [math.prod(SIZES.get(factor) or int(factor) for factor in word.split("*")) for word in words]
        if kind.startswith("int"):
            arrays.append(random.integers(0, SIZES[kind[4:-1]], lengths))
        elif kind == "bool":
            arrays.append(random.integers(0, 2, lengths).astype(bool) | (np.arange(lengths[-1]) == 0))
        else:
            drawn_ = random.normal(size=lengths)
            arrays.append(np.exp(drawn_) if kind else drawn_)
    return arrays


@pytest.fixture(scope="module")
def programs():
    """Each program, made once."""
    known = {}

    def program(f):
        if f not in known:
            known[f] = sf.from_function(f, **FUNCTIONS[f])
        return known[f]

    return program


def together(results):
    """All results as one vector."""
    return np.concatenate([np.ravel(one) for one in (results if isinstance(results, tuple) else (results,))])


@pytest.mark.parametrize("f", FUNCTIONS, ids=name_of)
def test_a_program_computes_what_its_function_does(f, programs):
    arrays = drawn(FUNCTIONS[f])
    got, wanted = sf.lambdify(programs(f), check=False)(*arrays), f(*arrays)
    np.testing.assert_allclose(together(got), together(wanted), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("f", FUNCTIONS, ids=name_of)
def test_export_has_gradients_that_agree_with_differences(f, programs):
    arrays = drawn(FUNCTIONS[f], seed=1)
    module, _ = sf.compile.export_program("f", programs(f), check=False)
    space = {}
    exec(module, space)
    result = f(*arrays)
    many = result if isinstance(result, tuple) else (result,)
    random = np.random.default_rng(2)
    seeds = [random.normal(size=np.shape(one)) for one in many]
    gradients = space["f_vjp"](tuple(seeds) if len(seeds) > 1 else seeds[0], *arrays)
    steps = [None if g is None else random.normal(size=np.shape(a)) for g, a in zip(gradients, arrays, strict=True)]

    def loss(by):
        moved = f(*(a if s is None else a + by * s for a, s in zip(arrays, steps, strict=True)))
        return sum(np.sum(s * r) for s, r in zip(seeds, moved if isinstance(moved, tuple) else (moved,), strict=True))

    slope = (loss(1e-6) - loss(-1e-6)) / 2e-6
    total = sum(np.sum(g * s) for g, s in zip(gradients, steps, strict=True) if g is not None)
    assert all(np.shape(g) == np.shape(a) for g, a in zip(gradients, arrays, strict=True) if g is not None)
    np.testing.assert_allclose(total, slope, rtol=2e-5, atol=2e-6)
