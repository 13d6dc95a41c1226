"""The scale and shift of a norm moved into the matrices that read it: (x̂ ⊙ γ + β) W + b = x̂ (γ ⊙ W) + (β W + b)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from symformer.compile import lambdify
from symformer.models.foldings.structure import NotFoldable, Product, norms_of, products, statements_reading
from symformer.models.foldings.tables import Arrays, Table
from symformer.notation import Tensor
from symformer.programs import Computed, program


def fold_norms(tables: list[Table]) -> list[tuple[str, str]]:
    """Folds every norm that only matrices read; what was changed, and what was not and why, norm by norm."""
    found = []
    for table in tables:
        for norm in norms_of(table.statements):
            try:
                weights = _folded(table, norm)
                found.append((f"{table.name}: {norm.name}", "folded into " + ", ".join(weights)))
            except NotFoldable as error:
                found.append((f"{table.name}: {norm.name}", f"kept: {error}"))
    return found


def _folded(table: Table, norm: Computed) -> list[str]:
    _, scale, shift = (*norm.origin.arguments, None, None)[:3]
    reads = products(norm, table.statements, table.letters)
    _check(table, norm, scale, reads)
    gamma = _leaf(scale)
    if gamma not in table.letters:
        raise NotFoldable(f"it has no scale of its own in {table.name}")
    scales = [_scale(scale, copy) for copy in table.copies]
    weights = {read.weight: read for read in reads}
    if shift is not None:
        for read in reads:
            _shift(table, read, shift.name)
        for copy in table.copies:
            copy[shift.name] = np.zeros_like(copy[shift.name])
    for read in weights.values():
        for copy, own in zip(table.copies, scales, strict=True):
            copy[read.weight] = copy[read.weight] * along(own, read.axis, copy[read.weight].ndim)
    for copy in table.copies:
        copy[gamma] = np.full_like(copy[gamma], _neutral(scale, copy[gamma]))
    return list(weights)


def _check(table: Table, norm: Computed, scale: Tensor | None, reads: Sequence[Product]) -> None:
    """Checks that a norm has a scale, that something reads it, and that nothing else reads its weights."""
    if scale is None:
        raise NotFoldable("it has no scale")
    if not reads:
        raise NotFoldable("no product with a weight reads it")
    allowed = {read.statement.digest for read in reads}
    for read in reads:
        (weight,) = {one.tensor for one in read.statement.origin.elements if one.tensor.name == read.weight}
        other = next((one for one in statements_reading(weight, table.statements) if one.digest not in allowed), None)
        if other is not None:
            raise NotFoldable(f"{read.weight} is tied: {other.name} reads it too")


def _leaf(scale: Tensor | None) -> str:
    """The symbol of γ, from which a scale is computed."""
    assert scale is not None
    found = scale
    while isinstance(found, Computed):
        (found,) = found.origin.parents
    return found.name


def _scale(scale: Tensor | None, copy: Arrays) -> Any:
    """What x̂ is multiplied by: γ, or 1 + γ."""
    assert scale is not None
    gamma = copy[_leaf(scale)]
    return gamma.copy() if not isinstance(scale, Computed) else lambdify(program(scale))(gamma)


def _neutral(scale: Tensor | None, gamma: Any) -> float:
    """The γ at which a norm's scale is 1."""
    if not isinstance(scale, Computed):
        return 1.0
    return float(1 - lambdify(program(scale))(np.zeros_like(gamma)).flat[0])


def _shift(table: Table, read: Product, beta: str) -> None:
    """Adds β W to what is added to a product, where nothing was to 0."""
    letters = table.letters[read.weight]
    kept = tuple(letter for place, letter in enumerate(letters) if place != read.axis)
    if read.weight in table.spread:
        raise NotFoldable("a shift cannot be moved into experts")
    bias = read.bias or bias_of(read.weight)
    moved = [np.tensordot(copy[beta], copy[read.weight], ([0], [read.axis])) for copy in table.copies]
    old = [copy.get(bias, 0.0) for copy in table.copies]
    table.add(bias, kept, table.parts[read.weight], [one + own for one, own in zip(old, moved, strict=True)])


def bias_of(weight: str) -> str:
    """The symbol of what may be added to a product with a weight."""
    return "b_U" if weight in ("U", "E") else f"b{weight[1:]}"


def along(vector: Any, axis: int, rank: int) -> Any:
    """A vector that is spread along all axes but one."""
    return vector.reshape([-1 if place == axis else 1 for place in range(rank)])
