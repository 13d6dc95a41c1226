"""Values of a reader's, from a dictionary or a file, as exact numbers. Nothing in them is run as code."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Any

import sympy
from sympy import Expr, Symbol

from symformer.evaluate import Place
from symformer.notation import Tensor
from symformer.system import Unusable, brief
from symformer.values.domains import check_domain
from symformer.values.errors import ValuesError
from symformer.values.nested import MOST_AXES, check_rows_are_equal, shape_of

PLAIN = 16  # characters up to which a float is written without an exponent
LONGEST = 400  # characters of a number, and negative powers of ten
LARGEST = 308  # powers of ten of a float
MOST_ENTRIES = 10**6  # of one tensor
RATIONAL = re.compile(r"[-+]?[0-9]+(/0*[1-9][0-9]*)?")


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


def bind(inputs: Sequence[Tensor], given: Mapping[str, Any], source: str, sizes: Iterable[Symbol] = ()) -> Values:
    """The values checked against the inputs of a program.

    Args:
        inputs: the program's input tensors.
        given: numbers, nested lists or arrays by name; numbers may be ints, decimals, or rationals as text ("1/3").
            True and False are numbers of a mask alone; an array of booleans is one of zeros and ones.
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
            raise ValuesError(f"{source}: {brief(key)}: unknown; expected {', '.join(names)}")
    found = {symbol: _size(symbol, given, source) for symbol in loose}
    reader = _Reader(source)
    entries = {tensor.name: dict(_entries(tensor, given, found, reader)) for tensor in inputs}
    for tensor in inputs:
        check_domain(tensor, entries[tensor.name], found, source)
    return Values(entries, found, reader.written)


def _size(symbol: Symbol, given: Mapping[str, Any], source: str) -> int:
    """A size that no input has."""
    value: Any = given.get(symbol.name)
    value = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(value, bool) or not isinstance(value, (int, sympy.Integer)) or value < 1:
        what = "missing" if value is None else f"found {brief(value)}"
        raise ValuesError(f"{source}: {symbol.name}: expected a size, a whole number from 1, {what}")
    return int(value)


def _entries(
    tensor: Tensor, given: Mapping[str, Any], sizes: dict[Symbol, int], reader: _Reader
) -> Iterator[tuple[Place, Expr]]:
    if tensor.name not in given:
        raise ValuesError(f"{reader.source}: {tensor.name}: missing; expected shape {_expected(tensor, sizes)}")
    value = given[tensor.name]
    shape = shape_of(value)
    check_rows_are_equal(value, shape, f"{reader.source}: {tensor.name}")
    if tensor.shape and isinstance(value, (str, Mapping)):
        what = f"expected numbers of shape {_expected(tensor, sizes)}, found {brief(repr(value))}"
        raise ValuesError(f"{reader.source}: {tensor.name}: {what}")
    _match(tensor, shape, sizes, reader.source)
    bits = tensor.domain.kind == "mask" or getattr(getattr(value, "dtype", None), "kind", "") == "b"
    nested = value.tolist() if hasattr(value, "tolist") else value
    for place in product(*(range(1, size + 1) for size in shape)):
        entry = nested
        for number in place:
            entry = entry[number - 1]
        yield place, reader.number(int(entry) if bits and isinstance(entry, bool) else entry, tensor, place)


def _match(tensor: Tensor, shape: tuple[int, ...], sizes: dict[Symbol, int], source: str) -> None:
    expected = _expected(tensor, sizes)
    fits = len(shape) == len(tensor.shape) and 0 not in shape
    for size, number in zip(tensor.shape, shape, strict=fits):
        known = sizes.setdefault(size, number) if size.is_Symbol else size.subs(sizes)
        fits = fits and bool(known == number)
    if not fits:
        found = str(shape) if len(shape) < MOST_AXES else f"{MOST_AXES} axes or more"
        raise ValuesError(f"{source}: {tensor.name}: expected shape {expected}, found {found}")
    if math.prod(shape) > MOST_ENTRIES:
        raise ValuesError(f"{source}: {tensor.name}: expected at most {MOST_ENTRIES} entries, found shape {shape}")


def _expected(tensor: Tensor, sizes: Mapping[Symbol, int]) -> str:
    known = [f"{size} = {sizes[size]}" if size in sizes else str(size) for size in tensor.shape]
    return f"({', '.join(known)}{',' if len(known) == 1 else ''})"


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
        if isinstance(value, str) and len(value) <= LONGEST and RATIONAL.fullmatch("".join(value.split())):
            return sympy.Rational("".join(value.split()))
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**LONGEST:
            return sympy.Integer(int(value))
        if isinstance(value, float) or (isinstance(value, Decimal) and len(str(value)) <= LONGEST):
            return self._decimal(_typed(value) if isinstance(value, float) else str(value), tensor, place)
        raise ValuesError(f"{self.where(tensor, place)}: expected {_wanted(value)}")

    def _decimal(self, text: str, tensor: Tensor, place: Place) -> Expr:
        number = Decimal(text)
        if not number.is_finite() or not -LONGEST <= number.adjusted() <= LARGEST:
            raise ValuesError(f"{self.where(tensor, place)}: expected a finite number, found {brief(text)}")
        self.written[(tensor.name, place)] = text.lower().replace("e+", "e")
        return sympy.Rational(text)


def _wanted(value: Any) -> str:
    """What a number is, and what came."""
    if isinstance(value, Unusable):
        return f"a finite number of at most {LONGEST} characters, found {value}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"a number of at most {LONGEST} characters, found one of about {value.bit_length() * 3 // 10}"
    long = isinstance(value, (str, Decimal)) and len(str(value)) > LONGEST
    size = f" of at most {LONGEST} characters" if long else ""
    return f'a number{size} or a rational such as "1/3", found {brief(repr(value))}'


def _typed(value: float) -> str:
    """A float as a person would type it: without an exponent where that is short."""
    text = repr(value)
    plain = f"{Decimal(text):f}" if math.isfinite(value) else text
    return plain if len(plain) <= PLAIN else text
