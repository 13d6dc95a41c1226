"""`from_function`: the program of a plain NumPy function."""

from __future__ import annotations

import inspect
import linecache
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from types import CodeType, FunctionType, MethodType
from typing import Any

import numpy as np

from symformer.arrays.array import Array, as_node, node_of_tensor
from symformer.arrays.axes import Shape
from symformer.arrays.errors import ArrayError
from symformer.arrays.frames import Place
from symformer.arrays.globals import Copies
from symformer.arrays.letters import Letters
from symformer.arrays.lowering import Lowering
from symformer.arrays.nodes import Node, in_one_order
from symformer.arrays.plan import Plan
from symformer.arrays.shapes import input_of
from symformer.arrays.softmax import recognised
from symformer.compile import CompileError
from symformer.compile.agreement import agreement
from symformer.notation import NotationError, Tensor
from symformer.programs import Program, program

UNFOLLOWED = "the function was not followed right"
FEW_DIGITS = {"float32", "float16", "single", "half", "bfloat16"}
ROUGH = 1e-4  # relative, for functions that name one of these


def from_function(f: Callable[..., Any], /, **shapes: Any) -> Program:
    """The program of a plain NumPy (or array-API) function of arrays of these shapes.

    The function runs once, over symbolic arrays: names of its locals become names of definitions, a softmax written by
    hand becomes the op, decimals stay as they are written. Then the program is compared with the function itself at
    two small sizes.

    Args:
        f: the function. Its arguments without a shape keep their defaults.
        shapes: for each array, the sizes of its axes with spaces between: `q="n d"`. `"n 4*k"` is an axis that is split
            into (4, k), `"int[V] n"` holds positions 0..V−1, `"bool n m"` truth values, `"nonnegative d"` what it says,
            `"()"` is a number.

    Returns:
        The program; its inputs are the arrays, in the order of the function's arguments.

    Raises:
        ArrayError: something in the function cannot be followed (a branch on values, a write under a view, an unknown
            function, shapes that do not fit): says where, what is wrong, and what to write.
        NotationError: a shape that is none, or an argument without one.
    """
    linecache.checkcache()
    own = _function(f)
    inputs = {name: input_of(name, spec) for name, spec in _ordered(f, shapes).items()}
    result = _run(f, own, {name: Array(node_of_tensor(tensor)) for name, (tensor, _) in inputs.items()})
    made = program_of(_outputs(result, own), tuple(tensor for tensor, _ in inputs.values()))
    _compared(f, own, made)
    return made


def _function(f: Callable[..., Any]) -> FunctionType:
    """The Python function that a callable runs."""
    inner = f
    while isinstance(inner, (partial, MethodType)):
        inner = inner.func if isinstance(inner, partial) else inner.__func__
    if not isinstance(inner, FunctionType) and not isinstance(inner, type) and callable(inner):
        inner = type(inner).__call__
    if not isinstance(inner, FunctionType):
        raise NotationError(f"from_function takes a Python function, not {f!r}")
    return inner


def _ordered(f: Callable[..., Any], shapes: Mapping[str, Any]) -> dict[str, Any]:
    """The shapes in the order of the arguments.

    Raises:
        NotationError: a shape for no argument, or an argument with neither a shape nor a default.
    """
    parameters = inspect.signature(f).parameters
    called = getattr(f, "__name__", type(f).__name__)
    unknown = [name for name in shapes if name not in parameters]
    if unknown:
        raise NotationError(f"{called} has no argument {unknown[0]}; its arguments are {', '.join(parameters)}")
    for name, one in parameters.items():
        variable = one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
        if name not in shapes and one.default is one.empty and not variable:
            raise NotationError(f'{called}: no shape for {name}; write {name}="n d", with the sizes of its axes')
    if not shapes:
        raise NotationError(f'{called}: no argument has a shape; write one such as {next(iter(parameters), "x")}="n d"')
    return {name: shapes[name] for name in parameters if name in shapes}


def _run(f: Callable[..., Any], own: FunctionType, arrays: Mapping[str, Array]) -> Any:
    copies = Copies()
    plain = isinstance(f, (FunctionType, partial, MethodType))
    called = copies.of(f if plain else MethodType(own, f))
    bound = inspect.signature(f).bind_partial(**arrays)
    with _places(own, ""):
        return called(*bound.args, **bound.kwargs)


@contextmanager
def _places(own: FunctionType, cure: str) -> Iterator[None]:
    """What goes wrong in a user's function, with its place in the file."""
    try:
        yield
    except ArrayError:
        raise
    except NotationError as error:
        raise ArrayError(str(error), place=_place(error, own)) from error
    except Exception as error:
        said = f"{type(error).__name__}: {' '.join(str(error).split())}"
        raise ArrayError(said, cure, _place(error, own)) from error


def _place(error: BaseException, own: FunctionType) -> Place:
    """The last line of a user's code that an error went through."""
    files = {own.__code__.co_filename}
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in files]
    if not frames:
        return Place(own.__code__.co_filename, own.__code__.co_firstlineno, own.__name__, "")
    last = frames[-1]
    return Place(last.filename, last.lineno or 0, last.name, (last.line or "").strip())


def _outputs(result: Any, own: FunctionType) -> list[Node]:
    """The arrays that a function returned.

    Raises:
        ArrayError: it returned something else.
    """
    listed = list(result) if isinstance(result, (tuple, list)) else [result]
    place = Place(own.__code__.co_filename, own.__code__.co_firstlineno, own.__name__, "")
    for one in listed:
        if not isinstance(one, Array):
            raise ArrayError(f"the function returns {type(one).__name__}, not an array",
                             "return an array, or a tuple of them", place)  # fmt: skip
    return [as_node(one) for one in listed]


def program_of(outputs: Sequence[Node], inputs: Sequence[Tensor]) -> Program:
    """The program of some nodes over these inputs."""
    found = recognised(list(outputs))
    nodes = [in_one_order(node) for node in found]
    sizes = {symbol.name for tensor in inputs for size in tensor.shape for symbol in size.free_symbols}
    plan = Plan(nodes, [*(tensor.name for tensor in inputs), *sizes])
    letters = Letters([*sizes, *(tensor.name for tensor in inputs if not tensor.shape)])
    lowering = Lowering(plan, letters)
    made: list[Tensor] = []
    for node in nodes:
        plan.output(node)
    for node, whole in zip(nodes, found, strict=True):
        made.append(output_tensor(lowering, node, made, whole.shape))
    return program(*made, inputs=inputs)


def output_tensor(lowering: Lowering, node: Node, before: Sequence[Tensor], shape: Shape) -> Tensor:
    """The tensor of an output, whose array has this shape; a copy where it is an input or was returned before."""
    tensor = lowering.tensor(node)
    if node.kind == "tensor" or tensor in before:
        tensor = lowering.copy(node)
    groups = tuple(map(len, shape))
    return replace(tensor, joined=groups if any(count != 1 for count in groups) else ())


def _rounds(code: CodeType) -> bool:
    """Whether a function names a dtype of few digits, so that its own numbers have no more."""
    inner = [one for one in code.co_consts if isinstance(one, CodeType)]
    return bool(FEW_DIGITS & {*code.co_names, *(one for one in code.co_consts if isinstance(one, str))}) or any(
        map(_rounds, inner)
    )


def _compared(f: Callable[..., Any], own: FunctionType, made: Program) -> None:
    """Runs the function, and compares what it returns with the program, at two small sizes.

    Raises:
        ArrayError: they differ.
    """
    place = Place(own.__code__.co_filename, own.__code__.co_firstlineno, own.__name__, "")
    names = [tensor.name for tensor in made.inputs]

    def called(*arrays: Any) -> Any:
        bound = inspect.signature(f).bind_partial(**dict(zip(names, map(np.array, arrays), strict=True)))
        result = f(*bound.args, **bound.kwargs)
        return tuple(result) if isinstance(result, (tuple, list)) else (result,)

    rough = _rounds(own.__code__)
    for least in (2, 3):
        with _places(own, "its shapes may have to say more, such as 4*k for an axis that it splits"):
            try:
                agreement(called, made, own.__name__, least=least, blame=UNFOLLOWED, tolerance=ROUGH if rough else None)
            except CompileError as error:
                raise ArrayError(str(error), "please report it, with the function", place) from error
