"""Axes: one letter for each axis, across all definitions of a program.

    S_ij = Σ_c Q_ic K_jc;  Z_a = Σ_b exp(S_ab)   becomes   S_ij = Σ_c Q_ic K_jc;  Z_i = Σ_j exp(S_ij)

Every definition has letters of its own; a pass that goes through rows asks which of them run over the same axis. What
stands under one letter in one definition is one axis, unless an array would then have it twice, as in X Xᵀ. Letters say
nothing; which axis they stand for is what counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from sympy import Symbol

from symformer.compile.arrays import Array, Load, walk
from symformer.compile.lines import Line, mapped
from symformer.notation import fresh

Place = tuple[Any, Any]  # an array and its axis, or a definition and its letter


@dataclass
class _Classes:
    """Places that are the same axis; `owners` are the arrays and definitions that have it, each once."""

    parents: dict[Place, Place] = field(default_factory=dict)
    owners: dict[Place, set[Any]] = field(default_factory=dict)

    def root(self, place: Place) -> Place:
        """The place that stands for all that are the same."""
        if place not in self.parents:
            self.parents[place], self.owners[place] = place, {place[0]}
        while self.parents[place] != place:
            self.parents[place] = self.parents[self.parents[place]]
            place = self.parents[place]
        return place

    def join(self, one: Place, other: Place) -> None:
        """Makes two places the same axis, unless an array would have it twice."""
        one, other = self.root(one), self.root(other)
        if one != other and not self.owners[one] & self.owners[other]:
            self.parents[other] = one
            self.owners[one] |= self.owners.pop(other)


def one_letter_an_axis(lines: Sequence[Line]) -> list[Line]:
    """The lines with their letters renamed."""
    classes = _Classes()
    for number, line in enumerate(lines):
        for name, axes in (*((load.name, load.axes) for load in _loads(line)), (line.variable, line.axes)):
            for place, letter in enumerate(axes):
                classes.join((number, letter), (name, place))
    letters: dict[Place, Symbol] = {}
    out = []
    for number, line in enumerate(lines):
        names = {}
        for letter in dict.fromkeys((*line.axes, *_bound_letters(line))):
            root = classes.root((number, letter))
            if root not in letters:
                letters[root] = fresh(letter) if letter in letters.values() else letter
            names[letter] = letters[root]
        out.append(_renamed(line, names))
    return out


def _loads(line: Line) -> Iterator[Load]:
    return (node for array in line.arrays for node in walk(array) if isinstance(node, Load))


def _bound_letters(line: Line) -> Iterator[Symbol]:
    """All letters of the nodes of a line, those that they bind too."""
    for node in (node for array in line.arrays for node in walk(array)):
        for one in fields(node):
            value = getattr(node, one.name)
            yield from (
                letter for letter in (value if isinstance(value, tuple) else (value,)) if isinstance(letter, Symbol)
            )


def _renamed(line: Line, names: dict[Symbol, Symbol]) -> Line:
    def rule(node: Array) -> Array:
        return under(node, names)

    other = None if line.other is None else mapped(line.other, rule)
    axes = tuple(names[letter] for letter in line.axes)
    return replace(line, axes=axes, array=mapped(line.array, rule), other=other)


def under(node: Array, names: dict[Symbol, Symbol]) -> Array:
    """A node, without those below it, under other letters."""

    def new(value: Any) -> Any:
        if isinstance(value, tuple) and any(isinstance(letter, Symbol) for letter in value):
            return tuple(names.get(letter, letter) for letter in value)
        return names.get(value, value) if isinstance(value, Symbol) else value

    return replace(node, **{one.name: new(getattr(node, one.name)) for one in fields(node)})
