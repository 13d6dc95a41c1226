"""What a derivation is, apart from how it is written out: its parts, its judge, its numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from itertools import pairwise
from time import process_time
from typing import Any

from sympy import Symbol

from symformer.compile import CompileError, importing, lambdify
from symformer.derivation.assumed import normalized, refuse_contradictions
from symformer.derivation.lines import DerivationError, Line, Reason, See, chain_lines, parts
from symformer.derivation.printed import Printed
from symformer.derivation.results import results_program
from symformer.notation import Element, Indicator, Range, Tensor, Written, merge_ranges
from symformer.programs import (
    Computed,
    Loop,
    Program,
    Repeat,
    all_sizes,
    definition_at,
    elements,
    is_defined,
    program,
    reachable,
)
from symformer.proof import Assumptions, Judge, Lemma, Verdict, weakest
from symformer.values import Example, Values, ValuesError, bind

SURE = ("proved", "exact", "checked")


@dataclass(frozen=True)
class Judged:
    """A judged line: the line, its verdict and the CPU seconds that took."""

    line: Line
    verdict: Verdict
    seconds: float

    def _repr_latex_(self) -> str:
        return rf"{self.line._repr_latex_()} $\quad\text{{{self.verdict.kind}}}$"

    @property
    def passes(self) -> bool:
        """Whether the verdict is good: as expected, and not open."""
        if self.line.expected is not None:
            return self.verdict.kind == self.line.expected
        return self.verdict.kind not in ("refuted", "open")


class _Remade:
    """A dataclass whose copies hold what it is made from, and not what it has computed from that."""

    def __getstate__(self) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in fields(self)}  # type: ignore[arg-type]

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)


def no_lemmas(slug: str) -> Sequence[Lemma]:
    """What a derivation of no book has from earlier ones."""
    return ()


@dataclass(frozen=True)
class Core(_Remade):
    """A derivation, as its author writes it.

    Attributes:
        doc: a title, an empty line, and the idea in a few sentences: the docstring of the author's file.
        given: inputs (tensors, whose domains are assumptions), relations that are assumed, such as `n >= m` of sizes
            or `indicator(sum(q[k], k), "=", 1)` of inputs, and words.
        where: tensors that stand for something, in the order in which they are explained, and words before some of
            them, which become `captions`. One layer of every repeat among them is shown without being listed.
        calc: the lines: pairs (formula, reason), or made by `begin`, `le`, `ge`, `wrong`.
        reference: where the result stands in the literature; words, formulas, `see(...)`.
        example: numbers for the inputs, by name, for the worked example.
        notes: footnotes: words, or words with formulas.
        printed: what the source prints for values of the example.
        pictures: `HeatMap`, `MaskPicture`, `Curves` or `Projection`, drawn from the worked example.
        temperature: an input on which the web page's temperature slider acts: a number T is set by it; scores, or
            queries, are divided by it.
        decimals: digits after the point in the worked example.
        slug: its name in the book, given by whoever loads it.
        titles: titles of other derivations by slug, for links.
        judge: who judges its lines.
        earlier: gives the lemmas of an earlier derivation by its slug, for lines that have it as their reason.
        compiled: the program that its function computes; by default that of the last line.
        gradients: what a page sums up at its end: the gradients of a backward pass in the order to compute them.
        captions: words by the place in `where` before which they stand.
    """

    doc: str | None
    given: tuple[Any, ...] = ()
    where: tuple[Any, ...] = ()
    calc: tuple[Any, ...] = ()
    reference: Any = ()
    example: Mapping[str, Any] | None = None
    notes: tuple[Any, ...] = ()
    printed: tuple[Printed, ...] = ()
    pictures: tuple[Any, ...] = ()
    temperature: Tensor | None = None
    decimals: int = 4
    slug: str = ""
    titles: Mapping[str, str] | None = None
    judge: Judge = field(default_factory=Judge, repr=False, compare=False)
    earlier: Callable[[str], Sequence[Lemma]] = field(default=no_lemmas, repr=False, compare=False)
    compiled: Program | None = field(default=None, repr=False, compare=False)
    captions: Mapping[int, str] = field(default_factory=dict)
    gradients: tuple[Computed, ...] = ()

    def __post_init__(self) -> None:
        if not (self.doc or "").strip():
            raise DerivationError("a derivation needs a docstring: its title, an empty line, the idea")
        self._take_captions()
        if not self.calc and not self.where:
            raise DerivationError(f"{self.title}: neither lines nor definitions")
        _ = self.lines
        object.__setattr__(self, "given", tuple(normalized(item, self.inputs) for item in self.given))
        refuse_contradictions(self.title, self.assumptions)

    @cached_property
    def assumptions(self) -> Assumptions:
        """The relations in `given`."""
        return Assumptions(tuple(item for item in self.given if isinstance(item, Indicator)))

    def _take_captions(self) -> None:
        """Moves the words in `where` to `captions`."""
        tensors: list[Computed] = []
        captions = dict(self.captions)
        for item in self.where:
            if isinstance(item, str):
                captions[len(tensors)] = item
            else:
                tensors.append(item)
        object.__setattr__(self, "where", tuple(tensors))
        object.__setattr__(self, "captions", captions)

    @property
    def title(self) -> str:
        """The first line of the docstring, without its full stop."""
        return (self.doc or "").strip().splitlines()[0].rstrip(".")

    @property
    def idea(self) -> tuple[str, ...]:
        """The paragraphs after the title."""
        rest = (self.doc or "").strip().split("\n", 1)
        blocks = rest[1].strip().split("\n\n") if len(rest) == 2 else []
        return tuple(" ".join(block.split()) for block in blocks if block.strip())

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """All lines, in order."""
        return chain_lines(self.calc)

    @property
    def source(self) -> Reason:
        """The reference, as running text."""
        return parts(self.reference) if self.reference else ()

    @property
    def uses(self) -> tuple[str, ...]:
        """The slugs of the derivations that it refers to, each once."""
        named = [*self.source, *(part for line in self.lines for part in line.reason)]
        return tuple(dict.fromkeys(part.slug for part in named if isinstance(part, See)))

    @cached_property
    def chains(self) -> tuple[tuple[Line, ...], ...]:
        """The lines, chain by chain."""
        starts = [place for place, line in enumerate(self.lines) if line.opens] + [len(self.lines)]
        return tuple(self.lines[start:end] for start, end in pairwise(starts))

    def ranges(self, line: Line) -> Mapping[Symbol, Range]:
        """What the free indices of the chain that holds a line run over; another chain may use a letter otherwise."""
        chain = next(chain for chain in self.chains if any(other is line for other in chain))
        return merge_ranges(*(other.formula.ranges for other in chain))

    @cached_property
    def inputs(self) -> tuple[Tensor, ...]:
        """The input tensors of definitions and lines, in the order of `given`, then of use."""
        used = [tensor for element in self.tensors() for tensor in reachable(element) if tensor.origin is None]
        ordered = [tensor for tensor in self.given if isinstance(tensor, Tensor) and tensor in used]
        unique: dict[str, Tensor] = {tensor.digest: tensor for tensor in (*ordered, *used)}
        return tuple(unique.values())

    @cached_property
    def sizes(self) -> frozenset[Symbol]:
        """The size symbols of all definitions and lines."""
        shown = [
            *(line.formula for line in self.lines),
            *(tensor.written for tensor in self.where if is_defined(tensor)),
        ]
        return frozenset().union(*map(all_sizes, shown))

    def tensors(self) -> list[Tensor]:
        """The tensors of definitions and lines."""
        lines = [element.tensor for line in self.lines for element in elements(line.formula)]
        return [*(tensor for tensor in self.where if tensor.digest not in self.layered), *lines]

    @cached_property
    def layered(self) -> Mapping[str, Loop]:
        """The loop to whose layer a definition belongs, by its digest."""
        loops = {one.origin.loop.digest: one.origin.loop for one in self.where if isinstance(one.origin, Repeat)}
        return {inner.digest: loop for loop in loops.values() for inner in loop.statements}

    # -- judging ----------------------------------------------------------------------------------------------------

    def check(self) -> tuple[Judged, ...]:
        """Judges every line that claims something about the line before it."""
        return self._judged

    @cached_property
    def _judged(self) -> tuple[Judged, ...]:
        out: list[Judged] = []
        chain: list[Line] = []  # the lines of it that hold
        judge = self.judge
        for line in self.lines:
            if line.opens:
                chain = []
            else:
                known = out[-1].verdict if len(chain) == 2 else None
                out.append(self._as_opening(judge, chain, line, known) or self._judge(judge, chain[-1], line))
            if line.expected is None:
                chain.append(line)
        return tuple(out)

    def _as_opening(self, judge: Judge, chain: list[Line], line: Line, known: Verdict | None) -> Judged | None:
        """A third line that is the first one for every size holds as far as the second does: A = B, and C is A.

        None where the second is proved, or this line by itself: then it is judged like any other.
        """
        if known is None or known.kind not in ("exact", "checked") or (chain[1].relation, line.relation) != ("=", "="):
            return None
        start = process_time()
        first, second = (
            judge.proof(one.formula, line.formula, self._needed(one.formula, line, line.formula), self.assumptions)
            for one in chain
        )
        opening = chain[0].formula
        named = isinstance(opening, Element) and is_defined(opening.tensor) and definition_at(opening) == line.formula
        if second is not None or line.expected is not None or not (named or first):
            return None
        conditions = [*known.data.get("conditions", ()), *(first.data.get("conditions", ()) if first else ())]
        how = first.evidence if first else "by its definition"
        words = f"{known.evidence}; this is the first line of the chain, {how}"
        verdict = replace(known, evidence=words, data={**known.data, "conditions": list(dict.fromkeys(conditions))})
        return Judged(line, verdict, process_time() - start)

    def _judge(self, judge: Judge, before: Line, line: Line) -> Judged:
        """A line, first as it takes some tensors as given; what that does not prove, with all definitions.

        What was found to hold for any values of these tensors holds for theirs, too: it is only asked for a proof.
        """
        start = process_time()
        verdict = self._verdict(judge, before.formula, line, line.formula)
        if verdict.kind != "proved" and before.whole is not None and line.whole is not None:
            if verdict.kind in ("exact", "checked") and line.relation == "=":
                needed = self._needed(before.whole, line, line.whole)
                verdict = judge.proof(before.whole, line.whole, needed, self.assumptions) or verdict
            else:
                verdict = self._verdict(judge, before.whole, line, line.whole)
        return Judged(line, verdict, process_time() - start)

    def _needed(self, before: Written, line: Line, formula: Written) -> dict[Symbol, Range]:
        """The ranges of the indices that a line and the one before leave free."""
        loose = before.free | formula.free
        return {index: found for index, found in self.ranges(line).items() if index in loose}

    def _verdict(self, judge: Judge, before: Written, line: Line, formula: Written) -> Verdict:
        needed = self._needed(before, line, formula)
        named = [part.slug for part in line.reason if isinstance(part, See)]

        def lemmas() -> list[Lemma]:
            return [lemma for slug in named for lemma in self.earlier(slug)]

        return judge.judge(before, line.relation, formula, needed, line.claim, lemmas, self.assumptions)

    def lemmas(self) -> tuple[Lemma, ...]:
        """What later derivations may use: the first line of each chain of equations with another, the last first."""
        out: list[Lemma] = []
        verdicts = {id(judged.line): judged.verdict for judged in self.check()}
        left: Written | None = None
        known: list[Verdict] = []
        for line in self.lines:
            if line.opens:
                left, known = line.formula, []
            elif line.expected is None:
                known.append(verdicts[id(line)])
                left = left if line.relation == "=" and known[-1].kind in SURE else None
                if left is not None:
                    where = [condition for verdict in known for condition in verdict.data.get("conditions", ())]
                    conditions = tuple(dict.fromkeys(where))
                    out.append(Lemma(self.slug, left, line.formula, weakest(known), conditions))
        return tuple(reversed(out))

    @property
    def passes(self) -> bool:
        """Whether every line is judged as it should be."""
        return all(judged.passes for judged in self.check())

    # -- numbers ----------------------------------------------------------------------------------------------------

    def bound(self, values: Mapping[str, Any] | None, source: str) -> Values:
        """Values checked against the inputs; the author's own where none are given.

        Raises:
            ValuesError: values that do not fit the inputs.
        """
        if values is None and not self.example:
            raise ValuesError(f"{self.slug or self.title}: has no example values; give some")
        return bind(self.inputs, (self.example or {}) if values is None else values, source, self.sizes)

    def lambdify(self) -> Callable[..., Any]:
        """A NumPy function of its inputs: one result for each chain, with the axes of the chain's first line.

        Several results come as a tuple; `results` of the function are their names.

        Raises:
            CompileError: no chain has an array form.
        """
        target = self.program()
        function = lambdify(target, self.function_name, rows=None)  # as the page reads
        function.results = tuple(output.name for output in target.outputs)  # type: ignore[attr-defined]
        return function

    @property
    def function_name(self) -> str:
        """What its function is called."""
        return self.slug.replace("-", "_") or "results"

    def program(self) -> Program:
        """What is compiled: the results of its chains; without lines, the last definition.

        Raises:
            CompileError: no chain has an array form.
        """
        if self.compiled is not None:
            return self.compiled
        if not self.lines:
            return program(self.where[-1])
        return results_program(self.chains, self.inputs)

    @property
    def made(self) -> str:
        """What its function is made from, in words."""
        if self.compiled is not None:
            return "all gradients that reverse mode derives"
        return "the last line of each chain" if self.lines else "its last definition"

    @cached_property
    def function_source(self) -> str:
        """A module with its function, which runs as it stands; nothing where no chain computes anything."""
        try:
            return importing(str(self.lambdify().source))  # type: ignore[attr-defined]
        except CompileError:
            return ""


@dataclass(frozen=True)
class Worked(_Remade):
    """A derivation at a reader's values."""

    derivation: Core
    values: Values
    decimals: int
    significant: int | None = None
    scientific: bool = False
    blank: float | None = None
    seed: int = 0
    answers: bool = False

    def __post_init__(self) -> None:
        if self.blank is not None and not 0 <= self.blank <= 1:
            raise ValuesError(f"blank: expected a fraction from 0 to 1, got {self.blank}")

    @cached_property
    def example(self) -> Example:
        """The numbers."""
        return Example(self.values, self.decimals, significant=self.significant, scientific=self.scientific)

    @cached_property
    def is_example(self) -> bool:
        """Whether the values are the author's own."""
        own = self.derivation
        return bool(own.example) and own.bound(None, "example").entries == self.values.entries

    def tensors(self) -> tuple[Computed, ...]:
        """Every named intermediate, each after what it is computed from."""
        found = reachable(*self.derivation.tensors())
        return tuple(tensor for tensor in found if isinstance(tensor, Computed))
