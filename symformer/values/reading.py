"""Values of a reader's: from a dictionary, or from .json, .npz or .safetensors. Nothing in a file is run as code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import sympy
from sympy import Expr, Symbol

from symformer.evaluate import Place
from symformer.notation import Tensor

RATIONAL = re.compile(r"\s*[-+]?\d+\s*(/\s*[1-9]\d*)?\s*")


class ValuesError(ValueError):
    """Values that do not fit: names the source, the key, what was expected and what came."""


@dataclass(frozen=True)
class Values:
    """Numbers for input tensors.

    Attributes:
        entries: the exact number of each entry, by tensor name and place (counted from 1).
        sizes: the number of each size symbol.
        decimal: whether any number was written as a decimal.
    """

    entries: Mapping[str, Mapping[Place, Expr]]
    sizes: Mapping[Symbol, int]
    decimal: bool


def read_file(path: Path) -> dict[str, Any]:
    """The named values in a file, not yet checked against a program.

    Raises:
        ValuesError: the file cannot be read, has an unknown ending, or holds something else than named numbers.
    """
    try:
        readers = {".json": _read_json, ".npz": _read_npz, ".safetensors": _read_safetensors}
        if path.suffix not in readers:
            raise ValuesError(f"{path}: expected a .json, .npz or .safetensors file")
        return readers[path.suffix](path)
    except ValuesError:
        raise
    except OSError as error:
        raise ValuesError(f"{path}: cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise ValuesError(f"{path}: {error}") from error


def _read_json(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal, parse_constant=_no_constant)
    if not isinstance(found, dict):
        raise ValuesError(f"{path}: expected an object of named values, got {type(found).__name__}")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no finite number")


def _read_npz(path: Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name].tolist() for name in archive.files}


def _read_safetensors(path: Path) -> dict[str, Any]:
    try:
        from safetensors.numpy import load_file
    except ImportError as error:
        raise ValuesError(f"{path}: reading .safetensors needs `pip install symformer[models]`") from error
    return {name: array.tolist() for name, array in load_file(path).items()}


def bind(inputs: Sequence[Tensor], given: Mapping[str, Any], source: str) -> Values:
    """The values checked against the inputs of a program.

    Args:
        inputs: the program's input tensors.
        given: numbers or nested lists by name; numbers may be ints, decimals, or rationals as text ("1/3").
        source: what errors call the origin, e.g. a file name.

    Raises:
        ValuesError: a key is missing or unknown, a shape does not fit, or an entry is no number.
    """
    names = [tensor.name for tensor in inputs]
    for key in given:
        if key not in names:
            raise ValuesError(f"{source}: {key}: unknown; expected {', '.join(names)}")
    entries: dict[str, dict[Place, Expr]] = {}
    sizes: dict[Symbol, int] = {}
    state = {"decimal": False}
    for tensor in inputs:
        if tensor.name not in given:
            raise ValuesError(f"{source}: {tensor.name}: missing; expected shape {_expected(tensor, sizes)}")
        nested = given[tensor.name].tolist() if isinstance(given[tensor.name], np.ndarray) else given[tensor.name]
        shape = _shape(nested)
        _match(tensor, shape, sizes, source)
        entries[tensor.name] = dict(_numbers(nested, shape, tensor, source, state))
    return Values(entries, sizes, state["decimal"])


def _shape(nested: Any) -> tuple[int, ...]:
    return (len(nested), *_shape(nested[0])) if isinstance(nested, list) and nested else (0,) if nested == [] else ()


def rank_of(value: Any) -> int:
    """How many axes nested lists or an array have."""
    return len(_shape(value.tolist() if isinstance(value, np.ndarray) else value))


def _match(tensor: Tensor, shape: tuple[int, ...], sizes: dict[Symbol, int], source: str) -> None:
    expected = _expected(tensor, sizes)
    fits = len(shape) == len(tensor.shape) and 0 not in shape
    for size, number in zip(tensor.shape, shape, strict=fits):
        known = sizes.setdefault(size, number) if size.is_Symbol else size.subs(sizes)
        fits = fits and bool(known == number)
    if not fits:
        raise ValuesError(f"{source}: {tensor.name}: expected shape {expected}, found {shape}")


def _expected(tensor: Tensor, sizes: Mapping[Symbol, int]) -> str:
    known = [f"{size} = {sizes[size]}" if size in sizes else str(size) for size in tensor.shape]
    return f"({', '.join(known)}{',' if len(known) == 1 else ''})"


def _numbers(
    nested: Any, shape: tuple[int, ...], tensor: Tensor, source: str, state: dict[str, bool]
) -> Iterator[tuple[Place, Expr]]:
    for place in product(*(range(1, size + 1) for size in shape)):
        where = tensor.name + "".join(f"[{number}]" for number in place)
        yield place, _number(_dig(nested, place, shape, f"{source}: {where}"), tensor, f"{source}: {where}", state)


def _dig(nested: Any, place: Place, shape: tuple[int, ...], where: str) -> Any:
    for number, size in zip(place, shape, strict=True):
        if not isinstance(nested, list) or len(nested) != size:
            found = f"a list of {len(nested)}" if isinstance(nested, list) else repr(nested)
            raise ValuesError(f"{where}: expected rows of equal length {size}, found {found}")
        nested = nested[number - 1]
    return nested


def _number(value: Any, tensor: Tensor, where: str, state: dict[str, bool]) -> Expr:
    if isinstance(value, str) and RATIONAL.fullmatch(value):
        return _allowed(sympy.Rational(value.replace(" ", "")), tensor, where)
    if isinstance(value, (bool, int)):
        return _allowed(sympy.Integer(int(value)), tensor, where)
    if isinstance(value, (float, Decimal)):
        text = repr(value) if isinstance(value, float) else str(value)
        if not Decimal(text).is_finite():
            raise ValuesError(f"{where}: expected a finite number, found {text}")
        state["decimal"] = True
        return _allowed(sympy.Rational(text), tensor, where)
    raise ValuesError(f'{where}: expected a number or a rational such as "1/3", found {value!r}')


def _allowed(value: Expr, tensor: Tensor, where: str) -> Expr:
    kind = tensor.domain.kind
    wrong = {
        "positive": value <= 0, "nonnegative": value < 0, "mask": value not in (0, 1), "integer": not value.is_Integer,
    }  # fmt: skip
    if wrong.get(kind):
        raise ValuesError(f"{where}: expected a {kind} value, found {value}")
    return value
