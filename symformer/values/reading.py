"""Values of a reader's: from a dictionary, or from .json, .npz or .safetensors. Nothing in a file is run as code."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import sympy
from sympy import Expr, Symbol

from symformer.evaluate import Place
from symformer.notation import Tensor
from symformer.values.errors import ValuesError

PLAIN = 16  # characters up to which a float is written without an exponent
LONGEST = 400  # characters of a number, and powers of ten
RATIONAL = re.compile(r"\s*[-+]?\d+\s*(/\s*[1-9]\d*)?\s*")


@dataclass(frozen=True)
class Values:
    """Numbers for input tensors.

    Attributes:
        entries: the exact number of each entry, by tensor name and place (counted from 1).
        sizes: the number of each size symbol.
        written: how each decimal was written, by name and place.
    """

    entries: Mapping[str, Mapping[Place, Expr]]
    sizes: Mapping[Symbol, int]
    written: Mapping[tuple[str, Place], str]

    @property
    def decimal(self) -> bool:
        """Whether any number was written as a decimal."""
        return bool(self.written)


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
    except (ValueError, EOFError, BadZipFile) as error:
        raise ValuesError(f"{path}: {str(error) or 'empty or damaged'}") from error
    except RecursionError as error:
        raise ValuesError(f"{path}: lists inside lists too deep") from error


def _read_json(path: Path) -> dict[str, Any]:
    found = json.loads(
        path.read_text(encoding="utf-8"), parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_once
    )
    if not isinstance(found, dict):
        raise ValuesError(f"{path}: expected an object of named values, got {type(found).__name__}")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for place, (key, _) in enumerate(pairs):
        if key in [earlier for earlier, _ in pairs[:place]]:
            raise ValueError(f"{key}: stands twice")
    return dict(pairs)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no finite number")


def _read_npz(path: Path) -> dict[str, Any]:
    import numpy as np

    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name].tolist() for name in archive.files}


def _read_safetensors(path: Path) -> dict[str, Any]:
    try:
        from safetensors import SafetensorError
        from safetensors.numpy import load_file
    except ImportError as error:
        raise ValuesError(f"{path}: reading .safetensors needs `pip install symformer[models]`") from error
    try:
        return {name: array.tolist() for name, array in load_file(path).items()}
    except SafetensorError as error:
        raise ValuesError(f"{path}: {error}") from error


def bind(inputs: Sequence[Tensor], given: Mapping[str, Any], source: str, sizes: Iterable[Symbol] = ()) -> Values:
    """The values checked against the inputs of a program.

    Args:
        inputs: the program's input tensors.
        given: numbers or nested lists by name; numbers may be ints, decimals, or rationals as text ("1/3").
        source: what errors call the origin, e.g. a file name.
        sizes: the sizes that need a number; those which no input has are given by their names.

    Raises:
        ValuesError: a key is missing or unknown, a shape does not fit, or an entry is no number.
    """
    carried = {symbol for tensor in inputs for size in tensor.shape for symbol in size.free_symbols}
    loose = sorted((symbol for symbol in sizes if symbol not in carried), key=str)
    names = [*(tensor.name for tensor in inputs), *(symbol.name for symbol in loose)]
    for key in given:
        if key not in names:
            raise ValuesError(f"{source}: {key}: unknown; expected {', '.join(names)}")
    found = {symbol: _size(symbol, given, source) for symbol in loose}
    reader = _Reader(source)
    entries = {tensor.name: dict(_entries(tensor, given, found, reader)) for tensor in inputs}
    for tensor in inputs:
        _check_domain(tensor, entries[tensor.name], found, source)
    return Values(entries, found, reader.written)


def _size(symbol: Symbol, given: Mapping[str, Any], source: str) -> int:
    """A size that no input has."""
    value = given.get(symbol.name)
    if isinstance(value, bool) or not isinstance(value, (int, sympy.Integer)) or value < 1:
        what = "missing" if value is None else f"found {value!r}"
        raise ValuesError(f"{source}: {symbol.name}: expected a size, a whole number from 1, {what}")
    return int(value)


def _entries(
    tensor: Tensor, given: Mapping[str, Any], sizes: dict[Symbol, int], reader: _Reader
) -> Iterator[tuple[Place, Expr]]:
    if tensor.name not in given:
        raise ValuesError(f"{reader.source}: {tensor.name}: missing; expected shape {_expected(tensor, sizes)}")
    nested = _lists(given[tensor.name])
    shape = _shape(nested)
    _match(tensor, shape, sizes, reader.source)
    for place in product(*(range(1, size + 1) for size in shape)):
        yield place, reader.number(_dig(nested, place, shape, reader.where(tensor, place)), tensor, place)


def _shape(nested: Any) -> tuple[int, ...]:
    return (len(nested), *_shape(nested[0])) if isinstance(nested, list) and nested else (0,) if nested == [] else ()


def rank_of(value: Any) -> int:
    """How many axes nested lists or an array have."""
    return len(_shape(_lists(value)))


def _lists(value: Any) -> Any:
    """An array (of NumPy, or anything with `tolist`) as nested lists; anything else as it is."""
    return value.tolist() if hasattr(value, "tolist") else value


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


def _dig(nested: Any, place: Place, shape: tuple[int, ...], where: str) -> Any:
    for number, size in zip(place, shape, strict=True):
        if not isinstance(nested, list) or len(nested) != size:
            found = f"a list of {len(nested)}" if isinstance(nested, list) else repr(nested)
            raise ValuesError(f"{where}: expected rows of equal length {size}, found {found}")
        nested = nested[number - 1]
    return nested


class _Reader:
    """Turns what stands in a file into exact numbers, and keeps how decimals were written."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.written: dict[tuple[str, Place], str] = {}

    def where(self, tensor: Tensor, place: Place) -> str:
        """An entry, for errors: `mine.json: X[1][2]`."""
        return f"{self.source}: {tensor.name}" + "".join(f"[{number}]" for number in place)

    def number(self, value: Any, tensor: Tensor, place: Place) -> Expr:
        """An int, a decimal, or a rational as text."""
        where = self.where(tensor, place)
        if len(str(value)) > LONGEST:
            raise ValuesError(f"{where}: expected a number of at most {LONGEST} characters, found {str(value)[:20]}…")
        if isinstance(value, str) and RATIONAL.fullmatch(value):
            return sympy.Rational(value.replace(" ", ""))
        if isinstance(value, int):
            return sympy.Integer(int(value))
        if isinstance(value, (float, Decimal)):
            return self._decimal(_typed(value) if isinstance(value, float) else str(value), tensor, place)
        raise ValuesError(f'{where}: expected a number or a rational such as "1/3", found {value!r}')

    def _decimal(self, text: str, tensor: Tensor, place: Place) -> Expr:
        number = Decimal(text)
        if not number.is_finite() or abs(number.adjusted()) > LONGEST:
            raise ValuesError(f"{self.where(tensor, place)}: expected a finite number, found {text}")
        self.written[(tensor.name, place)] = text.lower().replace("e+", "e")
        return sympy.Rational(text)


def _typed(value: float) -> str:
    """A float as a person would type it: without an exponent where that is short."""
    text = repr(value)
    plain = f"{Decimal(text):f}" if math.isfinite(value) else text
    return plain if len(plain) <= PLAIN else text


def _check_domain(tensor: Tensor, entries: Mapping[Place, Expr], sizes: Mapping[Symbol, int], source: str) -> None:
    """Every entry lies where its tensor's entries live."""
    upper = tensor.domain.upper.subs(sizes) if tensor.domain.upper is not None else None
    for place, value in entries.items():
        if not _ALLOWED[tensor.domain.kind](value, upper):
            where = f"{source}: {tensor.name}" + "".join(f"[{number}]" for number in place)
            span = f" from 1 to {upper}" if upper is not None else ""
            raise ValuesError(f"{where}: expected a {tensor.domain.kind} value{span}, found {value}")
    if tensor.domain.kind == "simplex":
        _check_rows(tensor, entries, source)
    if tensor.domain.kind == "permutation":
        _check_permutation(tensor, entries, source)


def _check_rows(tensor: Tensor, entries: Mapping[Place, Expr], source: str) -> None:
    """Rows of a simplex sum to 1, up to the rounding of single precision."""
    totals: dict[Place, Expr] = {}
    for place, value in entries.items():
        totals[place[:-1]] = totals.get(place[:-1], sympy.S.Zero) + value
    for total in totals.values():
        if abs(total - 1) > sympy.Rational(1, 10**6):
            raise ValuesError(f"{source}: {tensor.name}: expected the last axis to sum to 1, found {float(total):.6g}")


def _check_permutation(tensor: Tensor, entries: Mapping[Place, Expr], source: str) -> None:
    """No number stands twice in a row."""
    rows: dict[Place, set[Expr]] = {}
    for place, value in entries.items():
        row = rows.setdefault(place[:-1], set())
        if value in row:
            raise ValuesError(f"{source}: {tensor.name}: expected a permutation, found {value} twice")
        row.add(value)


_ALLOWED: dict[str, Callable[[Expr, Expr | None], bool]] = {
    "real": lambda value, upper: True,
    "random": lambda value, upper: True,
    "positive": lambda value, upper: bool(value > 0),
    "nonnegative": lambda value, upper: bool(value >= 0),
    "simplex": lambda value, upper: bool(value >= 0),
    "mask": lambda value, upper: value in (0, 1),
    "integer": lambda value, upper: bool(value.is_Integer and (upper is None or 1 <= value <= upper)),
    "permutation": lambda value, upper: bool(value.is_Integer and 1 <= value <= upper),
}
