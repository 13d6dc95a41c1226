"""A plan: how many devices share what, and whether those numbers fit a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property

from sympy import divisors

from symformer.cost import DATA, EXPERT, EXPERT_TENSOR, PIPELINE, ROUTED, SEQUENCE, TENSOR
from symformer.models import Model
from symformer.models.sharding import cut_sizes

LARGEST = 10**9
SCHEDULES = ("1f1b", "gpipe", "interleaved")
FLAGS = {TENSOR: "tp", PIPELINE: "pp", DATA: "dp", EXPERT: "ep", EXPERT_TENSOR: "etp"}


class PlanError(ValueError):
    """Degrees that do not fit: one line with the numbers and the nearest that fit."""


@dataclass(frozen=True)
class Plan:
    """Degrees of parallelism and what goes with them.

    Attributes:
        tensor: devices that share each matrix of attention and feed-forward blocks.
        pipeline: stages of consecutive layers.
        data: copies of all that, each with other sequences.
        expert: devices that share the experts of a layer.
        expert_tensor: devices that share each matrix of an expert; by default as many as share the others.
        sequence: whether positions are cut among the devices that share matrices, where matrices are whole.
        zero: what the copies share: 0 nothing, 1 the optimizer, 2 gradients too, 3 parameters too.
        micro_batch: sequences that a device computes at once.
        micro_batches: how many of them each copy computes in a step.
        schedule: "1f1b", "gpipe" or "interleaved".
        chunks: runs of consecutive layers that each stage has; 1 unless interleaved.
    """

    tensor: int = 1
    pipeline: int = 1
    data: int = 1
    expert: int = 1
    expert_tensor: int = 1
    sequence: bool = False
    zero: int = 0
    micro_batch: int = 1
    micro_batches: int = 1
    schedule: str = "1f1b"
    chunks: int = 1

    @property
    def devices(self) -> int:
        """How many devices take part."""
        return self.tensor * self.pipeline * self.data

    @property
    def batch(self) -> int:
        """Sequences in a step."""
        return self.micro_batch * self.micro_batches * self.data

    @property
    def expert_data(self) -> int:
        """How many copies of each expert there are."""
        return self.tensor * self.data // (self.expert * self.expert_tensor)

    @cached_property
    def degrees(self) -> dict[str, int | Fraction]:
        """What divides an amount on one device, by name."""
        return {
            TENSOR: self.tensor,
            SEQUENCE: self.tensor if self.sequence else 1,
            EXPERT: self.expert,
            EXPERT_TENSOR: self.expert_tensor,
            ROUTED: Fraction(self.tensor, self.expert_tensor),
        }

    def copies(self, divisors: tuple[str, ...]) -> int:
        """How many devices hold the same parameters, of those that have the same layers."""
        return self.expert_data if EXPERT in divisors else self.data


@cache
def nearest(number: int, of: int) -> str:
    """The divisors of a number next to one that is none: `8 and 16`."""
    below = [found for found in divisors(of) if found < number][-1:]
    above = [found for found in divisors(of) if found > number][:1]
    return " and ".join(map(str, below + above))


@dataclass(frozen=True)
class Limits:
    """What degrees have to divide, of one model and length.

    Attributes:
        cut: the parallelism, a word for what it cuts, and how many there are.
        layers: how many layers there are.
        seq: length of a sequence.
        staged: whether layers may lie on several stages: not those of an encoder and a decoder.
    """

    cut: tuple[tuple[str, str, int], ...]
    layers: int
    seq: int
    staged: bool = True

    @classmethod
    def of(cls, model: Model, seq: int) -> Limits:
        """Those of a model. Words need not be divided: they are padded."""
        cut = tuple((kind, word, int(size.subs(model.sizes))) for kind, word, size in cut_sizes(model.architecture))
        layers = sum(model.sizes[stack.layers] for stack in model.architecture.stacks)
        staged = model.model_type not in ("bart", "t5")
        return cls(tuple(one for one in cut if one[1] != "words"), layers, seq, staged)


def misfits(plan: Plan, limits: Limits) -> Iterator[str]:
    """What does not fit, each in one line with the numbers and the nearest that do."""
    degrees = {TENSOR: plan.tensor, EXPERT: plan.expert, EXPERT_TENSOR: plan.expert_tensor}
    for kind, word, number in limits.cut:
        if number % degrees[kind]:
            found = nearest(degrees[kind], number)
            yield f"{FLAGS[kind]}: {degrees[kind]} does not divide the {number} {word}; nearest: {found}"
    layers = limits.layers
    if layers % (plan.pipeline * plan.chunks):
        chunks = f" x {plan.chunks} chunks = {plan.pipeline * plan.chunks}" if plan.chunks > 1 else ""
        found = nearest(plan.pipeline * plan.chunks, layers)
        yield f"pp: {plan.pipeline}{chunks} does not divide the {layers} layers; nearest: {found}"
    yield from _group_misfits(plan, limits.seq)
    if plan.pipeline > 1 and not limits.staged:
        yield f"pp: {plan.pipeline} stages are not counted for a model of an encoder and a decoder; nearest: 1"


def _group_misfits(plan: Plan, seq: int) -> Iterator[str]:
    group, shared = plan.tensor * plan.data, plan.expert * plan.expert_tensor
    if group % shared:
        yield (
            f"ep: {plan.expert} x etp {plan.expert_tensor} = {shared} does not divide tp {plan.tensor} x dp {plan.data}"
            f" = {group}; nearest: {nearest(shared, group)}"
        )
    if plan.sequence and plan.tensor == 1:
        yield "sp: cuts sequences among the devices of tensor parallelism, and tp is 1"
    elif plan.sequence and seq % plan.tensor:
        found = _multiples(seq, plan.tensor)
        yield f"sp: a sequence of {seq} is no multiple of tp {plan.tensor}; nearest: {found}"
    if plan.schedule == "interleaved" and plan.micro_batches % plan.pipeline:
        found = _multiples(plan.micro_batches, plan.pipeline)
        yield f"schedule: {plan.micro_batches} micro-batches are no multiple of pp {plan.pipeline}; nearest: {found}"


def checked(plan: Plan, limits: Limits) -> Plan:
    """The plan.

    Raises:
        PlanError: it does not fit the model.
    """
    for misfit in misfits(plan, limits):
        raise PlanError(misfit)
    return plan


def plan_of(
    *, devices: int | None = None, tp: int = 1, pp: int = 1, dp: int | None = None, ep: int = 1, etp: int | None = None,
    sp: bool = False, zero: int = 0, micro_batch: int = 1, batch: int | None = None, schedule: str = "1f1b",
    chunks: int = 1,
) -> Plan:  # fmt: skip
    """A plan from what a user gives; what is left out follows from the rest.

    Args:
        devices: all of them; then `dp` may be left out.
        batch: sequences in a step; by default as many micro-batches as stages.

    Raises:
        PlanError: the numbers do not multiply to the devices, or the batch is no multiple.
    """
    given = {"devices": devices, "tp": tp, "pp": pp, "dp": dp, "ep": ep, "etp": etp, "batch": batch, "chunks": chunks}
    check_counts(given | {"micro-batch": micro_batch})
    data = _data(devices, tp, pp, dp)
    at_once = micro_batch * data
    if batch is not None and batch % at_once:
        found = _multiples(batch, at_once)
        raise PlanError(
            f"batch: {batch} is no multiple of micro-batch {micro_batch} x dp {data} = {at_once}; nearest: {found}"
        )
    if schedule not in SCHEDULES:
        raise PlanError(f"schedule: expected one of {', '.join(SCHEDULES)}, got {schedule!r}")
    if chunks < 1 or (chunks > 1) != (schedule == "interleaved"):
        raise PlanError(f"chunks: an interleaved schedule has 2 or more, the others 1; got {chunks} with {schedule}")
    if zero not in (0, 1, 2, 3):
        raise PlanError(f"zero: expected 0, 1, 2 or 3, got {zero}")
    return Plan(
        tp, pp, data, ep, tp if etp is None else etp, sp, zero, micro_batch,
        batch // at_once if batch is not None else pp, schedule, chunks,
    )  # fmt: skip


def check_counts(given: Mapping[str, int | None]) -> None:
    """Whether what a user gives can be a number of devices or sequences.

    Raises:
        PlanError: a number is below 1, or beyond all use.
    """
    for flag, number in given.items():
        if number is not None and not 1 <= number <= LARGEST:
            raise PlanError(f"{flag}: expected a whole number from 1 to {LARGEST}, got {number}")


def _data(devices: int | None, tp: int, pp: int, dp: int | None) -> int:
    if devices is None:
        return dp or 1
    if dp is None and devices % (tp * pp) == 0 and devices:
        return devices // (tp * pp)
    wanted = tp * pp * (dp or 1)
    if dp is None or wanted != devices:
        product = f"tp {tp} x pp {pp}" + (f" x dp {dp}" if dp is not None else "")
        if dp is not None:
            found = _fitting(devices, tp, pp)
            raise PlanError(f"devices: {devices} is not {product} = {wanted}; with {devices} devices {found}")
        found = _multiples(devices, wanted)
        raise PlanError(f"devices: {devices} is no multiple of {product} = {wanted}; nearest: {found}")
    return dp


def _fitting(devices: int, tp: int, pp: int) -> str:
    if devices % (tp * pp) == 0:
        return f"dp would be {devices // (tp * pp)}"
    return f"nothing fits; nearest: {_multiples(devices, tp * pp)}"


def _multiples(number: int, of: int) -> str:
    """The multiples next to a number that is none: `8 and 16`."""
    below = number - number % of
    return " and ".join(str(count) for count in (below, below + of) if count)
