"""Reasons beside lines in matrix notation: none of them speaks of an index that is not there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from symformer.derivation.leaves import leaf_names
from symformer.derivation.lines import Line, Reason, resolve
from symformer.derivation.wording import Wording
from symformer.display import recognise
from symformer.notation import Element, Var, Written
from symformer.programs import Computed
from symformer.proof import Judge
from symformer.typeset import Box
from symformer.writers import Inline

CLAUSE = re.compile(r"(; |: )")  # where the words of an author stop and go on


@dataclass(frozen=True)
class ChainWords:
    """Sets the reasons of one derivation in matrix notation.

    Attributes:
        titles: titles of other derivations by slug.
        wording: sets the author's words.
        letters: how its indices are printed.
        sizes: how its sizes are printed.
        judge: who is asked whether a definition is what its matrix form says.
        definition: the matrix form of a definition.
    """

    titles: Mapping[str, str]
    wording: Wording
    letters: frozenset[str]
    sizes: frozenset[Box]
    judge: Judge
    definition: Any

    def reason(self, lines: Sequence[Line], number: int, shown: Box) -> Inline:
        """Why a line follows, from the reasons of all lines that it stands for; what speaks of indices is left out.

        Args:
            lines: the lines that it stands for, the last one its own.
            number: its number.
            shown: its formula, whose own labels a reason may name.
        """
        kept: dict[Inline, None] = {}
        for line in lines:
            words = self._said(line, shown)
            if words:
                kept.setdefault(words)
        if kept:
            return tuple(part for place, words in enumerate(kept) for part in ((("; ",) if place else ()) + words))
        if lines[-1].opens:
            return ()
        first = number - len(lines) + 1
        return (f"as in indices, {f'line ({number})' if first == number else f'lines ({first}) to ({number})'}",)

    def _said(self, line: Line, shown: Box) -> Inline:
        """The clauses of a reason that speak of no index which the formula does not hold."""
        out: list[Any] = []
        for mark, parts in _clauses(line.matrices or line.reason):
            words: list[Any] = []
            for part in parts:
                form = self._in_matrices(part)
                said = (form,) if form is not None else self.wording(resolve((part,), self.titles))
                if form is None and self._names_indices(said, shown):
                    break
                words += said
            else:
                out += [*((mark,) if out and words else ()), *words]
        return tuple(out)

    def _in_matrices(self, part: Any) -> Box | None:
        """A formula in a reason in matrix notation, None where it has none."""
        if isinstance(part, Computed):
            return self.definition(part, self.judge)
        if isinstance(part, Element) and part.kids and all(isinstance(kid, Var) for kid in part.kids):
            return part.tensor.box
        if isinstance(part, Written):
            free = tuple(sorted((one for one in part.free if not one.is_positive), key=str))
            form = recognise(part, free) if len(free) < 2 else None
            return form.layout().box if form is not None else None
        return None

    def _names_indices(self, words: Inline, shown: Box) -> bool:
        """Whether formulas among the words hold an index that the line does not."""
        there = leaf_names(shown, self.sizes)
        return any(leaf_names(part, self.sizes) & self.letters - there for part in words if isinstance(part, Box))


def _clauses(reason: Reason) -> list[tuple[str, list[Any]]]:
    """The clauses of a reason, each with the mark before it: `factor 1/Z out of the sum: it does not depend on i`."""
    out: list[tuple[str, list[Any]]] = [("", [])]
    for part in reason:
        if not isinstance(part, str):
            out[-1][1].append(part)
            continue
        first, *rest = CLAUSE.split(part)
        out[-1][1].append(first)
        out += [(mark, [words]) for mark, words in zip(rest[::2], rest[1::2], strict=True)]
    return out
