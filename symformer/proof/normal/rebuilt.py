"""Normal forms with other values in place of some of their atoms, put together anew.

What stands in the place of an atom must be equal to it at the point that is looked at: all that is built on the way is
then equal there, too. Bound indices are taken apart first, so that nothing is captured.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from symformer.proof.normal.algebra import Algebra
from symformer.proof.normal.atoms import ABOVE, Atom, Poly, Term
from symformer.proof.normal.binding import dark

Rule = Callable[[Atom], Poly | None]


def rebuilt(algebra: Algebra, poly: Poly, rule: Rule) -> Poly:
    """The polynomial with what the rule says in place of atoms; None leaves an atom, and looks inside."""
    return _Rebuild(algebra, rule).poly(poly)


class _Rebuild:
    def __init__(self, algebra: Algebra, rule: Rule) -> None:
        self.algebra, self.rule = algebra, rule
        self.known: dict[str, Poly | None] = {}  # by the key of an atom

    def poly(self, poly: Poly) -> Poly:
        """The polynomial anew."""
        return self.algebra.add(*(self.algebra.scale(self.term(term), value) for term, value in poly.items()))

    def term(self, term: Term) -> Poly:
        """A product anew."""
        algebra = self.algebra
        out = algebra.number(1)
        plain = []
        for atom, power in term:
            found = self.atom(atom)
            if found is None:
                plain.append((atom, power))
            else:
                out = algebra.mul(out, algebra.power(found, power))
        return algebra.mul(out, algebra.product(plain)) if len(plain) < len(term) else algebra.product(plain)

    def atom(self, atom: Atom) -> Poly | None:
        """The atom anew, or None where it stays."""
        if atom.key not in self.known:
            self.algebra.step()
            found = self.rule(atom)
            self.known[atom.key] = self._inside(atom) if found is None else found
        return self.known[atom.key]

    def _inside(self, atom: Atom) -> Poly | None:
        algebra = self.algebra
        match atom.kind:
            case "exp" | "cis":
                inner = self._changed({atom.parts[0]: Fraction(1)})
                return None if inner is None else (algebra.exp(inner) if atom.kind == "exp" else algebra.cis(inner))
            case "sum":
                return self._sum(atom)
            case "max":
                name, size, body = atom.parts
                inner = self._changed(body)
                return None if inner is None else algebra.maximum(inner, name, size)
            case "poly":
                return self._changed(atom.parts[0])
            case "dark":
                inner = self._changed(atom.parts[0])
                return None if inner is None else algebra.atom(dark(inner))
            case "function":
                inner = self._changed(atom.parts[1])
                return None if inner is None else applied(algebra, atom.parts[0], inner)
        return None

    def _changed(self, poly: Poly) -> Poly | None:
        found = self.poly(poly)
        return None if found == poly else found

    def _sum(self, atom: Atom) -> Poly | None:
        algebra = self.algebra
        if self._changed({atom.parts[1]: Fraction(1)}) is None:
            return None
        algebra.reindexed += 1
        bounds, body = algebra.spread(atom, f"r{algebra.reindexed}")
        found = self.poly(body)
        for name, size in reversed(bounds):
            found = algebra.sum(found, name, size)
        return found


def applied(algebra: Algebra, name: str, argument: Poly) -> Poly:
    """A function of a polynomial, by its rule if it has one."""
    match name:
        case "log":
            return algebra.log(argument)
        case found if found == ABOVE:
            return algebra.above(argument)
        case "floor":
            return algebra.floor(argument)
    return algebra.function(name, argument)
