"""How tensors are computed: by a definition in index notation, or by a call of something already defined."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sympy
from sympy import Expr, Symbol

from symformer.evaluate import explicit
from symformer.notation import (
    Domain,
    Element,
    NotationError,
    Origin,
    Range,
    ShapeError,
    Tensor,
    Written,
    lift,
    merge_ranges,
    substitute,
)
from symformer.typeset import Box, Named, Row, Sign, latex, text
from symformer.typeset.boxes import parens, row


@dataclass(frozen=True)
class Guard:
    """An option of a function on which a definition depends.

    Attributes:
        option: the function's argument.
        code: the condition in Python, over the function's arguments.
        words: the condition in words, e.g. `if a bias is given`.
    """

    option: str
    code: str
    words: str


@dataclass(frozen=True, eq=False)
class Definition(Origin):
    """`T[indices] := body`; under a guard, `otherwise` where the guard does not hold."""

    indices: tuple[Symbol, ...]
    body: Written
    guard: Guard | None = None
    otherwise: Written | None = None

    @cached_property
    def digest(self) -> str:  # type: ignore[override]
        """A content hash."""
        rest = self.otherwise.digest if self.otherwise is not None else ""
        return _hash("definition", self.indices, self.body.digest, self.guard, rest)

    @property
    def definition(self) -> Definition:
        """Itself: a definition is its own opened form."""
        return self

    def map(self, rule: Callable[[Written], Written]) -> Definition:
        """The same definition with its expressions changed."""
        otherwise = rule(self.otherwise) if self.otherwise is not None else None
        return replace(self, body=rule(self.body), otherwise=otherwise)

    def expressions(self) -> tuple[Written, ...]:
        """The body, and what stands where the guard does not hold."""
        return (self.body,) if self.otherwise is None else (self.body, self.otherwise)


@dataclass(frozen=True, eq=False)
class Call(Origin):
    """A call of an op or program: folded it prints as `name(arguments)`, opened it is the textbook definition.

    Attributes:
        name: what is called.
        arguments: the tensors it is called with.
        textbook: the result as a textbook defines it, over the same arguments.
        stable: the same result, defined so that floating point stays accurate.
    """

    name: str
    arguments: tuple[Tensor, ...]
    textbook: DefinedTensor
    stable: DefinedTensor

    @cached_property
    def captured(self) -> tuple[Tensor, ...]:
        """Inputs that the forms read beside the arguments, such as the ε of a layer norm."""
        known = {tensor.digest for argument in self.arguments for tensor in reachable(argument)}
        read = [tensor for form in (self.textbook, self.stable) for tensor in reachable(form) if tensor.origin is None]
        return tuple({tensor.digest: tensor for tensor in read if tensor.digest not in known}.values())

    @cached_property
    def digest(self) -> str:  # type: ignore[override]
        """A content hash."""
        return _hash("call", self.name, [tensor.digest for tensor in self.arguments], self.textbook.digest)

    @property
    def definition(self) -> Definition:
        """The textbook definition of the result."""
        return self.textbook.origin.definition

    def box(self) -> Box:
        """The call as it is printed, folded."""
        items: list[Box] = []
        for tensor in self.arguments:
            items += [Sign(","), tensor.box] if items else [tensor.box]
        return row(Named(self.name, upright=True), parens(Row(tuple(items))))


def _hash(*parts: Any) -> str:
    return hashlib.blake2b(repr([str(part) for part in parts]).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, eq=False, repr=False)
class DefinedTensor(Tensor):
    """A tensor that is computed from others; made by `define`, by an op, or by calling a program."""

    @property
    def indices(self) -> tuple[Symbol, ...]:
        """The free indices of its definition."""
        return self.origin.definition.indices

    @property
    def entry(self) -> Element:
        """Its general entry, at its own indices."""
        return self[self.indices]

    @property
    def written(self) -> Written:
        """The right-hand side of its definition, as written; a call is opened."""
        return self.origin.definition.body

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
        numbers = {letters[name]: value for name, value in given.items() if name in letters}
        inputs = {tensor.name for tensor in input_tensors(self)}
        _check_sizes(self.name, letters, given, inputs)
        return explicit(self, numbers, {name: value for name, value in given.items() if name in inputs - set(letters)})

    def _latex(self, printer: Any = None) -> str:
        return latex(self.equation())

    def _sympystr(self, printer: Any = None) -> str:
        return text(self.equation())

    def equation(self) -> Box:
        """`entry = right-hand side`, as written."""
        return row(self.entry.layout().box, Sign("="), self.written.layout().box)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self._latex()}$"

    def __str__(self) -> str:
        return text(self.equation())


def _check_sizes(name: str, letters: Mapping[str, Symbol], given: Mapping[str, Any], inputs: set[str]) -> None:
    unknown = [key for key in given if key not in letters and key not in inputs]
    if unknown:
        raise ShapeError(f"{name}: no size or input is called {unknown[0]}; sizes are {', '.join(sorted(letters))}")
    for letter in letters:
        number = given.get(letter)
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise ShapeError(f"{name}: size {letter} must be a positive integer, got {number!r}")


def define(name: str, indices: Any, body: Any, *, guard: Guard | None = None, otherwise: Any = None) -> DefinedTensor:
    """`name[indices] := body`, as a tensor that can be used in further definitions.

    Args:
        name: a Python-like name.
        indices: an index, a tuple of them, or () for a number; `(i, n)` in place of `i` gives a range that no tensor
            in the body carries.
        body: an expression; its free indices must be among `indices`.
        guard: the option of a function that the definition depends on, with `otherwise` where it does not hold.

    Raises:
        ShapeError: an index is free in the body but not listed, or its range is not known.
    """
    listed = tuple(indices) if isinstance(indices, (tuple, list)) else (indices,)
    if len(listed) == 2 and _is_size(listed[1]):
        listed = (listed,)
    written = lift(body)
    rest = lift(otherwise) if otherwise is not None else None
    symbols, given = _split_ranges(listed)
    ranges = merge_ranges(given, written.ranges, rest.ranges if rest is not None else {})
    _check_indices(name, symbols, ranges)
    shape = tuple(ranges[index].size for index in symbols)
    return DefinedTensor(name, shape, Domain(), Definition(symbols, written, guard, rest))


def _is_size(item: Any) -> bool:
    return isinstance(item, int) or (isinstance(item, Expr) and item.is_positive is True)


def _split_ranges(listed: tuple[Any, ...]) -> tuple[tuple[Symbol, ...], dict[Symbol, Range]]:
    symbols = tuple(item[0] if isinstance(item, tuple) else item for item in listed)
    given = {item[0]: Range(sympy.sympify(item[1]), "the definition") for item in listed if isinstance(item, tuple)}
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


def call(
    name: str, arguments: tuple[Tensor, ...], textbook: Tensor, stable: Tensor, result: str | None
) -> DefinedTensor:
    """A call of `name`; `result` names its value, otherwise it prints as the call itself.

    Raises:
        ShapeError: the two forms do not have the same shape.
    """
    assert isinstance(textbook, DefinedTensor) and isinstance(stable, DefinedTensor)
    if textbook.shape != stable.shape:
        raise ShapeError(f"{name}: the textbook form is {textbook.shape}, the stable form {stable.shape}")
    origin = Call(name, arguments, textbook, stable)
    label = None if result else origin.box()
    return DefinedTensor(result or name, textbook.shape, textbook.domain, origin, label)


def textbook(tensor: Tensor) -> DefinedTensor:
    """What a call computes, as a textbook defines it.

    Raises:
        NotationError: the tensor is no call.
    """
    return _call_of(tensor).textbook


def stable(tensor: Tensor) -> DefinedTensor:
    """What a call computes, as it is compiled: the same number, kept accurate in floating point.

    Raises:
        NotationError: the tensor is no call.
    """
    return _call_of(tensor).stable


def _call_of(tensor: Tensor) -> Call:
    if not isinstance(tensor.origin, Call):
        raise NotationError(f"{tensor.name} is no call of an op, so it has one form alone")
    return tensor.origin


def unfolded(node: Written) -> Written:
    """The expression with every defined tensor replaced by its textbook definition, down to the inputs."""
    kids = tuple(unfolded(kid) for kid in node.kids)
    if not isinstance(node, Element):
        return node.rebuild(kids) if kids else node
    if node.tensor.origin is None:
        return Element(kids, node.head)
    definition = node.tensor.origin.definition
    return substitute(unfolded(definition.body), dict(zip(definition.indices, kids, strict=True)))


def input_tensors(tensor: Tensor) -> tuple[Tensor, ...]:
    """The input tensors that a tensor depends on, in the order in which they are first used."""
    return tuple(found for found in reachable(tensor) if found.origin is None)


def size_symbols(tensor: Tensor) -> set[Symbol]:
    """All size symbols that a tensor depends on."""
    return set().union(*(size.free_symbols for found in reachable(tensor) for size in found.shape))


def reachable(*outputs: Tensor) -> tuple[Tensor, ...]:
    """The tensors that the outputs depend on, and the outputs: each after what it is computed from."""
    order: dict[str, Tensor] = {}

    def visit(tensor: Tensor) -> None:
        if tensor.digest in order:
            return
        for parent in parents(tensor):
            visit(parent)
        order[tensor.digest] = tensor

    for output in outputs:
        visit(output)
    return tuple(order.values())


def parents(tensor: Tensor) -> tuple[Tensor, ...]:
    """What a tensor is computed from directly, in written order."""
    if tensor.origin is None:
        return ()
    if isinstance(tensor.origin, Call):
        return (*tensor.origin.arguments, *tensor.origin.captured)
    found: dict[str, Tensor] = {}
    for expression in tensor.origin.expressions():
        for element in elements(expression):
            found.setdefault(element.tensor.digest, element.tensor)
    return tuple(found.values())


def elements(node: Written) -> list[Element]:
    """All entries in an expression, in written order."""
    own = [node] if isinstance(node, Element) else []
    return own + [found for kid in node.kids for found in elements(kid)]
