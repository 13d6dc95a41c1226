"""Blocks: rows of a free index are processed a few at a time, so that what belongs to them stays in cache.

Definitions that carry the row index are computed block by block, and no array with that index and another one that no
input has, such as the n x n scores of attention, ever exists as a whole. Sums over the row index add up from block to
block: Σ over A ∪ B is Σ over A plus Σ over B (the book's split-kv-merge). What does not depend on rows is computed
once, before or after.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sympy import Symbol

from symformer.compile.arrays import (
    Before,
    CompileError,
    InOrder,
    InRange,
    Load,
    RunningProduct,
    RunningSum,
    Take,
    walk,
)
from symformer.compile.lines import Line
from symformer.compile.passes.sums_apart import additive


@dataclass(frozen=True)
class Schedule:
    """What happens when.

    Attributes:
        before: once, before the blocks.
        inside: for each block; what adds up is marked.
        after: once, after the blocks.
        whole: variables with the row index that are needed as a whole: outputs, and what is read behind the blocks.
    """

    before: tuple[Line, ...]
    inside: tuple[Line, ...]
    after: tuple[Line, ...]
    whole: frozenset[str]

    @property
    def sums(self) -> tuple[Line, ...]:
        """The lines that add up."""
        return tuple(line for line in self.inside if line.adds)


def scheduled(lines: Sequence[Line], row: Symbol, outputs: Collection[str]) -> Schedule:
    """The lines of a program around blocks of rows.

    Args:
        lines: in order.
        row: the row index.
        outputs: the variables that are wanted.

    Raises:
        CompileError: a line needs rows that come in later blocks, or what may come again is no part of a block.
    """
    before: list[Line] = []
    inside: list[Line] = []
    after: list[Line] = []
    nodes = [node for line in lines for array in line.arrays for node in walk(array)]
    whole_before = _first_whole(lines, row)
    narrow = any({row} < set(node.axes) for node in nodes)
    for line in lines:
        made = {other.variable for other in inside}
        late = {other.variable for other in (*after, *(one for one in inside if one.adds))}
        reads = set(line.reads)
        if line.variable in whole_before and not reads & (made | late):
            before.append(line)
        elif row in line.axes:
            if reads & late:
                raise CompileError(
                    f"{line.variable} needs what is only known after all rows: {', '.join(reads & late)}"
                )
            early = narrow and set(line.axes) == {row} and not reads & made and not _wide(line, row)
            (before if early and line.variable not in made else inside).append(line)
        elif reads & late:
            after.append(line)
        elif reads & made or _wide(line, row):
            adds = _wide(line, row)
            if adds and not additive(line.array, row):
                raise CompileError(f"{line.variable} is no sum over blocks of rows")
            (inside if adds else after).append(replace(line, adds=adds, other=None) if adds else line)
        else:
            before.append(line)
    _refuse_order(inside, row)
    if any(isinstance(line.array, InRange) for line in (*before, *after)):
        raise CompileError("what is tried without a shift does not come in blocks")
    kept = {name for line in after for name in line.reads} | set(outputs)
    whole = {line.variable for line in inside if row in line.axes} & kept
    return Schedule(tuple(before), tuple(inside), tuple(after), frozenset(whole))


def _refuse_order(lines: Sequence[Line], row: Symbol) -> None:
    """Blocks hold no whole column: what goes along rows in order, or chooses among them, needs all rows at once.

    Raises:
        CompileError: a line does; it is named.
    """
    for line in lines:
        for node in (node for array in line.arrays for node in walk(array)):
            ordered = isinstance(node, (Before, InOrder, RunningProduct, RunningSum, Take))
            if ordered and row in (getattr(node, "along", None), getattr(node, "over", None)):
                raise CompileError(f"{line.variable} goes along all rows")


def read_across(lines: Sequence[Line], letter: Symbol) -> set[str]:
    """Variables with this axis that are read under another letter, so that all of the axis is wanted at once."""
    axes = {line.variable: line.axes for line in lines}
    nodes = [node for line in lines for array in line.arrays for node in walk(array) if isinstance(node, Load)]
    return {node.name for node in nodes if node.name in axes and _is_across(node, axes[node.name], letter)}


def _first_whole(lines: Sequence[Line], row: Symbol) -> set[str]:
    """Variables whose rows others read under another letter, and what these are made of: all rows come first."""
    axes = {line.variable: line.axes for line in lines}
    found = read_across(lines, row)
    for line in reversed(lines):
        found |= {name for name in line.reads if line.variable in found and row in axes.get(name, ())}
    return found


def _is_across(load: Load, axes: tuple[Symbol, ...], row: Symbol) -> bool:
    return any(own == row != letter for own, letter in zip(axes, load.axes, strict=True))


def _wide(line: Line, row: Symbol) -> bool:
    """Whether a line reads an array with the row index and others."""
    loads = [node for array in line.arrays for node in walk(array) if isinstance(node, Load)]
    return any(row in load.axes and len(load.axes) > 1 for load in loads)
