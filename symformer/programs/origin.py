"""How tensors are computed: by a definition in index notation, or by a call of something already defined."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sympy import Symbol

from symformer.notation import Element, NotationError, Origin, ShapeError, Tensor, Written, replace_tensors, substitute
from symformer.programs.graph import elements, reachable
from symformer.programs.rebuild import Rebuilding
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
        places = {index: f"@{place}" for place, index in enumerate(self.indices)}
        return hashed("definition", len(places), [one.digest_under(places) for one in self.expressions()], self.guard)

    @property
    def definition(self) -> Definition:
        """Itself: a definition is its own opened form."""
        return self

    @property
    def inner(self) -> tuple[Tensor, ...]:
        """The tensors in its expressions, in written order."""
        return self.parents

    @cached_property
    def elements(self) -> tuple[Element, ...]:
        """The entries in its expressions, in written order."""
        return tuple(element for expression in self.expressions() for element in elements(expression))

    @cached_property
    def parents(self) -> tuple[Tensor, ...]:
        """The tensors in its expressions, in written order."""
        return tuple({element.tensor.digest: element.tensor for element in self.elements}.values())

    def at(self, indices: Sequence[Any]) -> Definition:
        """The same definition at other indices, which may be new ones that nothing else has."""
        values = dict(zip(self.indices, indices, strict=True))
        return replace(self.map(lambda body: substitute(body, values)), indices=tuple(indices))

    def rebuilt(self, rebuild: Rebuilding) -> Definition:
        """The same definition over other tensors and sizes."""
        return self.map(lambda body: substitute(replace_tensors(body, rebuild), rebuild.sizes))

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
        head: what is printed in place of the name.
        folded: whether the name and the arguments say all of it; a call of which they do not, such as a softmax under
            a mask, is printed as the textbook has it.
    """

    name: str
    arguments: tuple[Tensor, ...]
    textbook: Computed
    stable: Computed
    head: Box | None = None
    folded: bool = True

    @cached_property
    def captured(self) -> tuple[Tensor, ...]:
        """Inputs that the forms read beside the arguments, such as the ε of a layer norm."""
        known = {argument.digest for argument in self.arguments}
        forms = reachable(self.textbook, self.stable, held=known)
        read = [tensor for tensor in forms if tensor.origin is None]
        return tuple({tensor.digest: tensor for tensor in read if tensor.digest not in known}.values())

    @cached_property
    def digest(self) -> str:  # type: ignore[override]
        """A content hash."""
        return hashed("call", self.name, [tensor.digest for tensor in self.arguments], self.textbook.digest)

    @property
    def inner(self) -> tuple[Tensor, ...]:
        """What the last of its textbook's definitions reads."""
        return self.definition.parents

    @property
    def indices(self) -> tuple[Symbol, ...]:
        """The free indices of its entries."""
        return self.definition.indices

    @cached_property
    def parents(self) -> tuple[Tensor, ...]:
        """The arguments, each once, and what its forms read beside them."""
        return tuple(dict.fromkeys((*self.arguments, *self.captured)))

    @property
    def definition(self) -> Definition:
        """The textbook definition of the result."""
        return self.textbook.origin.definition

    def rebuilt(self, rebuild: Rebuilding) -> Call:
        """The same call over other tensors and sizes."""
        textbook = rebuild(self.textbook)
        stable = textbook if self.stable == self.textbook else rebuild(self.stable)
        assert isinstance(textbook, Computed) and isinstance(stable, Computed)
        return replace(self, arguments=tuple(map(rebuild, self.arguments)), textbook=textbook, stable=stable)

    def box(self) -> Box:
        """The call as it is printed, folded."""
        items: list[Box] = []
        for tensor in self.arguments:
            items += [Sign(","), tensor.box] if items else [tensor.box]
        return row(self.head or Named(self.name, upright=True), parens(Row(tuple(items))))


@dataclass(frozen=True, eq=False, repr=False)
class Computed(Tensor):
    """A tensor that is computed from others, by a definition or a call."""

    @property
    def indices(self) -> tuple[Symbol, ...]:
        """The free indices of its definition."""
        indices: tuple[Symbol, ...] = self.origin.indices
        return indices

    @property
    def entry(self) -> Element:
        """Its general entry, at its own indices."""
        return self[self.indices]

    @property
    def written(self) -> Written:
        """The right-hand side of its definition, as written; a call is opened."""
        return self.origin.definition.body

    def _latex(self, printer: Any = None) -> str:
        return latex(self.equation())

    def _sympystr(self, printer: Any = None) -> str:
        return text(self.equation())

    def equation(self) -> Box:
        """`entry = right-hand side`, as written; a repeat stays folded."""
        if self.origin.size is not None:
            return row(self.box, Sign("="), self.origin.box())
        names = [index.name for index in self.indices]
        return row(self.entry.layout().box, Sign("="), self.written.layout(names).box)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self._latex()}$"

    def __str__(self) -> str:
        return text(self.equation())


def call(
    name: str,
    arguments: tuple[Tensor, ...],
    textbook: Tensor,
    stable: Tensor,
    result: str | None,
    *,
    head: Box | None = None,
    folded: bool = True,
) -> Any:
    """A call of `name`; `result` names its value, otherwise it prints as the call itself, with `head` for the name.

    Args:
        folded: whether name and arguments say all that it depends on, so that it may be printed as they are.

    Raises:
        ShapeError: the two forms do not have the same shape.
    """
    assert isinstance(textbook, Computed) and isinstance(stable, Computed)
    if textbook.shape != stable.shape:
        raise ShapeError(f"{name}: the textbook form is {textbook.shape}, the stable form {stable.shape}")
    origin = Call(name, arguments, textbook, stable, head, folded)
    label = origin.box() if result is None else None
    return replace(textbook, name=name if result is None else result, origin=origin, label=label)


def textbook(tensor: Tensor) -> Any:
    """What a call computes, as a textbook defines it.

    Raises:
        NotationError: the tensor is no call.
    """
    return _call_of(tensor).textbook


def stable(tensor: Tensor) -> Any:
    """What a call computes, as it is compiled: the same number, kept accurate in floating point.

    Raises:
        NotationError: the tensor is no call.
    """
    return _call_of(tensor).stable


def _call_of(tensor: Tensor) -> Call:
    if not isinstance(tensor.origin, Call):
        raise NotationError(f"{tensor.name} is no call of an op, so it has one form alone")
    return tensor.origin


def hashed(*parts: Any) -> str:
    """A hash of the text of some parts, the same in every process."""
    return hashlib.blake2b(repr([str(part) for part in parts]).encode(), digest_size=16).hexdigest()
