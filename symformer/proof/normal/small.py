"""Proofs that a quotient vanishes, or stays bounded, as one variable grows or shrinks: by its degrees.

Sound where both sides are quotients of polynomials in the variable whose other factors do not hold it. The leading
coefficient of what is divided by must not vanish, so that its degree is what it seems: a condition where that is not
visible. For a refutation all leading coefficients must be visibly of one sign.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from sympy import Expr, Symbol

from symformer.calculus import NoDerivative
from symformer.notation import Tensor, Written
from symformer.proof.normal.algebra import Algebra
from symformer.proof.normal.atoms import Atom, Poly, atoms_in, entry, size_atom
from symformer.proof.normal.form import Form
from symformer.proof.normal.indices import GiveUp
from symformer.proof.normal.printed import printed
from symformer.proof.normal.quotients import cleared


@dataclass(frozen=True)
class Known:
    """Whether a quotient vanishes (or stays bounded), and where."""

    holds: bool
    conditions: tuple[str, ...] = ()


def vanishes(
    over: Written,
    under: Written,
    variable: Symbol | Tensor,
    end: str,
    *,
    bounded: bool = False,
    spans: Mapping[str, Expr] | None = None,
) -> Known | str:
    """Whether over/under goes to 0 (or stays bounded) as the variable goes to its end; or why that is not known."""
    if isinstance(variable, Tensor) and variable.shape:
        return f"{variable.name} has axes"
    form = Form(spans)
    atom = entry(variable, ()) if isinstance(variable, Tensor) else size_atom(variable)
    try:
        top, bottom = (form.of(side) for side in (over, under))
        if not bottom:
            raise GiveUp("a division by 0")
        if not top:
            return Known(True, form.conditions)
        (one, below_one), (two, below_two) = (_fraction(form.algebra, poly) for poly in (top, bottom))
        degrees = _Degrees(form.algebra, atom, end)
        rise = degrees.of(one) + degrees.of(below_two) - degrees.of(below_one) - degrees.of(two)
        leads = [degrees.lead(poly) for poly in (below_one, two)]
        if rise < 0 or (bounded and rise == 0):
            doubtful = [f"{printed(lead)} ≠ 0" for lead in leads if not degrees.one_sign(lead)]
            return Known(True, tuple(sorted({*form.conditions, *doubtful})))
        leads += [degrees.lead(poly) for poly in (one, below_two)]
        if not all(degrees.one_sign(lead) for lead in leads):
            raise GiveUp("a leading coefficient that may vanish")
        return Known(False)
    except (GiveUp, NoDerivative) as reason:
        return str(reason)
    except RecursionError:
        return "too deeply nested"


def _fraction(algebra: Algebra, poly: Poly) -> tuple[Poly, Poly]:
    """A polynomial over a polynomial."""
    over, lifted = cleared(algebra, poly)
    return over, algebra.product(lifted)


class _Degrees:
    def __init__(self, algebra: Algebra, atom: Atom, end: str) -> None:
        self.algebra, self.atom, self.up = algebra, atom, end == "∞"

    def of(self, poly: Poly) -> Fraction:
        """The degree that leads towards the end, counted so that larger means larger there.

        Raises:
            GiveUp: the variable stands inside another function.
        """
        return max(self._by_degree(poly))

    def lead(self, poly: Poly) -> Poly:
        """The coefficient of that degree."""
        found = self._by_degree(poly)
        return found[max(found)]

    def one_sign(self, poly: Poly) -> bool:
        """Whether a coefficient is visibly positive, or visibly negative."""
        return any(self.algebra.positive(self.algebra.scale(poly, sign)) for sign in (1, -1))

    def _by_degree(self, poly: Poly) -> dict[Fraction, Poly]:
        by_degree: dict[Fraction, Poly] = {}
        for term, value in poly.items():
            rest = tuple(item for item in term if item[0] != self.atom)
            if self.atom in atoms_in(rest):
                raise GiveUp("the variable of a limit inside another function")
            degree = dict(term).get(self.atom, Fraction(0))
            by_degree.setdefault(degree if self.up else -degree, {})[rest] = value
        return by_degree
