"""Proofs of signs that can be read off an expression: of what is declared, squares, roots, exp, and sums, products and
quotients of these. They are terms, put together as the expression is; what has none is left to a tactic."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, reduce
from typing import Any

from symformer.certify.names import Unprovable
from symformer.certify.statement import Env
from symformer.notation import Add, Const, Div, Element, Func, Mul, Pow, Sum, Var, Written, opened
from symformer.programs import definition_at, is_defined
from symformer.proof.normal.signs import NONNEGATIVE, POSITIVE, sign

INPUTS = {"positive": "{}", "simplex": "{}", "unit": "(proj1 (andP {}))"}


class NoTerm(Unprovable):
    """No term for this sign here."""


class Signs:
    """Terms that prove `0 < a` and `0 <= a`. `prover` writes lemmas for definitions, so that they are proved once."""

    def __init__(self, prover: Any) -> None:
        self.prover, self.statements = prover, prover.statements

    def positive(self, node: Written, env: Env) -> str:
        """A proof of `0 < node`."""
        if sign(node) < POSITIVE:
            raise NoTerm("not visibly positive")
        each = [partial(self.positive, kid, env) for kid in node.kids]
        match node:
            case Const():
                return self._number(node)
            case Var():
                return self._size(node) if node.symbol.is_positive else f"(ltr0Sn F {env[str(node.symbol)]})"
            case Element():
                return self._entry(node, env)
            case Add():
                return self._sum(node, env)
            case Mul():
                return reduce(lambda one, two: f"(mulr_gt0 {one} {two})", [proof() for proof in each])
            case Div():
                return f"(divr_gt0 {each[0]()} {each[1]()})"
            case Pow():
                return self._power(node, each[0])
            case Sum():
                return self._total(node, env)
            case Func():
                return self._function(node, env)
        raise NoTerm(f"the sign of {type(node).__name__}")

    def nonnegative(self, node: Written, env: Env) -> str:
        """A proof of `0 <= node`."""
        if sign(node) >= POSITIVE:
            return f"(ltW {self.positive(node, env)})"
        if sign(node) < NONNEGATIVE:
            raise NoTerm("not visibly nonnegative")
        each = [partial(self.nonnegative, kid, env) for kid in node.kids]
        match node:
            case Element() if is_defined(node.tensor):
                return self._defined(node, "0 <=", self.nonnegative, env)
            case Add():
                return reduce(lambda one, two: f"(addr_ge0 {one} {two})", [proof() for proof in each])
            case Mul() if len(node.kids) == 2 and node.kids[0] == node.kids[1]:
                return "(self_ge _)"
            case Mul():
                return reduce(lambda one, two: f"(mulr_ge0 {one} {two})", [proof() for proof in each])
            case Div():
                return f"(divr_ge0 {each[0]()} {each[1]()})"
            case Pow():
                return self._even(node, env)
            case Sum():
                inside = self.statements.inside(node, env)
                return f"(sum_ge (fun {inside[str(node.index)]} => {self.nonnegative(node.body, inside)}))"
            case Func() if node.name == "sqrt":
                return "(sqrtr_ge0 _)"
        raise NoTerm(f"the sign of {type(node).__name__}")

    def _number(self, node: Const) -> str:
        value = node.value
        if not (value.is_Integer and 0 < value < 100):
            raise NoTerm("the sign of a number")
        return "ltr01" if value == 1 else f"(ltr0Sn F {int(value) - 1})"

    def _size(self, node: Var) -> str:
        return f"(size_pos F {self.statements.size(node.symbol)}_pos)"

    def _entry(self, node: Element, env: Env) -> str:
        if is_defined(node.tensor):
            return self._defined(node, "0 <", self.positive, env)
        if node.tensor.domain.kind not in INPUTS:
            raise NoTerm("the sign of an input")
        name = self.statements.entry(node.tensor, [])
        said = " ".join([f"{name}_in", *(self.statements.index(kid, env) for kid in node.kids)])
        return INPUTS[node.tensor.domain.kind].format(f"({said})" if node.kids else said)

    def _defined(self, node: Element, relation: str, proof: Callable[[Written, Env], str], env: Env) -> str:
        prover = self.prover
        lemma = prover.lemma(
            "sign",
            prover.letters(node),
            lambda own: f"{relation} {prover.text(node, own)} :> F",
            lambda own: f"exact {proof(definition_at(node), own)}.",
        )
        return str(prover.page.call(lemma, env))

    def _sum(self, node: Add, env: Env) -> str:
        """One positive term is enough; the sum so far is positive, or it is not negative."""
        found, strict = "", False
        for place, kid in enumerate(node.kids):
            more = sign(kid) >= POSITIVE
            proof = self.positive(kid, env) if more else self.nonnegative(kid, env)
            if place:
                rule = {(True, True): "addr_gt0", (True, False): "pos_ge", (False, True): "ge_pos"}
                found = f"({rule.get((strict, more), 'addr_ge0')} {found} {proof})"
            else:
                found = proof
            strict = strict or more
        return found

    def _power(self, node: Pow, base: Callable[[], str]) -> str:
        exponent = node.kids[1].plain()
        found = f"(root_pos {base()})" if exponent.q == 2 else base()
        found = found if abs(exponent.p) == 1 else f"(exprn_gt0 {abs(int(exponent.p))} {found})"
        return f"(inv_pos {found})" if exponent < 0 else found

    def _even(self, node: Pow, env: Env) -> str:
        exponent = node.kids[1].plain()
        if exponent.q != 1 or exponent < 0:
            raise NoTerm("the sign of a power")
        if exponent % 2 == 0:
            return f"(@even_ge F {int(exponent)} _ isT)"
        return f"(exprn_ge0 {int(exponent)} {self.nonnegative(node.kids[0], env)})"

    def _total(self, node: Sum, env: Env) -> str:
        if not node.size.is_Symbol:
            raise NoTerm("a range that is computed")
        inside = self.statements.inside(node, env)
        body = self.positive(node.body, inside)
        return f"(sum_pos {self.statements.size(node.size)}_pos (fun {inside[str(node.index)]} => {body}))"

    def _function(self, node: Func, env: Env) -> str:
        formula = opened(node)
        if formula is not None:
            return self.positive(formula, env)
        if node.name == "sqrt":
            return f"(root_pos {self.positive(node.kids[0], env)})"
        if node.name == "exp":
            return "(exp_pos _)"
        raise NoTerm(f"the sign of {node.name}")
