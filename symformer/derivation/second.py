"""The lines of a derivation for the second judge: what it is given, and whether it contradicts the first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sympy import Symbol

from symformer.derivation.core import Core, Judged
from symformer.notation import Indicator, Range, Written
from symformer.proof import Verdict
from symformer.recheck import Opinion, opinion
from symformer.statements import Unwritable, difference, statement


@dataclass(frozen=True)
class Claim:
    """A judged line: what it is called, what it claims of the line before it, and what its author expects."""

    name: str
    expected: str | None
    left: Written
    relation: str
    right: Written
    ranges: Mapping[Symbol, Range]
    conditions: Sequence[Indicator]
    general: Claim | None = None  # the same for any values of some tensors that are defined here: it implies this one

    def statement(self) -> dict[str, Any]:
        """It as plain data; where it has no plain form, `unwritable` says why.

        Raises:
            AssertionError: the data, read back beside the line, says something else.
        """
        head = {"name": self.name, "expected": self.expected, "relation": self.relation}
        parts = (self.left, self.relation, self.right, self.ranges, self.conditions)
        try:
            data = statement(*parts)
        except Unwritable as reason:
            return {**head, "unwritable": str(reason)}
        fault = difference(data, *parts)
        if fault:
            raise AssertionError(f"{self.name}: the statement is not what the page says: {fault}")
        return {**head, **data, **({"general": self.general.statement()} if self.general else {})}

    def narrowed(self) -> Claim:
        """With the ranges of the indices that are free in it alone."""
        free = self.left.free | self.right.free
        return replace(self, ranges={index: found for index, found in self.ranges.items() if index in free})

    def difference(self, data: Mapping[str, Any]) -> str:
        """Where data differs from the line, or from the general one behind it; empty where it says the same."""
        found = difference(data, self.left, self.relation, self.right, self.ranges, self.conditions)
        return found or (self.general.difference(data["general"]) if self.general else "")


def claims(derivation: Any) -> Iterator[Claim]:
    """The judged lines of a derivation, with all definitions, in the order in which `check` judges them."""
    conditions = [item for item in derivation.given if isinstance(item, Indicator)]
    before: Any = None
    for number, line in enumerate(derivation.lines, start=1):
        if not line.opens:
            name = f"{derivation.slug} ({number})"
            head = (name, line.expected, before.formula, line.relation, line.formula)
            general = Claim(*head, derivation.ranges(line), conditions).narrowed()
            whole = before.whole is not None and line.whole is not None
            claim = replace(general, left=before.whole, right=line.whole, general=general) if whole else general
            yield claim.narrowed()
        if line.expected is None:
            before = line


def witnessed(derivation: Core) -> tuple[Judged, ...]:
    """The judged lines of a derivation, with what the second judge says of each; its judge remembers both."""
    pairs = zip(derivation.check(), claims(derivation), strict=True)
    memory = derivation.judge.memory
    return tuple(
        replace(judged, verdict=joined(judged.verdict, _opinion(claim.statement(), memory))) for judged, claim in pairs
    )


def _opinion(data: Mapping[str, Any], memory: dict[str, dict[str, Any]]) -> Opinion:
    """What the second judge says of a statement, kept by its content: one changed line is asked for, not all."""
    key = f"second {hashlib.blake2b(json.dumps(data).encode(), digest_size=16).hexdigest()}"
    if key not in memory:
        found = opinion(data)
        memory[key] = {"kind": found.kind, "words": found.words, "every": found.every}
    return Opinion(**memory[key])


def joined(verdict: Verdict, found: Opinion) -> Verdict:
    """What both judges say: `by` names those that prove it.

    Where the sizes that the second has seen are every size, by its theorem, its word alone is a proof.
    """
    confirmed = found.kind == "confirmed"
    by = ["normal form"] * (verdict.kind == "proved") + ["finite fields"] * confirmed
    if confirmed and found.every and verdict.kind in ("exact", "checked"):
        verdict = replace(verdict, kind="proved", evidence=f"by the first judge {verdict.kind}: {verdict.evidence}")
    return replace(verdict, data={**verdict.data, "by": by, "second": {"kind": found.kind, "words": found.words}})


def contradicts(line: Mapping[str, Any], kind: str) -> bool:
    """Whether two verdicts on a line cannot both be right.

    Args:
        line: the first judge's, as plain data. Where it prints conditions it says nothing of sizes and inputs that do
            not satisfy them, so that a counterexample may be one of those.
        kind: the second judge's.
    """
    if kind == "refuted":
        return line["verdict"] in ("proved", "exact", "checked") and not line["conditions"]
    return kind == "malformed" or (line["verdict"], kind) == ("refuted", "confirmed")
