"""Relations that say where an input lives: q > 0, 0 < β < 1, Σ q = 1 for positive q, Σ u² = 1."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sympy import Expr

from symformer.notation import Const, Domain, Element, Func, Indicator, Mul, Pow, Sum, Tensor, Var, Written

OPEN = ("real", "nonnegative", "positive")  # kinds that a relation may narrow
TURNED = {">": "<", "<": ">", "≥": "≤", "≤": "≥", "=": "=", "≠": "≠"}


@dataclass
class _Told:
    """What relations say of one tensor, with the digests of those relations."""

    low: tuple[Expr, bool] | None = None  # an end, and whether it belongs to the range
    high: tuple[Expr, bool] | None = None
    total: str = ""
    length: str = ""
    ends: list[str] = field(default_factory=list)


def told_domains(relations: Iterable[Indicator]) -> tuple[dict[Tensor, Domain], set[str]]:
    """(domains of inputs, digests of the relations that they say all of)."""
    told: dict[Tensor, _Told] = {}
    for relation in relations:
        for left, right, sign in (
            (relation.kids[0], relation.kids[1], relation.relation),
            (relation.kids[1], relation.kids[0], TURNED[relation.relation]),
        ):
            if isinstance(right, Const) and right.value.is_Rational:
                _take(told, relation.digest, left, sign, right.value)
    domains: dict[Tensor, Domain] = {}
    done: set[str] = set()
    for tensor, found in told.items():
        domain, used = _domain(tensor, found)
        if domain is not None:
            domains[tensor] = domain
            done |= used
    return domains, done


def _take(told: dict[Tensor, _Told], digest: str, left: Written, sign: str, value: Expr) -> None:
    tensor = _plain_entry(left)
    if tensor is not None and sign in (">", "≥", "<", "≤"):
        found = told.setdefault(tensor, _Told())
        if sign in (">", "≥"):
            found.low = (value, sign == "≥")
        else:
            found.high = (value, sign == "≤")
        found.ends.append(digest)
    elif sign == "=" and value == 1 and (summed := _summed(left)) is not None:
        tensor, squared = summed
        found = told.setdefault(tensor, _Told())
        found.length, found.total = (digest, found.total) if squared else (found.length, digest)


def _plain_entry(node: Written) -> Tensor | None:
    """The input that stands at indices of its own."""
    if not isinstance(node, Element) or node.tensor.origin is not None:
        return None
    free = all(isinstance(kid, Var) for kid in node.kids) and len(set(node.symbols)) == len(node.kids)
    return node.tensor if free and node.tensor.domain.kind in OPEN else None


def _summed(node: Written) -> tuple[Tensor, bool] | None:
    """(tensor, whether squared) of a sum of its entries along the last axis."""
    if isinstance(node, Func) and node.name == "sqrt":
        inner = _summed(node.kids[0])
        return inner if inner is not None and inner[1] else None
    if not isinstance(node, Sum):
        return None
    body, squared = node.body, False
    if (isinstance(body, Pow) and isinstance(body.kids[1], Const) and body.kids[1].value == 2) or (
        isinstance(body, Mul) and len(body.kids) == 2 and body.kids[0] == body.kids[1]
    ):
        body, squared = body.kids[0], True
    tensor = _plain_entry(body)
    if tensor is None or not isinstance(body, Element) or not body.kids or body.symbols[-1] != node.index:
        return None
    return tensor, squared


def _domain(tensor: Tensor, told: _Told) -> tuple[Domain | None, set[str]]:
    """A domain that holds what satisfies the relations, and the relations that say no more than it does."""
    if told.length and not told.ends and not told.total:
        return Domain("sphere"), {told.length}
    low, high = told.low, told.high
    nonnegative = (low is not None and low[0] >= 0) or tensor.domain.kind in ("positive", "nonnegative")
    if told.total and nonnegative and tensor.shape:
        strict = low == (0, False) or (low is None and tensor.domain.kind == "positive")
        return (Domain("simplex"), {told.total, *told.ends}) if strict and high is None else (None, set())
    if low is None or (high is not None and high[0] <= low[0]):
        return None, set()
    if high is not None:
        if low == (0, False) and high == (1, False):
            return Domain("unit"), set(told.ends)
        exact = low[1] and high[1] and tensor.domain.kind == "real"
        return Domain("interval", bounds=(low[0], high[0])), set(told.ends) if exact else set()
    if low[0] == 0:
        kind = "positive" if not low[1] or tensor.domain.kind == "positive" else "nonnegative"
        return Domain(kind), set(told.ends)
    return (Domain("positive") if low[0] > 0 else None), set()
