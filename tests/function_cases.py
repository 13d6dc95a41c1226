"""Inputs and options of every differentiable function, as Hypothesis draws them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from torch_reference import ACTIVATIONS

SIZE = st.integers(1, 4)
BATCH = st.lists(st.integers(1, 3), max_size=2).map(tuple)
FLOATS = ("float16", "float32", "float64")


@st.composite
def normal(draw, shape, dtype, pool=()):
    """Normal numbers, some of them replaced by values from a pool."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    values = rng.standard_normal(shape)
    if pool and draw(st.booleans()):
        values = np.where(rng.random(shape) < 0.3, rng.choice(pool, shape), values)
    return values.astype(dtype)


def row_cases(extreme=()):
    """x and an axis."""

    @st.composite
    def cases(draw, dtypes=FLOATS):
        shape = draw(st.lists(SIZE, min_size=1, max_size=3).map(tuple))
        x = draw(normal(shape, draw(st.sampled_from(dtypes)), extreme))
        return (x,), {"axis": draw(st.integers(-len(shape), len(shape) - 1))}

    return cases


def norm_cases(arrays):
    """x, with or without weights of the shape that is normalised over."""

    @st.composite
    def cases(draw, dtypes=FLOATS):
        shape, dtype = draw(st.lists(SIZE, min_size=1, max_size=3).map(tuple)), draw(st.sampled_from(dtypes))
        axis = draw(st.integers(-len(shape), len(shape) - 1))
        weights = [draw(st.none() | normal(shape[axis:], dtype)) for _ in range(arrays)]
        return (draw(normal(shape, dtype)), *weights), {"axis": axis, "eps": draw(st.sampled_from([1e-5, 0.5]))}

    return cases


def elementwise_cases(pool, **options):
    """x of any shape, also none."""

    @st.composite
    def cases(draw, dtypes=FLOATS):
        shape = draw(st.lists(SIZE, max_size=3).map(tuple))
        chosen = {name: draw(st.sampled_from(values)) for name, values in options.items()}
        return (draw(normal(shape, draw(st.sampled_from(dtypes)), pool)),), chosen

    return cases


@st.composite
def linear_cases(draw, dtypes=FLOATS):
    """x, a weight, and a bias or none."""
    lead, (a, b), dtype = draw(BATCH), draw(st.tuples(SIZE, SIZE)), draw(st.sampled_from(dtypes))
    bias = draw(st.none() | normal((b,), dtype))
    return (draw(normal((*lead, a), dtype)), draw(normal((a, b), dtype)), bias), {}


@st.composite
def feed_forward_cases(draw, dtypes=FLOATS):
    """x, weights, biases or none, any activation."""
    lead, (a, b, c), dtype = draw(BATCH), draw(st.tuples(SIZE, SIZE, SIZE)), draw(st.sampled_from(dtypes))
    shapes = ((*lead, a), (a, b), (b,), (b, c), (c,))
    arrays = [draw(normal(shape, dtype)) for shape in shapes]
    for place in (2, 4):
        arrays[place] = draw(st.sampled_from([None, arrays[place]]))
    return tuple(arrays), {"activation": draw(st.sampled_from(list(ACTIVATIONS)))}


@st.composite
def swiglu_cases(draw, dtypes=FLOATS):
    """x and three weights."""
    lead, (a, b, c), dtype = draw(BATCH), draw(st.tuples(SIZE, SIZE, SIZE)), draw(st.sampled_from(dtypes))
    return tuple(draw(normal(shape, dtype)) for shape in ((*lead, a), (a, b), (a, b), (b, c))), {}


@st.composite
def masks(draw, shape, dtype):
    """None, booleans or floats; some rows may see nothing."""
    kind = draw(st.sampled_from(["none", "boolean", "float"]))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    if kind == "none":
        return None
    seen = rng.random(shape) < 0.7
    return seen if kind == "boolean" else np.where(seen, rng.standard_normal(shape), -np.inf).astype(dtype)


@st.composite
def attention_cases(draw, dtypes=FLOATS):
    """q, k and v with batch axes that broadcast and heads that are shared, a mask and every option."""
    (n, m, d, e), dtype, batch = draw(st.tuples(SIZE, SIZE, SIZE, SIZE)), draw(st.sampled_from(dtypes)), draw(BATCH)
    heads, shared = draw(st.sampled_from([(1, 1), (2, 2), (4, 2), (3, 1)]))
    lead = draw(st.sampled_from([(), (heads,), (*batch, heads)]))
    groups = (*lead[:-1], shared) if lead else ()
    fewer = draw(st.sampled_from([groups, groups[-1:]]))
    q, k = draw(normal((*lead, n, d), dtype)), draw(normal((*groups, m, d), dtype))
    v, mask = draw(normal((*fewer, m, e), dtype)), draw(masks((*draw(st.sampled_from([(), lead])), n, m), dtype))
    options = {
        "is_causal": st.booleans(), "offset": st.sampled_from([0, m - n, 1, -1]),
        "scale": st.sampled_from([None, 0.3]), "softcap": st.sampled_from([None, 2.5]),
        "window": st.sampled_from([None, 1, 2]),
    }  # fmt: skip
    return (q, k, v, mask), {name: draw(values) for name, values in options.items()}


@st.composite
def multi_head_cases(draw, dtypes=FLOATS):
    """x, memory or none, weights, biases or none, a mask for all heads or for each."""
    (n, m, d, d_m), dtype, batch = draw(st.tuples(SIZE, SIZE, SIZE, SIZE)), draw(st.sampled_from(dtypes)), draw(BATCH)
    (heads, groups), (d_k, d_v, d_out) = draw(st.sampled_from([(1, 1), (2, 2), (4, 2)])), draw(st.tuples(*[SIZE] * 3))
    memory = draw(st.none() | normal((*batch, m, d_m), dtype))
    m, d_m = (n, d) if memory is None else (m, d_m)
    x = draw(normal((*batch, n, d), dtype))
    widths = (heads * d_k, groups * d_k, groups * d_v, d_out)
    weights = [
        draw(normal((rows, width), dtype)) for rows, width in zip((d, d_m, d_m, heads * d_v), widths, strict=True)
    ]
    biases = [draw(st.none() | normal((width,), dtype)) for width in widths]
    mask = draw(masks((*draw(st.sampled_from([(), batch, (*batch, heads)])), n, m), dtype))
    options = {"heads": heads, "kv_heads": groups if groups != heads else draw(st.sampled_from([None, groups]))}
    return (x, memory, *weights, *biases, mask), options | {"is_causal": draw(st.booleans())}


@st.composite
def rotary_cases(draw, dtypes=FLOATS):
    """x and positions, whole or fractional."""
    lead, (n, half), dtype = draw(BATCH), draw(st.tuples(SIZE, SIZE)), draw(st.sampled_from(dtypes))
    positions = draw(st.sampled_from([np.arange(n), np.linspace(0, 1e4, n), np.arange(n, dtype=np.float32)]))
    return (draw(normal((*lead, n, 2 * half), dtype)), positions), {"interleaved": draw(st.booleans())}


@st.composite
def embedding_cases(draw, dtypes=FLOATS):
    """Numbers, some of them twice, and a table."""
    shape, (size, d) = draw(BATCH), draw(st.tuples(SIZE, SIZE))
    ids = np.random.default_rng(draw(st.integers(0, 99))).integers(0, size, shape)
    return (ids, draw(normal((size, d), draw(st.sampled_from(dtypes))))), {}


@st.composite
def cross_entropy_cases(draw, dtypes=FLOATS):
    """Logits, classes (some ignored, one kept) or probabilities, and every option."""
    rows, classes, dtype = draw(BATCH), draw(SIZE), draw(st.sampled_from(dtypes))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    logits = draw(normal((*rows, classes), dtype, () if dtype == "float16" else (1e4, -1e4)))
    targets = rng.dirichlet(np.ones(classes), rows).astype(dtype)
    ignored = draw(st.sampled_from([-100, 0, -1]))
    if draw(st.booleans()):
        targets = rng.integers(0, classes, rows)
        targets = np.where(rng.random(rows) < 0.3, ignored, targets) if ignored < 0 else targets
    weight = draw(st.none() | st.just((rng.random(classes) + 0.5).astype(dtype)))
    return (logits, targets), {
        "label_smoothing": draw(st.sampled_from([0.0, 0.1])), "weight": weight, "ignore_index": ignored,
        "reduction": draw(st.sampled_from(["mean", "sum", "none"])),
    }  # fmt: skip


@st.composite
def kl_cases(draw, dtypes=FLOATS):
    """Two rows of scores and an axis."""
    (x,), options = draw(row_cases()(dtypes))
    return (x, draw(normal(x.shape, x.dtype))), options


WIDE = (1e4, -1e4, 30.0, -30.0)
CASES = {
    "softmax": row_cases((1e4, -1e4, -np.inf)),
    "log_softmax": row_cases((1e4, -1e4, -np.inf)),
    "logsumexp": row_cases((1e4, -1e4)),
    "layer_norm": norm_cases(2),
    "rms_norm": norm_cases(1),
    "relu": elementwise_cases((*WIDE, np.inf, -np.inf)),
    "gelu": elementwise_cases(WIDE, approximate=("none", "tanh")),
    "silu": elementwise_cases(WIDE),
    "sigmoid": elementwise_cases((*WIDE, np.inf, -np.inf)),
    "tanh": elementwise_cases((*WIDE, np.inf, -np.inf)),
    "softplus": elementwise_cases((*WIDE, np.inf, -np.inf)),
    "linear": linear_cases,
    "feed_forward": feed_forward_cases,
    "swiglu": swiglu_cases,
    "attention": attention_cases,
    "multi_head_attention": multi_head_cases,
    "rotary_embedding": rotary_cases,
    "embedding": embedding_cases,
    "cross_entropy": cross_entropy_cases,
    "kl_divergence": kl_cases,
}
