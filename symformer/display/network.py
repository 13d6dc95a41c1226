"""A sum of products as a network: letters are nodes, matrices are edges, vectors stand at nodes.

Each letter that is summed over goes by a matrix product (two edges), a matrix times a vector or the sum of a row (one
edge), an inner product (none). What is left between row and column is the form; a letter that more than two matrices
share has no such form.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sympy import Expr, Symbol

from symformer.display.algebra import divided, inner, product, summed, times, transposed
from symformer.display.compound import Rows
from symformer.display.factors import Factor
from symformer.display.matrices import Diagonal, Index, Matrix, Ones, Outer, Scalar
from symformer.display.named import Declined
from symformer.notation import lift

Sides = tuple[list[Matrix], list[Matrix]]  # what multiplies, what divides


def _sides() -> Sides:
    return [], []


@dataclass
class Network:
    """Factors by the letters that they depend on.

    Attributes:
        order: the letters, so that each matrix is met with its rows before its columns.
        sizes: what they run to.
        numbers, weights, edges: what depends on no letter, on one, on two.
    """

    order: Sequence[Symbol]
    sizes: dict[Symbol, Expr]
    numbers: Sides = field(default_factory=_sides)
    weights: dict[Symbol, Sides] = field(default_factory=lambda: defaultdict(_sides))
    edges: dict[tuple[Symbol, Symbol], Sides] = field(default_factory=lambda: defaultdict(_sides))

    def add(self, factor: Factor) -> None:
        """One factor more.

        Raises:
            Declined: it depends on more than two letters.
        """
        letters = sorted(factor.letters, key=self.order.index)
        if len(letters) > 2:
            raise Declined
        at, to = (*letters, None, None)[:2]
        home = self.numbers if at is None else self.weights[at] if to is None else self.edges[at, to]
        home[factor.inverse].append(factor.make(at, to))

    def contract(self, bound: Sequence[Symbol]) -> None:
        """Sums over letters, the innermost first and those on the fewest edges before others.

        Raises:
            Declined: a letter is shared by more than two matrices.
        """
        left = list(reversed(bound))
        while left:
            letter = min(left, key=lambda one: (len(self._touching(one)), left.index(one)))
            left.remove(letter)
            edges = self._touching(letter)
            if len(edges) > 2:
                raise Declined
            (self._vector, self._row, self._chain)[len(edges)](letter, edges)

    def edge(self, at: Index, to: Index) -> Sides:
        """What stands between row and column."""
        return self.edges[at, to]

    def _touching(self, letter: Symbol) -> list[tuple[Symbol, Symbol]]:
        return [pair for pair, found in self.edges.items() if letter in pair and any(found)]

    def _matrix(self, pair: tuple[Symbol, Symbol], rows: Symbol) -> Matrix:
        """An edge as a matrix with these rows."""
        over, under = self.edges.pop(pair)
        first, second = pair
        form = divided(over, under, Outer(Ones(self.sizes[first]), Ones(self.sizes[second])))
        return form if first == rows else transposed(form)

    def _weight(self, letter: Symbol) -> list[Matrix]:
        over, under = self.weights.pop(letter, ([], []))
        return [divided(over, under, Ones(self.sizes[letter]))] if under else over

    def _vector(self, letter: Symbol, edges: list[tuple[Symbol, Symbol]]) -> None:
        weights, size = self._weight(letter), self.sizes[letter]
        self.numbers[0].append(inner(weights, letter, size) if weights else Scalar(lift(size)))

    def _row(self, letter: Symbol, edges: list[tuple[Symbol, Symbol]]) -> None:
        (pair,) = edges
        other = pair[0] if pair[1] == letter else pair[1]
        matrix, weights, size = self._matrix(pair, other), self._weight(letter), self.sizes[letter]
        vector = product(matrix, times(weights), letter, size) if weights else summed(matrix, letter, size)
        self.weights[other][0].append(vector)

    def _chain(self, letter: Symbol, edges: list[tuple[Symbol, Symbol]]) -> None:
        ends = sorted((one for pair in edges for one in pair if one != letter), key=self.order.index)
        first, last = (next(pair for pair in edges if end in pair) for end in ends)
        left, right = self._matrix(first, ends[0]), self._matrix(last, letter)
        weights = self._weight(letter)
        right = Rows(Diagonal(times(weights)), right) if weights else right
        self.edges[ends[0], ends[1]][0].append(product(left, right, letter, self.sizes[letter]))
