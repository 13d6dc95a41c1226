"""Loop nests as pseudocode, in text and LaTeX: one line a load, a tile, a running sum, a store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from symformer.calculus import NoDerivative, reverse
from symformer.calculus.backward import differentiable
from symformer.compile.pseudocode.nests import Nest, Running, nests
from symformer.notation import Add, Max, Tensor, Written, lift
from symformer.notation.names import joined_name
from symformer.programs import Computed, Program, elements
from symformer.typeset import Big, Box, Named, Prose, Sign, latex, text
from symformer.typeset.boxes import indexed, parens, row
from symformer.typeset.names import name_box

Words = tuple[str | Box, ...]
INFINITE = row(Sign("−"), Sign("∞"))
ARROW, PLUS, IN, TIMES = Sign("←"), Sign("+"), Sign("∈"), Sign("×")


@dataclass(frozen=True)
class Printed:
    """A line: how deep it stands, what it says in words and boxes, and a note beside it."""

    depth: int
    parts: Words
    note: Words = ()


def _as_text(parts: Words) -> str:
    return "".join(part if isinstance(part, str) else text(part) for part in parts)


def _as_latex(parts: Words) -> str:
    return "".join(latex(Prose(part) if isinstance(part, str) else part) for part in parts)


def pseudocode(
    name: str, program: Program, *, wrt: Sequence[Tensor | str] | None = None, to_latex: bool = False
) -> str:
    """The forward pass of a program and its backward pass, where it has one, as tiled loop nests.

    Args:
        name: what it is called.
        program: what it computes; its calls are taken in stable form.
        wrt: the inputs that have a gradient; by default all that are real and have axes.
        to_latex: whether the text is LaTeX (amsmath) and not plain.

    Raises:
        NotationError: `wrt` names no input that can move.
        CompileError: a loop over steps, which has no blocks; it is named.
    """
    parts = [(f"{name}, forward", program)]
    moving = differentiable(program.inputs)
    opened = program.unfold(stable=True)
    if moving:
        try:
            parts.append((f"{name}, backward", reverse(opened, wrt).program))
        except NoDerivative as error:
            parts.append((f"{name} has no backward pass: {error}", Program((), ())))
    texts = [_part(title, one, to_latex) for title, one in parts]
    return "\n\n".join(texts) + "\n"


def _part(title: str, program: Program, to_latex: bool) -> str:
    if not program.outputs:
        return f"% {title}" if to_latex else title
    opened, found = nests(program)
    lines = [line for nest in found for line in _nest(nest)]
    memory = _in_memory(opened, found)
    return _latex(title, memory, lines) if to_latex else _text(title, memory, lines)


def _text(title: str, memory: Sequence[Printed], lines: Sequence[Printed]) -> str:
    shown = ["    " * line.depth + _as_text(line.parts) for line in lines]
    width = min(max(map(len, shown), default=0), 72)
    body = [f"{one:{width}}    {_as_text(line.note)}".rstrip() for one, line in zip(shown, lines, strict=True)]
    return "\n".join([title, "=" * len(title), *(_as_text(one.parts) for one in memory), "", *body])


def _latex(title: str, memory: Sequence[Printed], lines: Sequence[Printed]) -> str:
    rows = [f"&{chr(92)}hspace{{{2 * line.depth}em}} {_as_latex(line.parts)}"
            + (f" && {_as_latex(line.note)}" if line.note else " &&") for line in lines]  # fmt: skip
    given = [f"& {_as_latex(one.parts)} &&" for one in memory]
    body = " \\\\\n".join([*given, *rows])
    return f"% {title}\n\\begin{{align*}}\n{body}\n\\end{{align*}}"


def _formula(depth: int, *boxes: Box, note: Words = ()) -> Printed:
    return Printed(depth, (row(*boxes),), note)


def _sizes(tensor: Tensor) -> Box:
    boxes: list[Box] = []
    for size in tensor.shape:
        boxes += [TIMES, lift(size).layout().box] if boxes else [lift(size).layout().box]
    return row(*boxes) if boxes else Prose("a number")


def _in_memory(program: Program, found: Sequence[Nest]) -> list[Printed]:
    """What lies in the memory of the device: inputs, what nests hand on, results."""
    stored = {one.digest: one for nest in found for one in nest.outputs}
    between = [one for digest, one in stored.items() if one not in program.outputs]
    listed = (
        ("in memory: ", program.inputs),
        ("kept in memory between nests: ", between),
        ("results: ", program.outputs),
    )
    out = []
    for words, tensors in listed:
        items: list[str | Box] = []
        for tensor in tensors:
            items += [", " if items else words, tensor.box, " (", _sizes(tensor), ")"]
        out += [Printed(0, tuple(items))] if items else []
    return out


class _Letters:
    """The letters of a nest: one for its rows and one for its columns, with their blocks."""

    def __init__(self, nest: Nest) -> None:
        self.nest = nest
        self.row, self.column = (self._letter(key) for key in (nest.row, nest.column))

    def _letter(self, key: object) -> str | None:
        for one in self.nest.statements if key is not None else ():
            for place, letter in enumerate(one.indices):
                if self.nest.axes.axis(one, place) == key:
                    return letter.name
        return None

    def block(self, letter: str) -> Box:
        """A block of a letter, such as I for i."""
        upper = letter.upper() if letter.isascii() and letter.isalpha() and letter.islower() else f"block_{letter}"
        return name_box(upper)

    def count(self, letter: str) -> Box:
        """How many a block has: B_i."""
        return indexed(Named("B"), name_box(letter))


def _head(letters: _Letters, letter: str) -> Words:
    """A loop over the blocks of a letter, in words."""
    return ("for each block ", letters.block(letter), " of ", letters.count(letter), " values of ", name_box(letter))


def _nest(nest: Nest) -> Iterator[Printed]:
    letters = _Letters(nest)
    depth = 0
    if letters.row is not None:
        yield Printed(0, (*_head(letters, letters.row), ", in parallel:"))
        depth = 1
    yield from (Printed(depth, ("load ", _read(one, nest)), _where(one, nest, letters))
                for one in nest.loaded if not _along(one, nest, nest.column))  # fmt: skip
    for sweep in range(nest.sweeps):
        yield from _sweep(nest, letters, sweep, depth)
        yield from _rows(nest, letters, sweep + 1, depth)
    if not nest.sweeps:
        yield from _rows(nest, letters, 0, depth)


def _sweep(nest: Nest, letters: _Letters, sweep: int, depth: int) -> Iterator[Printed]:
    """One way along the columns: the running sums, and the tiles that they need."""
    assert letters.column is not None
    if sweep == 0:
        yield from _rows(nest, letters, 0, depth)
    sums = [one for one in nest.running if one.step == sweep]
    for one in sums:
        start = INFINITE if isinstance(one.node, Max) else lift(0).layout().box
        yield _formula(depth, one.tensor.entry.layout().box, ARROW, start, note=_kept(one.tensor, nest, letters))
    yield Printed(depth, (*_head(letters, letters.column), ":"))
    needed = _tiles(nest, sweep)
    read = {element for one in (*needed, *(one.tensor for one in sums)) for element in _reads(one, nest)}
    for tensor in nest.loaded:
        if _along(tensor, nest, nest.column) and tensor.digest in read:
            yield Printed(depth + 1, ("load ", _read(tensor, nest)), _where(tensor, nest, letters))
    running = {one.tensor.digest: one for one in sums}
    for statement in nest.statements:
        if statement.digest in running:
            yield from _updated(running[statement.digest], sums, letters, depth + 1)
        elif statement in needed:
            yield from _assigned(statement, nest, depth + 1, _kept(statement, nest, letters))
            if statement in nest.outputs and nest.steps[statement.digest] == sweep:
                yield Printed(depth + 1, ("store ", statement.entry.layout().box))


def _tiles(nest: Nest, sweep: int) -> list[Computed]:
    """The statements along the columns that the sums of a sweep rest on, or that are results known in it."""
    wanted = {one.tensor.digest for one in nest.running if one.step == sweep}
    wanted |= {one.digest for one in nest.outputs if nest.has(one, nest.column) and nest.steps[one.digest] == sweep}
    out = []
    for one in reversed(nest.statements):
        if one.digest in wanted:
            out += [one] if nest.has(one, nest.column) else []
            if nest.has(one, nest.column) or any(own.tensor == one and own.step == sweep for own in nest.running):
                wanted |= set(_reads(one, nest))
    return out[::-1]


def _reads(one: Computed, nest: Nest) -> list[str]:
    """The digests of what a statement reads in its nest."""
    from_sums = {tensor.digest for tensor in _tensors(nest.bodies[one.digest])}
    rest = {tensor.digest for body in one.origin.expressions()[1:] for tensor in _tensors(body)}
    return [*from_sums, *rest]


def _tensors(body: Written) -> list[Tensor]:
    return [element.tensor for element in elements(body)]


def _rows(nest: Nest, letters: _Letters, step: int, depth: int) -> Iterator[Printed]:
    """What is computed once its rows are known, and stored."""
    running = {one.tensor.digest for one in nest.running}
    for one in nest.statements:
        if nest.has(one, nest.column) or nest.steps[one.digest] != step:
            continue
        if one.digest not in running:
            yield from _assigned(one, nest, depth, _kept(one, nest, letters))
        if one in nest.outputs:
            yield Printed(depth, ("store ", one.entry.layout().box))
    last = [one for one in nest.outputs if nest.has(one, nest.column) and nest.steps[one.digest] == step]
    if last and step == nest.sweeps:
        yield from _last_tiles(nest, letters, last, depth)


def _last_tiles(nest: Nest, letters: _Letters, last: Sequence[Computed], depth: int) -> Iterator[Printed]:
    """One more way along the columns, for results that need the sums."""
    assert letters.column is not None
    yield Printed(depth, (*_head(letters, letters.column), ":"))
    wanted, needed = {one.digest for one in last}, []
    for one in reversed(nest.statements):
        if one.digest in wanted and nest.has(one, nest.column):
            needed.append(one)
            wanted |= set(_reads(one, nest))
    for tensor in nest.loaded:
        if tensor.digest in wanted and _along(tensor, nest, nest.column):
            yield Printed(depth + 1, ("load ", _read(tensor, nest)), _where(tensor, nest, letters))
    for one in reversed(needed):
        yield from _assigned(one, nest, depth + 1, _kept(one, nest, letters))
        if one in last:
            yield Printed(depth + 1, ("store ", one.entry.layout().box))


def _assigned(one: Computed, nest: Nest, depth: int, note: Words) -> Iterator[Printed]:
    guard, other = one.origin.guard, one.origin.otherwise
    words = f", {guard.words}" if guard is not None else ""
    found = row(one.entry.layout().box, ARROW, nest.bodies[one.digest].layout().box)
    yield Printed(depth, (found, words) if words else (found,), note)
    if other is not None and other != one.entry:
        yield Printed(depth, (row(one.entry.layout().box, ARROW, other.layout().box), ", otherwise"), note)


def _updated(one: Running, sums: Sequence[Running], letters: _Letters, depth: int) -> Iterator[Printed]:
    """A running sum or maximum with one more block; what is summed below a running maximum is scaled first."""
    assert letters.column is not None
    target = one.tensor.entry.layout().box
    under = row(name_box(one.node.index.name), IN, letters.block(letters.column))
    body = one.node.body.layout().box
    inner = parens(body) if isinstance(one.node.body, Add) else body
    if not isinstance(one.node, Max):
        yield _formula(depth, target, ARROW, target, PLUS, Big("∑", under), inner)
        return
    scaled = [other for other in sums if other.scaled_by == one.tensor]
    if not scaled:
        larger = row(Named("max", upright=True), parens(row(target, Sign(","), Big("max", under), body)))
        yield _formula(depth, target, ARROW, larger)
        return
    indices = row(*(name_box(own.name) for own in one.tensor.indices))
    before = indexed(name_box(joined_name(one.tensor.name, "old")), indices)
    factor = indexed(name_box(joined_name("grown", one.tensor.name)), indices)
    yield _formula(depth, before, ARROW, target)
    larger = row(Named("max", upright=True), parens(row(before, Sign(","), Big("max", under), body)))
    note = ("running maximum; where it is ", INFINITE, ", 0 is subtracted below")
    yield _formula(depth, target, ARROW, larger, note=note)
    power = row(Named("exp", upright=True), parens(row(before, Sign("−"), target)))
    yield _formula(depth, factor, ARROW, power, note=("1 where both are ", INFINITE))
    for other in scaled:
        own = other.tensor.entry.layout().box
        yield _formula(depth, own, ARROW, factor, own, note=("what was summed before, at the new maximum",))


def _read(tensor: Tensor, nest: Nest) -> Box:
    """A tensor at the letters at which the nest reads it."""
    for one in nest.statements:
        for element in elements(nest.bodies[one.digest]):
            if element.tensor == tensor:
                return element.layout().box
    return tensor.box


def _keys(tensor: Tensor, nest: Nest) -> list[list[object]]:
    """The classes of each axis of what is loaded, as the nest reads it."""
    found: list[list[object]] = [[] for _ in tensor.shape]
    if isinstance(tensor, Computed):
        return [[nest.axes.axis(tensor, place)] for place in range(len(tensor.shape))]
    for one in nest.statements:
        for element in elements(nest.bodies[one.digest]):
            if element.tensor == tensor:
                for place, letter in enumerate(element.symbols):
                    if letter is not None:
                        found[place].append(nest.axes.at(one, letter))
    return found


def _along(tensor: Tensor, nest: Nest, key: object) -> bool:
    return key is not None and any(key in keys for keys in _keys(tensor, nest))


def _where(tensor: Tensor, nest: Nest, letters: _Letters) -> Words:
    return _shape(tensor, _keys(tensor, nest), nest, letters)


def _kept(tensor: Computed, nest: Nest, letters: _Letters) -> Words:
    return _shape(tensor, [[nest.axes.axis(tensor, place)] for place in range(len(tensor.shape))], nest, letters)


def _shape(tensor: Tensor, keys: Sequence[Sequence[object]], nest: Nest, letters: _Letters) -> Words:
    """How much of a tensor is on the chip, by its blocks."""
    parts: list[str | Box] = []
    for size, found in zip(tensor.shape, keys, strict=True):
        parts += [" × "] if parts else []
        if nest.row is not None and nest.row in found and letters.row:
            parts.append(letters.count(letters.row))
        elif nest.column is not None and nest.column in found and letters.column:
            parts.append(letters.count(letters.column))
        else:
            parts.append(lift(size).layout().box)
    return (*parts, " on chip") if parts else ("a number, in a register",)
