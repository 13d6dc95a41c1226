"""In place: elementwise operations overwrite what nobody reads any more, and an output is computed where it lies.

A variable may be overwritten by a line if the line reads it once, nobody reads it later, it holds an array that the
same block made, and the result has its axes. The derivation behind it is none: the numbers are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from symformer.compile.arrays import (
    Array,
    Balance,
    Contract,
    InRange,
    Load,
    Map,
    Number,
    PlaceAdd,
    Reduce,
    RowDot,
    Squares,
    Take,
    loads,
    walk,
)
from symformer.compile.emission.code import Code, aligned
from symformer.compile.emission.nodes import lined_up, put_together
from symformer.compile.emission.steps import INDENT, Steps, in_place
from symformer.compile.lines import Line, read_after
from symformer.compile.lowering.context import is_bits
from symformer.compile.passes.shifts import BLOCKS

Big = Callable[[Array], bool]


class Value(NamedTuple):
    """An expression, and whose memory it is: a variable that may be overwritten, or none; or new and not yet named."""

    code: Code
    variable: str = ""
    new: bool = False


class Writer:
    """Writes lines as steps.

    Args:
        lines: the lines of one block, in order.
        kept: variables that must not be overwritten: inputs, and what is read after the block.
        placed: variables whose memory is there already: parts of outputs.
        big: whether an array is worth to be overwritten.
        scratch: whether products go to memory that blocks, and calls, use again.
        homes: where sums that add up start from nothing, the memory of those that have a place; None where not.
    """

    def __init__(
        self,
        lines: Sequence[Line],
        kept: AbstractSet[str],
        placed: AbstractSet[str],
        big: Big,
        scratch: bool = False,
        homes: Mapping[str, str] | None = None,
    ) -> None:
        self.homes = homes
        self.lines, self.kept, self.placed, self.big = lines, {*kept, *placed}, placed, big
        self.owned: dict[str, int] = {}
        self.steps = Steps(scratch=scratch)
        self.dying: set[str] = set()
        self.once: set[str] = set()
        self.temporary: set[str] = set()
        self.line = lines[0] if lines else None

    def write(self) -> list[str]:
        """The Python lines."""
        for place, line in enumerate(self.lines):
            self.line, self.temporary = line, set()
            own = {line.variable} if line.guard is not None and line.other is None else set()
            live = (read_after(self.lines, place) | self.kept) - own
            self.dying = set(line.reads) - live
            self.once = {name for name in self.dying if line.reads.count(name) == 1}
            self._line(line, place)
        return self.steps.lines()

    def _line(self, line: Line, place: int) -> None:
        words = f", {line.guard.words}" if line.guard is not None else ""
        self.steps.say(f"# {line.formula}{words}")
        if line.guard is None:
            self._assign(line, line.array)
            return
        before = self.owned.get(line.variable, 0)
        self.steps.say(f"if {line.guard.code}:")
        self._nested(line, line.array)
        if line.other is not None:
            first = self.owned.pop(line.variable, 0)
            self.steps.say(f"else:  # {line.other_formula}")
            if isinstance(line.other, Load) and self._hands_over(line, line.other.name, place):
                self.steps.say(f"{INDENT}{line.variable} = {line.other.name}")
                self.owned[line.variable] = self.steps.mixed()
            else:
                self._nested(line, line.other)
                self._shared(line.variable, first)
        elif self.owned.get(line.variable, 0) != before:
            self.owned.pop(line.variable, None)

    def _hands_over(self, line: Line, source: str, place: int) -> bool:
        """Whether the other branch only renames an array of ours that is read later where the guard holds alone."""
        if source not in self.owned or source in self.kept:
            return False
        assert line.guard is not None
        later = [other for other in self.lines[place + 1 :] if source in other.reads]
        return all(other.guard is not None and other.guard.code == line.guard.code for other in later)

    def _shared(self, variable: str, first: int) -> None:
        """Both branches made an array: one memory from now on, if both are new."""
        second = self.owned.pop(variable, 0)
        if first and second and first not in self.steps.targets:
            for step in self.steps.steps:
                step.buffer = first if step.buffer == second else step.buffer
            self.owned[variable] = first

    def _nested(self, line: Line, array: Array) -> None:
        self.steps.depth += 1
        self._assign(line, array)
        self.steps.depth -= 1

    def _assign(self, line: Line, array: Array) -> None:
        value = self._value(array)
        code, name = aligned(value.code, line.axes), line.variable
        if isinstance(array, PlaceAdd):
            self.steps.say(f"add_at({name}, {code.text})")
        elif isinstance(array, Balance):
            self.steps.say(f"balance({name}, {code.text})")
        elif isinstance(array, InRange):
            self.steps.say(f"if {BLOCKS}.out_of_range({code.text}):")
            self.steps.say(f"{INDENT}continue")
        elif line.adds and self.homes is not None:
            self.steps.say(f"{name} = {self.steps.added_in_scratch(name, code, self.homes.get(name, ''))}")
        elif line.adds:
            text = self.steps.in_scratch(name, code)
            self.steps.say(f"{name} += sum_to({text}, {name}.shape)" if line.collapses else f"{name} += {text}")
        elif value.variable and code == value.code:
            self._inherit(name, value.variable)
        elif value.new and self.big(array):
            self._own(name, self.steps.make(name, code))
        else:
            self.steps.say(f"{_whole(name) if name in self.placed else name} = {code.text}")
            self.kept |= {name, *line.reads} if isinstance(array, Load) else set()

    def _inherit(self, variable: str, source: str) -> None:
        """The line's result lies where the source was."""
        buffer = self.owned.pop(source)
        assert self.line is not None
        copied = self.line.guard is not None and source != variable
        if variable in self.placed and (copied or buffer in self.steps.unknown):
            self.steps.say(f"{_whole(variable)} = {source}")
            return
        if source in self.temporary and variable not in {*self.line.reads, *(self.temporary - {source})}:
            self.steps.call(source, variable, buffer)
        elif variable != source and variable not in self.placed:
            self.steps.rename(source, variable, buffer)
        self._own(variable, buffer)

    def _own(self, variable: str, buffer: int) -> None:
        self.owned[variable] = buffer
        if variable in self.placed:
            self.steps.targets[buffer] = variable

    # -- expressions ------------------------------------------------------------------------------------------------

    def _value(self, node: Array) -> Value:
        if isinstance(node, Load):
            mine = node.name in self.owned and node.name in self.once
            return Value(put_together(node, ()), node.name if mine else "")
        kids = [self._value(kid) for kid in node.kids]
        if isinstance(node, Map) and self.big(node) and not is_bits(node):
            found = self._overwritten(node, kids)
            if found is not None:
                return found
        new = isinstance(node, (Map, Contract)) or (isinstance(node, Take) and not isinstance(node.positions, Number))
        return Value(put_together(node, [kid.code for kid in kids]), new=new)

    def _overwritten(self, node: Map, kids: list[Value]) -> Value | None:
        kids = [self._last(node, part, kid) for part, kid in zip(node.parts, kids, strict=True)]
        for place, kid in sorted(enumerate(kids), key=lambda pair: not pair[1].variable):
            part = node.parts[place]
            fits = kid.code.axes == node.axes and kid.code.batched == any(one.code.batched for one in kids)
            if not ((kid.variable or kid.new) and fits and self.big(part) and not is_bits(part)):
                continue
            trial = in_place(node, "", place, lined_up(node, [one.code for one in kids]))
            if trial is None:
                continue
            named = kid if kid.variable else self._named(kid, kids)
            codes = [named.code if one is kid else one.code for one in kids]
            done = in_place(node, named.variable, place, lined_up(node, codes))
            assert done is not None
            self.steps.change(done[0], self.owned[named.variable], done[1])
            return named
        return None

    def _last(self, node: Map, part: Array, kid: Value) -> Value:
        """A variable that the line reads again only in sums of this very operation may be overwritten by it."""
        assert self.line is not None
        if not isinstance(part, Load) or kid.variable or part.name not in self.owned or part.name not in self.dying:
            return kid
        sums = [name for inner in walk(node) if isinstance(inner, (Reduce, RowDot, Squares)) for name in loads(inner)]
        alone = self.line.reads.count(part.name) == 1 + sums.count(part.name) == loads(node).count(part.name)
        return kid._replace(variable=part.name) if alone else kid

    def _named(self, value: Value, others: Sequence[Value]) -> Value:
        """A new array gets a name: that of the line, if it is not in use."""
        assert self.line is not None
        taken = {*self.line.reads, *self.owned}
        own = self.line.variable
        free = own not in taken and own not in self.placed and not self.line.adds
        name = own if free else next(name for name in _spare(own) if name not in taken)
        self.owned[name] = self.steps.make(name, value.code)
        self.once.add(name)
        self.temporary.add(name)
        return Value(value.code._replace(text=name, level=5, call=None), name)


def _spare(name: str) -> list[str]:
    base = name.removesuffix("_rows").partition("[")[0]  # a part of an array is written `S[at]`
    return [f"{base}_{number}" for number in range(2, 100)]


def _whole(name: str) -> str:
    """All of an array as the target of an assignment; a part is one already."""
    return name if name.endswith("]") else f"{name}[...]"
