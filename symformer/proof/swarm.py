"""Many points of the inputs' domains, that move: a search for a counterexample.

Each entry of an input is a free real parameter u, or several entries of a row are: a positive number is exp u, a number
of (0, 1) is t/(1 + t) with t = exp u, a simplex row is t over its sum, a row of length 1 comes by stereographic
projection. The same formulas give an exact rational point, so that balls can look at what floats have found.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from symformer.evaluate import Place
from symformer.notation import Domain, Tensor
from symformer.proof.drawing import projected
from symformer.proof.points import Point

Floats = NDArray[np.float64]
Key = tuple[str, Place]
COUNT = 160  # points
KEPT = 16  # of which the next ones are bred
LARGEST = 6  # powers of ten at the start


class Swarm:
    """Points, as parameters by entry; drawn when they are first asked for.

    Args:
        seed: other points for another seed.
        discrete: gives masks, integers and permutations, the same at every point.
        hints: numbers that stand in the line.
    """

    def __init__(self, seed: int, discrete: Point, hints: Sequence[Fraction]) -> None:
        self.random = np.random.default_rng(seed)
        self.seed, self.discrete = seed, discrete
        self.hints = np.array([float(hint) for hint in hints] or [1.0])
        self.modes = self.random.integers(0, 5, COUNT)
        self.free: dict[Key, Floats] = {}

    def entry(self, tensor: Tensor, place: Place) -> Any:
        """The entry of a tensor at every point."""
        return _entry(tensor, place, self._length(tensor), self._parameter, np.exp, self.discrete)

    def exact(self, which: int) -> Callable[[Tensor, Place], Fraction]:
        """One point as rational numbers."""

        def parameter(tensor: Tensor, place: Place) -> Fraction:
            return Fraction(float(self._parameter(tensor, place)[which]))

        def entry(tensor: Tensor, place: Place) -> Fraction:
            return Fraction(_entry(tensor, place, self._length(tensor), parameter, _exact_exp, self.discrete))

        return entry

    def breed(self, scores: Floats) -> None:
        """The best points stay; the others become steps away from them, small and large, of some entries or of all."""
        order = np.argsort(-np.nan_to_num(scores, nan=-np.inf, neginf=-np.inf, posinf=1e308), kind="stable")
        parents = np.concatenate([order[:KEPT], self.random.choice(order[:KEPT], COUNT - KEPT)])
        sizes = 10.0 ** self.random.uniform(-5, 0.5, COUNT)
        share = np.where(self.random.random(COUNT) < 0.5, 1.0, 0.3)
        sizes[:KEPT] = 0.0
        for key, values in self.free.items():
            moved = values[parents]
            chosen = self.random.random(COUNT) < share
            step = sizes * chosen * self.random.standard_normal(COUNT) * (np.abs(moved) + 0.01)
            self.free[key] = np.clip(moved + step, -1e30, 1e30)

    def _length(self, tensor: Tensor) -> int:
        return self.discrete.size(tensor.shape[-1]) if tensor.shape else 1

    def _parameter(self, tensor: Tensor, place: Place) -> Floats:
        key = (tensor.digest, place)
        if key not in self.free:
            self.free[key] = self._start(tensor, place)
        return self.free[key]

    def _start(self, tensor: Tensor, place: Place) -> Floats:
        own = np.random.default_rng(crc32(f"{self.seed}{tensor.digest}{place}".encode()))
        shared = np.random.default_rng(crc32(f"{self.seed}{tensor.digest}".encode()))
        signs = own.choice([-1.0, 1.0], COUNT)
        kinds = [
            own.standard_normal(COUNT),
            signs * 10.0 ** own.uniform(-LARGEST, LARGEST, COUNT),
            own.integers(-1, 2, COUNT).astype(float),
            shared.standard_normal(COUNT) * 10.0 ** shared.uniform(-1, 2, COUNT),
            signs * own.choice(self.hints, COUNT) * (1 + 0.1 * own.standard_normal(COUNT)),
        ]
        numbers = np.choose(self.modes, kinds)
        logarithmic = tensor.domain.kind in ("positive", "unit", "simplex", "interval")
        return np.sign(numbers) * np.minimum(np.abs(numbers), 14.0) if logarithmic else numbers


def _exact_exp(number: Fraction) -> Fraction:
    return Fraction(float(np.exp(float(number))))


def _entry(
    tensor: Tensor, place: Place, length: int, parameter: Callable[[Tensor, Place], Any], exp: Any, discrete: Point
) -> Any:
    """An entry from parameters, which are arrays of floats or one rational number each."""
    domain, row = tensor.domain, [(*place[:-1], other) for other in range(1, length + 1)]
    match domain.kind:
        case "mask" | "integer" | "permutation":
            number = discrete(tensor, place)
            return number if exp is _exact_exp else float(number)
        case "simplex":
            weights = [exp(parameter(tensor, other)) for other in row]
            return weights[place[-1] - 1] / sum(weights)
        case "sphere":
            return projected([parameter(tensor, other) for other in row[:-1]])[place[-1] - 1]
    return _number(domain, parameter(tensor, place), exp)


def _number(domain: Domain, free: Any, exp: Any) -> Any:
    match domain.kind:
        case "positive":
            return exp(free)
        case "nonnegative":
            return free * free
        case "unit":
            return exp(free) / (1 + exp(free))
        case "interval":
            assert domain.bounds is not None
            convert = Fraction if exp is _exact_exp else float
            low, high = (convert(str(end)) if convert is Fraction else float(end) for end in domain.bounds)
            return low + (high - low) * exp(free) / (1 + exp(free))
    return free
