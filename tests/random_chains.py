"""Random chains of elementwise definitions, with sums along rows and columns, in blocks beside everything at once."""

from __future__ import annotations

import numpy as np

import symformer as sf
from symformer.notation import exp, indicator, indices, lift, relu, sigmoid, sum, tanh
from symformer.programs import define

n, d = sf.sizes("n d")
i, j, c, f = indices("i j c f")
X, Y, W, R = sf.tensor("X", n, d), sf.tensor("Y", n, d), sf.tensor("w", d), sf.tensor("r", n)
FUNCTIONS = [tanh, sigmoid, relu, lambda a: exp(-(a**2)), lambda a: a**2, lambda a: a / (1 + sf.abs(a)), lambda a: -a]


class Chain:
    """One case: `program`, and arrays of the sizes of `shape` and a batch for its inputs."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        made = [X, Y]
        for number in range(int(self.random.integers(1, 5))):
            made.append(define(f"t{number}", (i, c), self._body(self._one(made), self._one(made))))
        self.program = self._program(made[-1])

    def _one(self, some):
        return some[int(self.random.integers(len(some)))]

    def _body(self, one, other):
        body = self._one(FUNCTIONS)(one[i, c])
        row, column = (total.at({j: lift(i), f: lift(c)}) for total in (sum(one[j, f], f), sum(one[j, f], j)))
        more = [other[i, c], W[c], R[i], row / 9, column / 9, sum(one[i, f] * other[i, f], f) / 9, lift(2) / 3]
        more += [indicator(one[i, c], "<", other[i, c]), sf.max(one[i, f], f), sf.mean(one[j, c], j)]
        for _ in range(int(self.random.integers(0, 4))):
            with_one = self._one(more)
            body = self._one([lambda a, b: a + b, lambda a, b: b - a, lambda a, b: a * b])(body, with_one)
        return self._one(FUNCTIONS)(body) if self.random.random() < 0.5 else body

    def _program(self, last):
        kind = self.random.random()
        if kind < 0.3:
            moving = tuple(one.name for one in sf.program(last).inputs)
            return sf.gradient(last, wrt=moving)
        row = define("z", i, sum(last[i, c] * last[i, c], c))
        return sf.program(last, row) if kind < 0.5 else sf.program(row) if kind < 0.6 else sf.program(last)

    def arrays(self, lead):
        """Numbers for the inputs; some of them have fewer batch axes."""
        sizes = {n: int(self.random.integers(1, 8)), d: int(self.random.integers(1, 8))}
        return [self.random.standard_normal((*lead[int(self.random.integers(len(lead) + 1)) :],
                                             *(sizes[size] for size in one.shape)))
                for one in self.program.inputs]  # fmt: skip
