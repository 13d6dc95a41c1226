"""Identities of letters: what stays of a step when each atom is a letter, so that ring and field see small terms."""

from __future__ import annotations

from fractions import Fraction
from typing import Protocol

from symformer.certify.forms import Factor, Forms
from symformer.certify.statement import Env
from symformer.proof.normal.atoms import Atom, Poly, Term, letters_of
from symformer.proof.normal.indices import Index

MOST_CASES = 6


class Facts(Protocol):
    """What gives proofs of what an identity needs."""

    forms: Forms

    def nonzero(self, atom: Atom, unit: Fraction, env: Env) -> str:
        """A proof that an atom, or its root, is not 0."""

    def at_least_zero(self, atom: Atom, env: Env) -> str:
        """A proof that an atom is not negative."""

    def renamed(self, factors: list[Factor], names: dict[Index, Index]) -> Poly:
        """The normal form of a product under other names of its indices."""

    def same(self, factors: list[Factor], names: dict[Index, Index], found: Poly, env: Env) -> str:
        """A proof that a product under other names is its normal form."""


class Identity:
    """Letters, hypotheses and their proofs for one application of an identity.

    Args:
        facts: gives proofs of hypotheses.
        env: identifiers of the indices in scope.
    """

    def __init__(self, facts: Facts, env: Env) -> None:
        self.facts, self.forms, self.env = facts, facts.forms, env
        self.letters: dict[str, str] = {}
        self.hypotheses: dict[str, str] = {}  # proof by statement
        self.leaves: dict[tuple[str, Fraction], Factor] = {}
        self.deltas: dict[str, Atom] = {}
        self.divides = False  # whether something is divided by, so that ring alone would not do

    def letter(self, text: str) -> str:
        """The letter that stands for a text."""
        return self.letters.setdefault(text, f"a{len(self.letters)}")

    def suppose(self, statement: str, proof: str) -> None:
        """A hypothesis."""
        self.hypotheses.setdefault(statement, proof)

    def poly(self, poly: Poly) -> str:
        """A polynomial in letters, with what it needs: negative powers and roots."""
        self.demand(poly)
        return self.forms.poly(poly, self.env, self.letter)

    def term(self, term: Term, value: Fraction = Fraction(1)) -> str:
        """A product in letters."""
        return self.poly({tuple(term): value})

    def demand(self, poly: Poly) -> None:
        """Supposes that what is divided by is not 0, and what the square of a root is."""
        for atom, value in (item for term in poly for item in term):
            unit = self.unit(atom, value)
            if atom.kind in ("delta", "below"):
                self.deltas.setdefault(atom.key, atom)
            if atom.kind != "poly" or unit != 1:
                self.leaves.setdefault((atom.key, unit), (atom, unit))
            if unit != 1 and atom.kind != "exp":
                self._root(atom)
            if value < 0:
                self.divides = True
                text = self.forms.factor(atom, unit, self.env, self.letter)
                self.suppose(f"{text} != 0", self.facts.nonzero(atom, unit, self.env))
            if atom.kind == "poly":
                self.demand(atom.parts[0])

    def unit(self, atom: Atom, value: Fraction) -> Fraction:
        """The power of an atom that is one letter."""
        if atom.kind == "exp":
            return Fraction(1, self.forms.finest.get(self.forms.shape(atom), 1))
        return Fraction(1, 2) if value.denominator == 2 else Fraction(1)

    def _root(self, atom: Atom) -> None:
        root = self.letter(self.forms.root(atom, self.env))
        under = self.forms.factor(atom, Fraction(1), self.env, self.letter)
        self.suppose(f"{root} ^+ 2 = {under}", f"(sqr_sqrtr {self.facts.at_least_zero(atom, self.env)})")

    # -- deltas -----------------------------------------------------------------------------------------------------

    def cases(self) -> bool:
        """For each delta: it is 0, or it is 1 and all atoms have one index in place of the other."""
        done: set[str] = set()
        while len(done) < MOST_CASES and (waiting := [key for key in self.deltas if key not in done]):
            done.add(waiting[0])
            self._case(self.deltas[waiting[0]])
        return bool(done)

    def _case(self, atom: Atom) -> None:
        bit = self.letter(self.forms.atom(atom, self.env))
        keep, gone = atom.parts
        touched = [leaf for leaf in self.leaves.values() if leaf[0].key != atom.key and gone in letters_of(leaf[0])]
        left, right = (self.forms.index(index, self.env) for index in atom.parts)
        if atom.kind == "below" or not touched or not isinstance(gone, str):
            kind = f"({left} <= {right})%N" if atom.kind == "below" else f"({left} == {right} :> nat)"
            self.suppose(f"{bit} = 0 \\/ ({bit} = 1 /\\ 0 = 0 :> F)", f"(bit_alone F {kind})")
            return
        changed = [self._changed(leaf, {gone: keep}) for leaf in touched]
        before = ", ".join(self.letter(self.forms.factor(*leaf, self.env)) for leaf in touched)
        hole = ", ".join(self.forms.factor(*leaf, {**self.env, gone: "hole"}) for leaf in touched)
        proof = f"(bit_cases F (fun hole : nat => ({hole})) {left} {right})"
        self.suppose(f"{bit} = 0 \\/ ({bit} = 1 /\\ ({', '.join(changed)}) = ({before}))", proof)

    def _changed(self, leaf: Factor, names: dict[Index, Index]) -> str:
        """The letter of an atom with one index in place of another, which is supposed to be its normal form."""
        ((gone, keep),) = names.items()
        text = self.forms.factor(*leaf, {**self.env, str(gone): self.forms.index(keep, self.env)})
        found = self.facts.renamed([leaf], names)
        wanted = self.poly(found)
        if self.forms.poly(found, self.env) != text:
            self.suppose(f"{self.letter(text)} = {wanted}", self.facts.same([leaf], names, found, self.env))
        return self.letter(text)


def statement(identity: Identity, conclusion: str) -> str:
    """The identity, for all values of its letters."""
    letters = f"forall {' '.join(identity.letters.values())} : F, " if identity.letters else ""
    return letters + "".join(f"{one} -> " for one in identity.hypotheses) + conclusion
