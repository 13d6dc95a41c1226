"""Random programs of scores, masks and weighted sums, and the interpreter's numbers beside those of the compiled tiles.

Shared by the suite, which draws a few hundred, and by `benchmarks/tiles.py`, which draws thousands. A case is drawn
from its seed alone: the program, its sizes (1 to 60), its arrays, and how small tiles are.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from inspect import unwrap

import numpy as np

import symformer as sf
from symformer.compile import schedules
from symformer.evaluate import HIDDEN, FloatField, Interpreter, Undecidable
from symformer.notation import Hidden, exp, hide, indicator, indices, lift, relu, sigmoid, sqrt, sum, tanh, walk
from symformer.programs import define

n, m, d, e = sf.sizes("n m d e")
i, j, c, f, a, b, k = indices("i j c f a b k")
Q, K, V = sf.tensor("Q", n, d), sf.tensor("K", m, d), sf.tensor("V", m, e)
G, B, W = sf.tensor("G", n, e), sf.tensor("B", n, m), sf.tensor("W", d, d)
SEEN = sf.tensor("seen", n, m, kind="mask")
FLIPPED = {"<=": ">=", "<": ">", ">": "<", ">=": "<="}


class Drawn:
    """One case: `program`, `sizes` by symbol, `arrays` by the names of inputs."""

    def __init__(self, seed, most=60):
        self.random = np.random.default_rng(seed)
        longest = most if self.random.random() < 0.07 else 12
        rows, columns = (int(self.random.integers(1, longest + 1)) for _ in range(2))
        widths = (int(self.random.integers(1, 4)) for _ in range(2))
        self.sizes = dict(zip((n, m, d, e), (rows, columns, *widths), strict=True))
        self.far = max(rows, columns) + 2
        self.query, self.key, self.value = Q, K, V
        self.bias, self.seen, self.gate, self.columns = B, SEEN, G, m
        if self.random.random() < 0.25:
            self._of_itself()
        output = self._output(self._masked(self._scores()))
        forward = sf.program(*output)
        backward = self.random.random() < 0.3 and rows * columns <= 100
        wrt = tuple(one.name for one in forward.inputs if one.domain.kind != "mask")
        self.program = sf.gradient(output[0], wrt=wrt) if backward else forward
        scale = self.random.choice([0.3, 1.0, 30.0]) if not backward else 1.0
        self.arrays = {one.name: self._array(one, scale) for one in self.program.inputs}

    def _of_itself(self):
        """Queries, keys and values, or two of them, are one array, read under two letters."""
        size = self.sizes[m] = self.sizes[n]
        self.sizes[e] = self.sizes[d]
        self.far = size + 2
        one, value = sf.tensor("X", n, d), sf.tensor("V", n, e)
        self.query, self.key, self.value = [(one, one, one), (one, one, value), (one, sf.tensor("K", n, d), one)][
            int(self.random.integers(3))
        ]
        self.bias, self.seen = sf.tensor("B", n, n), sf.tensor("seen", n, n, kind="mask")
        self.gate, self.columns = sf.tensor("G", *self.value.shape), n

    def _chance(self, share):
        return self.random.random() < share

    def _scores(self):
        query = define("q", (i, c), sum(self.query[i, k] * W[k, c], k)) if self._chance(0.3) else self.query
        key = self._projected(self.key) if self._chance(0.2) else self.key
        scores = sum(query[i, c] * key[j, c], c)
        scores = scores / sqrt(d) if self._chance(0.5) else scores * 0.5 if self._chance(0.5) else scores
        scores = scores + self.bias[i, j] if self._chance(0.3) else scores
        scores = scores - 0.1 * (i - j) if self._chance(0.2) else scores
        return 4 * tanh(scores / 4) if self._chance(0.2) else scores

    def _relation(self):
        """A window's edge, on either side, with the index of columns left or right."""
        relation = self.random.choice(list(FLIPPED))
        by = int(self.random.integers(-self.far, self.far + 1)) if self._chance(0.7) else self.columns - n
        limit = i + by if self._chance(0.8) else i
        return indicator(j, relation, limit) if self._chance(0.5) else indicator(limit, FLIPPED[relation], j)

    def _masked(self, scores):
        """The scores with masks, and relations by which weights are multiplied later."""
        self.factors = []
        for _ in range(int(self.random.integers(0, 3))):
            relation = self._relation()
            if self._chance(0.7):
                scores = hide(scores, relation)
            else:
                self.factors.append(relation)
        return hide(scores, self.seen[i, j]) if self._chance(0.2) else scores

    def _output(self, scores):
        weights = self._weights(define("S", (i, j), scores))
        body = weights[a, b] * self.value[b, f]
        for relation in self.factors:
            body = body * relation.at({i: lift(a), j: lift(b)})
        mean = sum(body, b)
        mean = sigmoid(self.gate[a, f]) * mean if self._chance(0.3) else mean
        total = define("Z", a, sum(weights[a, b], b))
        output = define("O", (a, f), mean / (1 + total[a] ** 2) if self._chance(0.3) else mean)
        return (output, total) if self._chance(0.2) else (output,)

    def _weights(self, scores):
        """Softmax, or, where no score is hidden, what has no value at −∞."""
        if self._chance(0.15):
            return self._in_one_line(scores)
        kinds = [lambda: sf.softmax(scores, name="P"), lambda: define("P", (i, j), exp(tanh(scores[i, j])))]
        kinds += [lambda: define("P", (i, j), relu(scores[i, j])), lambda: define("P", (i, j), scores[i, j] / 3)]
        return kinds[0]() if _hides(scores) or self._chance(0.4) else kinds[int(self.random.integers(1, len(kinds)))]()

    def _projected(self, key):
        """Keys that are computed, and not given."""
        return define("k", (j, c), sum(key[j, k] * W[k, c], k))

    def _in_one_line(self, scores):
        """Weights that are divided by a sum, or shifted by a mean, in the line that has them."""
        part = sigmoid(scores[i, j])
        over = sum(part.at({j: lift(b)}), b)
        return define("P", (i, j), part / (1 + over) if self._chance(0.5) else part - over / self.columns)

    def _array(self, tensor, scale):
        shape = tuple(self.sizes[size] for size in tensor.shape)
        if tensor.domain.kind == "mask":
            return self.random.random(shape) < 0.6
        return self.random.standard_normal(shape) * (scale if tensor.name in ("Q", "K", "X") else 1)

    def compiled(self):
        """What the compiled program computes in tiles of a few rows and columns, by the names of its outputs."""
        with self._some_passes():
            function = sf.lambdify(self.program, check=False)
        width, step = (int(self.random.integers(1, 40)) for _ in range(2))
        few, product = int(self.random.choice([0, 1 << 19])), int(self.random.choice([0, 1 << 20]))
        tiles = {"FEW": few, "BAND": int(self.random.integers(2, 40)), "WIDE": width, "TILE": width * 8 * step}
        unwrap(function).__globals__.update(**tiles, PRODUCT=product, LEAST=step, MANY=step, BATCH=64)
        found = function(*(self.arrays[one.name] for one in self.program.inputs))
        return found if isinstance(found, tuple) else (found,), "row_blocks" in function.source

    @contextmanager
    def _some_passes(self):
        """Half of the programs go through all passes, the others through a random choice of them."""
        every = schedules.PASSES
        if self._chance(0.5):
            schedules.PASSES = tuple(one for one in every if not self._chance(0.25))
        try:
            yield
        finally:
            schedules.PASSES = every

    def wrong(self):
        """The places where the compiled program differs from the interpreter, and how many were compared."""
        interpreter = Interpreter(FloatField(), self.sizes, self._entry)
        found, _ = self.compiled()
        wrong, compared = [], 0
        for output, array in zip(self.program.outputs, found, strict=True):
            wanted = dict(_values(interpreter, output, array.shape))
            scale = 1 + max(map(abs, wanted.values()), default=0)
            compared += len(wanted)
            wrong += [(output.name, place, float(array[place]), value) for place, value in wanted.items()
                      if not abs(array[place] - value) <= 1e-9 * scale]  # fmt: skip
        return wrong, compared

    def _entry(self, tensor, place):
        return float(self.arrays[tensor.name][tuple(number - 1 for number in place)])


def _hides(scores):
    return any(isinstance(part, Hidden) for part in walk(scores.origin.definition.body))


def _values(interpreter, output, shape):
    """The entries that have a value by the textbook: a softmax over nothing has none."""
    for place in np.ndindex(shape):
        try:
            value = interpreter.entry(output, tuple(number + 1 for number in place))
        except Undecidable:
            continue
        if value is not HIDDEN and math.isfinite(value):
            yield place, value
