"""Letters that mean one thing: no index of a program has the letter of a tensor or a size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from sympy import Expr, Symbol

from symformer.notation import Binder, Tensor, Written, walk
from symformer.notation.operators import other_letter
from symformer.programs.graph import reachable, size_symbols
from symformer.programs.origin import Definition
from symformer.programs.program import Program
from symformer.programs.rebuild import Rebuild
from symformer.programs.repeated import Repeat


def unambiguous(source: Program) -> Program:
    """The same program; an index with the letter of a tensor or size, `c` beside a tensor `c` or `c_2`, has another.

    Example: of `c[i, c] = x[i, c] − μ[i]`, which a layer norm consists of, `c[i, l] = x[i, l] − μ[i]`.
    """
    tensors = tuple(_everything((*source.inputs, *source.outputs)))
    letters = dict(pair for tensor in tensors for pair in _indices(tensor))
    sizes = {symbol.name for tensor in tensors for symbol in size_symbols(tensor)}
    taken = sizes.union(*map(_spoken, tensors))
    used, new = {*taken, *letters}, dict[str, str]()
    for letter in sorted(letters.keys() & taken):
        new[letter] = other_letter(letter, letters[letter], used)
        used.add(new[letter])
    rebuild = _Lettered(new)
    return Program(source.inputs, tuple(map(rebuild, source.outputs))) if new else source  # type: ignore[arg-type]


def _everything(outputs: Iterable[Tensor]) -> Iterator[Tensor]:
    """The tensors that outputs depend on, those inside layers too."""
    for tensor in reachable(*outputs):
        yield tensor
        if isinstance(tensor.origin, Repeat):
            yield from tensor.origin.loop.formals
            yield from _everything(one.after for one in tensor.origin.loop.carried)


def _indices(tensor: Tensor) -> Iterator[tuple[str, Expr]]:
    """The letters of a definition, bound ones too, each with what it runs to."""
    if isinstance(tensor.origin, Definition):
        yield from ((index.name, size) for index, size in zip(tensor.origin.indices, tensor.shape, strict=True))
        parts = (part for body in tensor.origin.expressions() for part in walk(body))
        yield from ((part.index.name, part.size) for part in parts if isinstance(part, Binder))


def _spoken(tensor: Tensor) -> set[str]:
    """The name of a tensor, and the letter that it begins with: c of `c_2`, which reads as c with an index."""
    return {tensor.name, tensor.name.split("_")[0].rstrip("0123456789'")}


class _Lettered(Rebuild):
    """Tensors whose definitions are written under other letters.

    Args:
        new: the letter in place of a letter.
    """

    def __init__(self, new: Mapping[str, str]) -> None:
        super().__init__({})
        self.new = new

    def _rebuilt(self, tensor: Tensor) -> Tensor:
        if isinstance(tensor.origin, Repeat):
            return replace(tensor, origin=tensor.origin.rebuilt(self, self))
        if not isinstance(tensor.origin, Definition):
            return super()._rebuilt(tensor)
        rebuilt = tensor.origin.rebuilt(self)
        definition = rebuilt.at(tuple(map(self._letter, rebuilt.indices))).map(self._bound)
        return replace(tensor, origin=definition)

    def _letter(self, index: Symbol) -> Symbol:
        return Symbol(self.new.get(index.name, index.name), integer=True)

    def _bound(self, body: Written) -> Written:
        renamed: Written = body.lettered(frozenset(self.new), lambda letter, size, used: self.new[letter])
        return renamed
