"""Rational functions with exact coefficients, over letters for everything that is not rational.

A value is a fraction of two polynomials in letters. Inputs are letters; so are exp of a monomial, a root, a logarithm
or another function of a value, and a maximum. An identity between such fractions that holds for independent letters
holds for the functions they stand for, so equality here is sound; it is not complete, and inequality says nothing.

What the letters are known to satisfy, and where each rule may be used:

- exp(a + b) = exp(a) exp(b) and exp(q a) = exp(a)^q for rational q: on all real numbers. Letters of exp are positive.
- r² = P for the letter r of √P: wherever √P is defined. An even power of a *positive* letter leaves a root; nothing
  else does, since √(a² P) = a √P needs a > 0.
- log(E w) = log E + log w for a letter E of exp: always, as E > 0. log(p / q) = log p − log q only where q is visibly
  positive (positive coefficients, positive letters).
- p / q = s / t exactly when p t − q s is the zero polynomial after r² = P: wherever neither denominator vanishes.

Every rule lowers a degree or a number of factors, so reduction ends; a budget on operations and terms ends the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from math import isqrt, lcm
from typing import Any, NamedTuple

from flint import Ordering, fmpq, fmpq_mpoly, fmpq_mpoly_ctx
from sympy import Expr

from symformer.evaluate import Ordered, Undecidable, holds

MAX_TERMS = 400
MAX_OPERATIONS = 30_000
HIGHEST_POWER = 64


class Restart(Exception):
    """More letters, or finer exponents of a letter, are needed than this run has."""


class Ratio(NamedTuple):
    """over / under, reduced; the leading coefficient of `under` is 1."""

    over: fmpq_mpoly
    under: fmpq_mpoly


class Letters:
    """What outlives a restart: how many letters there are, and the finest exponent of each exp."""

    def __init__(self) -> None:
        self.count = 16
        self.finest: dict[str, int] = {}


class RationalField(Ordered):
    """Fractions of polynomials over letters that are made as they are met."""

    def __init__(self, letters: Letters) -> None:
        self.letters = letters
        self.context = fmpq_mpoly_ctx.get([f"t{i}" for i in range(letters.count)], Ordering.degrevlex)
        self.free = list(self.context.gens())
        self.names: dict[str, int] = {}
        self.positive: set[int] = set()
        self.squares: dict[int, Ratio] = {}
        self.logs: dict[int, Ratio] = {}
        self.operations = 0
        self.zero, self.one = self.context.constant(0), self.context.constant(1)

    # -- letters ----------------------------------------------------------------------------------------------------

    def letter(self, name: str, *, positive: bool = False) -> Ratio:
        """The letter of this name, made when first asked for."""
        return Ratio(self.free[self._index(name, positive)], self.one)

    def _index(self, name: str, positive: bool = False) -> int:
        if name not in self.names:
            if len(self.names) == len(self.free):
                self.letters.count *= 2
                raise Restart
            self.names[name] = len(self.names)
            if positive:
                self.positive.add(self.names[name])
        return self.names[name]

    # -- arithmetic -------------------------------------------------------------------------------------------------

    def number(self, value: Expr) -> Ratio:
        """A rational as itself; π as a letter."""
        if not value.is_Rational:
            return self.letter(str(value), positive=True)
        return Ratio(self.context.constant(fmpq(int(value.p), int(value.q))), self.one)

    def add(self, left: Ratio, right: Ratio) -> Ratio:
        """Over a common denominator."""
        if left.under == right.under:
            return self._reduced(left.over + right.over, left.under)
        return self._reduced(left.over * right.under + right.over * left.under, left.under * right.under)

    def neg(self, value: Ratio) -> Ratio:
        """Of the numerator."""
        return Ratio(-value.over, value.under)

    def mul(self, left: Ratio, right: Ratio) -> Ratio:
        """Numerators and denominators."""
        return self._reduced(left.over * right.over, left.under * right.under)

    def div(self, left: Ratio, right: Ratio) -> Ratio:
        """Times the reciprocal.

        Raises:
            Undecidable: the divisor is 0.
        """
        if not right.over:
            raise Undecidable("division by 0")
        return self._reduced(left.over * right.under, left.under * right.over)

    def power(self, base: Ratio, exponent: Ratio) -> Ratio:
        """Whole powers, and halves as roots.

        Raises:
            Undecidable: any other exponent.
        """
        number = self._constant(exponent)
        if number is not None and number.q == 2:
            return self._whole(self.function("sqrt", base), int(number.p))
        if number is None or number.q != 1:
            raise Undecidable("a power that is neither whole nor half")
        return self._whole(base, int(number.p))

    def _whole(self, base: Ratio, exponent: int) -> Ratio:
        if abs(exponent) > HIGHEST_POWER:
            raise Undecidable(f"a power of {exponent}")
        if exponent < 0:
            return self.div(Ratio(self.one, self.one), self._whole(base, -exponent))
        return self._reduced(base.over**exponent, base.under**exponent)

    # -- functions --------------------------------------------------------------------------------------------------

    def function(self, name: str, value: Ratio) -> Ratio:
        """exp, log and sqrt by their rules; any other function is a letter."""
        match name:
            case "exp":
                return self._exp(value)
            case "log":
                return self._log(value)
            case "sqrt":
                return self._sqrt(value)
        return self.letter(f"{name}({self._key(value)})")

    def _exp(self, value: Ratio) -> Ratio:
        if not value.under.is_constant():
            return self._exp_letter(self._key(value), value, fmpq(1))
        out = Ratio(self.one, self.one)
        for powers, coefficient in value.over.to_dict().items():
            monomial = self.context.from_dict({powers: 1})
            out = self.mul(out, self._exp_letter(str(monomial), Ratio(monomial, self.one), coefficient))
        return out

    def _exp_letter(self, key: str, value: Ratio, coefficient: fmpq) -> Ratio:
        """exp(coefficient · value), as a whole power of exp(value / finest)."""
        finest = self.letters.finest.setdefault(key, 1)
        if finest % int(coefficient.q):
            self.letters.finest[key] = lcm(finest, int(coefficient.q))
            raise Restart
        index = self._index(f"exp({key})", positive=True)
        self.logs[index] = self.mul(value, Ratio(self.context.constant(fmpq(1, finest)), self.one))
        return self._whole(Ratio(self.free[index], self.one), int(coefficient * finest))

    def _log(self, value: Ratio) -> Ratio:
        total = Ratio(self.zero, self.one)
        over, powers = self._content(value.over, self.logs)
        under, negative = self._content(value.under, self.logs)
        for index in self.logs:
            times = powers.get(index, 0) - negative.get(index, 0)
            total = self.add(total, self.mul(self.logs[index], self._integer(times)))
        rest = Ratio(over, under)
        if self._visibly_positive(rest.under) and not rest.under.is_constant():
            return self.add(
                total, self.add(self._log_letter(Ratio(over, self.one)), self.neg(self._log(Ratio(under, self.one))))
            )
        return self.add(total, self._log_letter(rest))

    def _log_letter(self, value: Ratio) -> Ratio:
        if value.over == value.under:
            return Ratio(self.zero, self.one)
        return self.letter(f"log({self._key(value)})")

    def _sqrt(self, value: Ratio) -> Ratio:
        over, over_powers = self._content(value.over, self.positive)
        under, under_powers = self._content(value.under, self.positive)
        out, inside = Ratio(self.one, self.one), Ratio(over, under)
        for index in sorted(self.positive):
            times = over_powers.get(index, 0) - under_powers.get(index, 0)
            letter = Ratio(self.free[index], self.one)
            out = self.mul(out, self._whole(letter, times // 2))
            inside = self.mul(inside, self._whole(letter, times % 2))
        number = self._constant(inside)
        if number is not None and number >= 0 and _is_square(number):
            root = fmpq(isqrt(int(number.p)), isqrt(int(number.q)))
            return self.mul(out, Ratio(self.context.constant(root), self.one))
        sure = self._visibly_positive(inside.over) and self._visibly_positive(inside.under)
        index = self._index(f"sqrt({self._key(inside)})", positive=sure)
        self.squares[index] = inside
        return self.mul(out, Ratio(self.free[index], self.one))

    def maximum(self, values: Sequence[Ratio]) -> Ratio:
        """A letter that depends on the set of values alone."""
        return self.letter("max(" + ";".join(sorted({self._key(value) for value in values})) + ")")

    def compare(self, left: Ratio, relation: str, right: Ratio) -> bool:
        """Where the difference is a number, or visibly positive.

        Raises:
            Undecidable: it depends on the letters.
        """
        difference = self.add(left, self.neg(right))
        number = self._constant(difference)
        if number is None and self._visibly_positive(difference.over) and self._visibly_positive(difference.under):
            number = fmpq(1)
        if number is None:
            raise Undecidable("a comparison of values that depend on the inputs")
        sign = (number > 0) - (number < 0)
        return holds(sign, relation)

    def integer(self, value: Ratio) -> int:
        """A whole number.

        Raises:
            Undecidable: it is none.
        """
        number = self._constant(value)
        if number is None or number.q != 1:
            raise Undecidable("an index that is no whole number")
        return int(number.p)

    # -- reduction --------------------------------------------------------------------------------------------------

    def _reduced(self, over: fmpq_mpoly, under: fmpq_mpoly) -> Ratio:
        letters = self.letters.count // 16  # each term carries a power of every letter
        self.operations += letters * (1 + (len(over) * len(under) + len(over) + len(under)) // 16)
        if self.operations > MAX_OPERATIONS or len(over) > MAX_TERMS or len(under) > MAX_TERMS:
            raise Undecidable("the budget of exact arithmetic is used up")
        for index in reversed(self.squares):
            over, under = self._lowered(over, under, index)
        if not under:
            raise Undecidable("a denominator that is 0")
        if not over:
            return Ratio(self.zero, self.one)
        if not under.is_constant():
            common = over.gcd(under)
            over, under = over / common, under / common
        lead = under.leading_coefficient()
        return Ratio(over / lead, under / lead)

    def _lowered(self, over: fmpq_mpoly, under: fmpq_mpoly, index: int) -> tuple[fmpq_mpoly, fmpq_mpoly]:
        """r² = N / D applied to both parts, and r taken out of the denominator by its conjugate."""
        if over.degrees()[index] <= 1 and not under.degrees()[index]:
            return over, under
        square, root = self.squares[index], self.free[index]
        (even, odd, scale), (low, high, under_scale) = (self._split(part, index, square) for part in (over, under))
        even, odd, low, high = even * under_scale, odd * under_scale, low * scale, high * scale
        if not high:
            return even + odd * root, low
        n, d = square
        flat, slope = even * low * d - odd * high * n, odd * low - even * high
        return flat + slope * d * root, low * low * d - high * high * n

    def _split(self, part: fmpq_mpoly, index: int, square: Ratio) -> tuple[fmpq_mpoly, fmpq_mpoly, fmpq_mpoly]:
        """(even, odd, scale) with part · scale = even + odd · r."""
        half = max(part.degrees()[index], 0) // 2  # the degree of 0 is -1
        halves: list[list[dict[Any, fmpq]]] = [[{} for _ in range(half + 1)] for _ in range(2)]
        for powers, coefficient in part.to_dict().items():
            power = int(powers[index])
            rest = tuple(0 if place == index else exponent for place, exponent in enumerate(powers))
            halves[power % 2][power // 2][rest] = coefficient
        even, odd = (
            reduce(
                lambda total, item: (
                    total + self.context.from_dict(item[1]) * square.over ** item[0] * square.under ** (half - item[0])
                ),
                enumerate(rows),
                self.zero,
            )
            for rows in halves
        )
        return even, odd, square.under**half

    # -- looking at values ------------------------------------------------------------------------------------------

    def _content(self, part: fmpq_mpoly, letters: Iterable[int]) -> tuple[fmpq_mpoly, dict[int, int]]:
        """The part with the common powers of these letters taken out, and those powers."""
        powers = list(part.to_dict())
        common = {index: min(int(power[index]) for power in powers) for index in letters} if powers else {}
        common = {index: power for index, power in common.items() if power}
        for index, power in common.items():
            part = part / self.free[index] ** power
        return part, common

    def _visibly_positive(self, part: fmpq_mpoly) -> bool:
        terms = part.to_dict()
        letters = {place for powers in terms for place, power in enumerate(powers) if power}
        return bool(terms) and letters <= self.positive and all(value > 0 for value in terms.values())

    def _constant(self, value: Ratio) -> fmpq | None:
        if not value.over:
            return fmpq(0)
        if not (value.over.is_constant() and value.under.is_constant()):
            return None
        return value.over.leading_coefficient() / value.under.leading_coefficient()

    def _integer(self, value: int) -> Ratio:
        return Ratio(self.context.constant(value), self.one)

    def _key(self, value: Ratio) -> str:
        return f"{value.over}/{value.under}"


def _is_square(number: fmpq) -> bool:
    return all(isqrt(part) ** 2 == part for part in (int(number.p), int(number.q)))
