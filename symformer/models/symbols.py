"""Tensors with the letters of their axes: what a table names becomes what a program computes with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Symbol

from symformer import notation
from symformer.models import letters as at
from symformer.models.layout import Axes, Stack, axis_size
from symformer.models.rows import Rows
from symformer.notation import Element, Tensor, Written, indices, tensor
from symformer.programs import define, input_tensors, repeat

ELL: Symbol = indices("ell")


@dataclass(frozen=True)
class Value:
    """A tensor and a letter for each of its axes; a dot is the position in the sequence.

    Attributes:
        tensor: the tensor.
        letters: its axes.
    """

    tensor: Tensor
    letters: Axes

    @property
    def entry(self) -> Element:
        """Its general entry, each axis under the index of its letter."""
        return self.tensor[tuple(at.INDEX[letter] for letter in self.letters)]

    @property
    def rows(self) -> Axes:
        """Its axes up to the position."""
        return self.letters[: self.letters.index(".") + 1]


def named(name: str, letters: str | Axes, body: Any) -> Value:
    """A definition under the indices of these letters."""
    axes = tuple(letters.split()) if isinstance(letters, str) else tuple(letters)
    return Value(define(name, tuple(at.INDEX[letter] for letter in axes), body), axes)


def given(name: str, letters: str, *, kind: str = "real", **domain: Any) -> Value:
    """An input of the whole model."""
    axes = tuple(letters.split())
    return Value(tensor(name, *(axis_size(letter) for letter in axes), kind=kind, **domain), axes)


@dataclass(frozen=True)
class Parameters:
    """The parameters that a program may use, by symbol, with what is done with them most: linear maps.

    Attributes:
        values: each under its letters.
        cached: how many positions a cache has so far, where attention reads keys and values from one.
    """

    values: Mapping[str, Value]
    cached: Expr | None = None

    @classmethod
    def of(cls, rows: Rows, *, cached: Expr | None = None) -> Parameters:
        """Those of the rows of a table; experts are one more axis."""
        found = {}
        for stored in rows:
            for symbol, letters in stored.symbols:
                axes = ("x", *letters) if "{x}" in stored.name else letters
                kept = tuple(letter for letter in axes if letter != "1")
                found[symbol] = Value(tensor(symbol, *(axis_size(letter) for letter in kept)), kept)
        return cls(found, cached)

    def __contains__(self, symbol: str) -> bool:
        return symbol in self.values

    def __getitem__(self, symbol: str) -> Value:
        return self.values[symbol]

    def get(self, symbol: str) -> Tensor | None:
        """The tensor of a symbol, or None where the table has none."""
        return self.values[symbol].tensor if symbol in self.values else None

    def linear(self, name: str, x: Value, weight: str, bias: str, letters: str) -> Value:
        """`name[letters] := Σ x · weight (+ bias)`, summed over what x and the weight share."""
        own = self[weight]
        out = letters.split()
        body: Written = x.entry * own.entry
        for letter in (letter for letter in reversed(own.letters) if letter in x.letters and letter not in out):
            body = notation.sum(body, at.INDEX[letter])
        return named(name, letters, body + self[bias].entry if bias in self else body)


def stacked(
    after: Value, x: Value, start: Value, own: Parameters, stack: Stack, *, mark: str, name: str, title: str,
    shared: Mapping[Tensor, Tensor], each: Mapping[Tensor, Tensor],
) -> Value:  # fmt: skip
    """The layers of a stack, one after the other; `mark` tells its parameters from those of another stack."""
    used = set(input_tensors(after.tensor))
    slices = {
        value.tensor: tensor(symbol + mark, stack.layers, *value.tensor.shape)
        for symbol, value in own.values.items() if value.tensor in used
    }  # fmt: skip
    slices |= {inner: outer for inner, outer in each.items() if inner in used}
    stands = {inner: outer for inner, outer in shared.items() if inner in used}
    result = repeat(after.tensor, (ELL, stack.layers), {x.tensor: start.tensor}, slices, stands, name=name, title=title)
    return Value(result, after.letters)
