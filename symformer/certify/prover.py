"""Proofs that an expression is its normal form, step by step: untrusted, since Rocq checks each.

Python says what the normal form of every node is; a lemma says that the node is that, by the lemmas of its parts.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr

from symformer.calculus import worked_out
from symformer.certify.facts import Facts
from symformer.certify.forms import expression, in_order
from symformer.certify.functions import Functions
from symformer.certify.identity import Identity, statement
from symformer.certify.names import Unprovable, free
from symformer.certify.page import Known, Page
from symformer.certify.statement import Env, formula_of, power
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
)  # fmt: skip
from symformer.programs import definition_at, is_defined
from symformer.proof.normal.atoms import Poly
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
        self.sums, self.functions = Sums(self), Functions(self)

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
            case Func() if (formula := formula_of(node)) is not None:
                return f"exact {self.proof(formula, env)}."
            case Sum():
                return self.sums.tactics(node, env)
            case Func():
                return self.functions.tactics(node, env)
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
        tactic = "algebra_by_cases" if identity.cases() else "quotients" if identity.divides else "algebra"
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
        identity.divides = True
        identity.suppose(f"{text} != 0", self.facts.of_divisor(node, identity.env))
        identity.demand(self.form.algebra.inverse(self.of(node)))

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

    # -- lines ------------------------------------------------------------------------------------------------------

    def line(self, left: Written, right: Written, env: Env) -> str:
        """The tactics of a line: both sides are their normal forms, which agree."""
        identity = Identity(self.facts, env)
        one, two = (self.is_form(side, identity) for side in (left, right))
        return self.close(identity, lambda: f"{one} = {two}")
