"""Powers, exponentials and logarithms of the normal form, with the condition of every rule.

- Whole powers distribute over products, fractional ones only over factors that are positive (exp, sizes, what is
  declared positive, and polynomials and sums over ranges that are not empty of products of these; a sum may hold one
  mask whose rows each have a 1, or [k ≤ i] over k, which holds at k = 1): √(a² P) = a √P needs a > 0.
- P^(q+1) = P · P^q for a polynomial P: where the right side is defined. A power of a polynomial first gives up its
  content (common factors under the rule above, and the leading coefficient), so equal powers have equal keys.
- exp(Σ c t) = Π exp(t)^c for rational c: always. exp(t) > 0 for real t. exp(c log P) = P^c: log P says that P > 0.
- exp(a + b δ) = exp(a) (1 + δ (exp(b) − 1)), since δ is 0 or 1.
- √8 = 2 √2 and log 6 = log 2 + log 3: numbers by their primes.
- erf(−t) = −erf(t).
- log(Π p^c · r) = Σ c log p + log r for positive factors p; log exp(t) = t for real t.
- [p > 0] does not change when p is divided by what is positive.
- tanh t = (exp(t)² − 1)/(exp(t)² + 1); cos t = (cis t + 1/cis t)/2, sin t = (cis t − 1/cis t)/(2i), where cis t is
  exp(it), which is never 0, and obeys the rule of exp. What holds i or cis counts as not positive.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import floor

import sympy

from symformer.proof.normal.arithmetic import HIGHEST_POWER, Arithmetic, term_of
from symformer.proof.normal.atoms import (
    ABOVE,
    FORMAL,
    ONE,
    UNIT,
    Atom,
    Poly,
    Term,
    has_a_one,
    poly_depth,
    poly_key,
    real_term,
    term_depth,
    term_key,
)
from symformer.proof.normal.indices import GiveUp, lowest
from symformer.proof.normal.quotients import cancelled

MOST_COPIES = 4
LARGEST_FACTORED = 10**12
ODD = ("erf",)


def is_delta(atom: Atom) -> bool:
    """Whether it is a delta."""
    return atom.kind == "delta"


class Powers(Arithmetic):
    """Polynomials of atoms, to powers and under functions."""

    def power(self, poly: Poly, exponent: Fraction) -> Poly:
        """A rational power."""
        if exponent.denominator == 1 and 0 <= exponent <= MOST_COPIES:
            out = self.number(1)
            for _ in range(int(exponent)):
                out = self.mul(out, poly)
            return out
        if not poly and exponent > 0:
            return {}
        if not poly:
            raise GiveUp("a power of 0")
        (coefficient, term), rest = self._content(poly, exponent.denominator == 1)
        out = self._number_power(coefficient, exponent)
        out = self.mul(out, self.product((atom, power * exponent) for atom, power in term))
        return out if rest == {ONE: Fraction(1)} else self.mul(out, self._poly_power(rest, exponent))

    def inverse(self, poly: Poly) -> Poly:
        """One over it."""
        return self.power(poly, Fraction(-1))

    def _poly_power(self, rest: Poly, exponent: Fraction) -> Poly:
        (term, value), *more = rest.items()
        if not more and value == 1 and exponent.denominator == 1:
            return self.product((atom, power * exponent) for atom, power in term)
        return self.atom(Atom("poly", (rest,), f"({poly_key(rest)})", poly_depth(rest)), exponent)

    def _number_power(self, value: Fraction, exponent: Fraction) -> Poly:
        if exponent.denominator == 1:
            if abs(exponent) > HIGHEST_POWER and abs(value) != 1:
                raise GiveUp(f"a number to the power of {exponent}")
            return self.number(value**exponent.numerator)
        root = _exact_root(value, exponent.denominator) if abs(exponent) <= HIGHEST_POWER else None
        if root is not None:
            return self.number(root**exponent.numerator)
        primes = primes_of(value) if value > 0 and abs(exponent) <= MOST_COPIES else None
        out = self.number(1)
        for prime, times in ({value: Fraction(1)} if primes is None else _fractions(primes)).items():
            whole = floor(exponent * times) if primes is not None else 0
            base = {ONE: Fraction(prime)}
            root_of = self.atom(Atom("poly", (base,), f"({poly_key(base)})"), exponent * times - whole)
            out = self.mul(
                self.scale(out, Fraction(prime) ** whole), root_of if exponent * times != whole else self.number(1)
            )
        return out

    def _content(self, poly: Poly, whole: bool) -> tuple[tuple[Fraction, Term], Poly]:
        """((coefficient, common factors), what is left): all common factors for whole powers, else positive ones."""
        atoms = {atom for term in poly for atom, _ in term if whole or self.positive_atom(atom)}
        least = {atom: min(dict(term).get(atom, Fraction(0)) for term in poly) for atom in atoms}
        shared = term_of({atom: power for atom, power in least.items() if power})
        inverse = tuple((atom, -power) for atom, power in shared)
        rest = self.add(*(self.scale(self.product((*term, *inverse)), value) for term, value in poly.items()))
        if not rest:
            raise GiveUp("a content that vanishes")
        lead = rest[min(rest, key=term_key)]
        coefficient = lead if whole else abs(lead)
        return (coefficient, shared), self.scale(rest, 1 / coefficient)

    def primitive(self, poly: Poly) -> Poly:
        """A polynomial without its content: 0 where it is."""
        return self._content(poly, True)[1]

    def has_content(self, atom: Atom) -> bool:
        """Whether a whole power of a polynomial would give something up."""
        if atom.key not in self.contents:
            (coefficient, shared), rest = self._content(atom.parts[0], True)
            self.contents[atom.key] = coefficient != 1 or bool(shared) or len(rest) == 1
        return self.contents[atom.key]

    # -- signs ------------------------------------------------------------------------------------------------------

    def positive(self, poly: Poly) -> bool:
        """Whether a polynomial is visibly positive: positive atoms, and what is taken away is less than what stays.

        What lies between 0 and 1 takes away at most its coefficient, and less than that if it is never 1: 1 − β.
        """
        if not poly:
            return False
        left, strict = Fraction(0), False
        for term, value in poly.items():
            if value > 0 and all(self.positive_atom(atom) for atom, _ in term):
                left, strict = left + (0 if term else value), strict or bool(term)
            elif value < 0 and (less := at_most_one(term)):
                left, strict = left + value, strict or less == "less"
            else:
                return self._grows(poly)
        return left > 0 or (left == 0 and strict)

    def _grows(self, poly: Poly) -> bool:
        """Whether it is f(a) − f(b), times what is positive, for an a that is larger and f = exp, log or a root."""
        if len(poly) != 2 or sum(poly.values()) != 0:
            return False
        more, less = (dict(term) for term, _ in sorted(poly.items(), key=lambda item: -item[1]))
        shared = {atom for atom in more if more[atom] == less.get(atom)}
        if not all(self.positive_atom(atom) for atom in shared):
            return False
        up, down = ([item for item in term.items() if item[0] not in shared] for term in (more, less))
        if all(atom.kind == "exp" and not is_formal(atom) and real_term(atom.parts[0]) for atom, _ in (*up, *down)):
            ends = (*up, *((atom, -power) for atom, power in down))
            return self.positive(self.add(*({atom.parts[0]: power} for atom, power in ends)))
        if len(up) != 1 or len(down) != 1 or up[0][1] != down[0][1] or up[0][1] <= 0:
            return False
        (one, power), (two, _) = up[0], down[0]
        if _is_log(((one, power),)) and _is_log(((two, power),)):
            return self.positive(self.minus(one.parts[1], two.parts[1]))
        if power == 1:
            return False
        bases = [one_root.parts[0] if one_root.kind == "poly" else self.atom(one_root) for one_root in (one, two)]
        return self.positive(bases[1]) and self.positive(self.minus(*bases))

    def positive_atom(self, atom: Atom) -> bool:
        """Whether an atom is positive wherever it is defined."""
        match atom.kind:
            case "size" | "pi":
                return True
            case "index":
                return (lowest(atom.parts[0]) or 0) > 0
            case "exp":
                return real_term(atom.parts[0]) and not is_formal(atom)
            case "entry":
                return atom.parts[0].domain.kind in ("positive", "unit", "simplex")
            case "sum":
                bounds, term = atom.parts
                doubtful = [inner for inner, _ in term if not self.positive_atom(inner)]
                found = not doubtful or (len(doubtful) == 1 and has_a_one(doubtful[0], dict(bounds)))
                for _, size in bounds if found else ():
                    self.fill(size)
                return found
            case "poly":
                return self.positive(atom.parts[0])
        return False

    # -- functions --------------------------------------------------------------------------------------------------

    def exp(self, poly: Poly) -> Poly:
        """exp of a sum: a product of exp of monomials; exp(c log P) is P^c."""
        poly = self.argument(poly)
        logs = {term: value for term, value in poly.items() if _is_log(term) or _is_formal_log(term)}
        switched = {term: value for term, value in poly.items() if any(atom.kind == "delta" for atom, _ in term)}
        plain = [(term, value) for term, value in poly.items() if term not in logs and term not in switched]
        if any(value.denominator != 1 and is_formal(_wave("exp", term)) for term, value in poly.items()):
            raise GiveUp("a root of a power of what may be negative")
        out = self.product((_wave("exp", term), value) for term, value in plain)
        for term, value in logs.items():
            out = self.mul(out, self.power(term[0][0].parts[1], value))
        for term, value in switched.items():
            out = self.mul(out, self.switched(term, value))
        return out

    def switched(self, term: Term, value: Fraction, off: Callable[[Atom], bool] = is_delta) -> Poly:
        """exp of a term with deltas (or other bits): 1 where one of them is 0."""
        deltas = self.product(item for item in term if off(item[0]))
        rest = self.scale(self.product(item for item in term if not off(item[0])), value)
        one = self.number(1)
        return self.add(one, self.mul(deltas, self.minus(self.exp(rest), one)))

    def whole_power(self, base: Poly, exponent: Poly) -> Poly:
        """A power with a whole exponent of letters, of a base of any sign: what is positive by its logarithm.

        Of all else it is exp(n ln a), where ln a stands for a logarithm that a need not have: the rules of exp hold for
        whole multiples of it, and it counts as not positive.
        """
        if not base:
            raise GiveUp("a power of 0")
        (coefficient, shared), rest = self._content(base, True)
        parts = [self.scale(self._formal(self.atom(atom)), power) for atom, power in shared if power.denominator == 1]
        if len(parts) < len(shared):
            raise GiveUp("a whole power of a root")
        parts += [self._formal(one) for one in (self.number(coefficient), rest) if one != self.number(1)]
        return self.exp(self.mul(exponent, self.add(*parts)))

    def _formal(self, base: Poly) -> Poly:
        """A logarithm, of what is not visibly positive by name alone."""
        return self.log(base) if self.positive(base) else self.function(FORMAL, base)

    def argument(self, poly: Poly) -> Poly:
        """The argument of a function: a quotient without common factors, so that equal ones have equal keys."""
        if not any(power < 0 and atom.kind in ("poly", "sum") for term in poly for atom, power in term):
            return poly
        over, under = cancelled(self, poly)
        return self.mul(over, self.inverse(under))

    def cis(self, poly: Poly) -> Poly:
        """exp of i times a sum."""
        return self.product((_wave("cis", term), value) for term, value in self.argument(poly).items())

    def cos(self, poly: Poly) -> Poly:
        """By Euler's formula."""
        wave = self.cis(poly)
        return self.scale(self.add(wave, self.inverse(wave)), Fraction(1, 2))

    def sin(self, poly: Poly) -> Poly:
        """By Euler's formula."""
        wave = self.cis(poly)
        return self.mul(self.scale(self.minus(wave, self.inverse(wave)), Fraction(-1, 2)), self.atom(UNIT))

    def tanh(self, poly: Poly) -> Poly:
        """By exponentials."""
        square = self.exp(self.scale(poly, 2))
        over, under = (self.add(square, self.number(sign)) for sign in (-1, 1))
        return self.mul(over, self.inverse(under))

    def log(self, poly: Poly) -> Poly:
        """log of positive factors as a sum; of the rest as a function."""
        poly = self.argument(poly)
        if not poly:
            raise GiveUp("the logarithm of 0")
        (coefficient, shared), rest = self._content(poly, False)
        parts = [self._log_atom(atom, power) for atom, power in shared]
        primes = primes_of(coefficient)
        if primes is None:
            rest = self.scale(rest, coefficient)
        for prime, times in (primes or {}).items():
            parts.append(self.scale(self.function("log", self.number(prime)), times))
        if rest != {ONE: Fraction(1)}:
            parts.append(self.function("log", rest))
        return self.add(*parts)

    def _log_atom(self, atom: Atom, power: Fraction) -> Poly:
        if atom.kind == "exp":
            return {atom.parts[0]: power}
        if atom.kind == "poly":
            return self.scale(self.log(atom.parts[0]), power)
        return self.scale(self.function("log", self.atom(atom)), power)

    def above(self, poly: Poly) -> Poly:
        """[p > 0]: 1 where it is visibly so, 0 where −p is; else an atom, 0 or 1, without positive factors."""
        poly = self._without_roots_below(poly)
        if self.positive(poly):
            return self.number(1)
        if not poly or self.positive(self.scale(poly, -1)):
            return {}
        (_, _), rest = self._content(poly, False)
        return self.function(ABOVE, rest) if rest == poly else self.above(rest)

    def _without_roots_below(self, poly: Poly) -> Poly:
        """The polynomial times roots and squares that its terms divide by: they are positive where it has a value."""
        least: dict[Atom, Fraction] = {}
        for atom, power in (item for term in poly for item in term):
            if power < 0 and (power.denominator % 2 == 0 or power % 2 == 0):
                least[atom] = min(power, least.get(atom, power))
        by = [(atom, -power) for atom, power in least.items()]
        return self.mul(poly, self.product(by)) if by else poly

    def floor(self, poly: Poly) -> Poly:
        """⌊p + w⌋ = w + ⌊p⌋ for what is visibly whole; ⌊p⌋ = 0 for a p from 0 to less than 1."""
        whole = {term: value for term, value in poly.items() if value.denominator == 1 and whole_term(term)}
        more = {ONE: Fraction(floor(poly[ONE]))} if ONE in poly and ONE not in whole else {}
        rest = self.minus(self.minus(poly, whole), more)
        found = {} if not rest or self.less_than_one(rest) else self.function("floor", rest)
        return self.add(whole, more, found)

    def less_than_one(self, poly: Poly) -> bool:
        """Whether a polynomial is visibly at least 0, and less than 1."""
        raise NotImplementedError

    def function(self, name: str, poly: Poly) -> Poly:
        """A function that no rule opens; an odd one of a leading term that is positive."""
        poly = self.argument(poly)
        if name in ODD and poly and poly[min(poly, key=term_key)] < 0:
            return self.scale(self.function(name, self.scale(poly, -1)), -1)
        return self.atom(Atom("function", (name, poly), f"{name}({poly_key(poly)})", poly_depth(poly)))


def at_most_one(term: Term) -> str:
    """`less` for a product of what lies between 0 and 1, one of it never 1; `most` where all may be; else nothing."""
    kinds = {atom.parts[0].domain.kind if atom.kind == "entry" else "?" for atom, power in term if power > 0}
    if len(kinds) == 0 or not kinds <= {"unit", "simplex", "mask"} or any(power < 0 for _, power in term):
        return ""
    return "less" if "unit" in kinds else "most"


def is_formal(atom: Atom) -> bool:
    """Whether it is a power of something of any sign, and no exponential."""
    return any(inner.kind == "function" and inner.parts[0] == FORMAL for inner, _ in atom.parts[0])


def whole_term(term: Term) -> bool:
    """Whether a product is visibly a whole number: of indices, sizes, 0/1 atoms and whole parts."""
    return all(power.denominator == 1 and power > 0 and _whole_atom(atom) for atom, power in term)


def _whole_atom(atom: Atom) -> bool:
    floors = atom.kind == "function" and atom.parts[0] in ("floor", ABOVE)
    masked = atom.kind == "entry" and atom.parts[0].domain.kind == "mask"
    return floors or masked or atom.kind in ("size", "index", "delta", "below")


def primes_of(value: Fraction) -> dict[int, Fraction] | None:
    """The primes of a positive number with their powers; None for a large one."""
    if max(value.numerator, value.denominator) > LARGEST_FACTORED:
        return None
    found = {int(prime): Fraction(int(times)) for prime, times in sympy.factorint(value.numerator).items()}
    return found | {int(prime): -Fraction(int(times)) for prime, times in sympy.factorint(value.denominator).items()}


def _fractions(primes: dict[int, Fraction]) -> dict[Fraction, Fraction]:
    return {Fraction(prime): times for prime, times in primes.items()}


def _exact_root(value: Fraction, order: int) -> Fraction | None:
    """The positive root of a positive number, where it is rational."""
    if value <= 0:
        return None
    parts = [round(part ** (1 / order)) if part < 1 << 50 else 0 for part in (value.numerator, value.denominator)]
    found = Fraction(parts[0], parts[1]) if all(parts) else None
    return found if found is not None and found**order == value else None


def _is_log(term: Term) -> bool:
    return len(term) == 1 and term[0][1] == 1 and term[0][0].kind == "function" and term[0][0].parts[0] == "log"


def _is_formal_log(term: Term) -> bool:
    return len(term) == 1 and term[0][1] == 1 and term[0][0].kind == "function" and term[0][0].parts[0] == FORMAL


def _wave(kind: str, term: Term) -> Atom:
    key = f"exp({term_key(term)})" if kind == "exp" else f"cis⟨{term_key(term)}⟩"
    return Atom(kind, (term,), key, term_depth(term))
