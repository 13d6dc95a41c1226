"""The body that each device runs, in JAX, where a sequence is shared out over devices, and what they exchange.

Along the axis that a program sums over, each device has a block of its own, such as its keys and values. It computes
its part of every sum and maximum, and parts are merged as the book merges blocks of keys (`split-kv-merge`): maxima by
`pmax`, and below one common maximum, sums by `psum`. Rows, such as queries, are gathered first, and each device keeps
its own rows of what has rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symformer.calculus import reverse
from symformer.calculus.backward import differentiable
from symformer.compile.arrays import CompileError, Count, Reduce, walk
from symformer.compile.docstrings import INDENT
from symformer.compile.emission.reading import names_read
from symformer.compile.lines import Line, definition_line, program_scope
from symformer.compile.names import output_names
from symformer.compile.passes.absolute import as_absolute
from symformer.compile.passes.hidden import zero_where_hidden
from symformer.compile.pseudocode.axes import Axes, Key, bound_in
from symformer.compile.pseudocode.nests import nests, replaced
from symformer.compile.targets.bodies import definition_lines
from symformer.compile.targets.expressions import Expressions
from symformer.compile.targets.jax import JAX
from symformer.compile.targets.modules import module_text
from symformer.notation import Max, Sum, Tensor, Written, replace_tensors
from symformer.programs import Computed, DefinedTensor, Definition, Program

EXCHANGED = {Max: "pmax", Sum: "psum"}


def sharded_module(name: str, program: Program) -> str:
    """A module of JAX with the bodies of a program and of its backward pass, for `jax.shard_map`.

    Every array that has rows or columns of the program is shared out along them, over the mesh axis called `axis`.

    Raises:
        CompileError: nothing is summed over, or what is depends on its position; or a definition has no form.
    """
    opened, (nest, *_) = nests(program)
    if nest.row is None or nest.column is None:
        raise CompileError(f"{name}: there are no rows and columns that could be shared out over devices")
    shared = [_axis_of(key, nest.axes, name) for key in (nest.row, nest.column)]
    seeds = {one.name: Tensor(f"d{one.name}", one.shape) for one in opened.outputs}
    backward = reverse(opened, differentiable(opened.inputs), seeds)
    texts = [_Body(name, opened, shared).text(), _Body(f"{name}_vjp", backward.program, shared).text()]
    return module_text(name, JAX, texts)


def _axis_of(key: Key, axes: Axes, name: str) -> Key:
    """The axis of an input that a class of axes is."""
    for axis, letters in axes.of_input.items():
        if any(axes.root(letter) == key for letter in letters):
            return axis
    raise CompileError(f"{name}: no input has the axis that would be shared out over devices")


class _Body:
    """The function that each device runs.

    Args:
        name: of the function.
        program: what it computes, with every call opened.
        shared: the axes of inputs that are rows and columns, by digest and place.
    """

    def __init__(self, name: str, program: Program, shared: Sequence[Key]) -> None:
        self.name, self.program, self.axes = name, program, Axes(program.statements)
        self.rows, self.columns = (self.axes.root(self.axes.of_input[axis][0]) for axis in shared)
        self.merged: dict[str, str] = {}
        self.whole = self._sums_apart()
        self.scope = replace(program_scope(self.whole, set(), set(), set()), slopes=True)

    def _sums_apart(self) -> Program:
        """The program with every sum and maximum over columns under a name of its own, whose parts are merged."""
        new: dict[str, Tensor] = {}
        for statement in self.program.statements:
            body = replace_tensors(statement.origin.body, lambda one: new.get(one.digest, one))
            for node in bound_in(statement):
                if self.axes.at(statement, node.index) == self.columns:
                    body = self._apart(statement, body, replace_tensors(node, lambda one: new.get(one.digest, one)))
            own = replace(statement, origin=replace(statement.origin, body=body))
            new[statement.digest] = own
        outputs = tuple(one for output in self.program.outputs if isinstance(one := new[output.digest], Computed))
        return Program(self.program.inputs, outputs)

    def _apart(self, statement: Computed, body: Written, node: Written) -> Written:
        if type(node) not in EXCHANGED:
            raise CompileError(f"{statement.name}: no parts on devices merge to a {type(node).__name__.lower()}")
        letters = tuple(letter for letter in statement.indices if letter in node.free)
        sizes = tuple(
            size for letter, size in zip(statement.indices, statement.shape, strict=True) if letter in letters
        )
        tensor = DefinedTensor(f"{statement.name.rstrip(chr(39))}_part{len(self.merged) + 1}", sizes,
                               origin=Definition(letters, node))  # fmt: skip
        self.merged[tensor.digest] = EXCHANGED[type(node)]
        return replaced(body, node, tensor)

    def text(self) -> str:
        """Its source."""
        names = self.scope.variables
        merged = {names[digest]: how for digest, how in self.merged.items()}
        like = names[self.whole.inputs[0].digest]
        write = Expressions(JAX, like, {names[one.digest]: "i" for one in self.whole.inputs if one.domain.whole})
        found = zero_where_hidden(as_absolute([definition_line(one, self.scope) for one in self.whole.statements]))
        body = [text for line in found for text in self._lines(line, merged.get(line.variable, ""), write)]
        results = [self._own_rows(*pair) for pair in
                   zip(self.program.outputs, output_names(self.whole, names), strict=True)]  # fmt: skip
        lines = [*self._gathered(), f"real = inner_dtype({like}.dtype)", *self._sizes([*body, *results]), *body]
        taken = ", ".join(names[one.digest] for one in self.whole.inputs)
        doc = '"""What each device runs under jax.shard_map: arrays hold its part along `axis`."""'
        inner = "\n".join(INDENT + line for line in (doc, *lines, f"return {', '.join(results)}"))
        return f"def {self.name}({taken}, *, axis):\n{inner}\n"

    def _lines(self, line: Line, how: str, write: Expressions) -> list[str]:
        if any(
            isinstance(node, Count) and self._is_column(node.axes[0]) for array in line.arrays for node in walk(array)
        ):
            raise CompileError(f"{line.variable}: depends on positions along the axis that is shared out")
        if not how:
            return definition_lines([line], write)
        if how == "pmax" and isinstance(line.array, Reduce):  # −∞ is kept until all devices have had their say
            part = write.text(line.array.part, (*line.axes, line.array.over))
            largest = f"jax.lax.pmax(jnp.max({part}, axis=-1, initial=-math.inf), axis)"
            return [f"# {line.formula}, of all devices", f"{line.variable} = {largest}",
                    f"{line.variable} = jnp.where(jnp.isneginf({line.variable}), 0, {line.variable})"]  # fmt: skip
        return [*definition_lines([line], write), f"{line.variable} = jax.lax.psum({line.variable}, axis)"]

    def _is_column(self, letter: object) -> bool:
        keys = [(one, place) for one in self.program.statements for place in range(len(one.shape))]
        return any(self.scope.axes.get(one.digest, ())[place : place + 1] == (letter,)
                   and self.axes.axis(one, place) == self.columns for one, place in keys)  # fmt: skip

    def _places(self, tensor: Tensor, key: Key) -> list[int]:
        """The axes of a tensor of one class."""
        if isinstance(tensor, Computed):
            return [place for place in range(len(tensor.shape)) if self.axes.axis(tensor, place) == key]
        read = self.axes.of_input
        return [place for place in range(len(tensor.shape))
                if any(self.axes.root(one) == key for one in read.get((tensor.digest, place), ()))]  # fmt: skip

    def _gathered(self) -> list[str]:
        """Inputs with rows and no columns, of all devices."""
        lines = []
        for one in self.program.inputs:
            variable = self.scope.variables[one.digest]
            for place in self._places(one, self.rows) if not self._places(one, self.columns) else ():
                lines.append(f"{variable} = jax.lax.all_gather({variable}, axis, axis={place}, tiled=True)")
        return lines

    def _own_rows(self, output: Computed, variable: str) -> str:
        places = self._places(output, self.rows)
        return f"own_part({variable}, axis, {places[0]})" if places else variable

    def _sizes(self, body: Sequence[str]) -> list[str]:
        """Sizes that the body names; that of the columns is all of theirs."""
        lines: dict[str, str] = {}
        read = names_read(body)
        for one in self.program.inputs:
            for place, size in enumerate(one.shape):
                text = self.scope.sizes.get(size, "")
                if text in read and text not in lines:
                    factor = " * jax.lax.axis_size(axis)" if place in self._places(one, self.columns) else ""
                    lines[text] = f"{text} = {self.scope.variables[one.digest]}.shape[{place}]{factor}"
        return list(lines.values())
