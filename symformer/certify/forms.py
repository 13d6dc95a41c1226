"""Text of normal forms: canonical bound indices, and an order of factors that no letter decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from math import lcm

import sympy
from sympy import Expr

from symformer.certify.names import Unprovable
from symformer.certify.statement import FUNCTIONS, Env, Statements, number, rational
from symformer.proof.normal.atoms import Atom, Poly, Term, inner_terms
from symformer.proof.normal.indices import Index

Leaf = Callable[[str], str]  # what stands for an atom: itself, or a letter of an identity
Factor = tuple[Atom, Fraction]


class Blank(dict[str, str]):
    """One sign for every index."""

    def __missing__(self, _: str) -> str:
        return "_"


def itself(text: str) -> str:
    """The atom as it is."""
    return text


class Forms:
    """Text of polynomials of atoms; exp has whole powers, of the finest root that the page holds."""

    def __init__(self, statements: Statements) -> None:
        self.statements = statements
        self.finest: dict[str, int] = {}
        self.shapes: dict[str, str] = {}
        self.seen: set[str] = set()

    def note(self, poly: Poly) -> None:
        """Takes in what roots of exp there are."""
        for atom, value in (item for term in poly for item in term):
            if atom.kind == "exp" and value.denominator > 1:
                shape = self.shape(atom)
                self.finest[shape] = lcm(self.finest.get(shape, 1), value.denominator)
            if atom.key not in self.seen:
                self.seen.add(atom.key)
                self.note(dict.fromkeys(inner_terms(atom), Fraction(1)))

    def shape(self, atom: Atom) -> str:
        """The atom without its letters."""
        if atom.key not in self.shapes:
            exp = atom.kind == "exp"
            self.shapes[atom.key] = self.term(atom.parts[0], Blank()) if exp else self.atom(atom, Blank())
        return self.shapes[atom.key]

    # -- text -------------------------------------------------------------------------------------------------------

    def poly(self, poly: Poly, env: Env, leaf: Leaf = itself) -> str:
        """A polynomial."""
        terms = [self.scaled(term, poly[term], env, leaf) for term in self.ordered(poly)]
        return f"({' + '.join(terms)})" if len(terms) > 1 else terms[0] if terms else "0"

    def ordered(self, poly: Poly) -> list[Term]:
        """The terms, in an order that no letter decides where that is possible."""
        return sorted(poly, key=lambda term: ([(self.shape(a), p) for a, p in self.factors(term)], str(term)))

    def scaled(self, term: Iterable[Factor], value: Fraction, env: Env, leaf: Leaf = itself) -> str:
        """A number times a product."""
        text = self.term(term, env, leaf)
        if text == "1" or value == 1:
            return rational(sympy.Rational(value.numerator, value.denominator)) if text == "1" else text
        return f"({rational(sympy.Rational(value.numerator, value.denominator))} * {text})"

    def factors(self, term: Iterable[Factor]) -> list[Factor]:
        """The factors in order."""
        return sorted(term, key=lambda item: (self.shape(item[0]), item[0].key))

    def term(self, term: Iterable[Factor], env: Env, leaf: Leaf = itself) -> str:
        """A product."""
        texts = [self.factor(atom, value, env, leaf) for atom, value in self.factors(term)]
        return f"({' * '.join(texts)})" if len(texts) > 1 else texts[0] if texts else "1"

    def factor(self, atom: Atom, value: Fraction, env: Env, leaf: Leaf = itself) -> str:
        """An atom to a power."""
        if atom.kind == "exp":
            fine = self.finest.get(self.shape(atom), 1)
            text, value = leaf(self.exponential(atom, fine, env)), value * fine
        elif value.denominator == 2:
            text, value = leaf(self.root(atom, env)), 2 * value
        else:
            text = self.atom(atom, env, leaf) if atom.kind == "poly" else leaf(self.atom(atom, env))
        if value.denominator != 1:
            raise Unprovable(f"the power {value}")
        found = text if abs(value) == 1 else f"({text} ^+ {abs(int(value))})"
        return found if value > 0 else f"({found}^-1)"

    def exponential(self, atom: Atom, fine: int, env: Env) -> str:
        """exp of a monomial, or of a part of it."""
        text = self.term(atom.parts[0], env)
        return f"(exp ({text} / {number(fine)}))" if fine > 1 else f"(exp {text})"

    def root(self, atom: Atom, env: Env) -> str:
        """√ of an atom."""
        return f"(Num.sqrt {self.atom(atom, env)})"

    def atom(self, atom: Atom, env: Env, leaf: Leaf = itself) -> str:
        """An atom that is no exponential."""
        match atom.kind:
            case "entry":
                tensor, indices = atom.parts
                return self.statements.entry(tensor, [self.index(index, env) for index in indices])
            case "size":
                return f"{self.statements.size(atom.parts[0])}%:R"
            case "index":
                return f"{self.index(atom.parts[0], env)}.+1%:R"
            case "delta" | "below":
                left, right = (self.index(index, env) for index in atom.parts)
                return f"({left} == {right} :> nat)%:R" if atom.kind == "delta" else f"({left} <= {right})%N%:R"
            case "poly":
                return self.poly(atom.parts[0], env, leaf)
            case "sum":
                return self.sums(atom.parts[0], lambda inside: self.term(atom.parts[1], inside), env)
            case "pi":
                return "pi"
            case "function" if atom.parts[0] in FUNCTIONS:
                return f"({FUNCTIONS[atom.parts[0]]} {self.poly(atom.parts[1], env)})"
        raise Unprovable(f"no text of {atom.parts[0] if atom.kind == 'function' else atom.kind} in a normal form")

    def sums(self, bounds: Iterable[tuple[str, Poly]], body: Callable[[Env], str], env: Env) -> str:
        """Sums around a body."""
        inside = self.bound((name for name, _ in bounds), env)
        text = body(inside)
        for name, size in reversed(list(bounds)):
            text = f"(\\sum_({inside[name]} < {self.size(size)}) {text})"
        return text

    def bound(self, letters: Iterable[str], env: Env) -> Env:
        """Identifiers for canonical letters: `#depth.place:size` is z<depth>_<place>; others are numbered."""
        if isinstance(env, Blank):
            return env
        inside = dict(env)
        for letter in letters:
            place = letter[1:].split(":")[0].replace(".", "_") if letter.startswith("#") else ""
            inside[letter] = f"z{place}" if place else f"z{len(inside)}_"
        return inside

    def index(self, index: Index, env: Env) -> str:
        """An index, counted from 0."""
        if isinstance(index, int) and index > 0:
            return f"{index - 1}%N"
        if not isinstance(index, str):
            raise Unprovable("an index that is picked or computed")
        return env[index]

    def size(self, size: Poly) -> str:
        """A range."""
        return self.statements.size(expression(size))


def in_order(letters: Iterable[str], text: Callable[[Env], str]) -> list[str]:
    """Letters in the order in which a text holds them; those that it does not hold are left out."""
    marks = {letter: chr(0xE000 + place) for place, letter in enumerate(sorted(letters))}  # for private use
    found = text(marks)
    places = {letter: found.find(mark) for letter, mark in marks.items()}
    return sorted((letter for letter, place in places.items() if place >= 0), key=lambda letter: places[letter])


def expression(size: Poly) -> Expr:
    """A range as a size.

    Raises:
        Unprovable: it is no sum of products of sizes.
    """
    out = sympy.Integer(0)
    for term, value in size.items():
        if value.denominator != 1 or any(atom.kind != "size" or p.denominator != 1 or p < 0 for atom, p in term):
            raise Unprovable("a range that is no sum of sizes")
        out += int(value) * sympy.Mul(*(atom.parts[0] ** int(p) for atom, p in term))
    return out
