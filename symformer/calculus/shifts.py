"""Whether a maximum is a shift: subtracted for the sake of floating point alone, so that nothing depends on it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zlib import crc32

import sympy
from sympy import Expr, Symbol

from symformer.evaluate import HIDDEN, Effort, FloatField, Interpreter, Place, Undecidable
from symformer.notation import ShapeError, Tensor, Written
from symformer.programs import elements, reachable

STEPS = 60_000  # entries and terms that may be computed
TRIALS = 3
TINY = 1e-9


def is_shift(cotangent: Written) -> bool:
    """Whether what would reach a maximum is 0 at a few small sizes and values; the judge is asked before it is printed.

    Where it cannot be told, it is no shift: the derivative goes to the largest entry, which is right either way.
    """
    try:
        return all(_is_zero(cotangent, trial) for trial in range(TRIALS))
    except (Undecidable, ShapeError, OverflowError, RecursionError, ZeroDivisionError):
        return False


def _is_zero(node: Written, trial: int) -> bool:
    symbols = _sizes(node)
    sizes = {symbol: 2 + (place + trial) % 3 for place, symbol in enumerate(sorted(symbols, key=str))}
    interpreter = Interpreter(
        FloatField(), sizes, lambda tensor, place: _drawn(tensor, place, trial, interpreter), effort=Effort(STEPS)
    )
    env: Mapping[Symbol, int] = {index: 1 + trial % interpreter.size(span.size) for index, span in node.ranges.items()}
    value = interpreter.value(node, env)
    return value is not HIDDEN and abs(value) < TINY


def _sizes(node: Written) -> set[Symbol]:
    """The sizes that an expression and its definitions hold."""
    found: set[Symbol] = set()
    for tensor in reachable(*(element.tensor for element in elements(node))):
        for size in tensor.shape:
            found |= size.free_symbols
    return found | {symbol for symbol in node.free if symbol.is_positive}


def _drawn(tensor: Tensor, place: Place, trial: int, interpreter: Interpreter) -> Any:
    """A number of a tensor's domain, the same each time that it is asked for."""
    unit = (crc32(f"{tensor.digest}{place}{trial}".encode()) % 9973 + 1) / 9974
    domain = tensor.domain
    match domain.kind:
        case "mask":
            return 1.0
        case "integer" | "permutation":
            return float(_whole(domain, place, interpreter))
        case "interval" if domain.bounds is not None:
            low, high = map(float, domain.bounds)
            return low + (high - low) * unit
        case "positive" | "nonnegative" | "unit":
            return unit
        case "simplex" | "sphere":
            count = interpreter.size(tensor.shape[-1])
            return 1 / count if domain.kind == "simplex" else count**-0.5
    return 4 * unit - 2


def _whole(domain: Any, place: Place, interpreter: Interpreter) -> int:
    if domain.kind == "permutation":
        return place[-1]
    least: Expr = sympy.S.One if domain.lower is None else domain.lower
    return interpreter.size(least)
