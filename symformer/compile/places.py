"""What arrays are called inside a body: as they are, as the part at an entry of a batch, or as the part in a block."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from sympy import Symbol

from symformer.compile.arrays import Array, Axes, Count, Load, Ones
from symformer.compile.layout import Layout
from symformer.compile.lines import Line, mapped
from symformer.compile.passes.blocks import Schedule


@dataclass(frozen=True)
class Places:
    """The names of arrays, and of their parts, in a body.

    Attributes:
        layout: how the body goes through its rows.
        plan: what happens when.
        row: the index of the rows.
        column: the second index that is processed in blocks, if any.
        ones: the vectors of ones that belong to columns.
        axes: the letters of every variable.
        bounded: whether a block of rows reads and writes some of the columns alone.
    """

    layout: Layout
    plan: Schedule
    row: Symbol
    column: Symbol | None
    ones: Collection[str]
    axes: Mapping[str, Axes]
    bounded: bool = False

    @cached_property
    def early(self) -> frozenset[str]:
        """Variables that are computed before the blocks, all of their rows and columns."""
        return frozenset(line.variable for line in self.plan.before) - {line.variable for line in self.plan.inside}

    @cached_property
    def viewed(self) -> list[str]:
        """Variables whose rows a block gives a name."""
        reads = {name for line in self.plan.inside for name in line.reads}
        inputs = [name for name, given in self.layout.inputs.items()
                  if self.row in given.axes and not given.optional and name in reads]  # fmt: skip
        early = [line.variable for line in self.plan.before if self.row in line.axes and line.variable in reads]
        made = [name for name in sorted(self.plan.whole) if not self._optional(name) and not self._in_columns(name)]
        return [*inputs, *dict.fromkeys(early), *made]

    @property
    def views(self) -> list[str]:
        """The lines that give them."""
        return [f"{name}_rows = {self.part(self.at(name), self.axes[name])}" for name in self.viewed]

    def _in_columns(self, name: str) -> bool:
        """Whether an output is written in a block of columns alone."""
        return self.bounded and self.column in self.axes[name]

    def _optional(self, name: str) -> bool:
        """Whether an output is there only if an option is set."""
        return any(line.variable == name and line.guard is not None and line.other is None and name not in line.reads
                   and not any(other.variable == name and other is not line for other in self.plan.inside)
                   for line in self.plan.inside)  # fmt: skip

    def batched(self, name: str) -> bool:
        """Whether an output has batch axes."""
        return name not in self.layout.unbatched

    def at(self, name: str) -> str:
        """A variable at an entry of the batch."""
        given = self.layout.inputs.get(name)
        sums = {line.variable for line in self.plan.sums}
        placed = (name in self.plan.whole or name in self.layout.outputs or name in sums) and self.batched(name)
        return f"{name}_at" if self.layout.lead and ((given and given.batched) or placed) else name

    def part(self, text: str, axes: Axes, columns: bool = False) -> str:
        """The part of an array with these letters that belongs to the rows, and to the columns."""
        names = {self.row: "rows", **({self.column: "columns"} if columns else {})}
        parts = [names.get(letter, ":") for letter in axes]
        if not any(part != ":" for part in parts):
            return text
        if parts[0] != ":" and not self.layout.lead:
            return f"{text}[{', '.join(parts[: 1 + max(parts.index(part) for part in parts if part != ':')])}]"
        while parts[0] == ":":
            parts.pop(0)
        return f"{text}[..., {', '.join(parts)}]"

    def _rows_of(self, axes: Axes) -> list[bool]:
        """Which of some axes are that of the rows."""
        return [letter == self.row for letter in axes]

    def renamed(self, line: Line, rows: bool, columns: bool) -> Line:
        """A line with all arrays under the names that they have there."""

        def rule(array: Array) -> Array:
            if isinstance(array, Load) and columns and array.name in self.ones:
                return replace(array, name=f"{array.name}[columns]")
            if isinstance(array, Load):
                return replace(array, name=self.name(array.name, rows, columns, array.axes))
            if isinstance(array, (Count, Ones)) and rows and array.axes == (self.row,):
                return replace(array, part="[rows]")
            if isinstance(array, (Count, Ones)) and columns and array.axes == (self.column,):
                return replace(array, part="[columns]")
            return array

        other = None if line.other is None else mapped(line.other, rule)
        return replace(
            line, variable=self.name(line.variable, rows, columns), array=mapped(line.array, rule), other=other
        )

    def name(self, name: str, rows: bool, columns: bool = False, read: Axes | None = None) -> str:
        """A variable at an entry of the batch, in a block of rows, in one of columns.

        An input is what is read of it: in X Xᵀ, once the rows and once the columns of X.
        """
        given = self.layout.inputs.get(name)
        axes = self.axes.get(name, ()) if read is None else read
        there = given is not None or name in self.early
        if columns and there and self.column in axes:
            return self.part(self.at(name), axes, columns)
        sums = {line.variable for line in self.plan.sums}
        if columns and (name in self.plan.whole or name in sums) and self._in_columns(name):
            return self.part(self.at(name), axes, columns)
        if rows and name in self.viewed and self._rows_of(axes) == self._rows_of(self.axes[name]):
            return f"{name}_rows"
        if rows and ((there and self.row in axes) or name in self.plan.whole):
            return self.part(self.at(name), axes)
        return self.at(name)
