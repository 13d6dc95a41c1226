"""Two different things that would print alike are said to their author, with both names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sympy import Symbol

from symformer.notation import Binder, Const, Delta, Element, NotationError, Var, Written, walk
from symformer.notation.node import exactly
from symformer.notation.operators import BoundIndex
from symformer.typeset import Box, latex, text
from symformer.typeset.names import name_box


def check_unlike(where: str, expressions: Iterable[Written], *, indices: bool = True) -> None:
    """Checks that no two tensors, sizes and indices in some expressions look the same on paper.

    Args:
        where: what they are part of, for the message.
        expressions: what stands side by side.
        indices: whether indices are looked at, too: between one formula and another, they are their own affair.

    Raises:
        NotationError: a size `d_k` beside an entry `d[k]`, `eps` beside `epsilon`, a size and an index of one name.
    """
    seen: dict[str, tuple[str, str]] = {}
    known: set[str] = set()
    for node in (part for expression in expressions for part in walk(expression.as_printed())):
        if node.digest in known:
            continue
        known.add(node.digest)
        for box, owner, name in _leaves(node) if indices or not _is_index(node) else ():
            for look in (latex(box), text(box)):
                other, called = seen.setdefault(look, (owner, name))
                if other != owner and called == name and isinstance(node, Element):
                    raise NotationError(f"{where}: two different tensors are called {node.tensor.name}")
                if other != owner:
                    raise NotationError(f"{where}: {called} and {name} both print as {text(box)}; rename one of them")


def _is_index(node: Written) -> bool:
    return isinstance(node, Binder) or (isinstance(node, Var) and not node.symbol.is_positive)


def _owner(symbol: Symbol) -> str:
    """What a letter stands for: an index is one, free or bound, since bound ones are told apart by their letters."""
    return exactly(Symbol(symbol.name, integer=True) if isinstance(symbol, BoundIndex) else symbol)


def _leaves(node: Written) -> Iterator[tuple[Box, str, str]]:
    """What a node is printed as by itself, what it is, and what its author calls that."""
    if isinstance(node, Var):
        symbol = node.symbol
        kind = "the size" if symbol.is_positive else "the index"
        yield node.layout().box, _owner(symbol), f"{kind} {symbol.name}"
    if isinstance(node, Binder):
        yield name_box(node.index.name), _owner(node.index), f"the index {node.index.name}"
    if isinstance(node, Element):
        indices = ", ".join(str(kid) for kid in node.kids)
        name = f"{node.tensor.name}[{indices}]" if indices else f"the number {node.tensor.name}"
        yield node.layout().box, node.tensor.digest, name
    if isinstance(node, Delta):
        yield node.layout().box, "delta", "Kronecker's delta"
    if isinstance(node, Const) and not node.value.is_Rational:
        yield node.layout().box, str(node.value), f"the constant {node.value}"
