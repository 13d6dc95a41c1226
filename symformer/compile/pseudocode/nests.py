"""A program as loop nests over blocks: what each block loads, computes, adds up and stores, as data.

Each nest has a row axis, whose blocks are independent, and may have a column axis, along which running sums and maxima
go. A maximum that is subtracted under an exponential is a running one: what was summed before is scaled when it grows.

    for each block of rows: for each block of columns: load, compute tiles, add to sums; then finish the rows and store
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from symformer.compile.arrays import CompileError
from symformer.compile.pseudocode.axes import Axes, Key, bound_in
from symformer.notation import Add, Binder, Element, Func, Max, Mul, Neg, Sum, Tensor, Written, walk
from symformer.programs import Computed, DefinedTensor, Definition, Program, elements

OVER = (Sum, Max)


@dataclass(frozen=True)
class Running:
    """A sum or maximum along the columns.

    Attributes:
        tensor: its name, with the letters of its rows.
        node: what is summed, or of what the maximum is taken.
        step: in which sweep along the columns it is found, from 0.
        scaled_by: the running maximum by whose growth it is scaled.
    """

    tensor: Computed
    node: Binder
    step: int
    scaled_by: Computed | None = None


@dataclass(frozen=True)
class Nest:
    """A loop nest.

    Attributes:
        row: the class of the axis of its rows; None where it has no rows.
        column: the class of the axis along which it sweeps; None where it has none.
        statements: what it computes, in order, with sums along the columns under names of their own.
        bodies: what each of them is, by digest.
        steps: by digest, the sweep in which a statement is known.
        running: the sums and maxima along the columns.
        outputs: what it stores.
        loaded: what it loads, by block of rows, of columns, or whole.
        axes: the classes of axes.
    """

    row: Key | None
    column: Key | None
    statements: tuple[Computed, ...]
    bodies: dict[str, Written]
    steps: dict[str, int]
    running: tuple[Running, ...]
    outputs: tuple[Computed, ...]
    loaded: tuple[Tensor, ...]
    axes: Axes

    @property
    def sweeps(self) -> int:
        """How often it goes along the columns."""
        return 1 + max((one.step for one in self.running), default=-1)

    def has(self, tensor: Tensor, key: Key | None) -> bool:
        """Whether a computed tensor has an axis of a class."""
        return key is not None and any(self.axes.axis(tensor, place) == key for place in range(len(tensor.shape)))


def nests(source: Program) -> tuple[Program, list[Nest]]:
    """The program in its stable form, and its nests, each after those whose results it loads.

    Raises:
        CompileError: a loop over steps, which has no blocks; it is named.
    """
    program = source.unfold(stable=True)
    for statement in program.statements:
        if not isinstance(statement.origin, Definition):
            raise CompileError(f"{statement.name}: a loop over steps has no form in pseudocode")
    axes = Axes(program.statements)
    groups: dict[Key | None, list[Computed]] = {}
    for output in program.outputs:
        groups.setdefault(axes.axis(output, 0) if output.shape else None, []).append(output)
    stored: dict[str, Computed] = {}
    found = []
    for key, outputs in groups.items():
        maker = _Maker(program, axes, key, outputs, stored)
        found.append(maker.nest())
    kept = {one.digest for nest in found for one in nest.loaded if isinstance(one, Computed)}
    return program, [replace(one, outputs=(*one.outputs, *(own for own in one.statements
                     if own.digest in kept and own not in one.outputs))) for one in found]  # fmt: skip


class _NoBlocks(Exception):
    """Something along the columns that no running sum or maximum says."""


@dataclass
class _Maker:
    """One nest in the making; `stored` is what nests before it have computed for whole rows."""

    program: Program
    axes: Axes
    row: Key | None
    outputs: Sequence[Computed]
    stored: dict[str, Computed]
    column: Key | None = None
    statements: list[Computed] = field(default_factory=list)
    steps: dict[str, int] = field(default_factory=dict)
    running: list[Running] = field(default_factory=list)
    bodies: dict[str, Written] = field(default_factory=dict)

    def nest(self) -> Nest:
        """The nest."""
        needed = self._needed()
        self.column = self._column(needed)
        try:
            for statement in needed:
                self._place(statement)
        except _NoBlocks:  # such as running sums: whole rows at once
            self.column, self.statements, self.running = None, [], []
            self.steps, self.bodies = {}, {}
            for statement in needed:
                self._place(statement)
        self._as_running()
        own = {one.digest for one in self.statements}
        read = {one.digest: one for statement in self.statements for one in self._read(statement)}
        loaded = tuple(one for digest, one in read.items() if digest not in own)
        for one in self.statements:
            if self._has(one, self.row) and not self._has(one, self.column):
                self.stored[one.digest] = one
        return Nest(self.row, self.column, tuple(self.statements), self.bodies, self.steps, tuple(self.running),
                    tuple(self.outputs), loaded, self.axes)  # fmt: skip

    def _needed(self) -> list[Computed]:
        """The statements that the outputs rest on, without what nests before have stored."""
        wanted = {one.digest for one in self.outputs}
        out: list[Computed] = []
        for statement in reversed(self.program.statements):
            if statement.digest in wanted and (statement.digest not in self.stored or statement in self.outputs):
                out.append(statement)
                wanted |= {one.digest for one in statement.origin.parents}
        return out[::-1]

    def _has(self, tensor: Tensor, key: Key | None) -> bool:
        return key is not None and any(self.axes.axis(tensor, place) == key for place in range(len(tensor.shape)))

    def _column(self, needed: Sequence[Computed]) -> Key | None:
        """The axis over which most is summed that computed rows have."""
        known = {self.axes.axis(one, place) for one in needed for place in range(len(one.shape))} - {self.row}
        votes: dict[Key, int] = {}
        for statement in needed:
            for node in bound_in(statement):
                key = self.axes.at(statement, node.index)
                if isinstance(node, OVER) and key in known:
                    votes[key] = votes.get(key, 0) + 1
        return max(votes, key=lambda key: votes[key]) if votes else None

    def _place(self, statement: Computed) -> None:
        """A statement, after sums along the columns that it holds, and the sweep in which it is known."""
        body: Written = statement.origin.body
        own = {letter for letter in statement.indices if self.axes.at(statement, letter) == self.column}
        for node in bound_in(statement):
            if self.axes.at(statement, node.index) == self.column:
                if own & node.free or not isinstance(node, OVER):
                    raise _NoBlocks
                tensor = self._summed(statement, node, whole=node == body and statement.origin.guard is None)
                body = replaced(body, node, tensor)
        if not any(one.tensor == statement for one in self.running):
            self._add(statement, body)

    def _summed(self, statement: Computed, node: Binder, *, whole: bool) -> Computed:
        """A sum along the columns as a tensor: the statement itself, where it is nothing else."""
        if whole:
            tensor: Computed = statement
        else:
            count = sum(one.tensor.name.startswith(f"{statement.name}_sum") for one in self.running)
            letters = tuple(letter for letter in statement.indices if letter in node.free)
            sizes = tuple(size for letter, size in zip(statement.indices, statement.shape, strict=True)
                          if letter in letters)  # fmt: skip
            name = f"{statement.name.rstrip(chr(39))}_sum{count + 1 if count else ''}"
            tensor = DefinedTensor(name, sizes, origin=Definition(letters, node))
            for place, letter in enumerate(letters):
                self.axes.join(self.axes.at(statement, letter), (tensor.digest, place))
        step = max((self.steps.get(one.digest, 0) for one in _computed(node)), default=0)
        self.running.append(Running(tensor, node, step))
        self.steps[tensor.digest] = step + 1
        self.statements.append(tensor)
        self.bodies[tensor.digest] = node
        return tensor

    def _add(self, statement: Computed, body: Written) -> None:
        self.statements.append(statement)
        self.bodies[statement.digest] = body
        self.steps[statement.digest] = self._known(statement)

    def _known(self, statement: Computed) -> int:
        """The sweep in which all that a statement reads is known."""
        return max((self.steps.get(one.digest, 0) for one in self._read(statement)), default=0)

    def _read(self, statement: Computed) -> Iterator[Tensor]:
        bodies = (self.bodies[statement.digest], *statement.origin.expressions()[1:])
        return (element.tensor for body in bodies for element in elements(body))

    def _as_running(self) -> None:
        """Sums of exponentials less a maximum, in the sweep that finds the maximum."""
        for top in [one for one in self.running if isinstance(one.node, Max)]:
            shifted = [one for one in self.statements if _is_shifted(one, top.tensor)]
            tiles = {one.digest for one in shifted}
            rest = [one for one in self.statements if top.tensor in self._read(one) and one.digest not in tiles
                    and self._has(one, self.column)]  # fmt: skip
            sums = [one for one in self.running if one.step == top.step + 1 and isinstance(one.node, Sum)]
            inside = [one for one in sums if _factors(one.node.body, tiles) == 1]
            if rest or not shifted or inside != sums:
                continue
            for tensor in (*shifted, *(one.tensor for one in sums)):
                self.steps[tensor.digest] = top.step
            self.running = [replace(one, step=top.step, scaled_by=top.tensor) if one in sums else one
                            for one in self.running]  # fmt: skip
            self._counted_again(tiles | {one.tensor.digest for one in sums})

    def _counted_again(self, fixed: set[str]) -> None:
        """The sweeps of what comes after what has moved to an earlier one."""
        for statement in self.statements:
            if statement.digest in fixed:
                self.steps[statement.digest] += any(one.tensor == statement for one in self.running)
                continue
            step = self._known(statement)
            self.running = [replace(one, step=step) if one.tensor == statement else one for one in self.running]
            self.steps[statement.digest] = step + any(one.tensor == statement for one in self.running)


def _computed(node: Written) -> Iterator[Tensor]:
    return (element.tensor for element in elements(node) if element.tensor.origin is not None)


def replaced(body: Written, node: Binder, tensor: Computed) -> Written:
    """The body with a sum under its name."""
    if body == node:
        return tensor[tensor.indices]
    return body.rebuild(tuple(replaced(kid, node, tensor) for kid in body.kids)) if body.kids else body


def _is_shifted(statement: Computed, top: Tensor) -> bool:
    """Whether it is exp(x − top), with nothing of the maximum in x."""
    body = statement.origin.body
    if not (isinstance(body, Func) and body.name == "exp" and isinstance(body.kids[0], Add)):
        return False
    last = body.kids[0].kids[-1]
    own = isinstance(last, Neg) and isinstance(last.kids[0], Element) and last.kids[0].tensor == top
    return own and all(element.tensor != top for kid in body.kids[0].kids[:-1] for element in elements(kid))


def _factors(node: Written, tiles: set[str]) -> int:
    """How many factors of a product are exponentials less the maximum; −1 where one stands elsewhere."""
    if isinstance(node, Element):
        return int(node.tensor.digest in tiles)
    if isinstance(node, Mul):
        counts = [_factors(kid, tiles) for kid in node.kids]
        return -1 if -1 in counts else sum(counts)
    inside = any(isinstance(part, Element) and part.tensor.digest in tiles for part in walk(node))
    return -1 if inside else 0
