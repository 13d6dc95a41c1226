"""The bias of values moved behind attention: Σ_j P_ij (V_j + b) W_O = Σ_j P_ij V_j W_O + b W_O, if Σ_j P_ij = 1."""

from __future__ import annotations

import numpy as np

from symformer.models.foldings.structure import NotFoldable
from symformer.models.foldings.tables import Table

SINK = "s_0"
MARKS = ("", "_x")


def fold_value_biases(tables: list[Table]) -> list[tuple[str, str]]:
    """Folds the biases of values; what was changed, and what was not and why."""
    found = []
    for table in tables[1:]:
        for mark in MARKS:
            if f"b_V{mark}" in table.letters:
                found.append((f"{table.name}: b_V{mark}", _told(table, mark)))
    return found


def _told(table: Table, mark: str) -> str:
    try:
        return _folded(table, mark)
    except NotFoldable as error:
        return f"kept: {error}"


def _folded(table: Table, mark: str) -> str:
    move_bias(table, mark)
    for copy in table.copies:
        copy[f"b_V{mark}"] = np.zeros_like(copy[f"b_V{mark}"])
    return f"folded into b_O{mark}"


def move_bias(table: Table, mark: str) -> None:
    """Adds what the bias of values comes to behind attention to the bias there.

    Raises:
        NotFoldable: rows of attention weights do not sum to 1.
    """
    if SINK in table.letters and not mark:
        raise NotFoldable("a sink takes some of each row, so that the other attention weights do not sum to 1")
    bias, weight, out = f"b_V{mark}", f"W_O{mark}", f"b_O{mark}"
    inside, whole = "".join(table.letters[bias]), "".join(table.letters[weight])
    moved = [np.einsum(f"{inside},{whole}->{whole[-1]}", copy[bias], copy[weight]) for copy in table.copies]
    old = [copy.get(out, 0.0) for copy in table.copies]
    table.add(out, (whole[-1],), "attention", [one + own for one, own in zip(old, moved, strict=True)])
