"""Shapes as a user writes them: `n d`, `n 4*k`, `int[V] n`, `bool n m`, `nonnegative d`, `()`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sympy import Expr

from symformer.arrays.axes import Shape, parsed_axis, total
from symformer.notation import NotationError, Tensor, sizes
from symformer.notation.tensors import KINDS, Domain

WORDS = {"bool": "mask", **{kind: kind for kind in KINDS if kind not in ("interval", "integer")}}
POSITIONS = re.compile(r"(?:int|integer)(?:\[([^\]]*)\])?")


def input_of(name: str, spec: Any) -> tuple[Tensor, Shape]:
    """The tensor of an argument, and its axes in factors.

    Args:
        name: of the argument.
        spec: words and sizes with spaces between, or a tuple of sizes; `()` is a number.

    Raises:
        NotationError: it is no shape; says what one looks like.
    """
    words = spec.split() if isinstance(spec, str) else list(spec) if isinstance(spec, (tuple, list)) else [spec]
    try:
        domain, rest = _domain([str(word) for word in words if word != "()"])
        shape = tuple(parsed_axis(word, sizes) for word in rest)
        return _tensor(name, shape, domain), shape
    except ValueError as error:
        said = str(error)
        reason = f": {said}" if said and said not in str(spec) else ""
        raise NotationError(
            f"{name}: the shape {spec!r} is none{reason}; write sizes with spaces between, such as n d or n 4*k, after "
            f"int[V], bool or {', '.join(sorted(set(WORDS) - {'bool', 'mask'}))} where that is known; () for a number"
        ) from None


def _domain(words: list[str]) -> tuple[Domain, list[str]]:
    """Where entries live, and the words of the sizes."""
    if not words:
        return Domain(), words
    first = words[0]
    found = POSITIONS.fullmatch(first)
    if found is not None:
        if found[1] is None:
            return Domain("integer"), words[1:]
        return Domain("integer", upper=total(parsed_axis(found[1], sizes))), words[1:]
    if first in WORDS:
        return Domain(WORDS[first]), words[1:]
    return Domain(), words


def _tensor(name: str, shape: Shape, domain: Domain) -> Tensor:
    """A tensor whose axes are the factors; `joined` says which of them are one axis of the user's array."""
    flat: list[Expr] = []
    groups: list[int] = []
    for axis in shape:
        factors = list(axis) or [parsed_axis_one()]
        flat += factors
        groups.append(len(factors))
    joined = tuple(groups) if any(count > 1 for count in groups) else ()
    return Tensor(name, tuple(flat), domain, joined=joined)


def parsed_axis_one() -> Expr:
    """The size of an axis that has one entry."""
    return total(())


def parsed_shapes(text: str) -> Mapping[str, str]:
    """`q: n d, k: m d` as a shape for each argument.

    Raises:
        NotationError: a part has no colon, or a name stands twice.
    """
    found: dict[str, str] = {}
    for part in text.split(","):
        name, colon, spec = part.partition(":")
        if not colon or not name.strip().isidentifier() or name.strip() in found:
            raise NotationError(f'--shapes: expected "q: n d, k: m d", got {part.strip()!r} in it')
        found[name.strip()] = spec.strip()
    return found
