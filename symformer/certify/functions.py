"""Steps of exp, √ and ln: exp of a sum is a product, √a is what has that square and is not negative, ln of a product is
a sum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

from symformer.certify.forms import Factor
from symformer.certify.identity import Identity
from symformer.certify.names import Unprovable
from symformer.certify.statement import FUNCTIONS, Env, number
from symformer.notation import Func
from symformer.proof.normal.atoms import Atom, Poly, Term, term_key

ONE = Fraction(1)
Say = Callable[[Identity], str]


@dataclass(frozen=True)
class Piece:
    """f of an argument is a value: both in letters, with a proof."""

    argument: Say
    proof: str
    value: Say


class Functions:
    """Steps of the functions of one line. `prover` writes the lemmas of their arguments."""

    def __init__(self, prover: Any) -> None:
        self.prover, self.facts, self.forms, self.algebra = prover, prover.facts, prover.forms, prover.form.algebra

    def tactics(self, node: Func, env: Env) -> str:
        """`f(argument) = its normal form`."""
        rules = {"exp": self.exponential, "sqrt": self.root, "log": self.logarithm}
        return rules.get(node.name, self.opaque)(node, env)

    def opaque(self, node: Func, env: Env) -> str:
        """A function that no rule opens: of the normal form of its argument."""
        if node.name not in FUNCTIONS:
            raise Unprovable(f"no proof with {node.name}")
        inner = self.prover.of(node.kids[0])
        if self.algebra.argument(inner) != inner:
            raise Unprovable("a quotient under a function")
        return f"exact (congr1 {FUNCTIONS[node.name]} {self.prover.proof(node.kids[0], env)})."

    def finish(self, node: Func, piece: Piece, env: Env) -> str:
        """From the piece of an argument to the normal form of the function."""
        prover = self.prover
        split = Identity(self.facts, env)
        inner = prover.is_form(node.kids[0], split)
        argument = prover.apply(split, lambda: f"{inner} = {piece.argument(split)}")
        last = Identity(self.facts, env)
        letter = last.letter(prover.text(node, env))
        proof = f"(etrans (congr1 {FUNCTIONS[node.name]} {argument}) {piece.proof})"
        last.suppose(f"{letter} = {piece.value(last)}", proof)
        return str(prover.close(last, lambda: f"{letter} = {last.poly(prover.of(node))}"))

    # -- exp --------------------------------------------------------------------------------------------------------

    def exponential(self, node: Func, env: Env) -> str:
        """exp(Σ c t) = Π exp(t)^c."""
        argument = self.algebra.argument(self.prover.of(node.kids[0]))
        return self.finish(node, self.exp_of(argument, env), env)

    def exp_of(self, poly: Poly, env: Env) -> Piece:
        """exp of a polynomial, term by term."""
        if not poly:
            return Piece(lambda _: "0", "(exp_zero exp_add exp_pos)", lambda _: "1")
        return reduce(_joined, [self.exp_of_term(term, poly[term], env) for term in self.forms.ordered(poly)])

    def exp_of_term(self, term: Term, value: Fraction, env: Env) -> Piece:
        """exp(c t) = exp(t)^c, of a logarithm a power, of what a delta turns off 1."""
        delta = next((atom for atom, _ in term if atom.kind == "delta"), None)
        if delta is not None:
            return self.switched(delta, {tuple(item for item in term if item[0] != delta): value}, env)
        if len(term) == 1 and term[0][1] == 1 and _is_log(term[0][0]):
            return self.exp_of_log(term[0][0], value, env)
        wave = Atom("exp", (term,), f"exp({term_key(term)})")
        fine = self.forms.finest.get(self.forms.shape(wave), 1)

        def whole(identity: Identity) -> str:
            return f"({identity.term(term)} / {number(fine)})" if fine > 1 else identity.term(term)

        def letter(identity: Identity) -> str:
            return identity.letter(self.forms.exponential(wave, fine, env))

        return _times(value * fine, whole, letter, ("exp_times", "exp_less"), "exp_add exp_pos", "_")

    def exp_of_log(self, log: Atom, value: Fraction, env: Env) -> Piece:
        """exp(c ln P) = P^c."""
        inner = log.parts[1]
        proof = self.positive(inner, env)

        def whole(identity: Identity) -> str:
            return identity.term(((log, ONE),))

        return _times(value, whole, lambda identity: identity.poly(inner), ("exp_ln_times", "exp_ln_less"),
                      "exp_add exp_pos exp_ln", proof)  # fmt: skip

    def switched(self, delta: Atom, rest: Poly, env: Env) -> Piece:
        """exp(δ t) = 1 + δ (exp t − 1)."""
        inner = self.exp_of(rest, env)

        def bit(identity: Identity) -> str:
            return identity.term(((delta, ONE),))

        left, right = (self.forms.index(index, env) for index in delta.parts)
        return Piece(
            lambda identity: f"({bit(identity)} * {inner.argument(identity)})",
            f"(exp_switch exp_add exp_pos ({left} == {right} :> nat) {inner.proof})",
            lambda identity: f"(1 + {bit(identity)} * ({inner.value(identity)} - 1))",
        )

    # -- roots ------------------------------------------------------------------------------------------------------

    def root(self, node: Func, env: Env) -> str:
        """√a = y, as y ≥ 0 and y² = a."""
        inner, found = node.kids[0], self.prover.of(node)
        self.facts.of_root(inner, env)
        identity = Identity(self.facts, env)
        text = self.prover.is_form(inner, identity)
        square = self.prover.apply(identity, lambda: f"{identity.poly(found)} ^+ 2 = {text}")
        return f"exact (sqrt_is {self.facts.sign(found, '0 <=', env)} {square})."

    # -- logarithms -------------------------------------------------------------------------------------------------

    def logarithm(self, node: Func, env: Env) -> str:
        """ln(Π p^c r) = Σ c ln p + ln r."""
        inner = node.kids[0]
        self.facts.of_logarithm(inner, env)
        argument = self.algebra.argument(self.prover.of(inner))
        (value, shared), rest = self.algebra._content(argument, False)
        rest = self.algebra.scale(rest, value)
        pieces = [(self.log_of_factor(item, env), self.power_positive(item, env)) for item in shared]
        if rest != {(): ONE}:
            pieces.append((self.log_of_rest(rest), self.positive(rest, env)))
        if not pieces:
            return self.finish(node, Piece(lambda _: "1", "(ln_one exp_add exp_pos ln_exp)", lambda _: "0"), env)
        found, _ = reduce(_log_joined, pieces)
        return self.finish(node, found, env)

    def log_of_rest(self, rest: Poly) -> Piece:
        """ln of what has no factor that is visibly positive: a letter."""
        log = next(iter(self.algebra.function("log", rest)))
        return Piece(lambda identity: identity.poly(rest), "(erefl _)", lambda identity: identity.term(log))

    def log_of_factor(self, factor: Factor, env: Env) -> Piece:
        """ln(p^c) = c ln p; ln exp t = t."""
        atom, power = factor
        if atom.kind == "exp":
            fine = self.forms.finest.get(self.forms.shape(atom), 1)
            part = f" / {number(fine)}" if fine > 1 else ""
            return _times(
                power * fine,
                lambda identity: identity.letter(self.forms.exponential(atom, fine, env)),
                lambda identity: f"({identity.term(atom.parts[0])}{part})",
                ("ln_exp_times", "ln_exp_less"), "exp_add exp_pos ln_exp", "_", turned=True,
            )  # fmt: skip
        inner = atom.parts[0] if atom.kind == "poly" else self.algebra.atom(atom)
        log = next(iter(self.algebra.function("log", inner)))
        return _times(
            power, lambda identity: identity.poly(inner), lambda identity: identity.term(log),
            ("ln_times", "ln_less"), "exp_add exp_pos ln_exp ln_mul", self.positive(inner, env), turned=True,
        )  # fmt: skip

    def power_positive(self, factor: Factor, env: Env) -> str:
        """A proof that a factor's power, as it stands in a piece, is positive."""
        atom, power = factor
        count = abs(int(power * self.forms.finest.get(self.forms.shape(atom), 1) if atom.kind == "exp" else power))
        base = "(exp_pos _)" if atom.kind == "exp" else self.positive(self._inner(atom), env)
        found = f"(exprn_gt0 {count} {base})"
        return found if power > 0 else f"(inv_pos {found})"

    def _inner(self, atom: Atom) -> Poly:
        return atom.parts[0] if atom.kind == "poly" else self.algebra.atom(atom)

    def positive(self, poly: Poly, env: Env) -> str:
        """A proof that a polynomial is positive: visibly, or as a logarithm of it is taken."""
        if self.algebra.positive(poly):
            return self.facts.sign(poly, "0 <", env)
        return str(self.facts.of_logarithm_form(poly, env))


def _joined(one: Piece, two: Piece) -> Piece:
    return Piece(
        lambda identity: f"({one.argument(identity)} + {two.argument(identity)})",
        f"(exp_join exp_add {one.proof} {two.proof})",
        lambda identity: f"({one.value(identity)} * {two.value(identity)})",
    )


def _log_joined(one: tuple[Piece, str], two: tuple[Piece, str]) -> tuple[Piece, str]:
    (first, sign), (second, other) = one, two
    piece = Piece(
        lambda identity: f"({first.argument(identity)} * {second.argument(identity)})",
        f"(ln_join ln_mul {sign} {other} {first.proof} {second.proof})",
        lambda identity: f"({first.value(identity)} + {second.value(identity)})",
    )
    return piece, f"(mulr_gt0 {sign} {other})"


def _times(times: Fraction, whole: Say, letter: Say, rules: tuple[str, str], given: str, last: str, *,
           turned: bool = False) -> Piece:  # fmt: skip
    """f(c t) = f(t)^c, or with `turned` f(t^c) = c f(t), for a whole c of either sign."""
    if times.denominator != 1:
        raise Unprovable("a root under exp or ln")
    count, minus = abs(int(times)), times < 0

    def product(say: Say) -> Say:
        return lambda identity: f"(- ({count}%:R * {say(identity)}))" if minus else f"({count}%:R * {say(identity)})"

    def power(say: Say) -> Say:
        return lambda identity: f"({say(identity)} ^+ {count})^-1" if minus else f"({say(identity)} ^+ {count})"

    proof = f"({rules[minus]} {given} {count} {last})"
    return Piece(power(whole), proof, product(letter)) if turned else Piece(product(whole), proof, power(letter))


def _is_log(atom: Atom) -> bool:
    return atom.kind == "function" and bool(atom.parts[0] == "log")
