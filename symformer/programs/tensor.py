"""Defined tensors, with what a reader does with them: expressions, explicit entries, programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from sympy import Expr, Symbol

from symformer.evaluate import explicit
from symformer.notation import (
    Domain,
    NotationError,
    Range,
    ShapeError,
    Tensor,
    Written,
    fitted,
    lift,
    merge_ranges,
    substitute,
)
from symformer.notation.names import checked_name, checked_size, checked_symbol
from symformer.notation.operators import other_letter
from symformer.notation.public import answering_class
from symformer.programs.alike import check_unlike
from symformer.programs.graph import elements, input_tensors, size_symbols, unfolded
from symformer.programs.origin import Computed, Definition, Guard
from symformer.programs.program import Program, program
from symformer.programs.unnamed import named_apart


@answering_class
@dataclass(frozen=True, eq=False, repr=False)
class DefinedTensor(Computed):
    """A tensor that is computed from others; made by `define`, by an op, or by calling a program."""

    @property
    def program(self) -> Program:
        """The definitions that compute it; an op is opened into its textbook's."""
        return program(self).unfold()

    def subs(self, *args: Any, **kwargs: Any) -> Any:
        """As SymPy's `subs`, on `.expr`."""
        return self.expr.subs(*args, **kwargs)

    @property
    def expr(self) -> Expr:
        """One entry as a plain SymPy expression in terms of the inputs; indices run from 1, as the maths is written."""
        return unfolded(self.entry).plain()

    def explicit(self, sizes: Mapping[Any, int] | None = None, **named: Any) -> Any:
        """All entries in scalar symbols (`Q_1_2`) at concrete sizes.

        Args:
            sizes: a number for each size symbol, or by keyword: `.explicit(n=4, d_k=3)`.
            named: sizes, and values (nested lists) for inputs such as masks that are not to be symbols, by name.

        Returns:
            A SymPy `ImmutableDenseNDimArray`; an immutable `Matrix` for two axes; an expression for none.

        Raises:
            ShapeError: a size is missing, not a positive integer, or unknown.
        """
        given = {str(key): value for key, value in {**(sizes or {}), **named}.items()}
        letters = {symbol.name: symbol for symbol in size_symbols(self)}
        inputs = {tensor.name for tensor in input_tensors(self)}
        _check_sizes(self.name, letters, given, inputs)
        numbers = {letter: int(given[name]) for name, letter in letters.items()}
        return explicit(self, numbers, {name: value for name, value in given.items() if name in inputs - set(letters)})


def _check_sizes(name: str, letters: Mapping[str, Symbol], given: Mapping[str, Any], inputs: set[str]) -> None:
    unknown = [key for key in given if key not in letters and key not in inputs]
    if unknown:
        raise ShapeError(f"{name}: no size or input is called {unknown[0]}; sizes are {', '.join(sorted(letters))}")
    for letter in sorted(letters):
        number = given.get(letter)
        if not isinstance(number, Integral) or isinstance(number, bool) or int(number) < 1:
            raise ShapeError(f"{name}: size {letter} must be a positive integer, got {number!r}")


def define(name: str, indices: Any, body: Any, *, guard: Guard | None = None, otherwise: Any = None) -> DefinedTensor:
    """`name[indices] := body`, as a tensor that can be used in further definitions.

    Args:
        name: letters, digits, underscores and primes.
        indices: an index, a tuple of them, or () for a number; `(i, n)` in place of `i` gives a range that no tensor
            in the body carries.
        body: an expression; its free indices must be among `indices`.
        guard: the option of a function that the definition depends on, with `otherwise` where it does not hold.

    Raises:
        ShapeError: an index is free in the body but not listed, or its range is not known.
        NotationError: a name holds what no name may hold, or two different tensors have one name.
    """
    checked_name(name, "tensor")
    listed = tuple(indices) if isinstance(indices, (tuple, list)) else (indices,)
    if len(listed) == 2 and _is_size(listed[1]):
        listed = (listed,)
    written = named_apart(name, lift(body))
    rest = lift(otherwise) if otherwise is not None else None
    symbols, given = _split_ranges(listed)
    for index, found in given.items():
        written = fitted(written, index, found.size)
        rest = rest if rest is None else fitted(rest, index, found.size)
    _check_letters(written, rest)
    ranges = merge_ranges(given, written.ranges, rest.ranges if rest is not None else {})
    _check_indices(name, symbols, ranges)
    _check_names(name, written, rest)
    shape = tuple(ranges[index].size for index in symbols)
    bodies = [written] if rest is None else [written, rest]
    letters = _told_apart(symbols, shape, bodies)
    if letters != symbols:
        bodies = [substitute(body, dict(zip(symbols, letters, strict=True))) for body in bodies]
    check_unlike(name, [*map(lift, letters), *bodies])
    return DefinedTensor(name, shape, Domain(), Definition(letters, bodies[0], guard, *bodies[1:]))


def _told_apart(symbols: tuple[Symbol, ...], shape: tuple[Expr, ...], bodies: list[Written]) -> tuple[Symbol, ...]:
    """The indices of a definition, with another letter for one that a size or a number in it is called by."""
    sizes = {symbol.name for body in bodies for symbol in body.free if symbol.is_positive}
    taken = sizes.union(*(body.number_names() for body in bodies))
    out: list[Symbol] = []
    for symbol, size in zip(symbols, shape, strict=True):
        used = taken | {one.name for one in (*symbols, *out)}
        out.append(Symbol(other_letter(symbol.name, size, used), integer=True) if symbol.name in taken else symbol)
    return tuple(out)


def _check_names(name: str, *expressions: Any) -> None:
    """Two different inputs of one name would be one to a reader."""
    inputs: dict[str, Tensor] = {}
    for expression in expressions:
        for element in elements(expression) if expression is not None else []:
            for tensor in input_tensors(element.tensor):
                if inputs.setdefault(tensor.name, tensor) != tensor:
                    raise NotationError(f"{name}: two different tensors are called {tensor.name}")


def _check_letters(*expressions: Any) -> None:
    """What is no tensor goes by a name, too."""
    for expression in expressions:
        for symbol in expression.free if expression is not None else ():
            checked_symbol(symbol, "size" if symbol.is_positive else "index")


def _is_size(item: Any) -> bool:
    return isinstance(item, int) or (isinstance(item, Expr) and item.is_positive is True)


def _split_ranges(listed: tuple[Any, ...]) -> tuple[tuple[Symbol, ...], dict[Symbol, Range]]:
    """The indices, and the range of each that comes as `(i, n)`."""
    symbols = tuple(checked_symbol(item[0] if isinstance(item, tuple) else item, "index") for item in listed)
    given = {item[0]: Range(checked_size(item[1]), "the definition") for item in listed if isinstance(item, tuple)}
    return symbols, given


def _check_indices(name: str, symbols: tuple[Symbol, ...], ranges: Mapping[Symbol, Range]) -> None:
    stray = [index for index in ranges if index not in symbols]
    if stray:
        raise ShapeError(f"{name}: index {stray[0]} is free in the body but not among its indices {symbols}")
    unknown = [index for index in symbols if index not in ranges]
    if unknown:
        raise ShapeError(f"{name}: no tensor in the body carries index {unknown[0]}; write ({unknown[0]}, n)")
    if len(set(symbols)) != len(symbols):
        raise NotationError(f"{name}: an index is listed twice in {symbols}")
