"""Particle dynamics as a textbook would write them in Python: loops, one token at a time, nothing of ours."""

import numpy as np


def read(x, beta, q, k, v, normalised=True):
    """What each token of (n, d) reads through one head."""
    n = len(x)
    out = np.zeros_like(x)
    for i in range(n):
        weights = [np.exp(beta * (q @ x[i]) @ (k @ x[j])) for j in range(n)]
        total = sum(weights[j] * (v @ x[j]) for j in range(n))
        out[i] = total / (sum(weights) if normalised else n)
    return out


def on_sphere(x, moved):
    """Each velocity without its part along the token."""
    return np.array([moved[i] - (x[i] @ moved[i]) * x[i] for i in range(len(x))])


def sa(x, beta):
    """SA for Q = K = V = identity."""
    one = np.eye(x.shape[1])
    return on_sphere(x, read(x, beta, one, one, one))


def usa(x, beta):
    """USA for Q = K = V = identity."""
    one = np.eye(x.shape[1])
    return on_sphere(x, read(x, beta, one, one, one, normalised=False))


def heads(x, beta, q, k, v, normalised=True):
    """Several heads, added, not yet projected."""
    return sum(read(x, beta, q[h], k[h], v[h], normalised) for h in range(len(q)))


def directions(x):
    """Each token divided by its length."""
    return np.array([token / np.sqrt(token @ token) for token in x])


def circle(theta, beta, normalised=False):
    """USA or SA on the circle, by angles."""
    out = []
    for a in theta:
        weights = [np.exp(beta * np.cos(a - b)) for b in theta]
        pull = sum(weight * np.sin(a - b) for weight, b in zip(weights, theta, strict=True))
        out.append(-pull / (sum(weights) if normalised else len(theta)))
    return np.array(out)


def kuramoto(theta, coupling, omega):
    """Kuramoto's oscillators."""
    n = len(theta)
    return np.array([omega[i] + coupling / n * sum(np.sin(b - theta[i]) for b in theta) for i in range(n)])


def energy(x, beta):
    """The interaction energy."""
    return sum(np.exp(beta * a @ b) for a in x for b in x) / (2 * beta * len(x) ** 2)


def components(joined):
    """How many connected components a graph has, by walking through it."""
    left, count = set(range(len(joined))), 0
    while left:
        count += 1
        front = [left.pop()]
        while front:
            near = {j for j in left if joined[front[-1], j]}
            front.pop()
            left -= near
            front += sorted(near)
    return count
