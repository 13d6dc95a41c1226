"""√Σ_c x_ic² as papers print it, ‖x_i‖: where whole rows (vectors, matrices) are summed, and nothing else.

What is under the square must be linear in entries whose last axes are the summed ones, in their order and as long as
these axes are; their letters stand nowhere else. A norm over two axes or more is ‖X‖ with an F.
"""

from __future__ import annotations

from sympy import Expr

from symformer.notation.node import ATOM, Layout, walk
from symformer.notation.operators import BoundIndex, Sum
from symformer.notation.tensors import Element, Tensor
from symformer.notation.written import Add, Div, Func, Mul, Neg, Pow, Var, Written, lift
from symformer.typeset.boxes import Fence, Script
from symformer.typeset.names import name_box

Letters = tuple[tuple[BoundIndex, Expr], ...]  # with the sizes that they run to


def norm(node: Func) -> Layout | None:
    """How √Σ x² is printed where it is the norm of something whole; None where it is not, or is another function."""
    if node.name != "sqrt":
        return None
    body: Written = node.kids[0]
    letters: Letters = ()
    while isinstance(body, Sum):
        letters = (*letters, (body.index, body.size))
        body = body.body
    if not letters or not (isinstance(body, Pow) and body.kids[1] == lift(2)):
        return None
    whole = without(body.kids[0], letters)
    if whole is None or any(isinstance(part, Func) and norm(part) is not None for part in walk(whole)):
        return None  # bars inside bars would not say which belong together
    bars = Fence("‖", whole.arrange().box, "‖")
    return Layout(bars if len(letters) == 1 else Script(bars, name_box("F"), None), ATOM)


def without(node: Written, letters: Letters) -> Written | None:
    """The vector or matrix of which a node is an entry at these letters; None where it is not linear in entries."""
    bound = {letter for letter, _ in letters}
    if isinstance(node, Element):
        return _row(node, letters, bound)
    if isinstance(node, (Add, Neg)):
        kids = [without(kid, letters) for kid in node.kids]
        return None if None in kids else node.rebuild(tuple(kids))  # type: ignore[arg-type]
    if isinstance(node, (Mul, Div)):
        return _scaled(node, letters, bound)
    return None


def _scaled(node: Mul | Div, letters: Letters, bound: set[BoundIndex]) -> Written | None:
    """A multiple of a vector: one factor is it, and no other holds the letters."""
    places = [place for place, kid in enumerate(node.kids) if kid.free & bound]
    if len(places) != 1 or (isinstance(node, Div) and places != [0]):
        return None
    found = without(node.kids[places[0]], letters)
    kids = [found if place == places[0] else kid for place, kid in enumerate(node.kids)]
    return None if found is None else node.rebuild(tuple(kids))  # type: ignore[arg-type]


def _row(node: Element, letters: Letters, bound: set[BoundIndex]) -> Element | None:
    """The element without its last indices, which are the letters, over the whole of their axes."""
    count = len(letters)
    first, last = node.kids[:-count], node.kids[-count:]
    plain = tuple(kid.symbol if isinstance(kid, Var) else None for kid in last)
    if plain != tuple(letter for letter, _ in letters) or any(kid.free & bound for kid in first):
        return None
    tensor = node.tensor
    if tuple(tensor.shape[-count:]) != tuple(size for _, size in letters):
        return None
    return Element(first, (Tensor(tensor.name, tensor.shape[:-count], label=tensor.box),))
