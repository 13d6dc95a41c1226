"""A program under other names: of tensors, and of sizes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sympy import Symbol

from symformer.notation import Tensor
from symformer.programs.rebuild import Rebuild


class Renamed(Rebuild):
    """Tensors under other names; what stands inside a layer keeps its own.

    Args:
        names: the new name of a tensor or size, by its old one.
        sizes: the size symbols of the program.
    """

    def __init__(self, names: Mapping[str, str], sizes: tuple[Symbol, ...]) -> None:
        moved = {size: Symbol(names[size.name], **size.assumptions0) for size in sizes if size.name in names}
        super().__init__({}, moved, lambda name: names.get(name, name))

    def _rebuilt(self, tensor: Tensor) -> Tensor:
        found = super()._rebuilt(tensor)
        return found if tensor.label is not None else replace(found, name=self.name(tensor.name))
