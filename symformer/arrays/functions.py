"""NumPy's functions on arrays of symbols: elementwise, and over axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from sympy import Expr

from symformer.arrays.array import Array, as_node, handle
from symformer.arrays.errors import ArrayError, ArrayShapeError
from symformer.arrays.nodes import Node, as_sum, const, mapped
from symformer.arrays.protocols import FUNCTIONS
from symformer.notation import Tensor

ONE_ARGUMENT = (
    "square", "negative", "exp", "log", "log1p", "expm1", "sqrt", "tanh", "sin", "cos", "erf", "absolute", "sign",
    "logical_not", "sigmoid", "softplus", "relu", "Phi", "floor", "stop_gradient",
)  # fmt: skip
TRUTHS = (
    "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "logical_and", "logical_or", "logical_not",
)  # fmt: skip
TWO_ARGUMENTS = ("add", "subtract", "multiply", "divide", "power", "maximum", "minimum", *TRUTHS[:-1])
REALS = {"divide", "exp", "log", "log1p", "expm1", "sqrt", "tanh", "sin", "cos", "erf", "sigmoid", "softplus"}
OTHER_NAMES = {
    "abs": "absolute", "fabs": "absolute", "pow": "power", "float_power": "power", "true_divide": "divide",
    "bitwise_and": "logical_and", "bitwise_or": "logical_or", "invert": "logical_not", "bitwise_invert": "logical_not",
    "bitwise_not": "logical_not", "special.expit": "sigmoid", "special.erf": "erf", "expit": "sigmoid",
}  # fmt: skip


COPIES = ("array", "copy", "astype", "positive", "repeat", "tile", "concatenate")  # what they return is no view
RESULTS: dict[bool, Callable[[Node], Any]] = {False: handle}  # by whether tensors meet; `tensors` adds the other


def on_tensors(args: Any) -> bool:
    """Whether a tensor of index notation is among the arguments."""
    return any(isinstance(one, Tensor) or (isinstance(one, (list, tuple)) and on_tensors(one)) for one in args)


def _shared(name: str, found: Node, args: Any) -> Any:
    """The arrays that share the memory of a result: those of an argument of which it may be a view."""
    if name in COPIES or not args or not isinstance(args[0], Array):
        return None
    while found is not args[0].node and found.kind in ("view", "regroup"):
        found = found.args[0]
    return args[0].alike if found is args[0].node else None


def numpy_name(*names: str) -> Callable[[Callable[..., Node]], Callable[..., Node]]:
    """Files a function of nodes under NumPy's names; its value becomes an array of the user's code."""

    def filed(made: Callable[..., Node]) -> Callable[..., Node]:
        for name in names:
            FUNCTIONS[name] = _public(made, name)
        return made

    return filed


def _public(made: Callable[..., Node], name: str) -> Callable[..., Any]:
    def called(*args: Any, **options: Any) -> Any:
        kept = {key: value for key, value in options.items() if key not in ("dtype", "casting", "order", "copy")}
        if kept.pop("out", None) is not None or kept.pop("where", True) is not True:
            raise ArrayError(f"np.{name} with out= or where=", "write np.where(condition, a, b), and assign the result")
        try:
            found = made(*args, **kept)
            return RESULTS[True](found) if on_tensors(args) else handle(found, _shared(name, found, args))
        except TypeError as error:
            if "argument" not in str(error):
                raise
            raise ArrayError(f"np.{name}: {str(error).partition('() ')[2] or error}") from error

    called.__name__ = name
    return called


def combined(function: str, *values: Any) -> Node:
    """An elementwise function; sizes and decimals without an array are worked out."""
    args = tuple(map(as_node, values))
    if all(arg.kind == "const" for arg in args):
        known = _folded(function, [arg.attrs[0] for arg in args])
        if known is not None:
            return const(known)
    if function in ("add", "subtract", "multiply", "negative") and function not in TRUTHS:
        args = tuple(map(as_sum, args))
    dtype = "b" if function in TRUTHS else "f" if function in REALS else None
    return mapped(function, *args, dtype=dtype)


def _folded(function: str, values: list[Expr]) -> Expr | None:
    """Sums and products of numbers and sizes are exact; a quotient of sizes stays as it is written."""
    if function == "negative":
        return -values[0]
    if len(values) != 2:
        return None
    left, right = values
    if function in ("add", "subtract", "multiply"):
        found = {"add": left + right, "subtract": left - right, "multiply": left * right}[function]
        return found if found.is_Rational or found.is_integer or found.is_infinite else None
    if function == "divide" and right != 0 and (left / right).is_Rational:
        return left / right
    if function == "power" and right.is_Integer and (left**right).is_Rational:
        return left**right
    return None


def _filed(name: str) -> None:
    numpy_name(name)(lambda *values, _name=name: combined(_name, *values))


for _name in (*ONE_ARGUMENT, *TWO_ARGUMENTS):
    _filed(_name)


@numpy_name(
    "positive", "asarray", "array", "ascontiguousarray", "asanyarray", "copy", "astype", "real", "conj", "conjugate",
    "float16", "float32", "float64", "int32", "int64",
)  # fmt: skip
def _itself(value: Any, *given: Any, **options: Any) -> Node:
    found = as_node(value)
    truths = any(one is bool or getattr(one, "__name__", one) in ("bool", "bool_") for one in given)
    return mapped("not_equal", found, const(sympy.Integer(0)), dtype="b") if truths and found.dtype != "b" else found


@numpy_name("reciprocal")
def _reciprocal(value: Any) -> Node:
    return combined("divide", 1, value)


@numpy_name("where")
def _where(condition: Any, *values: Any) -> Node:
    if len(values) != 2:
        raise ArrayError(
            "np.where with a condition alone counts what depends on values", "write np.where(condition, a, b)"
        )
    args = tuple(map(as_node, (condition, *values)))
    kinds = [arg.dtype for arg in args[1:]]
    return mapped("where", *args, dtype=max(kinds, key="bif".index))


@numpy_name("clip")
def _clip(value: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Node:
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    if low is not None and high is not None:
        return mapped("clip", as_node(value), as_node(low), as_node(high))
    found = as_node(value) if low is None else mapped("maximum", as_node(value), as_node(low))
    return found if high is None else mapped("minimum", found, as_node(high))


@numpy_name("logaddexp")
def _logaddexp(left: Any, right: Any) -> Node:
    difference = combined("subtract", right, left)
    return mapped("add", as_node(left), mapped("softplus", difference))


@numpy_name("sinh")
def _sinh(value: Any) -> Node:
    return _half_of("subtract", as_node(value))


@numpy_name("cosh")
def _cosh(value: Any) -> Node:
    return _half_of("add", as_node(value))


def _half_of(function: str, arg: Node) -> Node:
    """Half the sum or difference of exp(x) and exp(−x)."""
    both = mapped(function, mapped("exp", arg), mapped("exp", mapped("negative", arg)))
    return mapped("divide", both, const(sympy.Integer(2)))


@numpy_name("exp2")
def _exp2(value: Any) -> Node:
    return combined("power", 2, value)


@numpy_name("mod", "remainder")
def _mod(left: Any, right: Any) -> Node:
    over, under = as_node(left), as_node(right)
    if over.kind == under.kind == "const" and (over.attrs[0] % under.attrs[0]).is_Integer:
        return const(over.attrs[0] % under.attrs[0])
    return mapped("mod", over, under)


@numpy_name("ceil")
def _ceil(value: Any) -> Node:
    return mapped("negative", mapped("floor", mapped("negative", as_node(value))))


@numpy_name("floor_divide")
def _floor_divide(left: Any, right: Any) -> Node:
    over, under = as_node(left), as_node(right)
    if over.kind == under.kind == "const":
        found = over.attrs[0] / under.attrs[0]
        if sympy.fraction(sympy.cancel(found))[1] == 1:
            return const(sympy.cancel(found))
        raise ArrayShapeError(
            f"{over.attrs[0]} // {under.attrs[0]} is no whole number for every size",
            f"write the axis in the shapes as a product, such as {under.attrs[0]}*k in place of {over.attrs[0]}",
        )
    return mapped("floor_divide", over, under)
