"""Products that end well: 0 wins over ∞ where a factor vanishes faster than others grow, and 1 − p keeps its digits.

exp, σ and Φ go to 0 faster than any power of their argument grows, and y log p goes to 0 with y: where such a factor is
0 in floating point, the product is 0 though another factor has overflowed. 1 − σ(z) is σ(−z), and 1 − tanh² z is
4 σ(2z) σ(−2z): near saturation the difference has no digits left, the other form has all.
"""

from __future__ import annotations

from symformer.compile.arrays import Array, Map, Number
from symformer.compile.lowering.context import Lowering, is_bits
from symformer.notation import (
    Add,
    Binder,
    Condition,
    Const,
    Delta,
    Element,
    Func,
    Indicator,
    Max,
    Mul,
    Neg,
    Pow,
    Var,
    Written,
    lift,
    substitute,
    walk,
)
from symformer.programs import is_defined

Factors = list[tuple[Written, bool]]
VANISHING = ("exp", "sigmoid", "Phi")
DEPTH = 3  # how many definitions a factor is opened through to see what it depends on


def opened(self: Lowering, node: Written) -> Written:
    """What an entry is defined as: of a guarded definition the branch that is lowered; the node itself for an input."""
    for _ in range(DEPTH):
        if not (isinstance(node, Element) and is_defined(node.tensor)):
            break
        definition = node.tensor.origin.definition
        if definition.guard is not None and definition.guard != self.scope.guard:
            break
        body = definition.body if definition.guard is None or self.scope.holds else definition.otherwise
        if body is None or not _is_there(self, body):
            break
        node = substitute(body, dict(zip(definition.indices, node.kids, strict=True)))
    return node


def _is_there(self: Lowering, body: Written) -> bool:
    """Whether all that a definition reads is still there, and is no sum that would be taken twice."""
    for part in walk(body):
        if isinstance(part, Binder):
            return False
        if isinstance(part, Element) and self.scope.variables.get(part.tensor.digest, "") in {"", *self.scope.changing}:
            return False
    return True


def complement(self: Lowering, node: Add) -> Array | None:
    """1 − σ(z) as σ(−z), and 1 − tanh² z by a function of its own; None for any other sum."""
    gate = _less_than_one(self, node)
    if gate is None:
        return None
    kind, argument = gate
    if kind == "sigmoid":
        return self.lower(Func((Neg((argument,), ()),), ("sigmoid",)))
    return self.map("tanh_slope", self.real(self.lower(argument)))


def _less_than_one(self: Lowering, node: Written) -> tuple[str, Written] | None:
    """The function and z, if a sum is 1 − σ(z) or 1 − tanh² z."""
    if not (
        isinstance(node, Add) and len(node.kids) == 2 and node.kids[0] == lift(1) and isinstance(node.kids[1], Neg)
    ):
        return None
    taken = node.kids[1].kids[0]
    squared = isinstance(taken, Pow) and taken.kids[1] == lift(2)
    inner = opened(self, taken.kids[0] if squared else taken)
    if not isinstance(inner, Func) or any(isinstance(part, Binder) for part in walk(inner)):
        return None
    return (inner.name, inner.kids[0]) if inner.name == ("tanh" if squared else "sigmoid") else None


def split(self: Lowering, found: Factors) -> tuple[Factors, Factors, Factors] | None:
    """The factors of a product that may grow, those that vanish, and those that do both; None where 0 and ∞ never meet.

    A factor 1 + exp(z) below is σ(−z) above; x σ(x) under a name does both.
    """
    above = [_turned(self, pair) for pair in found]
    logs = [pair for pair in above if not pair[1] and _has_log(self, pair[0])]
    if len(logs) == 1:
        others = [pair for pair in above if pair not in logs and not isinstance(pair[0], (Const, Var))]
        values = [pair for pair in others if not pair[1] and not isinstance(pair[0], (Delta, Indicator))]
        if values and nested([pair[0] for pair in (*logs, *values)]):
            return [pair for pair in above if pair not in values], values, []
    zero = [pair for pair in above if not pair[1] and _argument(self, pair[0]) is not None]
    both = [pair for pair in above if not pair[1] and pair not in zero and _vanishing_factor(self, pair[0]) is not None]
    rest = [pair for pair in above if pair not in zero and pair not in both]
    arguments = [_argument(self, one) for one, _ in zero] + [_vanishing_factor(self, one) for one, _ in both]
    others = [*rest, *both] if zero else rest
    return (rest, zero, both) if any(one is not None and grows(self, others, one) for one in arguments) else None


def _vanishing_factor(self: Lowering, node: Written) -> Written | None:
    """What a factor of the product that an entry is defined as vanishes with."""
    inner = opened(self, node)
    kids = inner.kids if isinstance(inner, Mul) and inner is not node else ()
    return next((found for kid in kids if (found := _argument(self, kid)) is not None), None)


def grows(self: Lowering, found: Factors, argument: Written) -> bool:
    """Whether any of these factors depends on what the argument of another depends on; what is 0 or 1 does not grow."""
    read = _entries(self, argument)
    return any(_entries(self, one) & read for one, _ in found if not isinstance(one, Condition))


def saturating(self: Lowering, found: Factors) -> tuple[Written, Factors] | None:
    """z and the other factors, if two factors of a product are σ(z) and 1 − σ(z): their product keeps its digits."""
    for gate in found:
        inner = opened(self, gate[0])
        if gate[1] or not (isinstance(inner, Func) and inner.name == "sigmoid"):
            continue
        for other in found:
            less = None if other[1] else _less_than_one(self, other[0])
            if less == ("sigmoid", inner.kids[0]):
                return inner.kids[0], [pair for pair in found if pair is not gate and pair is not other]
    return None


def _turned(self: Lowering, pair: tuple[Written, bool]) -> tuple[Written, bool]:
    node, inverse = pair
    if inverse and isinstance(node, Add) and len(node.kids) == 2 and node.kids[0] == lift(1):
        exponential = node.kids[1]
        if isinstance(exponential, Func) and exponential.name == "exp":
            return Func((Neg((exponential.kids[0],), ()),), ("sigmoid",)), False
    return pair


def _argument(self: Lowering, node: Written) -> Written | None:
    """What a factor that vanishes is a function of."""
    gate = _less_than_one(self, node)
    if gate is not None:
        return gate[1]
    inner = opened(self, node)
    return inner.kids[0] if isinstance(inner, Func) and inner.name in VANISHING else None


def _has_log(self: Lowering, node: Written) -> bool:
    """Whether a factor is a logarithm, or one more or less something."""
    inner = opened(self, node)
    if isinstance(inner, Func):
        return inner.name == "log"
    terms = inner.kids if isinstance(inner, (Add, Neg)) else ()
    return any(_has_log(self, term) for term in terms)


def nested(nodes: list[Written]) -> bool:
    """Whether one of the factors depends on all indices of the others, so that their product is no larger."""
    letters = [{one for one in node.free if not one.is_positive} for node in nodes]
    return bool(letters) and set().union(*letters) in letters


def _entries(self: Lowering, node: Written, depth: int = DEPTH) -> set[str]:
    """The entries that a factor depends on, and those behind them, as far as they are defined entry by entry."""
    found: set[str] = set()
    for part in walk(node):
        if isinstance(part, Element) and part.tensor.shape:
            found.add(part.digest)
            inner = opened(self, part) if depth else part
            if inner is not part and len(found) < 32:
                found |= _entries(self, inner, depth - 1)
    return found


def damped(self: Lowering, value: Array, factor: Array, name: str = "damped") -> Array:
    """A product in which the 0 of the second factor wins; as "zero_wins", the 0 of either."""
    if isinstance(value, Number) or isinstance(factor, Number) or is_bits(factor):
        return self.map("multiply", value, factor)
    return Map(self.axes(value, factor), name, (self.real(value), factor))


def is_maximum(self: Lowering, node: Written) -> bool:
    """Whether an entry is defined as a maximum over an index."""
    if isinstance(node, Element) and is_defined(node.tensor) and node.tensor.origin.definition.guard is None:
        return isinstance(node.tensor.origin.definition.body, Max)
    return isinstance(node, Max)
