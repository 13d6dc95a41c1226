"""The body of a function: lines around blocks of rows, and around what lies in front of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sympy import Symbol

from symformer.compile.arrays import Array, CompileError, InRange, Load, Map, walk
from symformer.compile.emission.steps import INDENT
from symformer.compile.layout import Layout
from symformer.compile.lines import Line
from symformer.compile.passes.blocks import Schedule, read_across, scheduled
from symformer.compile.passes.bounds import Bound, bounds, edges_alone
from symformer.compile.passes.columns import Columns, by_columns
from symformer.compile.passes.in_place import Writer
from symformer.compile.passes.row_sums import row_sums
from symformer.compile.passes.scales import has_product, scaled_inside, scaled_once
from symformer.compile.passes.shifts import BLOCKS, with_branches
from symformer.compile.places import Places


def body_lines(lines: Sequence[Line], layout: Layout) -> list[str]:
    """The Python lines that compute the outputs."""
    if layout.row is None:
        kept = {*layout.inputs, *layout.outputs}
        return Writer(lines, kept, frozenset(), _never).write()
    return _Blocks(lines, layout, layout.row).write()


class _Blocks:
    def __init__(self, lines: Sequence[Line], layout: Layout, row: Symbol) -> None:
        self.lines, self.layout, self.row = lines, layout, row
        letters = {name: given.axes for name, given in layout.inputs.items()}
        self.plan: Schedule = self._collapsing(scheduled(lines, row, layout.outputs))
        if not self.plan.inside or not layout.rows:
            raise CompileError("nothing is left to do in blocks of rows")
        nodes = [node for line in lines for array in line.arrays for node in walk(array)]
        self.narrow = any({row} < set(node.axes) for node in nodes)
        self.products = any(has_product(line) for line in self.plan.inside)
        self.plan, self.columns = self._summed(self.plan)
        self.scratched = False
        self.tried = any(isinstance(line.array, InRange) for line in self.plan.inside)
        if any(isinstance(line.array, InRange) for line in (*self.plan.before, *self.plan.after)):
            raise CompileError("sums are looked at outside of the blocks of rows that could come again")
        self.column, self.columns_size = self._column()
        self.tiles = by_columns(self.plan.inside, self.column, layout.outputs) if self.column is not None else None
        self.axes = {**letters, **{line.variable: line.axes for line in (*lines, *self.plan.inside)}}
        self.bounds = self._bounds(row)
        self.places = Places(layout, self.plan, row, self.column, self.columns, self.axes, self._by_columns())

    def _collapsing(self, plan: Schedule) -> Schedule:
        """Under a loop over batch axes, what has none adds up from entry to entry."""
        if not self.layout.lead:
            return plan

        def marked(line: Line) -> Line:
            own = line.variable in self.layout.unbatched
            return replace(line, adds=line.adds or own, collapses=own)

        return replace(plan, inside=tuple(map(marked, plan.inside)), after=tuple(map(marked, plan.after)))

    def _summed(self, plan: Schedule) -> tuple[Schedule, dict[str, str]]:
        """Row sums in the blocks by BLAS."""
        shifted = plan.inside if self.layout.lead else with_branches(plan.inside, self.row)
        inside, columns = row_sums(shifted, self._big)
        scaled = scaled_once([scaled_inside(line, self.layout.inputs) for line in inside])
        return replace(plan, inside=tuple(scaled)), columns

    def _bounds(self, row: Symbol) -> list[Bound]:
        """What hides columns from whole blocks of rows; masks are then applied at the edges alone."""
        tiles = self.tiles
        if self.column is None or (tiles is None and not self.tried):
            return []
        lines = self.plan.inside if tiles is None else (*tiles.before, *tiles.inside, *tiles.after)
        found = bounds(lines, row, self.column, self.layout.outputs)
        self.plan = replace(self.plan, inside=tuple(edges_alone(self.plan.inside, found)))
        if tiles is not None:
            self.tiles = replace(tiles, inside=tuple(edges_alone(tiles.inside, found)))
        return found

    def _by_columns(self) -> bool:
        """Whether a block of rows reads and writes some of the columns alone."""
        return bool(self.bounds) or self.tiles is not None

    def _bound_texts(self) -> str:
        """The bounds above and below, as arguments."""
        texts = {bound.low: bound.given for bound in self.bounds}
        return f"{texts.get(False, 'None')}, {texts.get(True, 'None')}"

    def _bounded(self) -> str:
        """Whether any bound holds, as a last argument."""
        guards = [bound.guard.code if bound.guard is not None else "True" for bound in self.bounds]
        return f", {'True' if 'True' in guards else ' or '.join(guards)}" if guards else ""

    def write(self) -> list[str]:
        """Outputs, and the loops that fill them."""
        plan, layout = self.plan, self.layout
        sums = [line for line in (*plan.inside, *plan.after) if line.adds]
        made = [f"{name} = ones({size}, {layout.like}.dtype)" for name, size in sorted(self.columns.items())]
        made += [self._empty(name) for name in sorted(plan.whole)] + [self._zeros(line) for line in sums]
        if self.tried or self.tiles is not None:
            made.append(self._tries())
        if not layout.lead:
            return [*self._region(plan.before), *made, *self._with_scratch(self._loop()), *self._region(plan.after)]
        made += [self._empty(name) for name in self._outside()]
        cost = f"{layout.rows} * {self._width()} * {layout.like}.itemsize"
        inner = [*self._parts(), *self._region(plan.before), *self._loop(), *self._region(plan.after)]
        loop = [f"for at in batches(lead, {cost}{self._most()}):", *(INDENT + line for line in inner)]
        return [*made, *self._with_scratch(loop)]

    # -- arrays of outputs ------------------------------------------------------------------------------------------

    def _line(self, name: str) -> Line:
        return next(line for line in (*self.plan.inside, *self.plan.after, *self.plan.before) if line.variable == name)

    def _outside(self) -> list[str]:
        """Outputs that are computed for an entry of the batch before or after its rows."""
        lines = (*self.plan.before, *self.plan.after)
        return [line.variable for line in lines if line.variable in self.layout.outputs and not line.adds]

    def _empty(self, name: str) -> str:
        line = self._line(name)
        partly = self.bounds and self.column in line.axes
        made = f"np.{'zeros' if partly else 'empty'}({self._shape(line)}, {self.layout.like}.dtype)"
        return (
            f"{name} = {made}"
            if line.guard is None or not line.guard.code.endswith("None")
            else (f"{name} = {made} if {line.guard.code} else None")
        )

    def _zeros(self, line: Line) -> str:
        return f"{line.variable} = np.zeros({self._shape(line)}, {self.layout.like}.dtype)"

    def _shape(self, line: Line) -> str:
        sizes = (*(("*lead",) if self.layout.lead and self.places.batched(line.variable) else ()), *line.sizes)
        return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"

    # -- the loop ---------------------------------------------------------------------------------------------------

    def _width(self) -> str:
        """How many numbers a row of the widest array in a block has."""
        texts = []
        for line in self.plan.inside:
            sizes = [size for letter, size in zip(line.axes, line.sizes, strict=False) if letter != self.row]
            if not line.adds and self.row in line.axes and line.sizes:
                texts.append(" * ".join(sizes))
        longest = max((text.count("*") for text in texts if text), default=0)
        widest = list(dict.fromkeys(text for text in texts if text and text.count("*") == longest))
        return "1" if not widest else widest[0] if len(widest) == 1 else f"max({', '.join(widest)})"

    def _most(self) -> str:
        return f", {self.layout.block}" if self.layout.block else ""

    def _column(self) -> tuple[Symbol | None, str]:
        """The second index and the text of its size; none where a line wants all of it beside one entry of it."""
        for line in self.plan.inside:
            for letter, size in zip(line.axes, line.sizes, strict=False):
                if self.layout.column in (letter, letter.name) and not read_across(self.plan.inside, letter):
                    return letter, size
        return None, ""

    def _tiled_loop(self, tiles: Columns) -> list[str]:
        """Rows, and in each block of them columns: many of both, or all columns where a maximum needs them."""
        columns = self._region(tiles.inside, rows=True, columns=True)
        rows = [*self.places.views, *self._region(tiles.before, rows=True), f"{' = '.join(tiles.sums)} = None"]
        span = f"{BLOCKS}.within(rows, {self._bound_texts()})" if self.bounds else f"{BLOCKS}.columns"
        rows += [f"for columns in {span}:", *(INDENT + line for line in columns)]
        rows += self._region(tiles.after, rows=True)
        return [f"for rows in {BLOCKS}:", *(INDENT + line for line in rows)]

    def _with_scratch(self, loop: list[str]) -> list[str]:
        """A loop, and the memory that its products use again."""
        return ["scratch = taken_scratch()", *loop, "given_back(scratch)"] if self.scratched else loop

    def _homes(self, tiles: Columns) -> dict[str, str]:
        """Sums over columns that lie where the output lies that is made of them."""
        alone = [line for line in tiles.after if isinstance(line.array, Map) and _needs_no_room(line.array)]
        firsts = {line.variable: line.array.parts[0] for line in alone if isinstance(line.array, Map)}
        placed = {name: part for name, part in firsts.items() if name in self.plan.whole and isinstance(part, Load)}
        return {part.name: self.places.name(name, True) for name, part in placed.items()
                if part.name in tiles.sums and part.axes == self.axes[name]}  # fmt: skip

    def _tries(self) -> str:
        """What gives blocks of rows that may come again."""
        rows, size = self.layout.rows, f"{self.layout.like}.itemsize"
        if self.tiles is None:
            return f"{BLOCKS} = RowBlocks({rows}, {self._width()} * {size}{self._bounded()})"
        return f"{BLOCKS} = Tiles({rows}, {self.columns_size}, {self._width()}, {size}{self._bounded()})"

    def _loop(self) -> list[str]:
        plan = self.plan
        if self.tiles is not None:
            return self._tiled_loop(self.tiles)
        inner = [*self.places.views, *self._region(plan.inside, rows=True, columns=bool(self.bounds))]
        if self.bounds:
            inner.insert(0, f"columns = seen(rows, {self.columns_size}, {self._bound_texts()})")
        return [f"for rows in {BLOCKS if self.tried else self._row_blocks()}:", *(INDENT + line for line in inner)]

    def _row_blocks(self) -> str:
        layout, width = self.layout, self._width()
        helper = "product_blocks" if self.products and not layout.block else "blocks"
        cost = f"{layout.like}.itemsize" if width == "1" else f"{width} * {layout.like}.itemsize"
        return f"{helper}({layout.rows}, {cost}{self._most()})"

    def _parts(self) -> list[str]:
        """Views of one entry of the batch, or of a few."""
        names = [name for name, given in self.layout.inputs.items() if given.batched]
        names += [
            *sorted(self.plan.whole),
            *(line.variable for line in self.plan.sums if self.places.batched(line.variable)),
        ]
        names += self._outside()
        return [f"{', '.join(f'{name}_at' for name in names)} = parts(at, {', '.join(names)})"]

    # -- lines under the names that arrays have there ---------------------------------------------------------------

    def _region(self, lines: Sequence[Line], rows: bool = False, columns: bool = False) -> list[str]:
        renamed = [self.places.renamed(line, rows, columns) for line in lines]
        outs = (*self.plan.whole, *self.layout.outputs)
        placed = {self.places.name(name, rows, columns) for name in outs} if rows else set()
        own = {line.variable for line in lines}
        kept = {self.places.name(name, rows, columns) for name in self.axes if name not in own}
        if not rows:
            kept |= {self.places.name(line.variable, rows) for line in lines}
            placed = {f"{name}_at" for name in self.layout.outputs} if self.layout.lead else set()
        homes = self._homes(self.tiles) if columns and self.tiles is not None else None
        writer = Writer(renamed, kept, placed, self._big if rows else _never, scratch=rows, homes=homes)
        written = writer.write()
        self.scratched = self.scratched or writer.steps.scratched
        return written

    def _big(self, array: Array) -> bool:
        return bool(set(array.axes) - {self.row}) or (not self.narrow and self.row in array.axes)


def _needs_no_room(array: Map) -> bool:
    """Whether what an operation has beside its first part is smaller, so that it is not computed where that lies."""
    return all(set(node.axes) < set(array.axes) for part in array.parts[1:] for node in walk(part))


def _never(array: Array) -> bool:
    """Outside blocks batch axes may differ from array to array: nothing is overwritten."""
    return False
