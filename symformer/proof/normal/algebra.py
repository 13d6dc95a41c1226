"""The algebra of the normal form: arithmetic, powers, bound indices, and renaming.

Soundness is argued rule by rule in the modules that this one stands on: `arithmetic`, `powers`, `binding`. An identity
is claimed wherever both sides are defined. All inputs are real; i and exp(i·) enter through sin and cos alone.

Termination: every rule removes a bound index, a delta, a nesting or a factor; a budget of steps ends what is long.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from symformer.proof.normal.atoms import ABOVE, ONE, Atom, Poly, Term, ends_atom, entry, letters_of, letters_of_poly
from symformer.proof.normal.binding import Binding, Bounds, dark, one_product
from symformer.proof.normal.indices import Affine, Index, Pick, index_of, letters_of_index, put_in

Names = Mapping[Index, Index]


class Algebra(Binding):
    """Polynomials of atoms, within a budget of steps."""

    def renamed(self, poly: Poly, names: Names) -> Poly:
        """Indices under other names; everything is put together anew."""
        if not letters_of_poly(poly) & _letters(names):
            return poly
        return self.add(*(self.scale(self.renamed_term(list(term), names), value) for term, value in poly.items()))

    def renamed_term(self, factors: Iterable[tuple[Atom, Fraction]], names: Names) -> Poly:
        """A product under other names."""
        out = self.number(1)
        plain: list[tuple[Atom, Fraction]] = []
        touched = _letters(names)
        for atom, power in factors:
            if not letters_of(atom) & touched:
                plain.append((atom, power))
                continue
            self.step()
            found = self._renamed_atom(atom, names)
            simple = next(iter(found), ONE) if len(found) == 1 and set(found.values()) == {1} else None
            if simple is not None and len(simple) == 1 and simple[0][1] == 1:
                plain.append((simple[0][0], power))
            else:
                out = self.mul(out, self.power(found, power))
        return self.mul(out, self.product(plain))

    def _renamed_atom(self, atom: Atom, names: Names) -> Poly:
        def get(index: Index) -> Index:
            return self._renamed_index(index, names)

        match atom.kind:
            case "entry":
                tensor, indices = atom.parts
                return self.atom(entry(tensor, tuple(get(index) for index in indices)))
            case "delta":
                return self.delta(get(atom.parts[0]), get(atom.parts[1]))
            case "below":
                return self.below(get(atom.parts[0]), get(atom.parts[1]))
            case "index":
                return self.position(get(atom.parts[0]))
            case "exp":
                return self.exp(self.renamed_term(list(atom.parts[0]), names))
            case "cis":
                return self.cis(self.renamed_term(list(atom.parts[0]), names))
            case "sum":
                bounds, term = atom.parts
                return self._renamed_sum(bounds, term, names)
            case "max":
                name, size, poly = atom.parts
                return self.maximum(self.renamed(poly, names), name, size)
            case "poly":
                return self.renamed(atom.parts[0], names)
            case "dark":
                return self.atom(dark(self.renamed(atom.parts[0], names)))
            case "ends":
                ends, term = atom.parts
                body = one_product(self.renamed_term(list(term), names))
                return self.atom(ends_atom(tuple(get(end) for end in ends), tuple(body)))
            case "function" if atom.parts[0] == "floor":
                return self.floor(self.renamed(atom.parts[1], names))
            case "function" if atom.parts[0] == ABOVE:
                return self.above(self.renamed(atom.parts[1], names))
            case "function":
                return self.function(atom.parts[0], self.renamed(atom.parts[1], names))
        return self.atom(atom)

    def _renamed_sum(self, bounds: Bounds, term: Term, names: Names) -> Poly:
        """A sum under other names. Its own indices are bound one after the other, each under the least canonical name:
        those that still wait must not be called so, or it would capture them. A single one has nothing to capture."""
        own: dict[Index, Index] = {}
        if len(bounds) > 1:
            self.reindexed += 1
            own = {name: f"~σ{self.reindexed}{name}" for name, _ in bounds}
            for name, size in bounds:
                self.span(own[name], size)
        inner = self.renamed_term(list(term), {**names, **own})
        for name, size in reversed(bounds):
            inner = self.sum(inner, str(own.get(name, name)), size)
        return inner

    def _renamed_index(self, index: Index, names: Names) -> Index:
        if index in names:
            return names[index]
        if isinstance(index, Affine):
            return index_of(put_in(dict(index.terms), lambda letter: self._renamed_index(letter, names)))
        if not isinstance(index, Pick):
            return index
        found = Pick(index.tensor, tuple(self._renamed_index(inner, names) for inner in index.indices))
        if str(index) in self.spans:
            self.spans[str(found)] = self.spans[str(index)]
        return found


def _letters(names: Names) -> frozenset[str]:
    return frozenset().union(*(letters_of_index(index) for index in names))
