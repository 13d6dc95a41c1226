"""From index notation to matrix notation; what has no matrix form is declined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr, Symbol

from symformer.display.algebra import (
    ONE,
    divided,
    entrywise,
    is_zero,
    outer,
    scaled_by,
    spread,
    transposed,
    unit_rows,
)
from symformer.display.compound import Columns, Elementwise, Partial, Power, Rows, Total
from symformer.display.factors import Factor, factors_of
from symformer.display.kinds import ANY, IllTyped, Kind, fits
from symformer.display.matrices import Diagonal, Identity, Index, Matrix, Ones, Outer, Scalar, Zero
from symformer.display.named import Declined, identity, named, triangle
from symformer.display.network import Network
from symformer.display.operators import Largest, LogSumExp, Norm, Normalised, RowNorm, RowSum, Softmax, squared_in
from symformer.display.parts import names_entries
from symformer.display.patterns import Exponentials, exponential_sum, norm_in, softmax_in
from symformer.display.pointwise import Chosen, Compared, Condition, Joined, Pointwise, Positions
from symformer.display.sums import summed_form
from symformer.notation import (
    Add,
    Delta,
    Derivative,
    Div,
    Element,
    Expectation,
    Func,
    Indicator,
    Logic,
    Max,
    Mul,
    Neg,
    Pow,
    Range,
    Sum,
    Where,
    Written,
    walk,
)
from symformer.notation.operators import Binder


def recognise(
    node: Written,
    indices: tuple[Symbol, ...],
    ranges: Mapping[Symbol, Range] | None = None,
    axes: int = 2,
) -> Matrix | None:
    """The well-typed matrix form of an expression whose free indices are `indices`, or None.

    The last two indices are row and column, one index is a column vector; those before them are labels, such as a head.

    Args:
        node: the expression.
        indices: its free indices, in order.
        ranges: what those run over that no tensor in it carries.
        axes: how many of the indices are no labels, at most.
    """
    known = {**(ranges or {}), **node.ranges}
    sizes = {index: found.size for index, found in known.items()}
    first = max(len(indices) - axes, 0)
    at, to = (*indices[first:], None, None)[:2]
    wanted = Kind(*(None if letter is None else sizes.get(letter, ANY) for letter in (at, to)))
    try:
        form = Recogniser(sizes, frozenset(indices[:first])).form(node, at, to)
        kind = form.kind()
    except (Declined, IllTyped):
        return None
    sound = all(fits(*pair) for pair in zip(kind, wanted, strict=True)) and not names_entries(form)
    return form if sound else None


@dataclass(frozen=True)
class Recogniser:
    """The rules, and what the letters around a node stand for.

    Attributes:
        sizes: what letters run to.
        labels: letters that choose one of several matrices.
        repeated: those of them that are summed over.
    """

    sizes: Mapping[Symbol, Expr]
    labels: frozenset[Symbol]
    repeated: frozenset[Symbol] = frozenset()

    def form(self, node: Written, at: Index, to: Index) -> Matrix:
        """The node as an array over just these letters, spread by ones where it does not depend on one."""
        own = self.letters(node)
        if not own <= {at, to}:
            raise Declined
        if at is None:
            return self.number(node)
        if is_zero(node):
            return Zero(self.size(at), None if to is None else self.size(to))
        over = [letter for letter in (at, to) if letter in own]
        form = self.array(node, *(*over, None, None)[:2]) if over else self.number(node)
        if len(over) == 2 or to is None:
            return form if over else spread(form, self.ones(at, None))
        if not over:
            return spread(form, self.ones(at, to))
        return outer(form, Ones(self.size(to))) if over == [at] else outer(Ones(self.size(at)), form)

    def letters(self, node: Written) -> frozenset[Symbol]:
        """The letters of a node that are rows or columns."""
        return frozenset(one for one in node.free - self.labels if not one.is_positive)

    def size(self, letter: Symbol) -> Expr:
        """What a letter runs to."""
        return self.sizes.get(letter, ANY)

    def ones(self, at: Index, to: Index) -> Matrix:
        """The array of ones."""
        return Ones(self.size(at)) if to is None else Outer(Ones(self.size(at)), Ones(self.size(to)))

    def within(self, sizes: Mapping[Symbol, Expr], labels: frozenset[Symbol] = frozenset()) -> Recogniser:
        """The rules under sums over these letters, of which some are labels."""
        kept = self.labels - sizes.keys(), self.repeated - sizes.keys()
        return Recogniser({**self.sizes, **sizes}, kept[0] | labels, kept[1] | labels)

    def number(self, node: Written) -> Matrix:
        """A number: as written where nothing in it has rows or columns."""
        return Scalar(node) if self.is_plain(node) else self.array(node, None, None)

    def is_plain(self, node: Written) -> bool:
        """Whether a number is written without sums and derivatives, and reads no entries but those of labels."""
        parts = list(walk(node))
        if any(isinstance(part, (Binder, Derivative, Expectation)) for part in parts):
            return False
        lists = [part for part in parts if isinstance(part, (Element, Delta, Indicator)) and len(part.kids) > 1]
        return not any(part.free & self.repeated for part in lists)

    def array(self, node: Written, at: Index, to: Index) -> Matrix:
        """The form of a node that depends on each of these letters and on no other."""
        match node:
            case Element() if at is not None:
                return named(node, tuple(letter for letter in (at, to) if letter is not None))
            case Delta():
                return identity(node, at, to, self.sizes)
            case Indicator() | Logic() if speaks_of_entries(node):
                return self._condition(node, at, to)
            case Indicator() if to is not None:
                return triangle(node, at, to, Outer(Ones(self.size(at)), Ones(self.size(to))))
            case Where() if speaks_of_entries(node.condition):
                value, other = (self._argument(kid, at, to) for kid in node.kids[1:])
                return Chosen(self._condition(node.condition, at, to), value, other)
            case Where() if is_zero(node.kids[2]):
                return self._signed(node.condition * node.kids[1], at, to)
            case Add():
                return Total(tuple(self._term(kid, at, to) for kid in node.kids))
            case Neg():
                return Total(((self.array(node.kids[0], at, to), True),))
            case Mul() | Div():
                return self._signed(node, at, to)
            case Pow() if not self.letters(node.kids[1]) and self.is_plain(node.kids[1]):
                return Power(self.form(node.kids[0], at, to), node.kids[1])
            case Sum():
                return summed_form(self, node, at, to)
            case Max() if to is None:
                inner = self.within({node.index: node.size})
                rows = (at, node.index) if at is not None else (node.index, None)
                return Largest(inner.form(node.body, *rows), node.index)
            case Func():
                return self._function(node, at, to)
            case Derivative():
                return self._partial(node, at, to)
        raise Declined

    def _term(self, node: Written, at: Index, to: Index) -> tuple[Matrix, bool]:
        negative = isinstance(node, Neg)
        return self.form(node.kids[0] if negative else node, at, to), negative

    def _function(self, node: Func, at: Index, to: Index) -> Matrix:
        inside = exponential_sum(node)
        if inside is not None and to is None:
            own = self.within({inside.index: inside.size})
            rows = (at, inside.index) if at is not None else (inside.index, None)
            return LogSumExp(own.form(inside.body.kids[0], *rows), inside.index)
        if len(node.kids) > 1:
            return Pointwise(node.name, tuple(self._argument(kid, at, to) for kid in node.kids))
        body = self.form(node.kids[0], at, to)
        if node.name == "sqrt" and isinstance(body, Norm) and body.squared:
            return Norm(body.body, body.letters, False)
        if node.name == "sqrt" and isinstance(body, RowSum) and (square := squared_in(body.body)) is not None:
            return RowNorm(square, body.inner)
        return Elementwise(node.name, entrywise(body))

    def _argument(self, node: Written, at: Index, to: Index) -> Matrix:
        """What stands beside arrays entry by entry: a number as it is."""
        return entrywise(self.form(node, at, to)) if self.letters(node) else self.number(node)

    def _condition(self, node: Written, at: Index, to: Index) -> Condition:
        match node:
            case Indicator():
                left, right = (self._argument(kid, at, to) for kid in node.kids)
                return Compared(node.relation, left, right)
            case Logic():
                return Joined(node.word, tuple(self._condition(kid, at, to) for kid in node.kids))
        return Compared("=", self._argument(node, at, to), ONE)

    def _partial(self, node: Derivative, at: Index, to: Index) -> Matrix:
        """A derivative whose target or entry, or both as vectors, carry the letters."""
        letters = tuple(letter for letter in (at, to) if letter is not None)
        own, by = self.letters(node.target), self.letters(node.entry)
        if own & by or not self.letters(node) == own | by:
            raise Declined
        rows = tuple(letter for letter in letters if letter in own)
        columns = tuple(letter for letter in letters if letter in by)
        if (rows and columns and rows != (at,)) or len(node.entry.kids) < len(columns):
            raise Declined
        target = self.form(node.target, *(*rows, None, None)[:2])
        under = named(node.entry, columns) if columns else self.number(node.entry)
        return Partial(node, at, to, target, under)

    # -- products ---------------------------------------------------------------------------------------------------

    def factors(self, node: Written) -> list[Factor]:
        """The factors of a product, with what is written by name as one factor."""
        return self._recognised(factors_of(node))

    def _recognised(self, factors: list[tuple[Written, bool]]) -> list[Factor]:
        return self._normalised(self._softmaxed([self._factor(one, inverse) for one, inverse in factors]))

    def _factor(self, node: Written, inverse: bool = False) -> Factor:
        return Factor(self.letters(node), inverse, lambda at, to: self.form(node, at, to), node)

    def _softmaxed(self, factors: list[Factor]) -> list[Factor]:
        found = softmax_in(factors)
        if found is None:
            return factors

        letters = self.letters(found.argument).union(*map(self.letters, found.masks))

        def make(at: Index, to: Index) -> Matrix:
            if to is None or found.letter == to:
                return self._softmax(found, at, to)
            return transposed(self._softmax(found, to, at))

        return self._softmaxed(_replaced(factors, found.places, Factor(letters, False, make)))

    def _softmax(self, found: Exponentials, at: Index, to: Index) -> Matrix:
        """The softmax along the last of these letters, over what masks let through."""
        masks = [self._mask(one, at, to) for one in found.masks]
        return Softmax(self.form(found.argument, at, to), found.letter, tuple(masks))

    def _mask(self, node: Written, at: Index, to: Index) -> Matrix:
        if not speaks_of_entries(node):
            return Positions(node, at, to, Kind(self.size(at), None if to is None else self.size(to)))
        return self._condition(node, at, to) if isinstance(node, (Indicator, Logic)) else self.form(node, at, to)

    def _normalised(self, factors: list[Factor]) -> list[Factor]:
        found = norm_in(factors)
        if found is None:
            return factors

        def make(at: Index, to: Index) -> Matrix:
            epsilon = self.number(found.epsilon) if found.epsilon is not None else None
            if to is None or found.letter == to:
                return Normalised(self.form(found.body, at, to), found.letter, epsilon, found.centred)
            return transposed(Normalised(self.form(found.body, to, at), found.letter, epsilon, found.centred))

        return _replaced(factors, found.places, Factor(self.letters(found.body), False, make))

    def _signed(self, node: Written, at: Index, to: Index) -> Matrix:
        """A product with the signs of its factors in front of it."""
        factors = factors_of(node)
        negative = sum(isinstance(one, Neg) for one, _ in factors) % 2 == 1
        plain = [(one.kids[0] if isinstance(one, Neg) else one, inverse) for one, inverse in factors]
        body = self._product(self._recognised(plain), at, to)
        return Total(((body, True),)) if negative else body

    def _product(self, factors: list[Factor], at: Index, to: Index) -> Matrix:
        order = [letter for letter in (at, to) if letter is not None]
        network = Network(order, {letter: self.size(letter) for letter in order})
        for factor in factors:
            network.add(factor)
        return self.between(network, at, to)

    def between(self, network: Network, at: Index, to: Index) -> Matrix:
        """What a network is once nothing is summed over any more."""
        over, under = network.numbers
        if at is None:
            worked = [one for one in over if not isinstance(one, Scalar)]
            body = worked[-1] if worked else ONE
            rest = sorted((one for one in over if one is not body), key=lambda one: not isinstance(one, Scalar))
            return scaled_by(body, rest, under) if worked else _quotient(over, under)
        if to is None:
            return scaled_by(divided(*network.weights[at], self.ones(at, None)), over, under)
        body_over, body_under = network.edge(at, to)
        rows, columns = network.weights[at], network.weights[to]
        if body_over or body_under:
            body = unit_rows(divided(body_over, body_under, self.ones(at, to)), rows[1])
            body = transposed(unit_rows(transposed(body), columns[1])) if columns[1] else body
            return scaled_by(_framed(_diagonal(rows), body, _diagonal(columns)), over, under)
        left, right = divided(*rows, self.ones(at, None)), divided(*columns, self.ones(to, None))
        return scaled_by(outer(left, right), over, under)


def _quotient(over: list[Matrix], under: list[Matrix]) -> Matrix:
    """A number that is a product of numbers as they are written."""
    return scaled_by(over[-1] if over else ONE, over[:-1], under)


def speaks_of_entries(node: Written) -> bool:
    """Whether a condition is about values, and not about positions alone."""
    return any(isinstance(part, Element) for part in walk(node))


def _replaced(factors: list[Factor], places: tuple[int, ...], new: Factor) -> list[Factor]:
    """The factors with one in place of several."""
    first = min(places)
    return [
        new if place == first else one for place, one in enumerate(factors) if place == first or place not in places
    ]


def _diagonal(side: tuple[list[Matrix], list[Matrix]]) -> Diagonal | None:
    """The diagonal matrix that scales rows or columns."""
    over, under = side
    if not over and not under:
        return None
    if not over:
        return Diagonal(divided(under, [], ONE), True)
    return Diagonal(divided(over, under, ONE))


def _framed(rows: Diagonal | None, body: Matrix, columns: Diagonal | None) -> Matrix:
    """diag(rows) body diag(columns); a diagonal matrix itself where the body is I."""
    if rows is not None:
        body = rows if isinstance(body, Identity) else Rows(rows, body)
    if columns is not None:
        body = columns if isinstance(body, Identity) else Columns(body, columns)
    return body
