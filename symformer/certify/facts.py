"""Proofs that what is divided by is not 0, and that what stands under a root is not negative.

A fact is read off the expression as it is written, or it is a premise where the page prints it. What an expression is
not, the factors of its normal form are not either.
"""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from typing import Any

from symformer.certify.forms import Factor, in_order
from symformer.certify.identity import Identity
from symformer.certify.names import Unprovable
from symformer.certify.page import Known
from symformer.certify.signs import NoTerm, Signs
from symformer.certify.statement import Env
from symformer.notation import Const, Func, Mul, Written
from symformer.proof.normal.atoms import Atom, Poly, letters_of, letters_of_poly
from symformer.proof.normal.indices import Index
from symformer.proof.normal.signs import NONNEGATIVE, POSITIVE, sign
from symformer.typeset import text as plain_text

ONE = Fraction(1)
WORDS = {"!= 0": "≠ 0", ">= 0": "≥ 0", "> 0": "> 0"}
PLAIN = ("size", "index", "exp")  # what is said of them stands in the Section


class Facts:
    """Facts of one line. `prover` writes their lemmas; `conditions` is what the page prints."""

    def __init__(self, prover: Any, conditions: tuple[str, ...]) -> None:
        self.prover, self.forms, self.conditions = prover, prover.forms, conditions
        self.signs = Signs(prover)
        self.known: dict[str, Known] = prover.page.facts  # by relation and atom, its letters left out

    # -- expressions ------------------------------------------------------------------------------------------------

    def of_divisor(self, node: Written, env: Env) -> str:
        """A proof that an expression is not 0; what this says of its factors is kept."""
        proof = self._proof(node, "!= 0", env)
        self._factors(node, "!= 0", lambda own: self._proof(node, "!= 0", own))
        if isinstance(node, Func) and node.name == "sqrt":
            under = node.kids[0]
            self._factors(under, "!= 0", lambda own: f"(root_nz {self._proof(node, '!= 0', own)})")
        return proof

    def of_root(self, node: Written, env: Env) -> str:
        """A proof that an expression is not negative; what this says of its factors is kept."""
        proof = self._proof(node, ">= 0", env)
        self._factors(node, ">= 0", lambda own: self._proof(node, ">= 0", own))
        if sign(node) >= POSITIVE:
            self._factors(node, "!= 0", lambda own: self._proof(node, "!= 0", own))
        return proof

    def of_logarithm(self, node: Written, env: Env) -> str:
        """A proof that an expression is positive; what this says of its factors is kept."""
        proof = self._proof(node, "> 0", env)
        self._factors(node, "> 0", lambda own: self._proof(node, "> 0", own))
        return proof

    def of_logarithm_form(self, poly: Poly, env: Env) -> str:
        """A proof that what is left under a logarithm is positive."""
        found = self._find("> 0", self._atom(poly)[0], env)
        if found is None:
            raise Unprovable("no proof that what is under a logarithm is positive")
        return found

    def _proof(self, node: Written, relation: str, env: Env) -> str:
        """Read off, or a premise."""
        if isinstance(node, Const):
            return "(ltac:(rewrite ?pnatr_eq0 ?oner_eq0 ?ler0n ?ler01 //))"
        page, weak = self.prover.page, relation == ">= 0"
        poly = self.prover.of(node)
        if sign(node) >= POSITIVE:
            found = page.call(self._by_signs(node, "0 <"), env)
        elif weak and sign(node) >= NONNEGATIVE:
            return str(page.call(self._by_signs(node, "0 <="), env))
        elif self.prover.form.algebra.positive(poly):
            found = f"(eq_pos {self.prover.proof(node, env)} {self.sign(poly, '0 <', env)})"
        else:
            return self._printed(node, relation, env)
        return {"!= 0": f"(pos_nz {found})", ">= 0": f"(ltW {found})", "> 0": str(found)}[relation]

    def _printed(self, node: Written, relation: str, env: Env) -> str:
        """A premise, where the page prints it; a product is not 0 where its factors are not."""
        words = f"{plain_text(node.layout().box)} {WORDS[relation]}"
        if words in self.conditions:
            return self._premise(node, relation, env)
        if relation == "!= 0" and isinstance(node, Mul):
            first, *rest = (self.of_divisor(kid, env) for kid in node.kids)
            for other in rest:
                first = f"(mulf_neq0 {first} {other})"
            return first
        raise Unprovable(f"a premise that the page does not print: {words}")

    def _by_signs(self, node: Written, relation: str) -> Known:
        prover, tactic = self.prover, "pos" if relation == "0 <" else "ge"
        term = self.signs.positive if relation == "0 <" else self.signs.nonnegative

        def proof(own: Env) -> str:
            with suppress(NoTerm):
                return f"exact {term(node, own)}."
            opened = " ".join(prover.statements.definitions)
            return f"cbv beta delta [{opened}]; {tactic}." if opened else f"{tactic}."

        letters = prover.letters(node)
        return prover.lemma("fact", letters, lambda env: f"{relation} {prover.text(node, env)} :> F", proof)

    def _premise(self, node: Written, relation: str, env: Env) -> str:
        prover = self.prover
        letters = in_order(prover.letters(node), lambda own: prover.text(node, own))
        sizes = {letter: prover.size_of(letter) for letter in letters}
        text = prover.statements.premise(node, WORDS[relation], sizes)
        name = prover.page.premise(text, f"{plain_text(node.layout().box)} {WORDS[relation]}")
        return f"({' '.join([name, *(env[letter] for letter in letters)])})" if letters else str(name)

    # -- factors ----------------------------------------------------------------------------------------------------

    def _factors(self, node: Written, relation: str, base: Any) -> None:
        """Keeps what a fact about an expression says of the factors of its normal form."""
        if isinstance(node, Const):
            return
        poly, algebra = self.prover.of(node), self.prover.form.algebra
        if not poly:
            raise Unprovable("0 is divided by")
        (value, shared), rest = algebra._content(poly, relation == "!= 0")
        factors = [*shared, *([] if rest == {(): 1} else [self._atom(rest)])]
        for place, (atom, power) in enumerate(factors):
            weak = relation != "!= 0" and place < len(shared)
            if weak or power < 0 or atom.kind in PLAIN or self._key(relation, atom) in self.known:
                continue
            if letters_of(atom) == self.prover.letters(node):
                unit = ONE if power.denominator == 1 else Fraction(1, 2)
                others = [*factors[:place], *factors[place + 1 :], *([(atom, power - unit)] if power > unit else [])]
                self._keep(relation, (atom, unit), node, {tuple(others): value}, base)

    def _atom(self, rest: Poly) -> Factor:
        """What is left as one factor: an atom where it is one."""
        (term, value), *more = rest.items()
        if not more and value == 1 and len(term) == 1:
            return term[0]
        power = self.prover.form.algebra._poly_power(rest, Fraction(1, 2))
        return next(iter(power))[0][0], ONE

    def _keep(self, relation: str, factor_: Factor, node: Written, others: Poly, base: Any) -> None:
        """A lemma: from a = c u and what is known of a and c, what is known of u, or what it is a root of."""
        prover, (atom, unit) = self.prover, factor_

        def proof(env: Env) -> str:
            identity = Identity(self, env)
            text = prover.is_form(node, identity)
            rest, factor = identity.poly(others), identity.poly({((atom, unit),): ONE})
            split = prover.apply(identity, lambda: f"{text} = {rest} * {factor}")
            if relation == "!= 0":
                found = f"(factor_nz {base(env)} {split})"
                return f"exact {found}." if unit == ONE else f"exact (root_nz {found})."
            rule = "factor_ge" if relation == ">= 0" else "factor_pos"
            return f"exact ({rule} {base(env)} {split} {self.sign(others, '0 <', env)})."

        say = {"!= 0": "{} != 0 :> F", ">= 0": "0 <= {} :> F", "> 0": "0 < {} :> F"}[relation]
        self.known[self._key(relation, atom)] = prover.lemma(
            "fact", letters_of(atom), lambda env: say.format(self.forms.factor(atom, ONE, env)), proof
        )

    def _key(self, relation: str, atom: Atom) -> str:
        return f"{relation} {self.forms.shape(atom)}"

    # -- atoms ------------------------------------------------------------------------------------------------------

    def nonzero(self, atom: Atom, unit: Fraction, env: Env) -> str:
        """A proof that an atom, or its root, is not 0."""
        if atom.kind == "exp":
            return "(exp_nz exp_pos _)"
        if unit != 1:
            return f"(sqrt_nz {self.at_least_zero(atom, env)} {self.nonzero(atom, ONE, env)})"
        found = self._find("!= 0", atom, env)
        return found or f"(pos_nz {self._positive(atom, env)})"

    def at_least_zero(self, atom: Atom, env: Env) -> str:
        """A proof that an atom is not negative."""
        found = self._find(">= 0", atom, env)
        return found or f"(ltW {self._positive(atom, env)})"

    def _find(self, relation: str, atom: Atom, env: Env) -> str | None:
        """A fact that is kept, at these indices."""
        known = self.known.get(self._key(relation, atom))
        order = in_order(letters_of(atom), lambda own: self.forms.factor(atom, ONE, own))
        if known is None or len(order) != len(known.letters):
            return None
        return str(self.prover.page.call(Known(known.name, known.premises, tuple(order)), env))

    def _positive(self, atom: Atom, env: Env) -> str:
        if not self.prover.form.algebra.positive_atom(atom):
            raise Unprovable("no proof that what is divided by is not 0")
        return self.sign({((atom, ONE),): ONE}, "0 <", env)

    def sign(self, poly: Poly, relation: str, env: Env) -> str:
        """A proof that a normal form is visibly positive, or not negative."""
        tactic = "pos" if relation == "0 <" else "ge"
        found = self.prover.lemma(
            "fact",
            letters_of_poly(poly),
            lambda own: f"{relation} {self.forms.poly(poly, own)} :> F",
            lambda _: f"{tactic}.",
        )
        return str(self.prover.page.call(found, env))

    # -- names ------------------------------------------------------------------------------------------------------

    def renamed(self, factors: list[Factor], names: dict[Index, Index]) -> Poly:
        """The normal form of a product under other names of its indices."""
        return self.prover.form.algebra.renamed_term(factors, names)

    def same(self, factors: list[Factor], names: dict[Index, Index], found: Poly, env: Env) -> str:
        """A proof that a product under other names is its normal form; the two are one up to what commutes."""
        ((gone, keep),) = names.items()

        def say(own: Env) -> str:
            text = self.forms.term(factors, {**own, str(gone): self.forms.index(keep, own)})
            return f"{text} = {self.forms.poly(found, own)} :> F"

        letters = frozenset().union(*(letters_of(atom) for atom, _ in factors)) - {str(gone)}
        lemma = self.prover.lemma(
            "same", letters | ({keep} if isinstance(keep, str) else set()), say, lambda _: "same."
        )
        return str(self.prover.page.call(lemma, env))
