"""The NumPy door: plain functions through `from_function`, against themselves."""

from __future__ import annotations

import functools
import math
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import symformer as sf
from symformer.cli.names import definitions_page

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


def written_into(x):
    """Rows, slices, every second column and masked entries are written; what is new may be changed in place."""
    pe = np.zeros(x.shape)
    angle = np.arange(x.shape[0])[:, None] / 10 ** (np.arange(x.shape[1] // 2) / x.shape[1])
    pe[:, 0::2] = np.sin(angle)
    pe[:, 1::2] = np.cos(angle)
    y = x.copy()
    y -= y.mean(axis=0)
    y[1:] = y[1:] + x[:-1]
    y[0] = x[0]
    s = (y + pe) @ x.T
    s[np.triu(np.ones((x.shape[0], x.shape[0])), k=1).astype(bool)] = -np.inf
    return softmax(s) @ y


def states_of_steps(x, u):
    out, s = np.zeros((3, x.shape[1])), np.zeros(x.shape[1])
    for t in range(3):
        s = np.tanh(s @ u + x[t])
        out[t] = s
    return out


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
    written_into: {"x": "n k*2"},
    states_of_steps: {"x": "3 d", "u": "d d"},
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


JUDGED = (attention, causal_attention, layer_norm, cross_entropy, swiglu, contrastive, batch_norm, mlp, block, adam)


@pytest.mark.parametrize("f", JUDGED, ids=name_of)
def test_no_line_of_a_derived_gradient_is_refuted_or_open(f, programs):
    assert {judged.verdict.kind for judged in sf.gradient(programs(f)).derivation.check()} <= {
        "proved",
        "checked",
        "exact",
    }


def lines(f):
    """The definitions of a program, as text."""
    return str(sf.from_function(f, **FUNCTIONS[f])).splitlines()


def test_locals_name_definitions_and_a_softmax_written_by_hand_is_one():
    assert lines(attention) == [
        "scores_ij = (Σ_c q_ic k_jc)/√d",
        "weights = softmax(scores)",
        "Y_if = Σ_j weights_ij v_jf",
    ]
    assert lines(causal_attention)[:2] == [
        "s_ij = (Σ_c q_ic k_jc)/√d",
        "P_ij = ([j ≤ i] exp(s_ij))/(Σ_k [k ≤ i] exp(s_ik))",
    ]
    assert lines(cross_entropy)[0] == "log_probs = log_softmax(logits)"
    assert "h_tij" not in str(lines(multi_head))


def test_decimals_are_kept_as_they_are_written():
    assert lines(adam)[0] == "m_[1;c] = 0.9 m_c + 0.1 g_c"
    assert lines(adam)[1] == "v_[1;c] = 0.999 v_c + 0.001 g_c^2"
    assert "10^(−5)" in lines(layer_norm)[-1]


def test_a_near_miss_of_a_softmax_stays_as_it_is_written():
    def off_by_one(s):
        e = np.exp(s)
        return e / (1 + e.sum(-1, keepdims=True))

    assert str(sf.from_function(off_by_one, s="n m")).splitlines() == ["e_ij = exp(s_ij)", "Y_ij = e_ij/(1 + Σ_k e_ik)"]


class Layer:
    """A layer with a parameter of its own."""

    def __init__(self):
        self.eps = 1e-5

    def __call__(self, x):
        return x / np.sqrt((x**2).mean(-1, keepdims=True) + self.eps)


def test_methods_partial_functions_and_callable_objects_are_functions():
    made = [
        sf.from_function(f, x="n d") for f in (Layer(), Layer().__call__, functools.partial(rms_norm, g=1.0, eps=1e-5))
    ]
    assert str(made[0]) == str(made[1])
    np.testing.assert_allclose(*(sf.lambdify(one)(np.eye(3)) for one in made[1:]))


def test_a_function_against_the_array_api():
    def softmax_of(x):
        xp = x.__array_namespace__()
        e = xp.exp(x - xp.max(x, axis=-1, keepdims=True))
        return e / xp.sum(e, axis=-1, keepdims=True)

    assert str(sf.from_function(softmax_of, x="n d")) == "Y = softmax(x)"


# -- what cannot be followed ------------------------------------------------------------


def branch(x):
    return x if x.sum() > 0 else -x


def write_under_a_view(x):
    t = x.T
    x[x > 0] = 0
    return t


def write_at_values(x, y):
    out = np.zeros_like(x)
    out[y] = x[0]
    return out


def loop(x):
    total = 0
    for i in range(x.shape[0]):
        total = total + x[i]
    return total


def infinite(x):
    return x + np.where(x > 0, 0, -np.inf)


def halves(x):
    return x[:, : x.shape[-1] // 2]


def size_branch(x, y):
    assert x.shape[0] == y.shape[0]
    return x


def unknown_function(x):
    return np.linalg.svd(x)[0]


def own_buffer(x):
    out = np.empty_like(x)
    np.exp(x, out=out)
    return out


def every_row(x):
    return np.stack([row / row.sum() for row in x])


def while_large(x):
    while np.abs(x).max() > 1:
        x = x / 2
    return x


def some_rows(x):
    return x[x[:, 0] > 0]


def with_text(x):
    return x + "1"


def keyed(x):
    return {"y": x}


def misfit(x, y):
    return np.concatenate([x, y], axis=0)


def a_list_of_places(x):
    return x[[0, 2]]


def thirds(x):
    return np.split(x, 3, axis=-1)[0]


def by_its_value(x, y):
    return np.zeros(int(y.sum())) + x


def nothing(x):
    x + 1


def fails(x):
    raise ValueError("no such thing")


REFUSED = {
    branch: ({"x": "n"}, "`x.sum() > 0`: a branch on values; use np.where(condition, a, b)"),
    write_under_a_view: ({"x": "n d"}, "`x[x > 0]`: a write into an array of which there is a view"),
    write_at_values: (
        {"x": "n d", "y": "int[n] m"},
        "`out[y]`: a write at places that depend on values; write np.where",
    ),
    loop: ({"x": "n d"}, "a loop over range(n), which is no number; write it for the whole array at once"),
    infinite: ({"x": "n d"}, "−∞ outside a softmax; a mask with −∞ belongs into the scores of a softmax"),
    halves: ({"x": "n d"}, "d // 2 is no whole number for every size; write the axis in the shapes as a product"),
    size_branch: ({"x": "n", "y": "m"}, "a branch on the sizes n and m, which may be equal or not; use one letter"),
    unknown_function: ({"x": "n d"}, "np.linalg.svd is not known here; write it with sums, products, np.exp"),
    own_buffer: ({"x": "n d"}, "`np.exp(x, out=out)`: np.exp with out= or where=; write np.where(condition, a, b)"),
    every_row: (
        {"x": "n d"},
        "a loop over an axis of size n, which is no number; write it for the whole array at once",
    ),
    while_large: ({"x": "n"}, "`np.abs(x).max() > 1`: a branch on values; use np.where(condition, a, b)"),
    some_rows: ({"x": "n d"}, "x[mask] has a size that depends on values; write np.where(mask, x, 0)"),
    with_text: ({"x": "n"}, '`return x + "1"`: TypeError: unsupported operand type(s) for +'),
    keyed: ({"x": "n"}, "the function returns dict, not an array; return an array, or a tuple of them"),
    misfit: ({"x": "n d", "y": "m e"}, "np.concatenate of x (n, d) and y (m, e) along axis 0: another axis differs"),
    a_list_of_places: ({"x": "n d"}, "a list of places; write a slice, or np.stack of the entries"),
    thirds: ({"x": "n d"}, "np.split of an axis of size d into 3 parts; write the axis in the shapes as 3*k"),
    by_its_value: ({"x": "n", "y": "m"}, "is asked for of values that are not known; keep it symbolic"),
    nothing: ({"x": "n"}, "the function returns NoneType, not an array; return an array"),
    fails: ({"x": "n"}, "ValueError: no such thing"),
    attention: ({"q": "n d", "k": "d m", "v": "m e"}, "q (n, d) @ k.T"),
    mlp: ({"x": "n d", "w1": "d f", "b1": "n", "w2": "f e", "b2": "e"}, "the shapes do not broadcast"),
}


@pytest.mark.parametrize("f", REFUSED, ids=name_of)
def test_what_cannot_be_followed_is_one_line(f):
    shapes, says = REFUSED[f]
    with pytest.raises(sf.ArrayError) as caught:
        sf.from_function(f, **shapes)
    message = str(caught.value)
    assert says in message or "the sum would run over" in message
    assert "\n" not in message
    first = f.__code__.co_firstlineno
    assert any(message.startswith(f"{__file__}:{line}: in {f.__name__}:") for line in range(first, first + 12))


SHAPES = {
    "unknown": ({"z": "n"}, "attention has no argument z; its arguments are q, k, v"),
    "missing": ({"q": "n d"}, 'no shape for k; write k="n d"'),
    "none": ({}, "no shape for q"),
    "code": ({"q": "__import__('os')", "k": "m d", "v": "m e"}, "q: the shape \"__import__('os')\" is none"),
    "zero": ({"q": "0 d", "k": "m d", "v": "m e"}, "q: the shape '0 d' is none: a size is at least 1"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_wrong_shape_says_what_a_shape_is(name):
    shapes, says = SHAPES[name]
    with pytest.raises(sf.NotationError) as caught:
        sf.from_function(attention, **shapes)
    assert says in str(caught.value)


# -- the README, and the shell --------------------------------------------------------------

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def shell(folder, *words):
    """What a command prints, and its errors."""
    done = subprocess.run([sys.executable, "-m", "symformer", *words], cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def test_the_readme_pastes_numpy_and_gets_a_paper(tmp_path):
    part = README[README.index("Paste the NumPy") :]
    code, commands, printed = (re.search(rf"```{kind}\n(.*?)```", part, re.DOTALL)[1] for kind in ("py", "sh", "text"))
    (tmp_path / "my_numpy.py").write_text(code, encoding="utf-8")
    shown = [shell(tmp_path, *shlex.split(line.partition("  #")[0])[1:]) for line in commands.splitlines()]
    assert [status for status, _, _ in shown] == [0] * len(shown)
    assert printed.strip() in shown[0][1]
    assert (tmp_path / "attention.py").exists()


def test_the_shell_says_what_is_wrong_with_a_function_in_one_line(tmp_path):
    (tmp_path / "mine.py").write_text("def f(q, k):\n    return q @ k\n", encoding="utf-8")
    for shapes, says in (
        (["--shapes", "q: n d, k: m d"], "mine.py:2: in f: `q @ k`: q (n, d) @ k (m, d)"),
        ([], 'f is a function: say the shapes of its arguments, --shapes "x: n d, …"'),
        (["--shapes", "q n d"], '--shapes: expected "q: n d, k: m d"'),
    ):
        status, printed, error = shell(tmp_path, "vjp", "mine.py:f", *shapes)
        assert (status, printed, error.count("\n")) == (2, "", 1)
        assert says in error


def test_a_call_that_depends_on_more_than_its_arguments_is_printed_opened():
    """`softmax(s)` would not say that a mask hides entries, nor along which axis the softmax is."""
    causal = sf.from_function(causal_attention, q="n d", k="n d", v="n e")
    listed = [line for line in str(causal).splitlines() if "exp" in line]
    assert len(listed) == 1 and "[j ≤ i] exp(s_ij)" in listed[0]
    page = definitions_page("causal_attention", causal).markdown(level="matrix")
    assert r"\mathrm{softmax}_{j \le i}(s)" in page and "softmax}(s)" not in page
    x = sf.tensor("x", *sf.sizes("n m"))
    down = sf.program(sf.softmax(x, 0, name="p"), inputs=(x,))
    assert str(down) == "p_ij = exp(x_ij)/(Σ_k exp(x_kj))"
    assert str(sf.program(sf.softmax(x, name="p"), inputs=(x,))) == "p = softmax(x)"
