"""Steps of sums: the body's normal form, its constants out, deltas, sums inside merged and put in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from typing import Any

from symformer.certify.forms import Factor, Leaf, itself
from symformer.certify.identity import Identity
from symformer.certify.names import Unprovable
from symformer.certify.statement import Env
from symformer.notation import Sum
from symformer.proof.normal.atoms import Atom, Poly, Term, letters_of
from symformer.proof.normal.binding import MOST_OPENED, Bounds
from symformer.proof.normal.form import MOST_SPELLED, spelled
from symformer.proof.normal.indices import Index

ONE = Fraction(1)
PLACES = (".1.1.1.1", ".1.1.1.2", ".1.1.2", ".1.2", ".2")  # of the rules for 0 to 4 terms in `few`


@dataclass(frozen=True)
class Part:
    """One term of a body: c g(k), with Σ_k g(k) = `got` by `proof`."""

    outside: Poly
    delta: Atom | None
    inside: Term
    got: Poly
    proof: str


class Sums:
    """Steps of the sums of one line. `prover` writes the lemmas of their bodies."""

    def __init__(self, prover: Any) -> None:
        self.prover, self.forms, self.algebra = prover, prover.forms, prover.form.algebra

    def tactics(self, node: Sum, env: Env) -> str:
        """Σ body = its normal form."""
        if node.size.is_Integer and node.size <= MOST_SPELLED:
            return self.spelled(node, env)
        prover, index = self.prover, str(node.index)
        with prover.form._bound(node) as size:
            inside = prover.statements.inside(node, env)
            body = prover.of(node.body)
            parts = [self.part(term, body[term], index, size, inside) for term in self.forms.ordered(body)]
            parts = parts or [Part({}, None, (), size, f"(sum_one F {self.forms.size(size)})")]
            sums = f"\\sum_({inside[index]} < {prover.statements.size(node.size)})"
            arranged = self.arranged(parts, lambda part: self.kept(part, inside), inside)
            inner = self.inner(node, parts, inside)
        results = self.arranged(parts, lambda part: self.forms.poly(part.got, env), env)
        *first, last = (part.proof for part in parts)
        steps = (
            "".join(f"apply: sum_more; first exact {proof}. " for proof in first) + f"apply: sum_last; exact {last}."
        )
        return (
            f"\napply: (etrans (y := {sums} {arranged} : F)).\n  by apply: under => {inside[index]}; exact {inner}."
            f"\nhave h : {sums} {arranged} = {results} :> F.\n  {steps}\nexact {self.outer(node, parts, env)}."
        )

    def inner(self, node: Sum, parts: list[Part], env: Env) -> str:
        """The body is its terms, arranged."""
        prover, identity = self.prover, Identity(self.prover.facts, env)
        letter = prover.is_form(node.body, identity)

        def arranged() -> str:
            text = self.arranged(parts, lambda part: self.kept(part, env, identity.letter), env, identity.letter)
            return f"{letter} = {text}"

        return str(prover.apply(identity, arranged))

    def outer(self, node: Sum, parts: list[Part], env: Env) -> str:
        """What the terms come to is the normal form of the sum."""
        identity = Identity(self.prover.facts, env)
        letter = identity.letter("the sum")
        for part in parts:
            identity.demand(part.outside)
        text = self.arranged(parts, lambda part: identity.poly(part.got), env, identity.letter)
        identity.suppose(f"{letter} = {text}", "h")
        return str(self.prover.apply(identity, lambda: f"{letter} = {identity.poly(self.prover.of(node))}"))

    def arranged(self, parts: list[Part], say: Callable[[Part], str], env: Env, leaf: Leaf = itself) -> str:
        """c₁ g₁ + (c₂ g₂ + …)."""
        texts = [f"{self.forms.poly(part.outside, env, leaf)} * {say(part)}" for part in parts]
        return f"({' + ('.join(texts)}{')' * len(texts)}"

    def kept(self, part: Part, env: Env, leaf: Leaf = itself) -> str:
        """What stays under the sum, its delta first."""
        text = self.forms.term(part.inside, env, leaf)
        return text if part.delta is None else f"({leaf(self.forms.atom(part.delta, env))} * {text})"

    def spelled(self, node: Sum, env: Env) -> str:
        """A sum of few terms, one by one."""
        prover, size = self.prover, int(node.size)
        identity = Identity(prover.facts, env)
        terms = [prover.part(term, identity) for term in spelled(node.body, node.index, size)]
        letter = identity.letter(prover.text(node, env))
        inside = prover.statements.inside(node, env)
        body = f"(fun {inside[str(node.index)]} : nat => {prover.text(node.body, inside)})"
        identity.suppose(f"{letter} = {' + '.join(terms) or '0'}", f"(few {body}){PLACES[size]}")
        return str(prover.close(identity, lambda: f"{letter} = {identity.poly(prover.of(node))}"))

    # -- terms ------------------------------------------------------------------------------------------------------

    def part(self, term: Term, value: Fraction, index: str, size: Poly, env: Env) -> Part:
        """What leaves the sum, what stays, and what the sum of that is."""
        delta = next((atom for atom, _ in term if atom.kind == "delta" and index in atom.parts), None)
        rest = [item for item in term if item[0] != delta]
        inside = tuple(item for item in rest if index in letters_of(item[0]))
        outside = {tuple(item for item in rest if item not in inside): value}
        if delta is not None:
            return Part(outside, delta, inside, *self.collapsed(list(inside), index, delta, env))
        if not inside:
            return Part(outside, None, (), size, f"(sum_one F {self.forms.size(size)})")
        got = self.algebra._component(list(inside), index, size)
        if got == {(): ONE} and len(inside) == 1 and inside[0][0].kind == "entry":
            return Part(outside, None, inside, got, self.row(inside[0][0], env))
        return Part(outside, None, inside, got, self.total(list(inside), index, size, got, env))

    def row(self, entry: Atom, env: Env) -> str:
        """A row of a simplex sums to 1."""
        tensor, indices = entry.parts
        name = self.prover.statements.entry(tensor, [])
        return f"({' '.join([f'{name}_row', *(self.forms.index(index, env) for index in indices[:-1])])})"

    def collapsed(self, inside: list[Factor], index: str, delta: Atom, env: Env) -> tuple[Poly, str]:
        """Σ_k δ_kb f(k) = f(b), and a proof."""
        first = delta.parts[0] == index
        other: Index = delta.parts[1] if first else delta.parts[0]
        got = self.algebra.renamed_term(inside, {index: other})
        hole = f"(fun {env[index]} : nat => {self.forms.term(inside, env)})"
        prime = "" if first else "'"
        if isinstance(other, str):
            proof = f"(sum_delta{prime} {hole} {env[other]})"
        elif other == 1:
            proof = f"(sum_first{prime} {hole} {self.filled(index)})"
        else:
            raise Unprovable("a delta with a number")
        if self.forms.term(inside, {**env, index: self.forms.index(other, env)}) != self.forms.poly(got, env):
            proof = f"(etrans {proof} {self.prover.facts.same(inside, {index: other}, got, env)})"
        return got, proof

    def filled(self, index: str) -> str:
        """A proof that a range holds something."""
        size = self.prover.size_of(index)
        if not size.is_Symbol:
            raise Unprovable("the first of a range that is computed")
        return f"{self.prover.statements.size(size)}_pos"

    # -- sums inside sums -------------------------------------------------------------------------------------------

    def total(self, inside: list[Factor], index: str, size: Poly, got: Poly, env: Env) -> str:
        """A proof that Σ_k of a product is the canonical sum."""
        bounds: Bounds = [(index, size)]
        groups: list[tuple[Bounds, list[Factor]]] = [([], [])]
        nested: list[Factor] = []
        for atom, power in inside:
            if atom.kind == "sum" and power.denominator == 1 and 0 < power <= MOST_OPENED:
                for copy in range(int(power)):
                    groups.append(self.algebra.opened(atom, f"{len(bounds)}.{copy}"))
                    nested.append((atom, ONE))
                    bounds = bounds + groups[-1][0]
            else:
                groups[0][1].append((atom, power))
        factors = [factor for _, more in groups for factor in more]
        if len(self.algebra._closed(bounds, factors)[0]) != len(bounds):
            raise Unprovable("a row of a simplex")
        ((atom, _),) = next(iter(got))
        order = next(one for one in permutations(bounds) if self._key(one, factors) == atom.key)
        letters = frozenset().union(*(letters_of(one) for one, _ in inside)) - {index}
        lemma = self.prover.lemma(
            "part",
            letters,
            lambda own: f"{self._sum(bounds[:1], inside, own)} = {self.forms.poly(got, own)} :> F",
            lambda own: Merge(self, bounds, nested, groups, order, atom, own).tactics(),
        )
        return str(self.prover.page.call(lemma, env))

    def _key(self, order: Any, factors: list[Factor]) -> str:
        depth = 1 + max((atom.depth for atom, _ in factors), default=0)
        return str(self.algebra._under(order, factors, depth)[0])

    def _sum(self, bounds: Bounds, factors: list[Factor], env: Env) -> str:
        return self.forms.sums(bounds, lambda inside: self.forms.term(factors, inside), env)


class Merge:
    """Σ_k f(k) (Σ_l s) (Σ_m t) as one sum over all bounds in their canonical order."""

    def __init__(
        self, sums: Sums, bounds: Bounds, nested: list[Factor], groups: Any, order: Any, atom: Atom, env: Env
    ) -> None:
        self.sums, self.forms, self.bounds, self.nested, self.groups = sums, sums.forms, bounds, nested, groups
        self.order, self.atom, self.env = order, atom, env

    def tactics(self) -> str:
        """All steps."""
        apart = self.apart() if len(self.groups) > 1 else []
        return "\n".join(["", *apart, *self.sorted(), self.commuted()])

    def body(self, env: Env, leaf: Leaf = itself) -> str:
        """f s t: one product for each sum."""
        (_, plain), *more = self.groups
        text = self.forms.term(plain, env, leaf)
        for _, factors in more:
            text = f"({text} * {self.forms.term(factors, env, leaf)})"
        return f"({text} * 1)" if more else text

    def apart(self) -> list[str]:
        """Σ_k f S T = Σ_k Σ_l Σ_m f s t."""
        (_, plain), *more = self.groups

        def product(env: Env) -> str:
            tail = "1"
            for atom, _ in reversed(self.nested):
                tail = f"({self.forms.atom(atom, env)} * {tail})"
            return f"({self.forms.term(plain, env)} * {tail})"

        push = " ".join("apply: push => ?. " * len(bounds) + "rewrite mulrA." for bounds, _ in more)
        everything = self.forms.sums(self.bounds, self.body, self.env)
        return [
            f"apply: (etrans (y := {self.forms.sums(self.bounds[:1], product, self.env)} : F)).",
            "  apply: under => ?. ring.",
            f"apply: (etrans (y := {everything} : F)).\n  apply: under => ?. {push} first [reflexivity | ring].",
        ]

    def sorted(self) -> list[str]:
        """The bounds in order, by neighbours that change places."""
        now, steps = list(self.bounds), []
        for place, want in enumerate(self.order):
            at = next(spot for spot, bound in enumerate(now) if bound[0] == want[0])
            while at > place:
                now[at - 1], now[at] = now[at], now[at - 1]
                at -= 1
                wanted = self.forms.sums(now, self.body, self.env)
                steps.append(
                    f"apply: (etrans (y := {wanted} : F)).\n  {'apply: under => ?. ' * at}exact: exchange_big."
                )
        return steps

    def commuted(self) -> str:
        """Two products of the same atoms."""
        prover = self.sums.prover
        canonical = self.forms.bound((name for name, _ in self.atom.parts[0]), self.env)
        names = [canonical[name] for name, _ in self.atom.parts[0]]
        env = {**self.env, **dict(zip((name for name, _ in self.order), names, strict=True))}
        if self.body(env) == self.forms.term(self.atom.parts[1], canonical):
            return "reflexivity."
        identity = Identity(prover.facts, env)
        left, count = self.body(env, identity.letter), len(identity.letters)
        right = self.forms.term(self.atom.parts[1], canonical, identity.letter)
        intro = "".join(f"apply: under => {name}. " for name in names)
        if len(identity.letters) != count:
            return f"{intro}same."
        letters = " ".join(identity.letters.values())
        return f"{intro}exact: {prover.page.identity(f'forall {letters} : F, {left} = {right}', 'algebra')}."
