"""Gradients in balls of 80 digits, by formulas of textbooks: g is the cotangent, arrays are lists of rows."""

from __future__ import annotations

from exact import kl_parts, sigmoid, softmax
from flint import arb


def times(a, b):
    """The product of two matrices."""
    columns = list(zip(*b, strict=True))
    return [[dot(row, column) for column in columns] for row in a]


def turned(a):
    """The transpose."""
    return [list(column) for column in zip(*a, strict=True)]


def dot(a, b):
    """Σ a b."""
    return sum((one * other for one, other in zip(a, b, strict=True)), arb(0))


def entries(rule, *arrays):
    """A rule on the entries of arrays of one shape."""
    return [[rule(*values) for values in zip(*rows, strict=True)] for rows in zip(*arrays, strict=True)]


def softmax_slope(g, x):
    """p (g − Σ g p)."""
    return ([_softmax_row(one, softmax(row)) for one, row in zip(g, x, strict=True)],)


def _softmax_row(g, p):
    total = dot(g, p)
    return [share * (slope - total) for share, slope in zip(p, g, strict=True)]


def log_softmax_slope(g, x):
    """g − p Σ g."""
    return ([[slope - share * sum(one, arb(0)) for slope, share in zip(one, softmax(row), strict=True)]
             for one, row in zip(g, x, strict=True)],)  # fmt: skip


def logsumexp_slope(g, x):
    """g p."""
    return ([[slope * share for share in softmax(row)] for slope, row in zip(g, x, strict=True)],)


def cross_entropy_slope(g, x):
    """g (p − y), where the class is the first."""
    return ([[slope * (share - (place == 0)) for place, share in enumerate(softmax(row))]
             for slope, row in zip(g, x, strict=True)],)  # fmt: skip


def kl_slope(g, a, b):
    """g p (t − KL) and g (q − p), with t = log p − log q."""
    over, under = [], []
    for slope, *rows in zip(g, a, b, strict=True):
        p, q, t = kl_parts(*rows)
        total = dot(p, t)
        over.append([slope * share * (value - total) for share, value in zip(p, t, strict=True)])
        under.append([slope * (other - share) for share, other in zip(p, q, strict=True)])
    return over, under


def layer_norm_slope(g, x, weight, bias, eps):
    """(ĝ − mean ĝ − x̂ mean(ĝ x̂)) / σ with ĝ = g w, Σ g x̂ over rows, Σ g over rows."""
    return (*_norm_slope(g, x, weight, eps, centre=True), [[sum(column, arb(0)) for column in turned(g)]])


def rms_norm_slope(g, x, weight, eps):
    """(ĝ − x̂ mean(ĝ x̂)) / ρ with ĝ = g w, and Σ g x̂ over rows."""
    return _norm_slope(g, x, weight, eps, centre=False)


def _norm_slope(g, x, weight, eps, *, centre):
    n, out, normed = len(weight), [], []
    for one, row in zip(g, x, strict=True):
        mean = sum(row, arb(0)) / n if centre else arb(0)
        root = (dot(*[[value - mean for value in row]] * 2) / n + arb(eps)).sqrt()
        x_hat = [(value - mean) / root for value in row]
        scaled = [slope * factor for slope, factor in zip(one, weight, strict=True)]
        level, along = sum(scaled, arb(0)) / n if centre else arb(0), dot(scaled, x_hat) / n
        out.append([(slope - level - value * along) / root for slope, value in zip(scaled, x_hat, strict=True)])
        normed.append(x_hat)
    return out, [[dot(*pair) for pair in zip(turned(g), turned(normed), strict=True)]]


def attention_slope(g, q, k, v):
    """dQ = dS K/√d, dK = dSᵀ Q/√d, dV = Pᵀ g, with dS = P (dP − Σ P dP) and dP = g Vᵀ."""
    root = arb(len(q[0])).sqrt()
    p = [softmax([score / root for score in row]) for row in times(q, turned(k))]
    slopes = [[value / root for value in _softmax_row(*pair)] for pair in zip(times(g, turned(v)), p, strict=True)]
    return times(slopes, k), times(turned(slopes), q), times(turned(p), g)


def swiglu_slope(g, x, w_gate, w_up, w_down):
    """By the product rule: the hidden row is silu(x W_gate) ⊙ x W_up."""
    gate, up = times(x, w_gate), times(x, w_up)
    hidden = entries(lambda a, b: a * sigmoid(a) * b, gate, up)
    back = times(g, turned(w_down))
    d_gate = entries(lambda slope, a, b: slope * b * silu_slope(a), back, gate, up)
    d_up = entries(lambda slope, a: slope * a * sigmoid(a), back, gate)
    dx = entries(lambda a, b: a + b, times(d_gate, turned(w_gate)), times(d_up, turned(w_up)))
    return dx, times(turned(x), d_gate), times(turned(x), d_up), times(turned(hidden), g)


def gelu_slope(x):
    """Φ(x) + x φ(x)."""
    return (1 + (x / arb(2).sqrt()).erf()) / 2 + x * (-x * x / 2).exp() / (2 * arb.pi()).sqrt()


def gelu_tanh_slope(x):
    """Of x/2 (1 + tanh u) with u = √(2/π) (x + 0.044715 x³)."""
    root, cubic = (2 / arb.pi()).sqrt(), arb("0.044715")
    u = root * (x + cubic * x**3)
    return (1 + u.tanh()) / 2 + x / 2 * root * (1 + 3 * cubic * x * x) / u.cosh() ** 2


def silu_slope(x):
    """σ (1 + x (1 − σ))."""
    return sigmoid(x) * (1 + x * sigmoid(-x))


def sigmoid_slope(x):
    """σ (1 − σ)."""
    return sigmoid(x) * sigmoid(-x)


def tanh_slope(x):
    """1 / cosh²."""
    return 1 / x.cosh() ** 2


def each(slope):
    """The gradient of an elementwise function."""
    return lambda g, x: (entries(lambda one, value: one * slope(value), g, x),)
