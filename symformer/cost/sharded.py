"""A program counted once for all degrees of parallelism: what each device of a group holds, computes and exchanges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from sympy import Expr, Integer, Mul, Symbol

from symformer.cost.count import Counts, checked_recomputation, counted
from symformer.cost.exchanges import Exchange, Exchanges
from symformer.cost.flops import contributions
from symformer.cost.sharding import Cuts, Layout, Layouts, Reading
from symformer.cost.split import NO_SPLIT, Split
from symformer.cost.statements import Kept, Statement
from symformer.notation import NotationError, Tensor
from symformer.programs import Program, Repeat, reachable

BEFORE, AFTER = "before the layers", "after the layers"


@dataclass(frozen=True)
class KeptPart:
    """A tensor that is kept for the backward pass, and what divides it."""

    name: str
    elements: Expr
    is_mask: bool
    core: bool
    divisors: tuple[str, ...]

    def bytes(self, width: Expr | int) -> Expr:
        """Its bytes before division: one for each entry of a mask."""
        return self.elements * (1 if self.is_mask else width)


@dataclass(frozen=True)
class Place:
    """What stands in one layer of a stack, or before all layers, or after them.

    Attributes:
        name: "before the layers", "after the layers", or the size of the stack.
        layers: how many layers there are like it: a size, or 1.
        kept: what is kept for the backward pass, in one layer.
        carried: what goes into each layer, which full recomputation keeps.
        forward: contractions, in one layer.
        backward: the same of the gradient.
        core: of the forward ones, those for every pair of positions.
        exchanges: what devices tell each other, in one layer.
        reads: the parameters that are read, by name.
        work: for each statement, by its key, its forward contractions, and of them those for every pair of positions.
    """

    name: str
    layers: Expr
    kept: tuple[KeptPart, ...]
    carried: tuple[KeptPart, ...]
    forward: Split
    backward: Split
    core: Split
    exchanges: tuple[Exchange, ...]
    reads: frozenset[str]
    work: Mapping[str, tuple[Split, Split]] = field(default_factory=dict)

    @property
    def is_layer(self) -> bool:
        """Whether it is a layer."""
        return self.name not in (BEFORE, AFTER)

    def activations(self, recompute: str = "none", *, width: Expr | int = 2) -> Split:
        """Bytes that one layer keeps for the backward pass.

        Raises:
            NotationError: an unknown recomputation.
        """
        if checked_recomputation(recompute) == "full" and self.is_layer:
            found: Iterable[KeptPart] = self.carried
        else:
            found = (one for one in self.kept if recompute == "none" or not one.core)
        return Split.of((one.divisors, one.bytes(width)) for one in found)

    def recomputed(self, recompute: str = "none") -> Split:
        """Contractions that are done again in the backward pass."""
        if checked_recomputation(recompute) == "selective":
            return self.core
        return self.forward if recompute == "full" and self.is_layer else NO_SPLIT


@dataclass(frozen=True)
class Sharded:
    """A program and how its parameters are cut.

    Attributes:
        counts: the program counted as a whole.
        cuts: for each parameter what cuts its axes; a stack of layers has its layer as first axis.
        places: what stands before the layers, in a layer of each stack, and after them.
        outputs: the layout of each output, by name.
    """

    counts: Counts
    cuts: Cuts
    places: tuple[Place, ...]
    outputs: dict[str, Layout]

    def place(self, name: str) -> Place:
        """The place of this name.

        Raises:
            KeyError: there is none.
        """
        return next(one for one in self.places if one.name == name)

    @property
    def layer(self) -> Place:
        """The only kind of layer; a program without a repeat is one layer.

        Raises:
            NotationError: there are several kinds.
        """
        layers = [one for one in self.places if one.is_layer] or [one for one in self.places if one.forward.parts]
        if len(layers) != 1:
            raise NotationError(f"the program has {len(layers)} kinds of layers: ask for a place by its name")
        return layers[0]


def shard(
    program: Program | Tensor,
    cuts: Cuts,
    parameters: Iterable[Tensor | str] | None = None,
    *,
    data: Iterable[Tensor | str] | None = None,
    batch: Expr | int = 1,
    positions: Iterable[Symbol] | None = None,
) -> Sharded:
    """Counts a program whose parameters are cut: what one device holds, computes and exchanges, in symbols.

    Args:
        program: a program, or a tensor that one defines.
        cuts: for each parameter that is cut, by name, one entry an axis: "tensor", "expert", "expert_tensor",
            "pipeline" (the axis of layers) or None.
        parameters: the inputs that are learned, or their names.
        data: the inputs that differ from sequence to sequence of a batch; by default all that are no parameters.
        batch: how many sequences: a size or a number.
        positions: the sizes that are lengths of sequences; by default those called n and m.

    Raises:
        NotationError: a cut of something that is no parameter, or with another number of axes.
    """
    outputs = program.outputs if isinstance(program, Program) else (program,)
    counts = counted(outputs, parameters, data=data, batch=batch, positions=positions)
    _check(cuts, {one.name: one for one in reachable(*outputs) if one.origin is None}, counts)
    layouts = Layouts(cuts)
    exchanges = Exchanges(layouts)
    after = {one.digest for one in reachable(*outputs) if isinstance(one.origin, Repeat)}
    found: dict[str, list[_Found]] = {}
    for statement in counts.statements:
        name, layers = _name(statement, after)
        found.setdefault(name, []).append(_Found(statement, layers, tuple(exchanges.of(statement))))
    scope = counts.statements[0].scope if counts.statements else None
    tops = {one.name: layouts.of(one, scope) for one in outputs} if scope is not None and scope.outside is None else {}
    return Sharded(counts, cuts, tuple(_place(name, parts, layouts) for name, parts in found.items()), tops)


def _check(cuts: Cuts, inputs: dict[str, Tensor], counts: Counts) -> None:
    for name, axes in cuts.items():
        if name not in counts.parameters:
            raise NotationError(f"cuts: {name} is no parameter of the program")
        if len(axes) != len(inputs[name].shape):
            raise NotationError(f"cuts: {name} has {len(inputs[name].shape)} axes, got {len(axes)} entries")


def _name(statement: Statement, after: set[str]) -> tuple[str, Expr]:
    """Where a statement stands, and in how many layers; what reads a repeat's result stands after the layers."""
    assert statement.scope is not None
    if statement.scope.loop is not None:
        return str(statement.scope.loop.size), statement.times
    if after & set(statement.sources):
        after.add(statement.key)
    return (AFTER if statement.key in after else BEFORE), Integer(1)


@dataclass(frozen=True)
class _Found:
    statement: Statement
    layers: Expr
    exchanges: tuple[Exchange, ...]


def _place(name: str, found: list[_Found], layouts: Layouts) -> Place:
    kept = [_kept(one, part.statement, layouts) for part in found for one in part.statement.kept]
    digests = {one.digest for part in found for one in part.statement.kept}
    exchanges = [replace(one, kept=one.digest in digests) for part in found for one in part.exchanges]
    splits = [list(_work(part.statement, layouts)) for part in found]
    forward, backward, core = (Split.of(pair for split in splits for pair in split[side]) for side in range(3))
    return Place(
        name, found[0].layers, tuple(kept), tuple(_carried(found[0].statement, layouts)), forward, backward, core,
        tuple(exchanges),
        frozenset(read for part in found for read in part.statement.reads),
        {part.statement.key: (Split.of(own[0]), Split.of(own[2])) for part, own in zip(found, splits, strict=True)},
    )  # fmt: skip


def _kept(kept: Kept, statement: Statement, layouts: Layouts) -> KeptPart:
    assert statement.scope is not None
    assert kept.tensor is not None
    layout = layouts.of(kept.tensor, statement.scope)
    return KeptPart(kept.name, kept.elements, kept.kind == "mask", kept.core, layout.divisors)


def _carried(statement: Statement, layouts: Layouts) -> Iterator[KeptPart]:
    scope = statement.scope
    if scope is not None and scope.loop is not None:
        for one in scope.loop.carried:
            kept = scope.keep(one.formal)
            yield KeptPart(kept.name, kept.elements, False, False, layouts.of(one.formal, scope).divisors)


def _work(statement: Statement, layouts: Layouts) -> Iterator[list[tuple[set[str], Expr]]]:
    """Contractions forward, backward, and of the forward ones those for every pair of positions."""
    scope = statement.scope
    assert scope is not None
    sides: tuple[list[tuple[set[str], Expr]], ...] = ([], [], [])
    for definition in statement.stable:
        reading = Reading(definition, scope, layouts)
        result = reading.result()
        for operation, forward, backward in contributions(definition.origin.body, scope.has_gradient):
            divisors = reading.divisors(operation, result)
            amounts = [Mul(amount, scope.batch_of(definition)) for amount in (forward, backward)]
            core = amounts[0] if scope.is_core(amounts[0]) else Integer(0)
            for side, amount in zip(sides, (*amounts, core), strict=True):
                side.append((divisors, amount))
    yield from sides
