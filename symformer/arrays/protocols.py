"""NumPy's functions by name, and its protocols, which ask for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symformer.arrays.errors import ArrayError

FUNCTIONS: dict[str, Callable[..., Any]] = {}  # by NumPy's name; `functions` fills it
UFUNCS = {
    "abs": "absolute", "true_divide": "divide", "bitwise_and": "logical_and", "bitwise_or": "logical_or",
    "invert": "logical_not",
}  # fmt: skip
WHAT = "an array of symbols has no values"


class Operators:
    """Python's operators and NumPy's protocols, by the functions of the same meaning."""

    __array_priority__ = 2000.0

    def __array__(self, *args: Any, **options: Any) -> Any:
        raise ArrayError(f"{WHAT}, so it cannot become a NumPy array", "use NumPy's functions on it as they are")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        name = {"__call__": ufunc.__name__, "reduce": {"add": "sum", "maximum": "max", "minimum": "min"}.get(
            ufunc.__name__, f"{ufunc.__name__}.reduce")}.get(method, f"{ufunc.__name__}.{method}")  # fmt: skip
        if method == "reduce":
            options.setdefault("axis", 0)
        return function(UFUNCS.get(name, name))(*inputs, **options)

    def __array_function__(self, func: Any, types: Any, args: Any, options: Any) -> Any:
        inner = func.__module__.removeprefix("numpy").removeprefix(".")
        name = func.__name__ if inner in ("", "_core", "core") else f"{inner}.{func.__name__}"
        bare = name not in FUNCTIONS and func.__name__ in FUNCTIONS
        return function(func.__name__ if bare else name)(*args, **options)

    def __array_namespace__(self, api_version: Any = None) -> Any:
        return NAMESPACE[0]

    @property
    def T(self) -> Any:  # noqa: N802 - NumPy's name
        """All axes the other way round."""
        return function("transpose")(self)

    @property
    def mT(self) -> Any:  # noqa: N802 - NumPy's name
        """The last two axes exchanged."""
        return function("matrix_transpose")(self)


NAMESPACE: list[Any] = []  # what `x.__array_namespace__()` gives; the door fills it


def function(name: str) -> Callable[..., Any]:
    """NumPy's function of this name on arrays of symbols.

    Raises:
        ArrayError: it is not known.
    """
    found = FUNCTIONS.get(name)
    if found is None:
        raise ArrayError(f"np.{name} is not known here", cure_for(name))
    return found


CURES = {
    "tolist": "an array of symbols holds no numbers",
    "item": "an array of symbols holds no numbers",
    "nonzero": "how many entries there are depends on values; use np.where(condition, a, b)",
    "linalg.inv": "an inverse has no formula entry by entry",
    "apply_along_axis": "write the function for whole arrays, with axis=",
    "vectorize": "write the function for whole arrays",
    "isnan": "symbols are numbers; leave the check out",
    "random.normal": "random numbers are inputs: give them as an argument",
}


def cure_for(name: str) -> str:
    """What to write in place of a function that is not known."""
    return CURES.get(name, "write it with sums, products, np.exp, np.where and the like, or give it as an argument")


SAME = (
    "sum", "mean", "max", "min", "var", "std", "prod", "any", "all", "cumsum", "dot", "transpose", "reshape",
    "swapaxes", "squeeze", "take", "clip", "round", "repeat", "argmax", "argmin", "argsort", "sort", "cumprod",
    "ravel", "copy", "astype", "item", "tolist", "diagonal", "trace", "nonzero", "conj",
)  # fmt: skip
METHODS = {**{name: name for name in SAME}, "flatten": "ravel"}
