"""The plain SymPy forms of tensors: bases and symbols that carry the tensor that they stand for.

What SymPy makes of an entry (`subs`, `expand`, `simplify`) can thus be used in a formula again. A carrier equals what
SymPy alone would write, `IndexedBase("x", shape=(n,))`, and a carrier of the same tensor; never one of another tensor
of the same name, so that SymPy's caches keep the two apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sympy
from sympy import Basic, Indexed, IndexedBase, Symbol


class TensorBase(IndexedBase):
    """The base of a tensor's entries."""

    tensor: Any

    def __new__(cls, tensor: Any) -> TensorBase:
        """The base of this tensor, under its name and with its shape."""
        made = IndexedBase.__new__(cls, tensor.name, shape=tensor.shape)
        made.tensor = tensor
        return made

    @property
    def func(self) -> Callable[..., IndexedBase]:
        """Puts the base together again: SymPy calls it with the parts that `subs` has changed, such as a size."""
        return self._rebuilt

    def _rebuilt(self, label: Any, shape: Any = ()) -> IndexedBase:
        if tuple(shape) == self.tensor.shape:
            return self
        if self.tensor.origin is None:
            return TensorBase(replace(self.tensor, shape=tuple(shape)))
        return IndexedBase(label, shape=shape)  # a computed tensor has sizes inside, too: it is not this one any more

    def __eq__(self, other: object) -> bool:
        if isinstance(other, TensorBase):
            return self.tensor == other.tensor
        return isinstance(other, IndexedBase) and self.args == other.args

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = Basic.__hash__

    def __getitem__(self, indices: Any, **options: Any) -> TensorEntry:
        return TensorEntry(self, *(indices if isinstance(indices, tuple) else (indices,)))

    def __reduce_ex__(self, protocol: Any) -> Any:
        return TensorBase, (self.tensor,)


class TensorEntry(Indexed):
    """An entry of a tensor: SymPy's own, but that what SymPy alone would write for it is found by `subs`."""

    def __new__(cls, base: Any, *indices: Any) -> Any:
        """The entry; SymPy's own where the base carries no tensor any more."""
        return Indexed.__new__(cls if isinstance(base, TensorBase) else Indexed, base, *indices)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Indexed) and self.args == other.args

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = Basic.__hash__

    def _eval_subs(self, old: Any, new: Any) -> Any:
        return new if self == old else None


class TensorSymbol(Symbol):
    """The symbol of a tensor without axes: a number."""

    __slots__ = ("tensor",)
    tensor: Any

    def __new__(cls, tensor: Any) -> TensorSymbol:
        """The symbol of this tensor, under its name; positive where the tensor is."""
        positive = True if tensor.domain.kind == "positive" else None
        known = {"real": True} if positive is None else {"real": True, "positive": True}
        made: TensorSymbol = Symbol.__xnew__(cls, tensor.name, **known)  # as Dummy does: not kept by name
        made.tensor = tensor
        return made

    def __eq__(self, other: Any) -> bool:
        if isinstance(other, TensorSymbol):
            return self.tensor == other.tensor
        plain = type(other) is Symbol
        return plain and bool(self._hashable_content() == other._hashable_content())

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = Basic.__hash__

    def _eval_subs(self, old: Any, new: Any) -> Any:
        return new if self == old else None

    def __reduce_ex__(self, protocol: Any) -> Any:
        return TensorSymbol, (self.tensor,)


for carrier, own in ((TensorBase, IndexedBase), (TensorEntry, Indexed), (TensorSymbol, Symbol)):
    carrier.__name__ = own.__name__  # SymPy hashes and sorts by it, so what is equal has one hash and one place


class maximum(sympy.Function):  # noqa: N801 - as it prints
    """The largest value of a `Lambda` over 1..size: the plain form of a maximum over an index."""

    nargs = 2


class largest_at(sympy.Function):  # noqa: N801 - as it prints
    """The index at which a `Lambda` over 1..size is largest, the lowest of several."""

    nargs = 2


class E(sympy.Function):
    """The expectation: a plain form that SymPy works nothing out of."""

    nargs = 1
