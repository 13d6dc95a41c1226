"""Proofs that an expression is its normal form, step by step: untrusted, since Rocq checks each.

Python says what the normal form of every node is; a lemma says that the node is that, by the lemmas of its parts.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from sympy import Expr

from symformer.calculus import worked_out
from symformer.certify.facts import Facts
from symformer.certify.forms import expression, in_order
from symformer.certify.identity import Identity, statement
from symformer.certify.names import Unprovable, free
from symformer.certify.page import Known, Page
from symformer.certify.statement import Env, number, power
from symformer.certify.sums import Sums
from symformer.notation import (
    Add,
    Const,
    Derivative,
    Div,
    Element,
    Func,
    Mul,
    Neg,
    Pow,
    Sum,
    Var,
    Written,
    opened,
)  # fmt: skip
from symformer.programs import definition_at, is_defined
from symformer.proof.normal.atoms import Atom, Poly
from symformer.proof.normal.form import Form

ARITHMETIC = (Add, Neg, Mul, Div, Pow)


class Prover:
    """Lemmas for the nodes of one line.

    Args:
        page: where they are written.
        form: what says normal forms.
        conditions: what the page prints for this line.
    """

    def __init__(self, page: Page, form: Form, conditions: tuple[str, ...]) -> None:
        self.page, self.form, self.forms, self.statements = page, form, page.forms, page.statements
        self.facts = Facts(self, conditions)
        self.sums = Sums(self)

    def of(self, node: Written) -> Poly:
        """The normal form."""
        return self.form.of(node)

    # -- lemmas -----------------------------------------------------------------------------------------------------

    def lemma(
        self, kind: str, letters: frozenset[str], say: Callable[[Env], str], proof: Callable[[Env], str]
    ) -> Known:
        """A lemma for all values of its indices, which are named in the order in which they are met."""
        order = in_order(letters, say)
        taken = set(self.statements.names.by_key.values())
        env: dict[str, str] = {}
        for letter in order:
            env[letter] = free("i", {*env.values(), *taken})
        spans = {letter: self.span(letter) for letter in order}
        return self.page.lemma(kind, spans, say(env), lambda: proof(env), env)

    def span(self, letter: str) -> str:
        """What an index runs over, as text."""
        size = self.form.algebra.ranges.get(letter)
        if size is None:
            raise Unprovable(f"no range of {letter}")
        return self.forms.size(size)

    def size_of(self, letter: str) -> Expr:
        """What an index runs over."""
        return expression(self.form.algebra.ranges[letter])

    def text(self, node: Written, env: Env) -> str:
        """An expression, as in a statement."""
        return self.statements.text(node, env)

    def letters(self, node: Written) -> frozenset[str]:
        """Its free indices."""
        return frozenset(str(symbol) for symbol in node.free if not symbol.is_positive)

    # -- nodes ------------------------------------------------------------------------------------------------------

    def proof(self, node: Written, env: Env) -> str:
        """A proof of `node = its normal form` in this scope."""
        if self.text(node, env) == self.forms.poly(self.of(node), env):
            return "(erefl _)"
        return self.page.call(self.step(node), env)

    def step(self, node: Written) -> Known:
        """The lemma that a node is its normal form."""
        poly = self.of(node)
        return self.lemma(
            "step",
            self.letters(node),
            lambda env: f"{self.text(node, env)} = {self.forms.poly(poly, env)} :> F",
            lambda env: self.tactics(node, env),
        )

    def tactics(self, node: Written, env: Env) -> str:
        """The tactics of a step."""
        match node:
            case Derivative():
                return self.tactics(worked_out(node), env)
            case Element() if is_defined(node.tensor):
                return f"exact {self.proof(definition_at(node), env)}."
            case Func() if (formula := opened(node)) is not None:
                return f"exact {self.proof(formula, env)}."
            case Sum():
                return self.sums.tactics(node, env)
            case Func():
                return self.function(node, env)
        if isinstance(node, (*ARITHMETIC, Const, Var)):
            return self.arithmetic(node, env)
        return "indicator."

    def arithmetic(self, node: Written, env: Env) -> str:
        """A step of ring operations: the parts are their normal forms, and an identity of letters."""
        identity = Identity(self.facts, env)
        left = self.lettered(node, identity)
        return self.close(identity, lambda: f"{left} = {identity.poly(self.of(node))}")

    def close(self, identity: Identity, conclusion: Callable[[], str]) -> str:
        """An identity of letters, put to use."""
        return f"exact {self.apply(identity, conclusion)}."

    def apply(self, identity: Identity, conclusion: Callable[[], str]) -> str:
        """A proof by an identity of letters."""
        end = conclusion()
        tactic = "algebra_by_cases" if identity.cases() else "algebra"
        name = self.page.identity(statement(identity, end), tactic)
        return f"({' '.join([f'@{name} F', *('_' for _ in identity.letters), *identity.hypotheses.values()])})"

    def lettered(self, node: Written, identity: Identity) -> str:
        """Ring operations as they stand, over letters for the parts; what is divided by is supposed not to be 0."""
        match node:
            case Add():
                return f"({' + '.join(self.lettered(kid, identity) for kid in node.kids)})"
            case Mul():
                return f"({' * '.join(self.lettered(kid, identity) for kid in node.kids)})"
            case Neg():
                return f"(- {self.lettered(node.kids[0], identity)})"
            case Div():
                under = self.lettered(node.kids[1], identity)
                self.divided(node.kids[1], under, identity)
                return f"({self.lettered(node.kids[0], identity)} / {under})"
            case Pow():
                return self.power(node, identity)
        return self.part(node, identity)

    def power(self, node: Pow, identity: Identity) -> str:
        """A whole power, of a root where the exponent is half of one."""
        base, exponent = node.kids[0], node.kids[1].plain()
        if exponent.q == 2:
            base, exponent = Func((base,), ("sqrt",)), exponent * 2
        text = self.lettered(base, identity)
        if exponent < 0:
            self.divided(base, text, identity)
        return power(text, exponent)

    def divided(self, node: Written, text: str, identity: Identity) -> None:
        """What is divided by is not 0, and neither are the factors of its normal form."""
        if isinstance(node, Const):
            return
        identity.suppose(f"{text} != 0", self.facts.of_divisor(node, identity.env))

    def part(self, node: Written, identity: Identity) -> str:
        """A letter for a part, which is supposed to be its normal form."""
        if isinstance(node, Const):
            return self.text(node, identity.env)
        text, poly = self.text(node, identity.env), self.of(node)
        if text == self.forms.poly(poly, identity.env):
            return identity.poly(poly)
        return self.is_form(node, identity)

    def is_form(self, node: Written, identity: Identity) -> str:
        """A letter for an expression, which is supposed to be its normal form."""
        proof = self.proof(node, identity.env)  # first, as it finds the facts that the form needs
        letter = identity.letter(self.text(node, identity.env))
        identity.suppose(f"{letter} = {identity.poly(self.of(node))}", proof)
        return letter

    # -- functions --------------------------------------------------------------------------------------------------

    def function(self, node: Func, env: Env) -> str:
        """exp of a sum is a product, √ is what has that square, ln of a product is a sum."""
        rule = {"exp": self.exponential, "sqrt": self.root, "log": self.logarithm}.get(node.name)
        if rule is None:
            raise Unprovable(f"no proof with {node.name}")
        return rule(node, env)

    def exponential(self, node: Func, env: Env) -> str:
        """exp(Σ c t) = Π exp(t)^c."""
        inner, argument = node.kids[0], self.form.algebra.argument(self.of(node.kids[0]))
        parts = [self.exponent(term, value, env) for term, value in argument.items()]
        if not parts:
            raise Unprovable("exp of 0")
        texts, proofs, found = zip(*parts, strict=True)
        split = Identity(self.facts, env)
        text = self.is_form(inner, split)
        pieces = " + ".join(one(split) for one in texts)
        argument_is = self.apply(split, lambda: f"{text} = {pieces}")
        join = proofs[0]
        for proof in proofs[1:]:
            join = f"(exp_join exp_add {join} {proof})"
        last = Identity(self.facts, env)
        letter = last.letter(self.text(node, env))
        product = " * ".join(one(last) for one in found)
        proof = f"(etrans (congr1 exp {argument_is}) {join})"
        last.suppose(f"{letter} = {product}", proof)
        return self.close(last, lambda: f"{letter} = {last.poly(self.of(node))}")

    def exponent(self, term, value: Fraction, env: Env):  # type: ignore[no-untyped-def]
        """(the part of the argument, a proof of what exp of it is, that)."""
        logs = len(term) == 1 and term[0][0].kind == "function" and term[0][1] == 1
        if logs or any(atom.kind == "delta" for atom, _ in term):
            raise Unprovable("exp of a logarithm or of a delta")
        wave = Atom("exp", (term,), f"exp({self._key(term)})")
        fine = self.forms.finest.get(self.forms.shape(wave), 1)
        times = value * fine
        if times.denominator != 1:
            raise Unprovable("a root of exp that no line holds")
        count, minus = abs(int(times)), times < 0

        def argument(identity: Identity) -> str:
            whole = identity.term(term)
            part = f"({whole} / {number(fine)})" if fine > 1 else whole
            text = f"({count}%:R * {part})"
            return f"(- {text})" if minus else text

        def found(identity: Identity) -> str:
            letter = identity.letter(self.forms.exponential(wave, fine, env))
            text = f"({letter} ^+ {count})"
            return f"({text})^-1" if minus else text

        lemma = "exp_less" if minus else "exp_times"
        return argument, f"({lemma} exp_add exp_pos {count} _)", found

    def _key(self, term) -> str:  # type: ignore[no-untyped-def]
        return "*".join(f"{atom.key}^{value}" for atom, value in term) or "1"

    def root(self, node: Func, env: Env) -> str:
        """√a = y, as y ≥ 0 and y² = a."""
        inner = node.kids[0]
        self.facts.of_root(inner, env)
        identity = Identity(self.facts, env)
        text, found = self.is_form(inner, identity), self.of(node)
        square = self.apply(identity, lambda: f"{identity.poly(found)} ^+ 2 = {text}")
        return f"exact (sqrt_is {self.facts.sign(found, '0 <=', env)} {square})."

    def logarithm(self, node: Func, env: Env) -> str:
        """By rules for products, inverses, powers and exp."""
        raise Unprovable("no proof with log")

    def line(self, left: Written, right: Written, env: Env) -> str:
        """The tactics of a line: both sides are their normal forms, which agree."""
        identity = Identity(self.facts, env)
        one, two = (self.is_form(side, identity) for side in (left, right))
        return self.close(identity, lambda: f"{one} = {two}")
