"""Tensors that nobody named, as array notation makes them: another name where their own is that of something else."""

from __future__ import annotations

from itertools import chain
from typing import Any

from symformer.notation import Tensor, Written, replace_tensors
from symformer.programs.graph import elements, input_tensors

LETTERS = "zyuwt"


def named_apart(name: str, body: Written) -> Written:
    """The body of a definition of this name, in which no two tensors and not the definition itself share a name."""
    read = list({element.tensor.digest: element.tensor for element in elements(body)}.values())
    unnamed = [tensor for tensor in read if getattr(tensor, "unnamed", False)]
    taken = {name, *(found.name for tensor in unnamed for found in input_tensors(tensor))} if unnamed else set()
    taken |= {tensor.name for tensor in read if tensor not in unnamed}
    others: dict[str, Tensor] = {}
    for tensor in unnamed:
        if tensor.name in taken:
            others[tensor.digest] = _under(tensor, taken)
        taken.add(others.get(tensor.digest, tensor).name)
    return replace_tensors(body, lambda tensor: others.get(tensor.digest, tensor)) if others else body


def _under(tensor: Any, taken: set[str]) -> Tensor:
    tries = chain(LETTERS, (f"{tensor.name}_{number}" for number in range(1, len(taken) + 2)))
    found: Tensor = tensor.under(next(one for one in tries if one not in taken))
    return found
