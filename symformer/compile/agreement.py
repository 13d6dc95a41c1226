"""A generated function against the definitions that it was made from, before it leaves our hands.

The judge reads the textbook form of a program, the compiler its stable form. Here the function is run in float64, at
small sizes that differ from each other and from 1, and its results are compared with those of the interpreter, which
follows the textbook definitions and shares no code with the compiler. Blocks have one or two rows and columns. Masks
have a row that sees nothing and one that sees everything; entries without a textbook value, such as a softmax over
nothing, are left out.

NumPy is loaded by those who run a function, and not by those who only read the book.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from inspect import signature
from itertools import islice, permutations, product
from typing import Any

from sympy import Expr, Symbol

from symformer.calculus import Backward
from symformer.compile.arrays import CompileError
from symformer.compile.names import size_names
from symformer.compile.small_blocks import small_blocks
from symformer.evaluate import HIDDEN, FloatField, Interpreter, Place, Undecidable
from symformer.notation import Binder, Func, ShapeError, Tensor, walk
from symformer.programs import DEEP, Computed, Program, all_sizes, is_defined, reachable, symbols_of

MOST_TRIES = 5000  # choices of sizes
TOLERANCE = 1e-8  # relative to the largest entry: float64 at sizes of a few
DIFFERENCE = 1e-5  # of central differences, relative
LARGER = (0, 1, 2, 4, 8, 16)  # how much larger sizes may get where a program reads outside small ones
LARGEST = 400  # entries of one output that are looked at
OURS = "this is a fault of SymFormer, please report it"


@dataclass(frozen=True)
class Agreement:
    """What was looked at: the sizes, and how many entries were equal; no sizes where none fit."""

    sizes: Mapping[Symbol, int]
    entries: int

    def __str__(self) -> str:
        if not self.entries:
            return "not compared with its definitions: no small sizes fit, or nothing has a value there"
        sizes = ", ".join(f"{size.name} = {number}" for size, number in self.sizes.items())
        return f"compared with its definitions: {self.entries} entries agree" + (f" at {sizes}" if sizes else "")


def agreement(
    function: Callable[..., Any],
    program: Program,
    name: str,
    *,
    least: int = 2,
    blame: str = OURS,
    tolerance: float | None = None,
) -> Agreement:
    """Runs a function of a program's inputs, and compares what it returns with the program's outputs.

    Args:
        function: takes arrays for the inputs, in their order, and sizes that no input has by name.
        program: what it should compute.
        name: what the function is called, for errors.
        least: the smallest size that is tried.
        blame: what a difference says, in one sentence.
        tolerance: relative to the largest entry; by default that of float64.

    Raises:
        CompileError: an output differs; it is named, with the place and both numbers.
    """
    run = _first_run(function, program, least)
    if run is None:
        return Agreement({}, 0)
    sizes, given, results = run
    interpreter = Interpreter(FloatField(), sizes, given.entry)
    results = results if isinstance(results, tuple) else (results,)
    found = [result for result in results if result is not None]
    _evaluate_in_order(interpreter, program)
    pairs = zip(program.outputs, found, strict=True)
    return Agreement(sizes, sum(_compared(interpreter, *pair, name, blame, tolerance or TOLERANCE) for pair in pairs))


def _first_run(
    function: Callable[..., Any], program: Program, least: int
) -> tuple[dict[Symbol, int], _Inputs, Any] | None:
    """Small sizes, inputs of these sizes and what the function returns; None where no sizes fit.

    At sizes at which it reads outside an axis, as the first three entries of two or the first k of n < k, others are
    tried: larger ones, in either order.

    Raises:
        ValueError: at all of them; what it raised at the first.
    """
    refused: ValueError | None = None
    for more, falling in product(LARGER, (False, True)):
        sizes = fitting_sizes(program, least + more, falling)
        if sizes is None:
            break
        asked = _asked(function, program)
        sizes |= {size: 2 + len(sizes) for size in asked if size not in sizes}  # those that no axis has
        given = _Inputs(sizes)
        arrays = [given.argument(tensor) for tensor in program.inputs]
        try:
            with small_blocks(function):
                return sizes, given, function(*arrays, **{name: sizes[size] for size, name in asked.items()})
        except ValueError as error:
            refused = refused or error
    if refused is not None:
        raise refused
    return None


def by_differences(function: Callable[..., Any], vjp: Callable[..., Any], backward: Backward, name: str) -> str:
    """Compares gradients with central differences of the forward function along one direction.

    Args:
        function: takes the inputs of the program.
        vjp: takes the cotangents and the inputs, and returns a gradient or None for each input.
        backward: the backward pass.
        name: what the function is called, for errors.

    Raises:
        CompileError: they differ.
    """
    import numpy as np

    forward = backward.forward
    if any(_stops(statement) for statement in forward.statements):
        return "no differences were taken: a gradient is stopped, which differences do not see"
    run = _first_run(function, forward, least=2)
    if run is None:
        return "no differences were taken"
    sizes, given, _ = run
    asked = {name: sizes[size] for size, name in _asked(function, forward).items()}
    seeds = [given.argument(seed) for seed in backward.cotangents]
    inputs = [given.argument(tensor) for tensor in forward.inputs]
    gradients = vjp(*seeds, *inputs, **asked)
    moved = [gradient is not None for gradient in gradients]
    steps = [given.random.normal(size=np.shape(one)) * moves for one, moves in zip(inputs, moved, strict=True)]

    def loss(by: float) -> float:
        at = [one + by * step if moves else one for one, step, moves in zip(inputs, steps, moved, strict=True)]
        results = function(*at, **asked)
        results = results if isinstance(results, tuple) else (results,)
        return float(sum(np.sum(seed * result) for seed, result in zip(seeds, results, strict=True)))

    small = 1e-6
    slope = (loss(small) - loss(-small)) / (2 * small)
    total = float(sum(np.sum(g * step) for g, step in zip(gradients, steps, strict=True) if g is not None))
    if math.isfinite(slope) and not abs(slope - total) <= DIFFERENCE * (1 + abs(slope)):
        raise CompileError(
            f"{name}: its gradients say {total:.10g} along a direction, differences of the function {slope:.10g}"
        )
    return "gradients agree with differences"


def _stops(statement: Computed) -> bool:
    """Whether a gradient is stopped in a statement, or in what a repeat does."""
    loop = getattr(statement.origin, "loop", None)
    if loop is not None:
        return any(map(_stops, loop.statements))
    return any(isinstance(part, Func) and part.name == "stop_gradient" for part in walk(statement.written))


def _evaluate_in_order(interpreter: Interpreter, program: Program) -> None:
    """Remembers the entries of a long program from its first statement on, so that no recursion is as long as it."""
    for statement in program.statements if len(program.statements) > DEEP else ():
        for place in islice(product(*(range(1, size + 1) for size in interpreter.shape(statement))), LARGEST):
            with suppress(Undecidable, ShapeError):  # where an output needs it, it is raised again
                interpreter.entry(statement, place)


def _compared(interpreter: Interpreter, output: Computed, result: Any, name: str, blame: str, tolerance: float) -> int:
    """How many entries of an output were compared."""
    import numpy as np

    array, shape = np.asarray(result), joined_shape(output, interpreter.shape(output))
    if array.shape != shape:
        raise CompileError(f"{name}: {output.name} has the shape {array.shape}, expected {shape}")
    array = array.reshape(interpreter.shape(output))
    wanted: dict[Place, float] = {}
    for place in islice(np.ndindex(array.shape), LARGEST):
        try:
            value = interpreter.entry(output, tuple(number + 1 for number in place))
        except (Undecidable, ShapeError):  # no value by the textbook, or a read outside an array
            continue
        wanted[place] = -math.inf if value is HIDDEN else value
    scale = 1 + max((abs(value) for value in wanted.values() if math.isfinite(value)), default=0)
    for place, value in wanted.items():
        got = float(array[place])
        if got != value and not abs(got - value) <= tolerance * scale:
            sizes = ", ".join(f"{size.name} = {number}" for size, number in interpreter.sizes.items())
            entry = f"{output.name}[{', '.join(map(str, place))}]"
            raise CompileError(
                f"{name}: the function computes {entry} = {got:.10g} where its definition says {value:.10g}"
                f"{' at ' + sizes if sizes else ''}: {blame}"
            )
    return len(wanted)


def joined_shape(tensor: Tensor, shape: Place) -> Place:
    """The shape of the array that a function takes or returns for a tensor."""
    rest = iter(shape)
    return tuple(math.prod(next(rest) for _ in range(count)) for count in tensor.joined) if tensor.joined else shape


def fitting_sizes(program: Program, least: int = 2, falling: bool = False) -> dict[Symbol, int] | None:
    """Small sizes for a program, pairwise different and not 1 if that fits its shapes; None where nothing does.

    Those that were met first are the smallest or, `falling`, the largest.
    """
    entries = [output.entry for output in program.outputs]
    axes = [size for tensor in program.inputs for axis in tensor.shape for size in symbols_of(axis)]
    symbols = list(dict.fromkeys((*all_sizes(*entries), *axes, *program.sizes)))
    symbols = symbols[::-1] if falling else symbols
    lengths = _lengths(program)
    span = range(least, least + len(symbols) + 3)
    choices = islice(permutations(span, len(symbols)), MOST_TRIES)
    for numbers in (*choices, *((same,) * len(symbols) for same in (4, 8, 12))):
        sizes = dict(zip(symbols, numbers, strict=True))
        values = (length.subs(sizes) for length in lengths)
        if all(value.is_Integer and value > 0 for value in values):
            return sizes
    return None


def _lengths(program: Program) -> set[Expr]:
    """How long axes and sums are, where that is no size by itself."""
    tensors = reachable(*program.outputs)
    found = {size for tensor in (*tensors, *program.inputs) for size in tensor.shape}
    for tensor in tensors:
        if is_defined(tensor):
            bodies = tensor.origin.definition.expressions()
            found |= {part.size for body in bodies for part in walk(body) if isinstance(part, Binder)}
    return {size for size in found if not size.is_Symbol}


def _asked(function: Callable[..., Any], program: Program) -> dict[Symbol, str]:
    """The sizes that a function takes by name, and these names."""
    parameters = signature(function).parameters.values()
    asked = {one.name for one in parameters if one.kind is one.KEYWORD_ONLY and one.default is one.empty}
    names = size_names(program.unfold(stable=True)) if asked else {}
    return {size: name for size, name in names.items() if name in asked}


class _Inputs:
    """Values for the inputs of a program, the same for the interpreter and for the function."""

    def __init__(self, sizes: Mapping[Symbol, int]) -> None:
        import numpy as np

        self.np, self.sizes = np, sizes
        self.arrays: dict[str, Any] = {}
        self.random = np.random.default_rng(5)

    def array(self, tensor: Tensor) -> Any:
        """The values of an input; whole numbers are counted from 1."""
        if tensor.digest not in self.arrays:
            shape = tuple(int(size.subs(self.sizes)) for size in tensor.shape)
            self.arrays[tensor.digest] = self._drawn(tensor, shape)
        return self.arrays[tensor.digest]

    def entry(self, tensor: Tensor, place: Place) -> float:
        """One entry, its place counted from 1."""
        return float(self.array(tensor)[tuple(number - 1 for number in place)])

    def argument(self, tensor: Tensor) -> Any:
        """What a function is given: positions are counted from 0."""
        array = self.array(tensor)
        array = array.reshape(joined_shape(tensor, array.shape))
        if tensor.domain.kind == "mask":
            return array != 0
        return array - 1 if tensor.domain.whole and tensor.domain.upper is not None else array

    def _drawn(self, tensor: Tensor, shape: tuple[int, ...]) -> Any:
        kind, upper = tensor.domain.kind, tensor.domain.upper
        if kind == "permutation":
            return self.random.permuted(self.np.broadcast_to(self.np.arange(1, shape[-1] + 1), shape), axis=-1)
        if kind == "integer":
            return self.random.integers(1, int(upper.subs(self.sizes)) + 1 if upper is not None else 4, shape)
        if kind == "mask":
            return self._mask(tensor, shape)
        normal = self.random.normal(size=shape)
        if kind in ("real", "random"):
            return normal
        positive = self.np.exp(normal)
        return positive / positive.sum(-1, keepdims=True) if kind == "simplex" else positive

    def _mask(self, tensor: Tensor, shape: tuple[int, ...]) -> Any:
        bits = self.random.integers(0, 2, shape)
        if shape and len(shape) > 1:
            rows = bits.reshape(-1, shape[-1])
            rows[0], rows[-1] = 0, 1
        if tensor.domain.sees and shape:
            bits[..., 0] |= bits.max(-1) == 0
        return bits
