"""Random written expressions of every kind that the normal form has a rule for, the same ones for the same seed.

Index names are few on purpose: sums inside sums bind letters that are free elsewhere, and one letter may run over two
ranges in two places.
"""

from __future__ import annotations

from random import Random

import sympy

import symformer as sf
from symformer.notation import NotationError, erf, hide, lift, normal_cdf, relu, sigmoid, softplus, walk

n, m = sf.sizes("n m")
SHORT, LONG = sf.indices("i j k"), sf.indices("r s t")  # mostly over n, and mostly over m
x, y, v = sf.tensor("x", n), sf.tensor("y", n), sf.tensor("v", m)
A, B = sf.tensor("A", n, m), sf.tensor("B", n, n)
P = sf.tensor("P", n, kind="positive")
M, seen = sf.tensor("M", n, m, kind="mask"), sf.tensor("N", n, m, kind="mask", sees=True)
p, rows, g = (
    sf.tensor("p", n, kind="simplex"),
    sf.tensor("R", n, m, kind="simplex"),
    sf.tensor("g", m, kind="nonnegative"),
)
a, b = sf.scalar("a", kind="positive"), sf.scalar("b")
ids = sf.tensor("T", n, kind="integer", upper=m)
turned = sf.tensor("pi", n, kind="permutation")
q = sf.tensor("q", n, kind="random", moments={1: 0, 2: 1, 3: sympy.Rational(1, 2), 4: 3})
w = sf.tensor("w", n, m, kind="random", moments={1: sympy.Rational(1, 3), 2: 1, 3: 2, 4: 5})

INPUTS = (x, y, v, A, B, P, M, seen, p, rows, g)
MOVED = (x, y, A, B, P)  # what derivatives are taken by
NUMBERS = (0, 1, 2, -1, 3, sympy.pi, sympy.Rational(1, 2), sympy.Rational(-3, 4))
RELATIONS = ("≤", "<", "≥", ">", "=", "≠")
ROOTS = tuple(sympy.Rational(*pair) for pair in ((2, 1), (1, 2), (-1, 1), (-1, 2), (3, 2), (1, 3)))
LARGEST = 45


class Maker:
    """Makes expressions by chance; a scope maps the indices that may be used to what they run over."""

    def __init__(self, seed):
        self.random = Random(seed)
        self.made = []
        self.inside_expectation = False

    def expression(self, depth, scope):
        """Any real expression; now and then one that was made before, under other binders."""
        if self.made and self.random.random() < 0.08:
            known, needs = self.random.choice(self.made)
            if set(needs) <= set(scope):
                return known
        found = lift(self.leaf(scope) if depth <= 0 else self._pick(KINDS)(self, depth - 1, scope))
        self.made.append((found, scope))
        return found

    def _pick(self, weighted):
        return self.random.choices([kind for kind, _ in weighted], [weight for _, weight in weighted])[0]

    # -- leaves -----------------------------------------------------------------------------------------------------

    def index(self, size, scope):
        """An index over this size, seldom a number or an entry of an integer tensor."""
        fitting = [index for index, over in scope.items() if over == size]
        row = self.letter(n, scope)
        if row is not None and self.random.random() < 0.1:
            return ids[row] if size == m else turned[row]
        if fitting and self.random.random() < 0.08:  # counted from the other end
            return size + 1 - lift(self.random.choice(fitting))
        return self.random.choice(fitting) if fitting and self.random.random() < 0.95 else 1

    def letter(self, size, scope):
        """An index over this size, or None."""
        fitting = [index for index, over in scope.items() if over == size]
        return self.random.choice(fitting) if fitting else None

    def any_index(self, scope):
        """An index over whatever it is, now and then a sum of some."""
        if scope and self.random.random() < 0.2:
            return lift(self.random.choice(list(scope))) + self.random.choice((-1, 1, n, *map(lift, scope)))
        return self.random.choice([*scope, *scope, 1, 2]) if scope else self.random.choice([1, 2])

    def entry(self, tensor, scope):
        """An entry of a tensor."""
        return tensor[tuple(self.index(size, scope) for size in tensor.shape)]

    def leaf(self, scope):
        """An entry, a delta, an indicator, a size, an index as a number, or a number."""
        if self.inside_expectation and self.random.random() < 0.35:
            return self.entry(self.random.choice((q, w)), scope)
        leaves = (
            (lambda: self.entry(self.random.choice(INPUTS), scope), 10), (lambda: self.random.choice((a, b)), 2),
            (lambda: sf.delta(self.any_index(scope), self.any_index(scope)), 2),
            (lambda: self.indicator(scope), 2), (lambda: self.random.choice((n, m)), 1),
            (lambda: self.random.choice(list(scope) or [1]), 1), (lambda: self.random.choice(NUMBERS), 2),
        )  # fmt: skip
        return lift(self._pick(leaves)())

    def indicator(self, scope):
        """A relation of two indices."""
        left, right = (lift(self.any_index(scope)) for _ in range(2))
        return sf.indicator(left, self.random.choice(RELATIONS), right)

    # -- positive ---------------------------------------------------------------------------------------------------

    def positive(self, depth, scope):
        """Something that is positive, and mostly visibly so."""
        return lift(self._pick(POSITIVE_LEAVES if depth <= 0 else POSITIVE)(self, depth - 1, scope))

    def row_mask(self, index, scope):
        """A mask over an index, some of which may show nothing."""
        row = self.index(n, {other: size for other, size in scope.items() if other != index})
        ends = (lift(row), lift(self.random.choice((0, 1, 2))))
        return self.random.choice((seen[row, index], M[row, index], *(sf.indicator(index, "≤", end) for end in ends)))

    def bound(self):
        """(index, size) of a binder."""
        index = self.random.choice((*SHORT, *LONG))
        usual = n if index in SHORT else m
        return index, usual if self.random.random() < 0.88 else self.random.choice(
            (n, m, *map(sympy.Integer, (1, 2, 3)))
        )


def _two(operation):
    return lambda self, depth, scope: operation(self.expression(depth, scope), self.expression(depth, scope))


def _one(*functions):
    return lambda self, depth, scope: self.random.choice(functions)(self.expression(depth - 1, scope))


def _bind(binder, inside):
    def kind(self, depth, scope):
        index, size = self.bound()
        return binder(inside(self, depth, {**scope, index: size}), (index, size))

    return kind


def _masked(binder):
    def kind(self, depth, scope):
        index = self.random.choice(LONG)
        inner = {**scope, index: m}
        return binder(self, self.expression(depth - 1, inner), self.row_mask(index, scope), index)

    return kind


def _masked_sum(self, depth, scope):
    index = self.random.choice(LONG)
    return sf.sum(self.row_mask(index, scope) * self.positive(depth, {**scope, index: m}), (index, m))


def _expectation(self, depth, scope):
    if self.inside_expectation:
        return self.leaf(scope)
    self.inside_expectation, self.made, before = True, [], self.made
    body = self.expression(depth, scope)
    self.inside_expectation, self.made = False, before
    return sf.expect(body)


def _derivative(self, depth, scope):
    return sf.diff(self.expression(depth, scope), self.entry(self.random.choice(MOVED), scope))


def _relation(self, depth, scope):
    left, right = self.expression(depth - 1, scope), self.expression(depth - 1, scope)
    return sf.indicator(left, self.random.choice(RELATIONS), right)


def _condition(self, depth, scope):
    """A relation of values or of indices, or one of two."""
    one = _relation(self, depth, scope) if self.random.random() < 0.6 else self.indicator(scope)
    if self.random.random() < 0.6:
        return one
    other = self.indicator(scope) if self.random.random() < 0.5 else _relation(self, depth, scope)
    return self.random.choice((one & other, one | other, ~one))


def _where(self, depth, scope):
    return sf.where(_condition(self, depth, scope), self.expression(depth, scope), self.expression(depth - 1, scope))


def _place(self, depth, scope):
    """An index at which something is largest, as a number or as an index."""
    index = self.random.choice(SHORT)
    place = sf.argmax(self.expression(depth - 1, {**scope, index: n}), (index, n))
    return x[place] if self.random.random() < 0.5 else place


def _clipped(self, depth, scope):
    ends = sorted(self.random.sample((-2, -1, 0, 1, 2), 2))
    return sf.clip(self.expression(depth, scope), *ends)


def _still(self, depth, scope):
    return sf.stop_gradient(self.expression(depth, scope))


def _root(self, depth, scope):
    inside = (self.positive, self.expression, lambda *place: self.expression(*place) ** 2)
    return sf.sqrt(self.random.choice(inside)(depth, scope))


KINDS = (
    (lambda self, depth, scope: self.leaf(scope), 12), (_two(lambda one, two: one + two), 14),
    (_two(lambda one, two: one - two), 6), (_two(lambda one, two: one * two), 16),
    (_bind(sf.sum, Maker.expression), 14), (_one(sf.exp, sf.sin, sf.cos, sf.tanh, relu, erf, softplus, normal_cdf), 10),
    (lambda self, depth, scope: self.expression(depth, scope) / self.positive(depth, scope), 5),
    (_two(lambda one, two: one / two), 2), (lambda self, depth, scope: sf.log(self.positive(depth, scope)), 3),
    (_root, 5), (_bind(sf.max, Maker.expression), 3), (_relation, 1), (_expectation, 2), (_derivative, 3),
    (_masked(lambda self, body, mask, index: sf.max(hide(body, mask) + self.random.choice((0, b)), (index, m))), 2),
    (lambda self, depth, scope: self.expression(depth, scope) ** self.random.choice((0, 2, 3, -1, -2, 5)), 3),
    (_two(sf.maximum), 3), (_two(sf.minimum), 2), (_one(abs, sf.sign, sf.floor, sf.expm1), 4), (_clipped, 1),
    (lambda self, depth, scope: sf.log1p(self.positive(depth, scope)), 1), (_where, 3), (_condition, 1),
    (_bind(sf.prod, Maker.expression), 2), (_place, 1), (_still, 1),
)  # fmt: skip
POSITIVE_LEAVES = (
    (lambda self, depth, scope: self.entry(P, scope), 1), (lambda self, depth, scope: a, 1),
    (lambda self, depth, scope: self.random.choice((n, m)), 1),
    (lambda self, depth, scope: self.random.choice((sf.exp, sigmoid, softplus))(self.leaf(scope)), 2),
)  # fmt: skip
POSITIVE = (
    *POSITIVE_LEAVES,
    (lambda self, depth, scope: self.positive(depth, scope) + self.expression(depth, scope) ** 2, 3),
    (lambda self, depth, scope: self.positive(depth, scope) * self.positive(depth, scope), 3),
    (lambda self, depth, scope: self.positive(depth, scope) ** self.random.choice(ROOTS), 2),
    (_bind(sf.sum, Maker.positive), 4), (_masked_sum, 2),
    (_masked(lambda self, body, mask, index: sf.sum(sf.exp(hide(body, mask)), (index, m))), 2),
)  # fmt: skip


def random_expression(seed, depth=3):
    """(expression, ranges of its free indices, the maker), or None where the indices do not fit, or it is too large."""
    maker = Maker(seed)
    scope = {index: n for index in SHORT[:2] if maker.random.random() < 0.7}
    scope |= {index: m for index in LONG[:1] if maker.random.random() < 0.4}
    try:
        node = maker.expression(depth, scope)
    except NotationError:
        return None
    return (node, scope, maker) if len(list(walk(node))) <= LARGEST else None
