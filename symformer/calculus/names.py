"""Names and letters for what derivatives define: one meaning each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sympy import Expr, Symbol

from symformer.notation import Tensor, Written, walk
from symformer.notation.operators import Binder, other_letter
from symformer.programs import Call, Computed, Definition, Repeat, letters_of, reachable


class Names:
    """Names for cotangents: d and the name of the tensor, with primes where that is taken."""

    def __init__(self, taken: Iterable[str]) -> None:
        self.taken = set(taken)

    def of(self, tensor: Tensor) -> str:
        """A new name."""
        return self.free(f"d{tensor.name}")

    def free(self, name: str) -> str:
        """The name, with primes where it is taken."""
        while name in self.taken:
            name += "'"
        self.taken.add(name)
        return name


class Alphabet:
    """The letters of a program, by the size that they run to, so that a letter keeps one range."""

    def __init__(self, statements: Iterable[Tensor]) -> None:
        self.known: dict[Expr, dict[str, None]] = {}
        for statement in statements:
            if isinstance(statement, Computed) and isinstance(statement.origin, Definition):
                self._note(zip(statement.indices, statement.shape, strict=True))
                for node in walk(statement.origin.body):
                    if isinstance(node, Binder):
                        self._note([(node.index, node.size)])

    def legible(self, node: Written, used: Iterable[Symbol]) -> Written:
        """The expression with letters for its bound indices that mean nothing else around it."""
        names = frozenset(symbol.name for symbol in (*node.free, *used))
        legible: Written = node.lettered(names, self._choose)
        return legible

    def _choose(self, letter: str, size: Expr, used: frozenset[str]) -> str:
        """A letter for a size: one that runs to it already, else one that means nothing yet."""
        own = [other for other in self.known.get(size, ()) if other not in used]
        return own[0] if own else other_letter(letter, size, used.union(*self.known.values()))

    def _note(self, pairs: Iterable[tuple[Symbol, Expr]]) -> None:
        for letter, size in pairs:
            self.known.setdefault(size, {})[letter.name] = None


def letters_for(tensor: Tensor, readers: Sequence[Computed]) -> tuple[Symbol, ...]:
    """Letters for the axes of a tensor: its own, or those under which it is read, inside calls and layers too."""
    if isinstance(tensor, Computed):
        return tensor.indices
    for reader in readers:
        if isinstance(reader.origin, Repeat):
            return _letters_in_loop(tensor, reader.origin)
    own = sorted(readers, key=lambda reader: isinstance(reader.origin, Call))
    inside = [found for reader in own for found in _inside(reader)]
    return letters_of(tensor, tuple(inside))


def _inside(reader: Computed) -> Iterable[Computed]:
    """A definition, or the definitions of a call's textbook form."""
    if not isinstance(reader.origin, Call):
        return (reader,)
    held = {argument.digest for argument in reader.origin.arguments}
    found = reachable(reader.origin.textbook, held=held)
    return [one for one in found if isinstance(one, Computed) and one.digest not in held]


def _letters_in_loop(tensor: Tensor, repeat: Repeat) -> tuple[Symbol, ...]:
    loop = repeat.loop
    pairs = [(one.formal, one.start) for one in loop.carried] + [(one.formal, one.actual) for one in loop.shared]
    for formal, actual in pairs:
        if actual == tensor:
            return letters_for(formal, loop.statements)
    (stacked,) = [one.formal for one in loop.each if one.actual == tensor][:1]
    return (loop.index, *letters_for(stacked, loop.statements))
