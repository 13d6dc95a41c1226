"""What tensors do on a page: queries, keys, values, weights, gradients. Their places in definitions say so, no letter.

Weights are what is divided by its own sum over an axis (a softmax), and what is summed against them over that axis are
values. In the scores, whose exponentials the weights are, queries stand at the row and keys at the axis of the sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sympy import Symbol

from symformer.notation import Element, Sum, Tensor, Written, lift, walk
from symformer.notation.written import Div, Func, Mul
from symformer.programs import Call, Computed, Definition, definition_at
from symformer.typeset.names import is_cotangent

WEIGHTS, QUERIES, KEYS, VALUES, GRADIENT = "p", "q", "k", "v", "g"
DEPTH = 3  # definitions between weights and the scalar product of their scores


def roles_of(tensors: Iterable[Tensor]) -> dict[str, str]:
    """The role of each tensor that has one, by digest."""
    known = {tensor.digest: tensor for tensor in tensors}
    found = {tensor.digest: GRADIENT for tensor in known.values() if is_cotangent(tensor.name)}
    opened = {digest: form for digest, tensor in known.items() if (form := _opened(tensor)) is not None}
    weights = {digest: axis for digest, form in opened.items() for axis in _shared(form)}
    for digest, axis in weights.items():
        found.setdefault(digest, WEIGHTS)
        _from_scores(opened[digest], axis, found)
    for form in opened.values():
        for mixed in _mixed(form.origin.body, weights):
            found.setdefault(mixed.digest, VALUES)
    for tensor in known.values():
        _called(tensor, found)
    return {digest: role for digest, role in found.items() if digest in known}


def _opened(tensor: Tensor) -> Computed | None:
    """The tensor by its definition; a call in its textbook form."""
    form = tensor.origin.textbook if isinstance(tensor.origin, Call) else tensor
    return form if isinstance(form, Computed) and isinstance(form.origin, Definition) else None


def _called(tensor: Tensor, found: dict[str, str]) -> None:
    """What a call of attention is given."""
    origin = tensor.origin
    if isinstance(origin, Call) and origin.name == "attention":
        for role, argument in zip((QUERIES, KEYS, VALUES), origin.arguments, strict=False):
            found.setdefault(argument.digest, role)


def _shared(tensor: Computed) -> Iterator[int]:
    """The axis over which a definition divides something by its own sum."""
    body = tensor.origin.body
    if not isinstance(body, Div):
        return
    over, under = body.kids
    if isinstance(under, Element) and isinstance(under.tensor.origin, Definition):
        under = definition_at(under)
    if isinstance(under, Sum):
        for axis, index in enumerate(tensor.indices):
            own, inside = under.open()
            same = tensor.shape[axis] == under.size and index in over.free
            if same and inside.at({own: lift(index)}) == over:
                yield axis


def _from_scores(weights: Computed, axis: int, found: dict[str, str]) -> None:
    """Queries and keys of the scores whose exponentials the weights are."""
    index = weights.indices[axis]
    rows = [other for other in weights.indices if other != index]
    for part in walk(weights.origin.body.kids[0]):
        if isinstance(part, Func) and index in part.free:
            for product in _products(part.kids[0]):
                _matched(product, index, rows, found)


def _products(score: Written, depth: int = DEPTH) -> Iterator[Sum]:
    """The sums that a score is made of, behind a few definitions: a score may be scaled, masked, capped."""
    for part in walk(score):
        if isinstance(part, Sum):
            yield part
        elif isinstance(part, Element) and depth and isinstance(part.tensor.origin, Definition):
            yield from _products(definition_at(part), depth - 1)


def _matched(product: Sum, index: Symbol, rows: list[Symbol], found: dict[str, str]) -> None:
    """The two factors of a scalar product of a row's tensor and a tensor of the summed axis."""
    factors = [one for one in _factors(product.body) if isinstance(one, Element) and product.index in one.free]
    keys = [one for one in factors if index in one.free and not (rows and rows[-1] in one.free)]
    queries = [one for one in factors if index not in one.free and rows and rows[-1] in one.free]
    if len(factors) == 2 and keys and queries:
        found.setdefault(queries[0].tensor.digest, QUERIES)
        found.setdefault(keys[0].tensor.digest, KEYS)


def _mixed(body: Written, weights: dict[str, int]) -> Iterator[Tensor]:
    """What is summed against weights over the axis that they share out."""
    for part in walk(body):
        if not isinstance(part, Sum):
            continue
        factors = [one for one in _factors(part.body) if isinstance(one, Element)]
        for one in factors:
            axis = weights.get(one.tensor.digest)
            if axis is not None and part.index in one.kids[axis].free:
                yield from (other.tensor for other in factors if other is not one and part.index in other.free)


def _factors(node: Written) -> tuple[Written, ...]:
    return tuple(inner for kid in node.kids for inner in _factors(kid)) if isinstance(node, Mul) else (node,)
