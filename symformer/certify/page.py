"""A page as one file of Rocq: a Section with its inputs, and lemmas in the order in which they need each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from symformer.certify.forms import Forms
from symformer.certify.statement import Env, Statements

HEAD = """From mathcomp Require Import all_ssreflect all_algebra ring.
Require Import rules.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory. Local Open Scope ring_scope.

"""
IDENTITIES = """(* Identities of letters. *)
Section Identities.
Variable F : rcfType.
"""
INPUTS = """End Identities.

Section Page.
Variable F : rcfType.
Variables exp ln erf : F -> F. Variable pi : F.
Hypothesis exp_add : forall a b, exp (a + b) = exp a * exp b.
Hypothesis exp_pos : forall a, 0 < exp a.
Hypothesis ln_exp : forall a, ln (exp a) = a.
Hypothesis ln_mul : forall a b, 0 < a -> 0 < b -> ln (a * b) = ln a + ln b.
Hypothesis exp_ln : forall a, 0 < a -> exp (ln a) = a.
Hypothesis pi_pos : 0 < pi.
"""


@dataclass(frozen=True)
class Known:
    """A lemma: its name, the premises that it takes, and the letters of its indices."""

    name: str
    premises: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()

    def call(self, env: Env) -> str:
        """It at these indices."""
        parts = [self.name, *self.premises, *(env[letter] for letter in self.letters)]
        return f"({' '.join(parts)})" if len(parts) > 1 else self.name


class Page:
    """What the lines of a page share: names, definitions, and lemmas by their statements."""

    def __init__(self) -> None:
        self.statements = Statements()
        self.forms = Forms(self.statements)
        self.items: list[str] = []
        self.identities: dict[str, str] = {}  # name by statement
        self.stated: list[str] = []
        self.defined: set[str] = set()
        self.known: dict[str, Known] = {}
        self.facts: dict[str, Known] = {}  # what is known of atoms
        self.premises: dict[str, str] = {}  # name by text
        self.words: dict[str, str] = {}  # what a page prints for a premise, by name
        self.used: list[dict[str, None]] = []  # premises that the lemmas under way have used
        self.count = 0

    def premise(self, text: str, words: str) -> str:
        """The name of a premise, which the lemma under way takes."""
        name = self.premises.setdefault(text, f"given{len(self.premises) + 1}")
        self.words[name] = words
        self.use((name,))
        return name

    def use(self, names: Iterable[str]) -> None:
        """Notes premises of the lemma under way."""
        if self.used:
            self.used[-1].update(dict.fromkeys(names))

    def call(self, known: Known, env: Env) -> str:
        """A lemma at these indices, whose premises the lemma under way takes over."""
        self.use(known.premises)
        return known.call(env)

    def lemma(self, kind: str, spans: Mapping[str, str], statement: str, proof: Callable[[], str], env: Env) -> Known:
        """A lemma, proved once: known by its statement.

        Args:
            kind: what its name begins with.
            spans: the sizes of its indices, as text, by letter.
            statement: what it says of them.
            proof: writes the tactics.
            env: identifiers of the indices.
        """
        binders = "".join(f" ({env[letter]} : 'I_{size})" for letter, size in spans.items())
        key = f"{binders} : {statement}"
        if key in self.known:
            found = self.known[key]
            self.use(found.premises)
            return Known(found.name, found.premises, tuple(spans))
        with self.under_way() as used:
            tactics = proof()
        self.define()
        self.count += 1
        found = self.known[key] = Known(f"{kind}{self.count}", tuple(used), tuple(spans))
        texts = {name: text for text, name in self.premises.items()}
        taken = "".join(f" ({name} : {texts[name]})" for name in used)
        self.items.append(f"Lemma {found.name}{taken}{key}.\nProof. {tactics} Qed.")
        return found

    def identity(self, statement: str, tactic: str) -> str:
        """The name of an identity of letters."""
        return self.identities.setdefault(f"{statement}.\nProof. {tactic}. Qed.", f"alg{len(self.identities) + 1}")

    @contextmanager
    def under_way(self) -> Iterator[dict[str, None]]:
        """Collects premises; the lemma outside takes them, too."""
        self.used.append({})
        try:
            yield self.used[-1]
        finally:
            used = self.used.pop()
            self.use(used)

    def define(self) -> None:
        """Puts new definitions before the lemma that names them."""
        for name, text in self.statements.definitions.items():
            if name not in self.defined:
                self.defined.add(name)
                self.items.append(text)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Takes everything back where a line cannot be written."""
        statements = self.statements
        before = (
            len(self.items),
            dict(self.known),
            dict(self.premises),
            set(self.defined),
            self.count,
            dict(self.facts),
            dict(self.identities),
        )
        texts = (dict(statements.inputs), list(statements.sizes), dict(statements.definitions))
        written = False
        try:
            yield
            written = True
        finally:
            if not written:
                length, self.known, self.premises, self.defined, self.count, self.facts, self.identities = before
                statements.inputs, statements.sizes, statements.definitions = texts
                del self.items[length:]

    def say(self, statement: str, tactics: str) -> None:
        """A line of the derivation, with its proof."""
        self.define()
        self.stated.append(statement)
        self.items.append(f"{statement}\nProof. {tactics} Qed.")

    def said(self) -> str:
        """The statements without proofs: inputs, definitions, lines."""
        definitions = [text for name, text in self.statements.definitions.items() if name in self.defined]
        return "\n".join([*self.statements.variables(), *definitions, *self.stated])

    def source(self, lemmas: Iterable[str]) -> str:
        """The whole file; at its end, what each line assumes."""
        identities = [f"Lemma {name} : {text}" for text, name in self.identities.items()]
        head = [HEAD + IDENTITIES, *identities, INPUTS, *self.statements.variables(), ""]
        assumed = (
            f"Definition every_line := (tt, {', '.join(f'@{name}' for name in lemmas)}).\nPrint Assumptions every_line."
        )
        return "\n".join([*head, *self.items, "End Page.", assumed, ""])
