"""Inputs and options of every differentiable function, each case drawn from a seed: `case("attention", 17)`.

`RandomState` is NumPy's generator whose numbers never change from version to version, so that what PyTorch gives at a
seed can be recorded once.
"""

from __future__ import annotations

import numpy as np

FLOATS = ("float16", "float32", "float64")
ACTIVATIONS = ("relu", "gelu", "gelu_tanh", "silu", "tanh", "sigmoid")
WIDE = (1e4, -1e4, 30.0, -30.0)


class Draw(np.random.RandomState):
    """A generator that chooses."""

    def one_of(self, *choices):
        """One of them."""
        return choices[self.randint(len(choices))]

    def size(self):
        """The length of an axis."""
        return self.randint(1, 5)

    def sizes(self, least, most):
        """A shape of at least and at most so many axes."""
        return tuple(self.size() for _ in range(self.randint(least, most + 1)))

    def normal(self, shape, dtype, pool=()):
        """Normal numbers, some of them replaced by values from a pool."""
        values = self.standard_normal(shape)
        if pool and self.one_of(True, False):
            values = np.where(self.random_sample(shape) < 0.3, self.choice(pool, shape), values)
        return np.asarray(values).astype(dtype)

    def cotangent(self, shape, dtype):
        """A cotangent for a result of this shape: the last thing that is drawn of a case."""
        return np.asarray(self.standard_normal(shape)).astype(dtype)

    def maybe(self, shape, dtype):
        """Normal numbers, or none."""
        return self.one_of(None, self.normal(shape, dtype))

    def mask(self, shape, dtype):
        """None, booleans or floats; some rows may see nothing."""
        kind, seen = self.one_of("none", "boolean", "float"), self.random_sample(shape) < 0.7
        if kind == "none":
            return None
        return seen if kind == "boolean" else np.where(seen, self.standard_normal(shape), -np.inf).astype(dtype)


def row_case(*extreme):
    """x and an axis."""

    def draw(rng, dtype):
        shape = rng.sizes(1, 3)
        return (rng.normal(shape, dtype, extreme),), {"axis": rng.randint(-len(shape), len(shape))}

    return draw


def norm_case(arrays):
    """x, with or without weights of the shape that is normalised over."""

    def draw(rng, dtype):
        shape = rng.sizes(1, 3)
        axis = rng.randint(-len(shape), len(shape))
        weights = [rng.maybe(shape[axis:], dtype) for _ in range(arrays)]
        return (rng.normal(shape, dtype), *weights), {"axis": axis, "eps": rng.one_of(1e-5, 0.5)}

    return draw


def elementwise_case(*pool, **options):
    """x of any shape, also none."""

    def draw(rng, dtype):
        chosen = {name: rng.one_of(*values) for name, values in options.items()}
        return (rng.normal(rng.sizes(0, 3), dtype, pool),), chosen

    return draw


def linear_case(rng, dtype):
    """x, a weight, and a bias or none."""
    lead, a, b = rng.sizes(0, 2), rng.size(), rng.size()
    return (rng.normal((*lead, a), dtype), rng.normal((a, b), dtype), rng.maybe((b,), dtype)), {}


def feed_forward_case(rng, dtype):
    """x, weights, biases or none, any activation."""
    lead, a, b, c = rng.sizes(0, 2), rng.size(), rng.size(), rng.size()
    first = (rng.normal((*lead, a), dtype), rng.normal((a, b), dtype), rng.maybe((b,), dtype))
    return (*first, rng.normal((b, c), dtype), rng.maybe((c,), dtype)), {"activation": rng.one_of(*ACTIVATIONS)}


def swiglu_case(rng, dtype):
    """x and three weights."""
    lead, a, b, c = rng.sizes(0, 2), rng.size(), rng.size(), rng.size()
    return tuple(rng.normal(shape, dtype) for shape in ((*lead, a), (a, b), (a, b), (b, c))), {}


def attention_case(rng, dtype):
    """q, k and v with batch axes that broadcast and heads that are shared, a mask and every option."""
    n, m, d, e = (rng.size() for _ in range(4))
    heads, shared = rng.one_of((1, 1), (2, 2), (4, 2), (3, 1))
    lead = rng.one_of((), (heads,), (*rng.sizes(0, 2), heads))
    groups = (*lead[:-1], shared) if lead else ()
    q, k = rng.normal((*lead, n, d), dtype), rng.normal((*groups, m, d), dtype)
    v = rng.normal((*rng.one_of(groups, groups[-1:]), m, e), dtype)
    return (q, k, v, rng.mask((*rng.one_of((), lead), n, m), dtype)), {
        "is_causal": rng.one_of(True, False), "offset": rng.one_of(0, m - n, 1, -1),
        "scale": rng.one_of(None, 0.3), "softcap": rng.one_of(None, 2.5), "window": rng.one_of(None, 1, 2),
    }  # fmt: skip


def multi_head_case(rng, dtype):
    """x, memory or none, weights, biases or none, a mask for all heads or for each."""
    (n, m, d, d_m, d_k, d_v, d_out), batch = (rng.size() for _ in range(7)), rng.sizes(0, 2)
    heads, groups = rng.one_of((1, 1), (2, 2), (4, 2))
    memory = rng.maybe((*batch, m, d_m), dtype)
    m, d_m = (n, d) if memory is None else (m, d_m)
    rows, widths = (d, d_m, d_m, heads * d_v), (heads * d_k, groups * d_k, groups * d_v, d_out)
    weights = [rng.normal(shape, dtype) for shape in zip(rows, widths, strict=True)]
    biases = [rng.maybe((width,), dtype) for width in widths]
    mask = rng.mask((*rng.one_of((), batch, (*batch, heads)), n, m), dtype)
    options = {"heads": heads, "kv_heads": groups if groups != heads else rng.one_of(None, groups)}
    inputs = (rng.normal((*batch, n, d), dtype), memory, *weights, *biases, mask)
    return inputs, options | {"is_causal": rng.one_of(True, False)}


def rotary_case(rng, dtype):
    """x and positions, whole or fractional."""
    lead, n, half = rng.sizes(0, 2), rng.size(), rng.size()
    positions = rng.one_of(np.arange(n), np.linspace(0, 1e4, n), np.arange(n, dtype=np.float32))
    return (rng.normal((*lead, n, 2 * half), dtype), positions), {"interleaved": rng.one_of(True, False)}


def embedding_case(rng, dtype):
    """Numbers, some of them twice, and a table."""
    size, d = rng.size(), rng.size()
    return (rng.randint(0, size, rng.sizes(0, 2), dtype=np.int64), rng.normal((size, d), dtype)), {}


def cross_entropy_case(rng, dtype):
    """Logits, classes (some ignored, one kept) or probabilities, and every option."""
    rows, classes, ignored = rng.sizes(0, 2), rng.size(), rng.one_of(-100, 0, -1)
    logits = rng.normal((*rows, classes), dtype, () if dtype == "float16" else (1e4, -1e4))
    targets = rng.dirichlet(np.ones(classes), rows).astype(dtype)
    if rng.one_of(True, False):
        targets = np.asarray(rng.randint(0, classes, rows, dtype=np.int64))
        targets = np.where(rng.random_sample(rows) < 0.3, ignored, targets) if ignored < 0 else targets
    weight = rng.one_of(None, (rng.random_sample(classes) + 0.5).astype(dtype))
    return (logits, targets), {
        "label_smoothing": rng.one_of(0.0, 0.1), "weight": weight, "ignore_index": ignored,
        "reduction": rng.one_of("mean", "sum", "none"),
    }  # fmt: skip


def kl_case(rng, dtype):
    """Two rows of scores and an axis."""
    (x,), options = row_case()(rng, dtype)
    return (x, rng.normal(x.shape, dtype)), options


CASES = {
    "softmax": row_case(1e4, -1e4, -np.inf),
    "log_softmax": row_case(1e4, -1e4, -np.inf),
    "logsumexp": row_case(1e4, -1e4),
    "layer_norm": norm_case(2),
    "rms_norm": norm_case(1),
    "relu": elementwise_case(*WIDE, np.inf, -np.inf),
    "gelu": elementwise_case(*WIDE, approximate=("none", "tanh")),
    "silu": elementwise_case(*WIDE),
    "sigmoid": elementwise_case(*WIDE, np.inf, -np.inf),
    "tanh": elementwise_case(*WIDE, np.inf, -np.inf),
    "softplus": elementwise_case(*WIDE, np.inf, -np.inf),
    "linear": linear_case,
    "feed_forward": feed_forward_case,
    "swiglu": swiglu_case,
    "attention": attention_case,
    "multi_head_attention": multi_head_case,
    "rotary_embedding": rotary_case,
    "embedding": embedding_case,
    "cross_entropy": cross_entropy_case,
    "kl_divergence": kl_case,
}


def case(name, seed, dtype=None):
    """Inputs and options of a function, and the generator, whose next numbers are a cotangent.

    Args:
        name: of the function.
        seed: two seeds give two cases; every third has the same dtype.
        dtype: by default each in its turn.
    """
    rng = Draw(seed)
    inputs, options = CASES[name](rng, dtype or FLOATS[seed % 3])
    return inputs, options, rng


def is_float(value):
    """Whether a value is an array of floating-point numbers."""
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"
