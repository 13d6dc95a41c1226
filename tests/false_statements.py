"""False statements that are true in a small box, or at the first sizes, or but for a difference that is hard to see.

Each is (left, relation, right); with a limit, (left, "→" or "≈", right, claim). None may be accepted: the verdict is
`refuted` or `open`, or names a condition that keeps away from where the statement fails (`CONDITIONAL`). Beside each
kind stands a true statement of the same kind (`TRUE`), which must still be accepted.
"""

from __future__ import annotations

import sympy
from sympy import oo

import symformer as sf
from symformer.notation import lift, relu, softplus

n, m, d, h = sf.sizes("n m d h")
i, j, k, l, r = sf.indices("i j k l r")
x, y, w = sf.tensor("x", n), sf.tensor("y", n), sf.tensor("w", m)
A, S = sf.tensor("A", n, n), sf.tensor("S", n, m)
P, p = sf.tensor("P", n, kind="positive"), sf.tensor("p", n, kind="simplex")
M = sf.tensor("M", n, kind="mask")
seen = sf.tensor("N", n, m, kind="mask", sees=True)
turn = sf.tensor("pi", n, kind="permutation")
ids = sf.tensor("t", n, kind="integer", upper=m)
some = sf.scalar("z", kind="integer", lower=0)
short = sf.tensor("e", n - 1)
a, b, c = sf.scalar("a", kind="positive"), sf.scalar("b"), sf.scalar("c")
u, v = sf.scalar("u", kind="unit"), sf.scalar("v", kind="nonnegative")
g = sf.scalar("g", kind="interval", lower=-1, upper=1)
N, D, B = lift(n), lift(d), lift(m)
I = sf.indicator
q = sf.tensor("q", n, kind="random", moments={1: 0, 2: 1, 3: 0, 4: 3})


def tiny(power):
    """10^−power."""
    return lift(sympy.Rational(1, 10**power))


def falling(size, count):
    """(n − 1)(n − 2)…: 0 up to n = count."""
    out = size - 1
    for number in range(2, count + 1):
        out = out * (size - number)
    return out


def turned(times):
    """The place to which a permutation takes i, so many times."""
    place = lift(i)
    for _ in range(times):
        place = turn[place]
    return place


def e(order):
    """The elementary symmetric polynomial by Newton's identities, which is 0 up to n = order − 1."""
    powers = [sf.sum(x[k] ** number, k) for number in range(1, order + 1)]
    known = [lift(1)]
    for number in range(1, order + 1):
        total = None
        for step in range(1, number + 1):
            term = known[number - step] * powers[step - 1]
            term = term if step % 2 else -term
            total = term if total is None else total + term
        known.append(total / number)
    return known[order]


SIZES = [
    *[(I(i, "≤", number) * x[i], "=", x[i]) for number in (1, 2, 3, 4, 5, 6, 7, 8, 12, 20, 64, 100)],
    *[(sf.delta(i, number) * x[i], "=", 0) for number in (2, 3, 4, 5, 6, 7, 8, 13, 40)],
    *[(I(j, "≤", i + number) * S[i, j], "=", S[i, j]) for number in (1, 2, 3, 5, 8, 16)],
    *[(I(i - j, "<", number) * A[i, j], "=", A[i, j]) for number in (1, 2, 4, 8, 32)],
    *[(falling(N, count) * b, "=", 0) for count in (1, 2, 3, 4, 5, 6, 7, 8)],
    *[(falling(N, count) * falling(D, 2) * b, "=", 0) for count in (2, 3, 5)],
    *[(lift(n), "≤", number) for number in (1, 2, 3, 5, 10, 50, 1000, 10**6)],
    *[(lift(n) * b**2, "≤", number * b**2) for number in (4, 8, 33)],
    *[(sf.sum(x[k] ** 2, k), "≤", number * sf.max(x[k] ** 2, k)) for number in (2, 4, 6, 10)],
    *[(e(order), "=", 0) for order in (2, 3, 4, 5)],
    *[(x[turned(times)], "=", x[i]) for times in (2, 6, 12, 60, 120)],
    (12 * N * D**2, "≥", 2 * N**2 * D),
    (8 * D**2, "≥", 3 * D * N),
    (N * D, "≥", N + D),
    (N**2, "≤", 2**10 * N),
    (N**3, "≥", N**2 + 2),
    (N * B, "≤", N**2 + B),
    (N**2 + 41, "≥", 14 * N),
    (N, "=", B),
    (N * B * D, "≤", 125),
    (sf.sum(lift(k), (k, n)), "=", N**2 - 2 * N + 2),
    (sf.sum(lift(k) ** 2, (k, n)), "=", 5 * N - 4 + falling(N, 2) * 4),
    (sf.sum(S[i, j], j) / m, "=", sf.sum(S[i, j], j) / n),
    (sf.sum(x[k], k) ** 2, "≤", 4 * sf.sum(x[k] ** 2, k)),
    (sf.sum(x[k], k) ** 2, "≤", m * sf.sum(x[k] ** 2, k)),
    (sf.log(N), "≤", 3),
    (1 / N, "≥", tiny(2)),
    (sf.sum(1 / lift(k), (k, n)), "≤", lift(5) / 2),
    (sf.sum(P[k], k) / sf.max(P[k], k), "≤", 5),
    (sf.sum(sf.softmax(x)[k] ** 2, k), "≥", lift(1) / 5),
    (sf.max(p[k], k), "≥", lift(1) / 5),
    (lift(i), "≤", 5),
    (I(lift(n), "≤", 9) * b, "=", b),
    (sf.delta(ids[i], 6), "=", 0),
]
VALUES = [
    *[(b, "≤", number) for number in (2, 3, 10, 1000)],
    *[(b, "≥", -number) for number in (2, 5, 100)],
    *[(a, "≤", number) for number in (3, 4, 50)],
    *[(a, "≥", lift(sympy.Rational(1, number))) for number in (10, 97, 1000, 10**5)],
    *[(u, "≤", 1 - tiny(power)) for power in (1, 2, 4)],
    *[(u, "≥", tiny(power)) for power in (1, 2, 4)],
    *[(some, "≤", number) for number in (3, 10, 100000)],
    *[(sf.sin(number * sf.pi * b), "=", 0) for number in (97, 194, 997, 10007)],
    *[(sf.cos(b), "≥", -1 + tiny(power)) for power in (2, 3, 4)],
    *[(sf.sin(b) * sf.cos(b), "≤", lift(sympy.Rational(1, 2)) - tiny(power)) for power in (2, 3)],
    *[(b * number, "≤", b**2 + sympy.Rational(number**2, 4) - tiny(2)) for number in (1, 2, 7)],
    *[(2 * a * v, "≤", (1 - tiny(power)) * (a**2 + v**2)) for power in (1, 2, 3, 4)],
    *[(relu(b - number), "=", 0) for number in (2, 5, 1000)],
    *[(relu(b + number), "=", b + number) for number in (2, 5, 1000)],
    *[(I(b, "<", number) * c, "=", c) for number in (2, 7, 500)],
    *[(I(b, "≥", number) * I(b, "≤", number) * c, "=", 0) for number in (0, 1, 3)],
    (I(b, "=", 0), "=", 0),
    (I(b, "=", c), "=", 0),
    (I(b, ">", 0), "=", I(b, "≥", 0)),
    (I(b, ">", c) + I(c, ">", b), "=", 1),
    (I(x[i], "≥", y[i]), "=", I(x[i], ">", y[i])),
    (I(v, ">", 0), "=", 1),
    (I(v, "=", 0) * c, "=", 0),
    (sf.sqrt(b**2), "=", b * (I(b, ">", 0) - I(b, "≤", 0)) + I(b, "=", 0)),
    (sf.max(x[k], k) * sf.sum(I(x[l], "=", sf.max(x[k], k)), l), "=", sf.max(x[k], k)),
    (sf.sum(I(x[i], "=", x[l]), l), "=", 1),
    (I(x[i] * y[i], ">", 0) + I(x[i] * y[i], "<", 0), "=", 1),
    (relu(b) + relu(-b), "≥", tiny(3)),
    (b**2, "≥", tiny(6)),
    (b**4, "≤", 16),
    (sf.exp(b), "≤", 10),
    (sf.exp(b), "≥", tiny(2)),
    (sf.tanh(b), "≤", lift(sympy.Rational(97, 100))),
    (softplus(b), "≤", relu(b) + lift(sympy.Rational(69, 100))),
    (softplus(b), "≥", relu(b) + tiny(2)),
    (b**3, "≤", 8),
    (b**2, "≤", 2 * sf.sqrt(b**2)),
    (sf.log(a), "≥", -3),
    (sf.log(a), "≤", 2),
    (a + 1 / a, "≥", 2 + tiny(4)),
    (g, "≤", 1 - tiny(2)),
    (g**2, "≤", 1 - tiny(2)),
    (u * (1 - u), "≤", lift(sympy.Rational(1, 4)) - tiny(3)),
    (x[i], "≤", sf.sum(x[k] ** 2, k) + lift(sympy.Rational(1, 5))),
    (sf.sum(x[k] * y[k], k) ** 2, "≤", (1 - tiny(2)) * sf.sum(x[k] ** 2, k) * sf.sum(y[k] ** 2, k)),
    (sf.log(sf.sum(sf.exp(x[k]), k)), "≤", sf.max(x[k], k) + sf.log(N) - tiny(2)),
    (sf.log(sf.sum(sf.exp(x[k]), k)), "≥", sf.max(x[k], k) + tiny(3)),
    (sf.softmax(x)[i], "≤", lift(sympy.Rational(99, 100))),
    (sf.softmax(x)[i], "≥", tiny(3)),
    (-sf.sum(p[k] * sf.log(p[k]), k), "≥", tiny(2)),
    (sf.exp(b), "≤", 1 + b + b**2),
    (sf.cos(b), "≥", 1 - b**2 / 2 + b**4 / 30),
    (sf.sin(b), "≤", b + tiny(1)),
    (b**2 * c**2, "≤", 16),
    (b * c, "≥", -4),
    (sf.tanh(b) ** 2, "≥", b**2 / (1 + b**2) + tiny(3)),
    (M[i], "=", 1),
    (M[i] * M[j], "=", M[i]),
    (sf.sum(M[k], k), "≥", 1),
    (sf.sum(seen[i, j], j), "=", 1),
    (sf.max(x[k], k), "≥", 0),
    (sf.max(x[k], k) - x[i], "≤", 4),
    (sf.max(x[k], k), "≤", 2 * sf.max(x[k], k) + 4),
]
CLOSE = [
    *[(1 / (1 + sf.exp(-(number + b**2))), "=", 1) for number in (50, 300, 800)],
    *[(sf.sigmoid(number + b), "=", 1) for number in (300, 1000)],
    *[(b + tiny(power), "=", b) for power in (30, 100, 300, 1000)],
    *[(sf.tanh(number + b**2), "=", 1) for number in (60, 300, 1000)],
    *[(sf.erf(number + b**2), "=", 1) for number in (12, 20, 40)],
    *[(sf.exp(-(number + b**2)), "=", 0) for number in (300, 1000, 5000)],
    *[((1 + tiny(power)) * b, "=", b) for power in (40, 120)],
    *[(a + tiny(power), "≤", a) for power in (40, 120)],
    *[(b, "≥", b + tiny(power) * a) for power in (40, 120)],
    (sf.exp(sf.pi * sf.sqrt(163)), "=", 262537412640768744),
    (sf.sqrt(a**2 + tiny(200)), "=", a),
    (sf.log(1 + tiny(150) * a), "=", 0),
    (sf.sin(tiny(110) * a), "=", 0),
    (sf.cos(tiny(60) * a), "=", 1),
    (softplus(-(300 + b**2)), "=", 0),
]
LIMITS = [
    *[(sf.cos(2 * sf.pi * N / number), "→", 1, {"to": (n, oo)}) for number in (1 + 7, 4, 2, 16)],
    *[(sf.sin(sf.pi * N / number) ** 2, "→", 0, {"to": (n, oo)}) for number in (8, 4)],
    (sf.tanh(a / 10**15), "→", 0, {"to": (a, oo)}),
    (sf.exp(-a / 10**20), "→", 1, {"to": (a, oo)}),
    (a / (a + 10**30), "→", 0, {"to": (a, oo)}),
    (sf.cos(a), "→", 1, {"to": (a, oo)}),
    (sf.log(a) / a, "→", 1, {"to": (a, oo)}),
    (lift(i) / n, "→", 0, {"to": (n, oo)}),
    (sf.exp(b * a), "→", 0, {"to": (a, oo)}),
    (sf.tanh(b * a), "→", 1, {"to": (a, oo)}),
    (I(a, "<", 10**13), "→", 1, {"to": (a, oo)}),
    (relu(1 - a / 10**14), "→", 1, {"to": (a, oo)}),
    (sf.softmax(x)[i], "→", 1 / N + tiny(3), {"to": (x, 0)}),
    (sf.sum(1 / lift(k), (k, n)), "→", sf.log(N), {"to": (n, oo)}),
    (sf.tanh(b), "≈", b, {"to": (b, 0), "order": 4}),
    (sf.exp(b), "≈", 1 + b + b**2 / 3, {"to": (b, 0), "order": 3}),
    (sf.cos(b), "≈", 1 - b**2 / 2, {"to": (b, 0), "order": 5}),
    (relu(b), "≈", b / 2, {"to": (b, 0), "order": 2}),
    (b + tiny(40) * sf.sin(b), "≈", b, {"to": (b, 0), "order": 2}),
    (N + 10**9, "≈", N, {"to": (n, oo), "dropped": 2 * N}),
]
CONDITIONAL = [
    (sf.sum(1, (k, n - m)), "=", N - m),
    (sf.sum(b, (k, n - m)), "=", (N - m) * b),
    (sf.sum(1, (k, n - 3)), "=", N - 3),
    (sf.sum(1, (k, n / 2)), "=", N / 2),
    (sf.sum(1, (k, (n - m) / 2)), "=", (N - m) / 2),
    (sf.sum(sf.softmax(short)[k], k), "=", 1),
    (sf.sum(sf.exp(short[j]) / sf.sum(sf.exp(short[k]), k), j), "=", 1),
    (sf.sum(sf.delta(k, 1) * short[k], k), "=", short[1]),
    (sf.sum(sf.delta(k, 1) * b, (k, n - m)), "=", b),
    (sf.max(b + 0 * lift(k), (k, n - m)), "=", b),
    (sf.diff(relu(b), b), "=", I(b, ">", 0)),
    (sf.diff(relu(c * b), b), "=", c * I(c * b, ">", 0)),
    (b**2 / b, "=", b),
    (b / b, "=", 1),
    (sf.sqrt(b) ** 2, "=", b),
    (sf.exp(sf.log(b)), "=", b),
    (c * (b**2 - c**2) / (b - c), "=", c * (b + c)),
    (c / (1 / b), "=", c * b),
    (b**0 * (b * c) / b, "=", c),
]
KINKS = [
    (sf.diff(relu(b), b), "=", I(b, "≥", 0)),
    (sf.diff(relu(b), b), "=", I(b, ">", 0) + I(b, "=", 0) / 2),
    (sf.diff(b * I(b, ">", 0), b), "=", I(b, "≥", 0)),
]
MOMENTS = [{2: -1}, {1: 1, 2: 0}, {1: 0, 2: 1, 4: 0}, {1: 0, 2: 1, 3: 5, 4: 1}, {1: 0, 2: 1, 3: 1, 4: 1},
           {2: 2, 4: 3}, {1: 1, 2: 1, 3: 0}, {1: 0, 2: 1, 4: 1, 3: 1}, {2: 2, 6: 1}, {4: -3},
           {1: 0, 2: 1, 3: 0, 4: 3, 6: 8}, {2: 0, 4: 1}]  # fmt: skip

FALSE = SIZES + VALUES + CLOSE
TRUE = [
    (sf.sum(x[k], k) ** 2, "≤", n * sf.sum(x[k] ** 2, k)),
    (2 * a * v, "≤", a**2 + v**2),
    (b, "≤", b**2 + lift(sympy.Rational(1, 4))),
    (N * D, "≤", N**2 + D**2),
    (sf.sin(b) * sf.cos(b), "≤", lift(sympy.Rational(1, 2))),
    (u * (1 - u), "≤", lift(sympy.Rational(1, 4))),
    (sf.cos(b), "≥", -1),
    (sf.tanh(b), "≤", 1),
    (relu(b) - relu(-b), "=", b),
    (softplus(b), "≥", relu(b)),
    (g**2, "≤", 1),
    (sf.softmax(x)[i], "≤", 1),
    (-sf.sum(p[k] * sf.log(p[k]), k), "≤", sf.log(N)),
    (sf.sum(x[turn[k]], k), "=", sf.sum(x[k], k)),
    (sf.sqrt((1 - u) ** 2), "=", 1 - u),
    (sf.exp(b), "≥", 1 + b),
    (a + 1 / a, "≥", 2),
    (sf.sum(x[k] * y[k], k) ** 2, "≤", sf.sum(x[k] ** 2, k) * sf.sum(y[k] ** 2, k)),
    (I(b, ">", 0) + I(b, "≤", 0), "=", 1),
    (some + 1, "≥", 1),
]
TRUE_LIMITS = [
    (sf.tanh(a / 10**15), "→", 1, {"to": (a, oo)}),
    (sf.exp(-a), "→", 0, {"to": (a, oo)}),
    (sf.log(a) / a, "→", 0, {"to": (a, oo)}),
    (sf.exp(x[i] / a) / sf.sum(sf.exp(x[k] / a), k), "→", 1 / N, {"to": (a, oo)}),
    (sf.softmax(x)[i], "→", 1 / N, {"to": (x, 0)}),
    (sf.sin(a) / a, "→", 1, {"to": (a, 0)}),
    (sf.tanh(b), "≈", b, {"to": (b, 0), "order": 3}),
    (sf.exp(b), "≈", 1 + b + b**2 / 2, {"to": (b, 0), "order": 3}),
    (N / (N + 1), "→", 1, {"to": (n, oo)}),
]
