"""Products that stand for two matrices: W_Q W_Kᵀ asks, W_V W_O answers; keys and values are then the stream itself.

Scores are (x_i W_Q + b_Q) (W_Kᵀ x_j + b_K): what b_K adds is the same for all keys of a row: softmax is as before.
What a head finds is Σ_j P_ij x_j W_V W_O, and the bias of values goes behind attention, for rows of P sum to 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

import numpy as np
from sympy import Symbol

from symformer.models import letters as at
from symformer.models.foldings.structure import NotFoldable, product
from symformer.models.foldings.tables import Table
from symformer.models.foldings.value_biases import MARKS, SINK, move_bias
from symformer.notation import Var, walk
from symformer.programs import Call, Computed, Definition, reachable

VALUE = "e"  # the letter of values where they have a size of their own


def fold_circuits(tables: list[Table], sizes: dict[Symbol, int]) -> list[tuple[str, str]]:
    """Joins the matrices of every attention; what was changed, and what was not and why. `sizes` follow."""
    width, found = sizes[at.d], []
    places = [(table, mark) for table in tables[1:] for mark in MARKS if f"W_V{mark}" in table.letters]
    for table, mark in places:
        found.append((f"{table.name}: W_V{mark} W_O{mark}", _told(_join_values, table, mark, sizes)))
    try:
        for table, mark in places:
            _check_scores(table, mark)
            _check_unread(tables, _size(table.letters[f"W_Q{mark}"][-1]))
    except NotFoldable as error:
        return [*found, *((f"{table.name}: W_Q{mark} W_K{mark}ᵀ", f"kept: {error}") for table, mark in places)]
    for table, mark in places:
        _join_scores(table, mark, sizes)
        found.append((f"{table.name}: W_Q{mark} W_K{mark}ᵀ", f"joined in W_Q{mark}; W_K{mark} is the identity"))
    for letter in {table.letters[f"W_Q{mark}"][-1] for table, mark in places}:
        sizes[_size(letter)] = width
    return found


def _told(join, table: Table, mark: str, sizes: dict[Symbol, int]) -> str:  # type: ignore[no-untyped-def]
    try:
        return str(join(table, mark, sizes))
    except NotFoldable as error:
        return f"kept: {error}"


def _size(letter: str) -> Symbol:
    size = at.AXES[letter]
    assert isinstance(size, Symbol)
    return size


def attentions(table: Table) -> Iterator[Computed]:
    """The calls of attention among the statements of a layer."""
    yield from (one for one in table.statements if isinstance(one.origin, Call) and one.origin.name == "attention")


def _asked_with(table: Table, weight: str) -> Computed:
    """The call of attention among whose arguments is the product with a weight.

    Raises:
        NotFoldable: the product meets attention turned, normalised, or not at all.
    """
    for call in attentions(table):
        for argument in call.origin.arguments:
            if isinstance(argument, Computed) and isinstance(argument.origin, Definition):
                reads = {one.tensor.name: one.tensor for one in argument.origin.elements}
                others = [one for name, one in reads.items() if name not in table.letters]
                if (
                    weight in reads
                    and len(others) == 1
                    and product(others[0], argument, table.letters).weight == weight
                ):
                    return call
    raise NotFoldable(f"what {weight} gives is turned by positions or normalised before it meets attention")


def _join_values(table: Table, mark: str, sizes: dict[Symbol, int]) -> str:
    value, out = f"W_V{mark}", f"W_O{mark}"
    _asked_with(table, value)
    if f"b_V{mark}" in table.letters:
        move_bias(table, mark)
        table.remove(f"b_V{mark}")
    own, whole = table.letters[value], table.letters[out]
    heads, groups, width = whole[:-2], own[1:-1], sizes[at.d]
    inside, outside = "".join(own).replace("a", "z"), "".join(whole)
    spelled = f"{inside},{outside}->{''.join(heads)}z{outside[-1]}"
    joined = [np.einsum(spelled, copy[value], copy[out]) for copy in table.copies]
    plain = [_identity(copy[value].shape[1:-1], width) for copy in table.copies]
    table.add(out, (*heads, VALUE, whole[-1]), "attention", joined)
    table.add(value, (own[0], *groups, VALUE), "attention", plain)
    sizes[at.d_v] = width
    return f"joined in {out}; {value} is the identity"


def _identity(groups: tuple[int, ...], width: int):  # type: ignore[no-untyped-def]
    """The stream itself for each group: (d, groups, d)."""
    return np.broadcast_to(np.eye(width).reshape(width, *(1 for _ in groups), width), (width, *groups, width)).copy()


def _check_scores(table: Table, mark: str) -> None:
    """Checks that queries and keys meet attention as products with weights, and that no sink stands beside scores."""
    asked, keyed = _asked_with(table, f"W_Q{mark}"), _asked_with(table, f"W_K{mark}")
    if asked is not keyed:
        raise NotFoldable("queries and keys meet in no one attention")
    if SINK in table.letters and f"b_K{mark}" in table.letters:
        raise NotFoldable("beside a sink, what a bias of keys adds is seen")


def _check_unread(tables: list[Table], size: Symbol) -> None:
    """Checks that no number but the scale of scores depends on a head's size, which joining changes."""
    for table in tables:
        for one in table.statements:
            if isinstance(one.origin, Definition) and reads_size(one.origin, size):
                raise NotFoldable(f"{one.name} depends on the size of heads")


def reads_size(definition: Definition, size: Symbol) -> bool:
    """Whether a size stands in a definition as a number."""
    return any(isinstance(node, Var) and node.symbol == size for node in walk(definition.body))


def _join_scores(table: Table, mark: str, sizes: dict[Symbol, int]) -> None:
    query, key = f"W_Q{mark}", f"W_K{mark}"
    asks, answers = table.letters[query], table.letters[key]
    inner, width = asks[-1], sizes[at.d]
    factor = sqrt(width / sizes[_size(inner)]) if _scaled_by(_asked_with(table, query), _size(inner)) else 1.0
    heads = "".join(asks[1:-1])
    right = "".join(answers).replace("a", "z")
    joined = [
        factor * np.einsum(f"{''.join(asks)},{right}->a{heads}z", copy[query], copy[key]) for copy in table.copies
    ]
    plain = [_identity(copy[key].shape[1:-1], width) for copy in table.copies]
    bias = f"b_Q{mark}"
    if bias in table.letters:
        spelled = f"{heads}{inner},{right}->{heads}z"
        moved = [factor * np.einsum(spelled, copy[bias], copy[key]) for copy in table.copies]
        table.add(bias, table.letters[bias], "attention", moved)
    if f"b_K{mark}" in table.letters:
        table.remove(f"b_K{mark}")
    table.add(query, asks, "attention", joined)
    table.add(key, answers, "attention", plain)


def _scaled_by(call: Computed, size: Symbol) -> bool:
    """Whether scores are divided by the root of a size."""
    held = {argument.digest for argument in call.origin.arguments}
    forms = [one for one in reachable(call.origin.textbook, held=held) if isinstance(one, Computed)]
    return any(reads_size(one.origin, size) for one in forms if isinstance(one.origin, Definition))
