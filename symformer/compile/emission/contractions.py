"""Contractions: what broadcasts is multiplied first, two operands go to BLAS, three in the order that sums earliest."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Symbol

from symformer.compile.arrays import Axes
from symformer.compile.emission.code import ATOM, PRODUCT, UNARY, Code, aligned, einsum_letters


def contraction(parts: Sequence[Code], over: Axes, axes: Axes) -> Code:
    """The sum over some letters of a product."""
    while len(parts) > 2:
        parts = _paired(list(parts), over, axes)
    if len(parts) == 2 and len(over) == 1:
        product = _matmul(parts[0], parts[1], over[0], axes) or _with_vector(parts[0], parts[1], over, axes)
        if product is not None:
            return product
    return _einsum(parts, axes)


def _paired(parts: list[Code], over: Axes, axes: Axes) -> list[Code]:
    """The two parts that together have the fewest letters as one, summed over what no other part has."""
    pairs = [(a, b) for a in range(len(parts)) for b in range(a + 1, len(parts))]
    one, two = min(pairs, key=lambda pair: (len({*parts[pair[0]].axes, *parts[pair[1]].axes}), pair))
    rest = [part for place, part in enumerate(parts) if place not in (one, two)]
    needed = {letter for part in rest for letter in part.axes} | set(axes)
    letters = tuple(dict.fromkeys((*parts[one].axes, *parts[two].axes)))
    kept = tuple(letter for letter in letters if letter in needed)
    gone = tuple(letter for letter in letters if letter not in needed)
    if gone:
        return [contraction([parts[one], parts[two]], gone, kept), *rest]
    big, small = sorted((parts[one], parts[two]), key=lambda part: -len(part.axes))
    if not set(small.axes) <= set(big.axes):
        return [_einsum([big, small], kept), *rest]
    text = f"{big.at(PRODUCT)} * {aligned(small, big.axes).at(UNARY)}"
    return [Code(text, PRODUCT, big.axes, big.batched or small.batched), *rest]


def _einsum(parts: Sequence[Code], axes: Axes) -> Code:
    if len(parts) == 2 and all(_plain(part, parts, axes) for part in parts):
        return _blas(parts, axes)
    names = einsum_letters(tuple(dict.fromkeys(letter for part in parts for letter in part.axes)))
    inputs = ",".join("..." + names(part.axes) for part in parts)
    text = f'np.einsum("{inputs}->...{names(axes)}", {", ".join(part.text for part in parts)})'
    return Code(text, ATOM, axes, any(part.batched for part in parts))


def _plain(part: Code, parts: Sequence[Code], axes: Axes) -> bool:
    """Whether each letter of a part is also in the other or in the result."""
    other = next(other for other in parts if other is not part)
    return all(letter in other.axes or letter in axes for letter in part.axes) and len(part.axes) > 1


def _blas(parts: Sequence[Code], axes: Axes) -> Code:
    names = einsum_letters(tuple(dict.fromkeys(letter for part in parts for letter in part.axes)))
    spec = ",".join(names(part.axes) for part in parts) + "->" + names(axes)
    arguments = (f'"{spec}"', *(part.text for part in parts))
    text = f"contract({', '.join(arguments)})"
    return Code(text, ATOM, axes, any(part.batched for part in parts), ("contract", arguments))


def _matmul(left: Code, right: Code, over: Symbol, axes: Axes) -> Code | None:
    """A matrix product, where the letters allow it: both carry `over`, and what they share else leads in both."""
    rows = [letter for letter in left.axes if letter != over and letter not in right.axes]
    columns = [letter for letter in right.axes if letter != over and letter not in left.axes]
    shared = [letter for letter in left.axes if letter != over and letter in right.axes]
    if over not in left.axes or over not in right.axes or len(rows) > 1 or len(columns) > 1:
        return None
    if not axes and not left.batched and not right.batched:
        return Code(f"{left.at(PRODUCT)} @ {right.at(UNARY)}", PRODUCT, (), False)
    if tuple(axes) == (*shared, *columns, *rows) and rows and columns:
        return _matmul(right, left, over, axes)
    if tuple(axes) != (*shared, *rows, *columns) or not (rows or columns):
        return None
    return _product(left, right, (shared, rows, columns), over, axes)


def _with_vector(left: Code, right: Code, over: Axes, axes: Axes) -> Code | None:
    """The product with a vector, which BLAS takes along the last of any number of axes."""
    if right.axes != over or right.batched or set(left.axes) != {*axes, *over}:
        return None
    whole = aligned(left, (*axes, *over)).at(PRODUCT)
    return Code(f"{whole} @ {right.at(UNARY)}", PRODUCT, axes, left.batched)


def _product(left: Code, right: Code, letters: tuple[list[Symbol], ...], over: Symbol, axes: Axes) -> Code:
    shared, rows, columns = letters
    batched = left.batched or right.batched
    one = aligned(left, (*shared, *rows, over)).at(PRODUCT)
    two = aligned(right, (*shared, over, *columns)).at(UNARY)
    if rows and columns:
        whole = (aligned(left, (*shared, *rows, over)).text, aligned(right, (*shared, over, *columns)).text)
        return Code(f"{one} @ {two}", PRODUCT, axes, batched, ("np.matmul", whole))
    if rows and not right.batched and not shared:
        return Code(f"{one} @ {right.at(UNARY)}", PRODUCT, axes, batched)
    if rows:
        return Code(f"({one} @ {aligned(right, (*shared, over)).at(ATOM)}[..., None])[..., 0]", ATOM, axes, batched)
    if not right.batched and not shared:
        return Code(f"{one} @ {two}", PRODUCT, axes, batched)
    return Code(f"({aligned(left, (*shared, over)).at(ATOM)}[..., None, :] @ {two})[..., 0, :]", ATOM, axes, batched)
