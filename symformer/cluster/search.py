"""All plans for so many devices: those that fit, best first, and why each other one does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from sympy import divisors

from symformer.cluster.devices import Device
from symformer.cluster.memory import DeviceMemory, memory_of, stages_of, worst
from symformer.cluster.plan import Plan, PlanError, misfits, nearest
from symformer.cluster.shards import Shards
from symformer.cluster.step import Step, step_of
from symformer.cost import RECOMPUTATIONS

GIGA = 1e9


Given = Mapping[str, int | bool | str]  # fields of a plan and what a user wants of them


@dataclass(frozen=True)
class Candidate:
    """A plan and what becomes of it.

    Attributes:
        plan: the plan.
        recompute: which activations are computed again; a plan whose degrees do not fit is listed once.
        reason: why it does not fit, in one line; empty if it does.
        memory: of the device that needs most, where degrees fit.
        step: how long a step takes, where all fits.
    """

    plan: Plan
    recompute: str
    reason: str = ""
    memory: DeviceMemory | None = None
    step: Step | None = None


def plans(
    devices: int, batch: int, *, experts: bool, chunks: tuple[int, ...] = (2,), given: Given | None = None
) -> Iterator[Plan]:  # fmt: skip
    """Every plan whose degrees multiply to so many devices, for so many sequences a step.

    Args:
        devices: all of them.
        batch: sequences in a step.
        experts: whether the model has some.
        chunks: runs of layers a stage has where they are interleaved.
        given: fields of a plan that are not searched, such as `{"tensor": 8}`.
    """
    wanted = dict(given or {})
    for tensor, stages in product(divisors(devices), repeat=2):
        if devices % (tensor * stages):
            continue
        data = devices // (tensor * stages)
        whole = batch % data == 0
        counts = _micro_batches(batch, data, wanted.get("micro_batch")) if whole else [1]
        options = product(_expert_degrees(tensor, devices, experts, wanted), range(4), (False, True))
        for (expert, expert_tensor), zero, sequence in options:
            if (sequence and tensor == 1) or (zero and data == 1) or tensor * data % (expert * expert_tensor):
                continue
            for (schedule, runs), micro in product(_schedules(stages, chunks), counts):
                count = batch // (data * micro) if whole else 0
                plan = Plan(
                    tensor, stages, data, expert, expert_tensor, sequence, zero, micro, count, schedule, runs
                )  # fmt: skip
                if all(getattr(plan, field) == value for field, value in wanted.items()):
                    yield plan


def _schedules(stages: int, chunks: tuple[int, ...]) -> list[tuple[str, int]]:
    """Schedules and their chunks: they all are the same without a pipeline."""
    several = [("gpipe", 1), *(("interleaved", number) for number in chunks)] if stages > 1 else []
    return [("1f1b", 1), *several]


def _expert_degrees(tensor: int, devices: int, experts: bool, wanted: Given) -> Iterator[tuple[int, int]]:
    """How many devices share experts and each expert's matrices: those of the others, one, or what is wanted."""
    shared = {tensor, 1} if experts else {tensor}
    if "expert_tensor" in wanted:
        shared = {int(wanted["expert_tensor"])}
    yield from product(divisors(devices) if experts else (1,), sorted(shared, reverse=True))


def _micro_batches(batch: int, data: int, wanted: int | bool | str | None) -> list[int]:
    """Powers of two that divide the sequences of each copy, or what is wanted."""
    each = batch // data
    if wanted is not None:
        return [int(wanted)] if each % int(wanted) == 0 else []
    return [2**power for power in range(each.bit_length()) if each % 2**power == 0]


def candidates(shards: Mapping[str, Shards], plan: Plan, device: Device, batch: int) -> Iterator[Candidate]:
    """What becomes of a plan with each kind of recomputation."""
    first, *_ = shards
    for misfit in misfits(plan, shards[first].limits):
        yield Candidate(plan, first, misfit)
        return
    if not plan.micro_batches:
        found = nearest(plan.data, batch)
        yield Candidate(plan, first, f"batch: {batch} is no multiple of dp {plan.data}; nearest: {found}")
        return
    for recompute, one in shards.items():
        memory = worst(memory_of(one, plan, stage) for stage in stages_of(one, plan))
        if memory.total > device.memory:
            yield Candidate(plan, recompute, _too_large(memory, device), memory)
        else:
            yield Candidate(plan, recompute, "", memory, step_of(one, plan, device))


def _too_large(memory: DeviceMemory, device: Device) -> str:
    kind, most = max(memory.kinds.items(), key=lambda pair: pair[1])
    return (
        f"memory: a device of stage {memory.stage} needs {memory.total / GIGA:.1f} GB of"
        f" {device.memory / GIGA:.1f}; most of it {kind.replace('_', ' ')}, {most / GIGA:.1f} GB"
    )


def search(
    shards: Shards, devices: int, batch: int, device: Device, *, chunks: tuple[int, ...] = (2,),
    recomputations: tuple[str, ...] = RECOMPUTATIONS, given: Given | None = None,
) -> list[Candidate]:  # fmt: skip
    """All plans, those that fit first, the fastest first of them.

    Fastest is the least time of a step; among equals the one that waits least where nothing overlaps, then the one that
    needs least memory.

    Args:
        shards: the model.
        devices: how many there are.
        batch: sequences in a step.
        device: its peaks and memory.
        chunks: runs of layers a stage has where they are interleaved.
        recomputations: which activations may be computed again.
        given: fields of a plan that are not searched.

    Raises:
        PlanError: no plan has what is given.
    """
    ways = {one: shards.recomputing(one) for one in recomputations}
    wanted = plans(devices, batch, experts=shards.has_experts, chunks=chunks, given=given)
    found = [one for plan in wanted for one in candidates(ways, plan, device, batch)]
    if not found:
        asked = ", ".join(f"{field.replace('_', ' ')} {value}" for field, value in (given or {}).items())
        raise PlanError(f"search: no plan of {devices} devices and {batch} sequences a step has {asked}")
    return sorted(found, key=_rank)


def _rank(one: Candidate) -> tuple[bool, float, float, float]:
    if one.step is None or one.memory is None:
        return True, 0.0, 0.0, one.memory.total if one.memory else float("inf")
    return False, float(f"{one.step.seconds:.9e}"), one.step.serial, one.memory.total
