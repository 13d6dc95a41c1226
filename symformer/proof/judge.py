"""The judge: is this line equal to (at most, at least) the one before?

It first looks for a refutation in ball arithmetic at random points and sizes, with all independent sizes different, so
that a swapped axis fails. A line that survives is then tried by its normal form at symbolic sizes, and if that gives
up, as an identity of rational functions. It may give up; it is never wrong: `refuted` rests on balls that do not meet
or on a value that surely is not there, `proved` on a normal form whose every rule has its condition, `exact` on
polynomial identities. Where ≈ and → are looked at on the way, a verdict is evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import flint
from sympy import Symbol

from symformer.evaluate import Interpreter
from symformer.notation import NotationError, Range, lift
from symformer.proof.assumptions import NOTHING, Assumptions
from symformer.proof.balls import BITS, BallField
from symformer.proof.counterexample import Break, refuted
from symformer.proof.degree import more_parts
from symformer.proof.exact import Exact, identity
from symformer.proof.falsify import Search, falsify
from symformer.proof.general import with_letters
from symformer.proof.lemmas import Lemma
from symformer.proof.limit import judge_limit
from symformer.proof.look import at_kink, look
from symformer.proof.loops import by_reverse_mode
from symformer.proof.normal import at_most, conditions_of, formula, printed, prove
from symformer.proof.points import interpreter_at
from symformer.proof.precise import too_close
from symformer.proof.statement import Statement
from symformer.proof.toward import Toward
from symformer.proof.verdict import Verdict
from symformer.typeset.plain import to_data

LIMITS = ("≈", "→")
MOST_PARTS = 20_000  # of both sides and the definitions behind them, as they are written
LONGEST = 800  # parts of a side, all definitions put in, that the normal form is tried on
RELATIONS = ("=", "≤", "≥", *LIMITS)


class Judge:
    """A judge for lines that share definitions: what one line has computed, the next need not compute again.

    Verdicts do not depend on that, only the time they take.

    Args:
        memory: verdicts by the content of what was judged, as plain data: read, and added to.
    """

    def __init__(self, memory: dict[str, dict[str, Any]] | None = None) -> None:
        self.memory = {} if memory is None else memory
        self._balls: dict[tuple[Any, ...], Interpreter] = {}
        self._exact: dict[tuple[Any, ...], Exact] = {}

    def __reduce__(self) -> tuple[type[Judge], tuple[dict[str, dict[str, Any]]]]:
        """A copy remembers verdicts, and computes anew what they rest on."""
        return Judge, (dict(self.memory),)

    def judge(
        self,
        left: Any,
        relation: str,
        right: Any,
        ranges: Mapping[Symbol, Range] | None = None,
        claim: Toward | None = None,
        lemmas: Callable[[], Sequence[Lemma]] = tuple,
        assumptions: Assumptions = NOTHING,
    ) -> Verdict:
        """The verdict on `left relation right`.

        Args:
            left: the line before.
            relation: "=", "≤", "≥", "≈" or "→".
            right: the line.
            ranges: ranges of free indices that neither side carries.
            claim: for "≈" and "→", the limit that they speak of.
            lemmas: gives equations of earlier derivations, asked for where no proof is found without them.
            assumptions: what is known of sizes and inputs.

        Raises:
            NotationError: another relation, or a limit that is missing.
        """
        if relation not in RELATIONS or (relation in LIMITS) != (claim is not None):
            raise NotationError(
                f"relation {relation!r} is not judged: {', '.join(RELATIONS)} are, ≈ and → with a limit"
            )
        sides = (lift(left), lift(right))
        if more_parts(MOST_PARTS, *sides):
            return Verdict("open", f"too long to look at: more than {MOST_PARTS} parts")
        one, two, rest = assumptions.applied(*sides)
        statement = Statement(one, relation, two, ranges or {}, rest)
        key = statement.digest + (f" {claim.digest}" if claim is not None else "")
        if key not in self.memory:
            self.memory[key] = asdict(self._judge(statement) if claim is None else self._limit(statement, claim))
        verdict = Verdict(**self.memory[key])
        unproved = claim is None and verdict.kind in ("checked", "exact")
        return self._by_lemmas(statement, verdict, lemmas()) if unproved else verdict

    def proof(self, left: Any, right: Any, ranges: Mapping[Symbol, Range], assumptions: Assumptions) -> Verdict | None:
        """A proof of `left = right` for every size, or None: it holds already, so that no points are looked at."""
        one, two, rest = assumptions.applied(lift(left), lift(right))
        with flint.ctx.workprec(BITS):
            return self._of_a_step(Statement(one, "=", two, ranges, rest))

    def _by_lemmas(self, statement: Statement, verdict: Verdict, lemmas: Sequence[Lemma]) -> Verdict:
        """A proof from the line with lemmas put in, or the verdict without them."""
        for lemma in lemmas:
            key = f"{statement.digest} by {lemma.digest}"
            if key not in self.memory:
                found = self._proof(statement.by(lemma))
                self.memory[key] = asdict(_through(lemma, found) if isinstance(found, Verdict) else verdict)
            found = Verdict(**self.memory[key])
            if found.rank > verdict.rank:
                return found
        return verdict

    def _limit(self, statement: Statement, claim: Toward) -> Verdict:
        with flint.ctx.workprec(BITS):
            ranges = {index: Range(size, "the line") for index, size in statement.free.items()}
            return judge_limit(
                statement, claim, lambda one, two: self._judge(Statement(one, "=", two, ranges, statement.assumptions))
            )

    def _judge(self, statement: Statement) -> Verdict:
        with flint.ctx.workprec(BITS):
            try:
                return self._stages(statement)
            except (RecursionError, MemoryError):
                return Verdict("open", "too deeply nested")

    def _stages(self, statement: Statement) -> Verdict:
        """Balls at a few points, a proof, and without one all that may refute it."""
        looked = look(statement, self.balls)
        if looked.kind in ("refuted", "open"):
            return looked
        proof = self._proof(statement)
        if isinstance(proof, Verdict):
            return proof if not proof.data.get("steps") else self._also_searched(statement, proof)
        search = falsify(statement)
        if search.found is not None:
            return refuted(search.found, statement)
        if search.kink is not None:
            return at_kink(search.kink)
        if search.unbounded:
            return Verdict("open", f"{search.unbounded}; no proof for every size: {proof}")
        if search.short:
            words = "sizes beyond the numbers of the line are too large to look at"
            return Verdict("open", f"{words}; no proof for every size: {proof}")
        doubt = too_close(statement)
        if isinstance(doubt, Break):
            return refuted(doubt, statement)
        if doubt:
            return self._for_any_number(statement) or Verdict("open", f"{doubt}; no proof for every size: {proof}")
        found = (identity(statement, self.exact) if statement.relation == "=" else None) or looked
        return _unproved(statement, found, search, proof)

    def _for_any_number(self, statement: Statement) -> Verdict | None:
        """The verdict for any positive numbers in place of large ones: a proof, or an identity at points.

        Points look at small numbers. Two sides that are equal there are equal everywhere if both are analytic in them.
        """
        general = with_letters(statement)
        if general is None:
            return None
        found = self._stages(general.statement)
        if found.kind != "proved" and (found.kind not in ("checked", "exact") or not general.analytic):
            return None
        return replace(found, evidence=f"for any positive numbers in place of {general.words}: {found.evidence}")

    def _also_searched(self, statement: Statement, proof: Verdict) -> Verdict:
        """A bound that was found by steps, after the search for counterexamples: what it finds is not passed over."""
        search = falsify(statement)
        return proof if search.found is None else refuted(search.found, statement)

    def _proof(self, statement: Statement) -> Verdict | str:
        """A proof for every size, or why there is none; gradients through a repeat from those of one step."""
        found = _proved(statement)
        if isinstance(found, Verdict) or statement.relation != "=":
            return found
        reversed_ = by_reverse_mode(statement, self._of_a_step)
        proof = _proved(reversed_.statement) if reversed_ is not None else found
        return reversed_.verdict(proof) if reversed_ is not None and isinstance(proof, Verdict) else found

    def _of_a_step(self, statement: Statement) -> Verdict | None:
        """A proof about one step of a repeat, remembered: every gradient through the repeat asks for it."""
        key = f"proof {statement.digest}"
        if key not in self.memory:
            found = self._within_reach(statement)
            self.memory[key] = asdict(found) if isinstance(found, Verdict) else {}
        return Verdict(**self.memory[key]) if self.memory[key] else None

    def _within_reach(self, statement: Statement) -> Verdict | str:
        try:
            return self._proof(statement)
        except (RecursionError, MemoryError):
            return "too deeply nested"

    def agrees(self, left: Any, right: Any, ranges: Mapping[Symbol, Range] | None = None) -> bool:
        """Whether two expressions are equal as far as balls can tell: for two notations of one formula.

        Args:
            left: one notation.
            right: the other.
            ranges: ranges of free indices that neither carries.
        """
        statement = Statement(lift(left), "=", lift(right), ranges or {})
        key = f"agrees {statement.digest}"
        if key not in self.memory:
            with flint.ctx.workprec(BITS):
                self.memory[key] = asdict(look(statement, self.balls))
        return bool(self.memory[key]["kind"] == "checked")

    def balls(self, sizes: dict[Symbol, int], trial: int) -> Interpreter:
        """Balls at a random point of these sizes."""
        key = (trial, *sizes.items())
        if key not in self._balls:
            self._balls[key] = interpreter_at(BallField(), sizes, trial)
        return self._balls[key]

    def exact(self, sizes: dict[Symbol, int], trial: int) -> Exact:
        """Rational functions at these sizes."""
        key = (trial, *sizes.items())
        if key not in self._exact:
            self._exact[key] = Exact(sizes, trial)
        return self._exact[key]


def _proved(statement: Statement) -> Verdict | str:
    """A proof for every size, or why there is none. It is only asked for where the balls have met at every point."""
    if statement.length > LONGEST:
        return "too long for the normal form"
    spans = {str(index): size for index, size in statement.free.items()}
    left, right, known = statement.left, statement.right, statement.assumptions.known
    match statement.relation:
        case "=":
            proof = prove(left, right, spans, known, statement.assumptions.of_inputs)
            what = "both sides have the same normal form"
        case "≤":
            proof = at_most(left, right, spans, known, statement.assumptions.of_inputs)
            what = "the normal form of the difference is nowhere negative"
        case _:
            proof = at_most(right, left, spans, known, statement.assumptions.of_inputs)
            what = "the normal form of the difference is nowhere negative"
    if isinstance(proof, str):
        return proof
    form, shown = printed(proof.form), formula(proof.form)
    cases = ", told by cases of its comparisons" if proof.by_cases else ""
    steps = f", by {_and(proof.steps)}" if proof.steps else ""
    words = f"for every size{_where(proof.conditions)}: {what}{cases}{steps}"
    box = None if shown is None else to_data(shown.layout().box)
    return Verdict(
        "proved",
        words,
        {"normal_form": form, "formula": box, "conditions": list(proof.conditions), "steps": list(proof.steps)},
    )


def _and(words: Sequence[str]) -> str:
    """a, b and c."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _where(conditions: Sequence[str]) -> str:
    return f", where {' and '.join(conditions)}" if conditions else ""


def _unproved(statement: Statement, found: Verdict, search: Search, proof: str) -> Verdict:
    """A verdict without a proof: where it holds, what was tried, and why there is none."""
    spans = {str(index): size for index, size in statement.free.items()}
    conditions = conditions_of((statement.left, statement.right), spans, statement.assumptions.known)
    if search.empty is not None:
        conditions = (*conditions, *statement.filled(search.empty))
    tried = f"; not refuted by {' or by '.join(search.tried)}" if search.tried else ""
    words = f"{found.evidence}{_where(conditions)}{tried}; no proof for every size: {proof}"
    return replace(found, evidence=words, data={**found.data, "conditions": list(conditions), "tried": search.tried})


def _through(lemma: Lemma, proof: Verdict) -> Verdict:
    """What a proof that uses a lemma is worth: no more than the lemma."""
    where = f" where there {' and '.join(lemma.conditions)}" if lemma.conditions else ""
    words = f"{proof.evidence}, by {lemma.slug}{where}"
    return Verdict(lemma.kind, words, {**proof.data, "lemma": lemma.slug})


def judge(left: Any, relation: str, right: Any, ranges: Mapping[Symbol, Range] | None = None) -> Verdict:
    """The verdict on one line, `left relation right`; see `Judge.judge`."""
    return Judge().judge(left, relation, right, ranges)
