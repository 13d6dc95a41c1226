"""Sums over the width of a model as products of matrices of balls: the same terms, not walked through one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, arb_mat
from sympy import Symbol

from symformer.evaluate import Interpreter, Place
from symformer.notation import Add, Element, Mul, Sum, Tensor, Written
from symformer.programs import Computed, Definition, Program
from symformer.proof.balls import BallField


@dataclass(frozen=True)
class Contraction:
    """A definition of the form Σ_a L_ia R_ac + …, whose free letters each stand in one of the two.

    Attributes:
        index: the letter that is summed over.
        factors: L and R.
        rest: what is added, as it is written.
    """

    index: Symbol
    factors: tuple[Element, Element]
    rest: tuple[Written, ...]

    def free(self, side: int) -> list[Symbol]:
        """The free letters of a factor, in its order."""
        return [symbol for symbol in _letters(self.factors[side]) if symbol != self.index]

    def axes(self, side: int) -> list[int]:
        """The places of a factor's axes: for L the summed one last, for R first."""
        letters = _letters(self.factors[side])
        free = [letters.index(symbol) for symbol in self.free(side)]
        return [*free, letters.index(self.index)] if side == 0 else [letters.index(self.index), *free]


def _letters(entry: Element) -> list[Symbol | None]:
    return list(entry.symbols)


def contraction(tensor: Computed) -> Contraction | None:
    """The parts of a definition that is a contraction of two tensors, and what is added to it; else None."""
    if not isinstance(tensor.origin, Definition):
        return None
    body = tensor.origin.body
    terms = list(body.kids) if isinstance(body, Add) else [body]
    summed = [term for term in terms if isinstance(term, Sum)]
    if len(summed) != 1 or not isinstance(summed[0].body, Mul):
        return None
    index, factors = summed[0].index, summed[0].body.kids
    if len(factors) != 2 or not all(isinstance(one, Element) for one in factors):
        return None
    letters = [symbol for one in factors for symbol in one.symbols]
    if None in letters or sorted(map(str, letters)) != sorted(map(str, (*tensor.indices, index, index))):
        return None
    return Contraction(index, factors, tuple(term for term in terms if term is not summed[0]))


class Recomputation:
    """A program at numbers that are taken as exact, in balls.

    Args:
        program: the program.
        numbers: an array for each input, by name.
        sizes: a number for each size.
    """

    def __init__(self, program: Program, numbers: Mapping[str, Any], sizes: Mapping[Any, int]) -> None:
        self.numbers = numbers
        found = {tensor.digest: contraction(tensor) for tensor in program.statements}
        self.contractions = {digest: one for digest, one in found.items() if one is not None}
        self.interpreter = Interpreter(BallField(), dict(sizes), self._given, held=frozenset(self.contractions))
        self.products: dict[str, arb_mat] = {}

    def entry(self, tensor: Tensor, place: Place) -> arb:
        """A ball around an entry."""
        ball: arb = self.interpreter.entry(tensor, place)
        return ball

    def _given(self, tensor: Tensor, place: Place) -> arb:
        """A number of the model, exactly; or an entry of a product."""
        if tensor.digest not in self.contractions:
            return arb(float(self.numbers[tensor.name][tuple(number - 1 for number in place)]))
        assert isinstance(tensor, Computed)
        own, env = self.contractions[tensor.digest], dict(zip(tensor.indices, place, strict=True))
        if tensor.digest not in self.products:
            self.products[tensor.digest] = self._matrix(own, 0) * self._matrix(own, 1)
        total: arb = self.products[tensor.digest][self._flat(own, 0, env), self._flat(own, 1, env)]
        for term in own.rest:
            total += self.interpreter.value(term, env)
        return total

    def _matrix(self, own: Contraction, side: int) -> arb_mat:
        """A factor as a matrix, its free letters as one."""
        tensor, axes = own.factors[side].tensor, own.axes(side)
        shape = self.interpreter.shape(tensor)
        if tensor.origin is None:
            balls = [arb(number) for number in np.transpose(self.numbers[tensor.name], axes).ravel().tolist()]
        else:
            places = np.indices(shape).reshape(len(shape), *shape) + 1
            listed = np.moveaxis(places, 0, -1).transpose(*axes, len(shape)).reshape(-1, len(shape)).tolist()
            balls = [self.entry(tensor, tuple(place)) for place in listed]
        inner = shape[axes[-1 if side == 0 else 0]]
        rows, columns = (len(balls) // inner, inner) if side == 0 else (inner, len(balls) // inner)
        return arb_mat(rows, columns, balls)

    def _flat(self, own: Contraction, side: int, env: Mapping[Symbol, int]) -> int:
        """The row of L, or the column of R, that some free letters mean, from 0."""
        shape, letters = self.interpreter.shape(own.factors[side].tensor), _letters(own.factors[side])
        number = 0
        for symbol in own.free(side):
            number = number * shape[letters.index(symbol)] + env[symbol] - 1
        return number
