"""Careful NumPy: what an expert writes by hand, in place, with no copy more than needed. The figures compare with this.

Each works on a whole array at a time. GELU's erf is a rational approximation accurate to float32.
"""

from __future__ import annotations

import numpy as np


def attention(q, k, v):
    """One array of scores, everything else in its place."""
    s = (q * q.dtype.type(1 / np.sqrt(q.shape[-1]))) @ k.T
    s -= s.max(axis=-1, keepdims=True)
    np.exp(s, out=s)
    o = s @ v
    o /= s.sum(axis=-1, keepdims=True)
    return o


def probabilities(q, k):
    """Of queries times the scale, and keys, in one array."""
    p = q @ k.T
    p -= p.max(axis=-1, keepdims=True)
    np.exp(p, out=p)
    p /= p.sum(axis=-1, keepdims=True)
    return p


def attention_both(g, q, k, v):
    """Output and gradients: probabilities are kept from the forward pass."""
    scale = q.dtype.type(1 / np.sqrt(q.shape[-1]))
    p = probabilities(q * scale, k)
    o = p @ v
    ds = g @ v.T
    ds -= np.einsum("if,if->i", g, o)[:, None]
    ds *= p
    dq, dk = ds @ k, ds.T @ q
    dq *= scale
    dk *= scale
    return o, dq, dk, p.T @ g


def attention_vjp(g, q, k, v):
    """The gradients from the inputs alone, as our functions have it; D is the sum of p dp over a row."""
    scale = q.dtype.type(1 / np.sqrt(q.shape[-1]))
    scaled = q * scale
    p = probabilities(scaled, k)
    ds = g @ v.T
    ds -= np.einsum("ij,ij->i", p, ds)[:, None]
    ds *= p
    dq = ds @ k
    dq *= scale
    return dq, ds.T @ scaled, p.T @ g


def softmax(x):
    """One new array."""
    y = x - x.max(axis=-1, keepdims=True)
    np.exp(y, out=y)
    y /= y.sum(axis=-1, keepdims=True)
    return y


def softmax_vjp(g, x):
    """From the output."""
    y = softmax(x)
    d = np.einsum("ij,ij->i", g, y)[:, None]
    y *= g - d
    return y


def log_softmax(x):
    """One new array and one for the exponentials."""
    y = x - x.max(axis=-1, keepdims=True)
    y -= np.log(np.exp(y).sum(axis=-1, keepdims=True))
    return y


def log_softmax_vjp(g, x):
    """From the probabilities."""
    y = softmax(x)
    y *= -g.sum(axis=-1, keepdims=True)
    y += g
    return y


def layer_norm(x, weight, bias, eps=1e-5):
    """Centred once, scaled in place."""
    y = x - x.mean(axis=-1, keepdims=True)
    variance = np.einsum("ij,ij->i", y, y)[:, None] / x.dtype.type(x.shape[-1])
    y *= 1 / np.sqrt(variance + x.dtype.type(eps))
    y *= weight
    y += bias
    return y


def layer_norm_vjp(g, x, weight, bias, eps=1e-5):
    """The three gradients."""
    n = x.dtype.type(x.shape[-1])
    y = x - x.mean(axis=-1, keepdims=True)
    r = 1 / np.sqrt(np.einsum("ij,ij->i", y, y)[:, None] / n + x.dtype.type(eps))
    y *= r
    dweight, dbias = np.einsum("ij,ij->j", g, y), g.sum(axis=0)
    d = g * weight
    mean, slope = d.mean(axis=-1, keepdims=True), np.einsum("ij,ij->i", d, y)[:, None] / n
    d -= mean
    y *= slope
    d -= y
    d *= r
    return d, dweight, dbias


def rms_norm(x, weight, eps=1e-5):
    """One new array."""
    y = x * (1 / np.sqrt(np.einsum("ij,ij->i", x, x)[:, None] / x.dtype.type(x.shape[-1]) + x.dtype.type(eps)))
    y *= weight
    return y


def rms_norm_vjp(g, x, weight, eps=1e-5):
    """The two gradients."""
    n = x.dtype.type(x.shape[-1])
    r = 1 / np.sqrt(np.einsum("ij,ij->i", x, x)[:, None] / n + x.dtype.type(eps))
    y = x * r
    dweight = np.einsum("ij,ij->j", g, y)
    d = g * weight
    y *= np.einsum("ij,ij->i", d, y)[:, None] / n
    d -= y
    d *= r
    return d, dweight


# x P(x²)/Q(x²) on |x| < 4, where erf is 1 to float32 beyond: Eigen's and XLA's coefficients for float32.
OVER = (
    -2.72614225801306e-10, 2.77068142495902e-08, -2.10102402082508e-06, -5.69250639462346e-05, -7.34990630326855e-04,
    -2.95459980854025e-03, -1.60960333262415e-02,
)  # fmt: skip
UNDER = (
    -1.45660718464996e-05,
    -2.13374055278905e-04,
    -1.68282697438203e-03,
    -7.37332916720468e-03,
    -1.42647390514189e-02,
)


def erf(x):
    """The error function, accurate to float32."""
    x = np.clip(x, -4, 4)
    square = x * x
    over = np.full_like(x, OVER[0])
    for coefficient in OVER[1:]:
        over *= square
        over += x.dtype.type(coefficient)
    over *= x
    under = np.full_like(x, UNDER[0])
    for coefficient in UNDER[1:]:
        under *= square
        under += x.dtype.type(coefficient)
    over /= under
    return over


def gelu(x):
    """x/2 (1 + erf(x/√2))."""
    y = erf(x * x.dtype.type(np.sqrt(0.5)))
    y += 1
    y *= x
    y *= x.dtype.type(0.5)
    return y


def gelu_vjp(g, x):
    """g (Φ + x φ)."""
    y = erf(x * x.dtype.type(np.sqrt(0.5)))
    y += 1
    y *= x.dtype.type(0.5)
    bell = x * x
    bell *= x.dtype.type(-0.5)
    np.exp(bell, out=bell)
    bell *= x.dtype.type(1 / np.sqrt(2 * np.pi))
    bell *= x
    y += bell
    y *= g
    return y


def silu(x):
    """x / (1 + exp(−x))."""
    y = np.negative(x)
    np.exp(y, out=y)
    y += 1
    np.divide(x, y, out=y)
    return y


def silu_vjp(g, x):
    """g s (1 + x (1 − s))."""
    s = np.negative(x)
    np.exp(s, out=s)
    s += 1
    np.divide(1, s, out=s)
    y = 1 - s
    y *= x
    y += 1
    y *= s
    y *= g
    return y


def swiglu(x, w_gate, w_up, w_down):
    """Three products."""
    a = silu(x @ w_gate)
    a *= x @ w_up
    return a @ w_down


def swiglu_vjp(g, x, w_gate, w_up, w_down):
    """Nine products."""
    gate, up = x @ w_gate, x @ w_up
    s = np.negative(gate)
    np.exp(s, out=s)
    s += 1
    np.divide(1, s, out=s)
    act = gate * s
    da = g @ w_down.T
    dw_down = (act * up).T @ g
    dup = da * act
    gate *= s
    slope = s + gate
    gate *= s
    slope -= gate
    da *= up
    da *= slope
    return dup @ w_up.T + da @ w_gate.T, x.T @ da, x.T @ dup, dw_down


def cross_entropy(x, targets):
    """The mean over rows."""
    top = x.max(axis=-1)
    u = x - top[:, None]
    np.exp(u, out=u)
    losses = np.log(u.sum(axis=-1))
    losses -= x[np.arange(len(x)), targets] - top
    return losses.mean()


def cross_entropy_vjp(g, x, targets):
    """Probabilities, less 1 at the target."""
    p = softmax(x)
    p[np.arange(len(x)), targets] -= 1
    p *= g / x.dtype.type(len(x))
    return p
