"""The embedding: rows of a table by their numbers."""

from __future__ import annotations

from symformer.notation import NotationError, Tensor, indices, sizes, tensor
from symformer.ops.letters import ROWS, letters
from symformer.ops.signature import Backward, Parameter, Signature
from symformer.programs import DefinedTensor, Program, call, define, program

C = indices("c")


def embedding(ids: Tensor, weight: Tensor, *, name: str | None = None) -> DefinedTensor:
    """Rows of a table: y_ic = W_[ids_i, c].

    Args:
        ids: whole numbers 1..V (…), a tensor of `kind="integer"`.
        weight: the table W (V, d).
        name: the name of the result; without one it prints as `embedding(ids, W)`.

    Returns:
        A tensor (…, d).

    Raises:
        NotationError: ids of another kind.
        ShapeError: sizes that do not fit.

    Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.4.
    """
    if ids.domain.kind != "integer":
        raise NotationError(f"embedding: ids: expected a tensor of kind 'integer', got {ids.name} ({ids.domain.kind})")
    rows = letters(ids).free if ids.shape else ()
    y = define("y", (*rows, C), weight[ids[rows], C])
    return call("embedding", (ids, weight), y, y, name)


def _program() -> Program:
    r, (size, d) = ROWS, sizes("V d")
    ids, weight = tensor("ids", r, kind="integer", upper=size), tensor("weight", size, d)
    return program(embedding(ids, weight, name="y"), inputs=(ids, weight))


SIGNATURES = (
    Signature(
        "embedding",
        "Rows of a table by their numbers: weight[ids].",
        "array (..., d) of the dtype of weight",
        "Vaswani et al. 2017, arXiv:1706.03762, section 3.4",
        (
            Parameter("ids", "whole numbers 0..V-1 (...)", "integer"),
            Parameter("weight", "table (V, d)", "weight"),
        ),
        _program,
        backward=Backward(wrt=("weight",)),
        example={"ids": [2, 1], "weight": [[1, 0], [0, 1]]},
        shapes={"ids": "... n", "weight": "V d"},
    ),
)
