"""One reverse pass over the statements of a program, of a call's definitions or of a layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sympy import Symbol

from symformer.calculus.backward import Backward, Step
from symformer.calculus.folding import Known
from symformer.calculus.names import Alphabet, Names, letters_for
from symformer.calculus.rows import chain_rule, found_rows
from symformer.calculus.shifts import is_shift
from symformer.calculus.terms import Poly, Term, renamed
from symformer.calculus.textbook import Handed, Row, Textbook
from symformer.calculus.tidy import collected, same, taken_out, written
from symformer.calculus.transpose import Walk, gathered, letters_with_sizes
from symformer.notation import Domain, Element, Max, Tensor, Written, fresh, lift
from symformer.notation.names import joined_name
from symformer.programs import Call, Computed, DefinedTensor, Definition, Repeat, parents, reachable


class Piece(NamedTuple):
    """What one statement says about a cotangent: terms, at the letters of its tensor."""

    through: Computed | None
    poly: Poly


Seeds = Mapping[str, Sequence[Tensor | None]]


@dataclass
class Pass:
    """Cotangents, from the outputs to what they are wanted for.

    Attributes:
        outputs: where it starts.
        seeds: the cotangents of outputs, by digest, some of which may be None: the output is the loss itself.
        wrt: what gradients are wanted for.
        held: digests of tensors that are not looked behind.
        names: names that are free.
        rules: how each kind of statement hands its cotangent on.
        textbook: whether cotangents are brought to their textbook form.
        explained: whether it is kept how they were found; nobody reads that inside a call.
    """

    outputs: Sequence[Tensor]
    seeds: Seeds
    wrt: Sequence[Tensor]
    held: frozenset[str]
    names: Names
    rules: Mapping[type, Callable[[Pass, Computed], None]]
    textbook: bool = True
    explained: bool = True
    pieces: dict[str, list[Piece]] = field(default_factory=dict)
    found: dict[str, Tensor] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    shifts: list[tuple[Computed, Written]] = field(default_factory=list)
    layers: dict[str, Backward] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.order = reachable(*self.outputs, held=self.held)
        self.readers = _readers(self.order, self.held)
        self.active = _active(self.order, self.wrt, self.held)
        self.named = {seed.digest for seeds in self.seeds.values() for seed in seeds if seed is not None}
        self.alphabet, self.chosen = Alphabet(self.order), dict[str, tuple[Symbol, ...]]()
        folds = [found for found in self.order if _has_one_form(found) and found.digest not in self.held]
        known = Known(found for found in folds if isinstance(found, Computed))
        self.book = Textbook(known, self.names, self.named)

    def run(self) -> Pass:
        """Reads the statements backwards."""
        for tensor in reversed(self.order):
            if tensor.digest in self.active and (tensor.digest in self.pieces or tensor.digest in self.seeds):
                self.finish(tensor)
                if isinstance(tensor, Computed) and tensor.digest not in self.held:
                    self.hand_on(tensor)
        return self

    def letters(self, tensor: Tensor) -> tuple[Symbol, ...]:
        """The letters at which the cotangent of a tensor is written."""
        if tensor.digest not in self.chosen:
            self.chosen[tensor.digest] = letters_for(tensor, self.readers.get(tensor.digest, ()))
        return self.chosen[tensor.digest]

    # -- one cotangent ----------------------------------------------------------------------------------------------

    def finish(self, tensor: Tensor) -> None:
        """Adds up what has reached a tensor, and gives it a name."""
        letters, pieces = self.letters(tensor), self.pieces.get(tensor.digest, [])
        seeds = self.seeds.get(tensor.digest, ())
        if not pieces and len(seeds) == 1 and seeds[0] is not None:
            self.found[tensor.digest] = seeds[0]
            return
        given = tuple(Term() if seed is None else Term(over=(seed[letters],)) for seed in seeds)
        raw = collected((*given, *(term for piece in pieces for term in piece.poly)))
        if isinstance(tensor, Computed) and self.is_shift(tensor, raw):
            self.shifts.append((tensor, written(raw)))
            return
        whole = self.whole(raw, letters)
        rows: list[Row] = []
        if whole is not None:
            cotangent = replace(whole, name=self.names.of(tensor), label=None)
        else:
            cotangent, rows = self.defined(tensor, raw)
        self.found[tensor.digest] = cotangent
        self.named.add(cotangent.digest)  # known from the outputs on, so that a deep program needs no deep recursion
        if self.explained:
            through = tuple({p.through.digest: p.through for p in pieces if p.through is not None}.values())
            opening = chain_rule(tensor, letters, given, [(one, self.handed(one)) for one in through])
            shown = found_rows(opening, raw, rows, tensor, through, whole=whole is not None)
            shown = tuple((self.alphabet.legible(row, letters), reason) for row, reason in shown)
            used = {one.digest: one for row in rows for one in row.uses}
            self.steps.append(Step(tensor, cotangent, letters, through, shown, tuple(used.values())))

    def is_shift(self, tensor: Computed, raw: Poly) -> bool:
        """Whether it is a maximum over an index on which nothing depends."""
        is_maximum = isinstance(tensor.origin, Definition) and isinstance(tensor.written, Max)
        return is_maximum and tensor not in self.outputs and is_shift(written(raw))

    def defined(self, tensor: Tensor, raw: Poly) -> tuple[DefinedTensor, list[Row]]:
        """A cotangent as a definition, and the way to its textbook form."""
        letters = self.letters(tensor)
        rows = self.book.rows(raw) if self.textbook else []
        poly = shown = rows[-1].poly if rows else raw
        row_sum = self.book.row_sum(poly, letters_with_sizes(tensor, letters)) if self.textbook else None
        named: tuple[Computed, ...] = ()
        if row_sum is not None and tensor not in self.wrt:
            rows, shown, named = [*rows, row_sum], row_sum.poly, row_sum.uses
        origin = Definition(letters, self.alphabet.legible(taken_out(shown), letters))
        cotangent = DefinedTensor(self.names.of(tensor), tensor.shape, Domain(), origin)
        if tensor not in self.wrt:
            self.book.cotangents[cotangent.digest] = Handed(cotangent, poly, named)
        return cotangent, rows

    def whole(self, poly: Poly, letters: tuple[Symbol, ...]) -> Tensor | None:
        """The call or repeat that a polynomial is, entry by entry, if it is one that has no name here yet."""
        if len(poly) != 1 or not _one_entry(poly[0]):
            return None
        (entry,) = poly[0].over
        assert isinstance(entry, Element)
        own = isinstance(entry.tensor.origin, (Call, Repeat)) and entry.symbols == letters
        return entry.tensor if own and entry.tensor.digest not in self.named else None

    def add(self, tensor: Tensor, through: Computed, poly: Poly) -> None:
        """Adds what a statement says about a tensor that it reads."""
        if poly:
            self.pieces.setdefault(tensor.digest, []).append(Piece(through, poly))

    # -- statements -------------------------------------------------------------------------------------------------

    def hand_on(self, statement: Computed) -> None:
        """Hands the cotangent of a statement on to what it reads."""
        if statement.digest in self.found:
            self.rules[type(statement.origin)](self, statement)

    def inner(
        self,
        outputs: Sequence[Tensor],
        seeds: Seeds,
        wrt: Sequence[Tensor],
        held: frozenset[str],
        names: Names,
        *,
        explained: bool = True,
    ) -> Pass:
        """The pass over what a call or a layer consists of, between its own inputs and outputs."""
        told = self.explained and explained
        return Pass(outputs, seeds, wrt, held, names, self.rules, self.textbook, told).run()

    def handed(self, statement: Computed) -> Term:
        """The cotangent of a statement as a term: what it is another name for, where it is one."""
        cotangent = self.found[statement.digest]
        known = self.book.cotangents.get(cotangent.digest)
        if known is not None and (known.poly == (Term(),) or (len(known.poly) == 1 and _one_entry(known.poly[0]))):
            return known.poly[0]
        return Term(over=(cotangent[statement.indices],))

    def handed_tensor(self, statement: Computed) -> Tensor:
        """The cotangent of a statement as a tensor: what it is another name for, where it is one."""
        over = self.handed(statement).over
        same_place = len(over) == 1 and isinstance(over[0], Element) and over[0].symbols == statement.indices
        return over[0].tensor if same_place else self.found[statement.digest]


def through_definition(one: Pass, statement: Computed) -> None:
    """Each entry in a definition gets the cotangent times the derivative of the definition in it."""
    definition = statement.origin
    reached = _walked(one, statement, definition.body)
    other = _walked(one, statement, definition.otherwise) if definition.otherwise is not None else {}
    for tensor in definition.parents:
        yes, no = reached.get(tensor.digest, ()), other.get(tensor.digest, ())
        if definition.guard is None or same(written(yes), written(no)):
            one.add(tensor, statement, yes)
            continue
        letters = one.letters(tensor)
        origin = Definition(letters, taken_out(yes), definition.guard, taken_out(no))
        part = DefinedTensor(
            one.names.free(joined_name(f"d{tensor.name}", statement.name)), tensor.shape, Domain(), origin
        )
        one.named.add(part.digest)
        one.add(tensor, statement, (Term(over=(part[letters],)),))


def _walked(one: Pass, statement: Computed, body: Written) -> dict[str, Poly]:
    """What reaches each tensor that a body reads. The statement is read at indices that nothing else has."""
    indices = tuple(map(fresh, statement.indices))
    values = {old: lift(new) for old, new in zip(statement.indices, indices, strict=True)}
    walk = Walk(statement.name, one.active, statement[indices])
    out: dict[str, Poly] = {}
    for found in walk.down(body.at(values), renamed(one.handed(statement), values)):
        tensor = found.element.tensor
        term = gathered(found, letters_with_sizes(statement, indices), one.letters(tensor))
        out[tensor.digest] = (*out.get(tensor.digest, ()), term)
    return out


def _readers(order: Sequence[Tensor], held: frozenset[str]) -> dict[str, list[Computed]]:
    """The statements that read each tensor."""
    readers: dict[str, list[Computed]] = {}
    for tensor in order:
        if isinstance(tensor, Computed) and tensor.digest not in held:
            for parent in parents(tensor):
                readers.setdefault(parent.digest, []).append(tensor)
    return readers


def _active(order: Sequence[Tensor], wrt: Sequence[Tensor], held: frozenset[str]) -> frozenset[str]:
    """Digests of the tensors that the wanted ones lead to, and of these."""
    found = {tensor.digest for tensor in wrt}
    for tensor in order:
        if tensor.digest not in held and any(parent.digest in found for parent in parents(tensor)):
            found.add(tensor.digest)
    return frozenset(found)


def _has_one_form(tensor: Tensor) -> bool:
    """Whether it has a definition without an option."""
    return isinstance(tensor.origin, Definition) and tensor.origin.guard is None


def _one_entry(term: Term) -> bool:
    alone = term.number == 1 and len(term.over) == 1 and not term.under and not term.bound
    return alone and isinstance(term.over[0], Element)
