"""All plans for so many devices: those that fit, best first, and why each other one does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from sympy import divisors

from symformer.cluster.devices import Device
from symformer.cluster.memory import DeviceMemory, memory_of, stages_of, worst
from symformer.cluster.plan import Plan, misfits, nearest
from symformer.cluster.shards import Shards
from symformer.cluster.step import Step, step_of

GIGA = 1e9


@dataclass(frozen=True)
class Candidate:
    """A plan and what becomes of it.

    Attributes:
        plan: the plan.
        reason: why it does not fit, in one line; empty if it does.
        memory: of the device that needs most, where degrees fit.
        step: how long a step takes, where all fits.
    """

    plan: Plan
    reason: str = ""
    memory: DeviceMemory | None = None
    step: Step | None = None


def plans(devices: int, batch: int, *, experts: bool, chunks: tuple[int, ...] = (1, 2)) -> Iterator[Plan]:
    """Every plan whose degrees multiply to so many devices, for so many sequences a step."""
    degrees = divisors(devices)
    for tensor, stages in product(degrees, degrees):
        if devices % (tensor * stages):
            continue
        data = devices // (tensor * stages)
        for zero, sequence, runs, expert in product(
            range(4), (False, True), chunks, degrees if experts else (1,)
        ):  # fmt: skip
            if (sequence and tensor == 1) or (zero and data == 1) or (runs > 1 and stages == 1):
                continue
            if tensor * data % (expert * tensor) and expert > 1:
                continue
            schedule = "interleaved" if runs > 1 else "1f1b"
            whole = batch % data == 0
            for micro in _micro_batches(batch, data) if whole else [1]:
                count = batch // (data * micro) if whole else 0
                yield Plan(tensor, stages, data, expert, tensor, sequence, zero, micro, count, schedule, runs)


def _micro_batches(batch: int, data: int) -> list[int]:
    """Powers of two that divide the sequences of each copy."""
    each = batch // data
    return [2**power for power in range(each.bit_length()) if each % 2**power == 0]


def candidate(shards: Shards, plan: Plan, device: Device, batch: int) -> Candidate:
    """What becomes of a plan."""
    for misfit in misfits(plan, shards.limits):
        return Candidate(plan, misfit)
    if not plan.micro_batches:
        return Candidate(plan, f"batch: {batch} is no multiple of dp {plan.data}; nearest: {nearest(plan.data, batch)}")
    memory = worst(memory_of(shards, plan, stage) for stage in stages_of(shards, plan))
    if memory.total > device.memory:
        kind, most = max(memory.kinds.items(), key=lambda pair: pair[1])
        return Candidate(
            plan,
            f"memory: a device of stage {memory.stage} needs {memory.total / GIGA:.1f} GB of"
            f" {device.memory / GIGA:.1f}; most of it {kind.replace('_', ' ')}, {most / GIGA:.1f} GB",
            memory,
        )  # fmt: skip
    return Candidate(plan, "", memory, step_of(shards, plan, device))


def search(
    shards: Shards, devices: int, batch: int, device: Device, *, chunks: tuple[int, ...] = (1, 2)
) -> list[Candidate]:  # fmt: skip
    """All plans, those that fit first, the fastest first of them.

    Fastest is the least time of a step; among equals the one that waits least where nothing overlaps, then the one that
    needs least memory.
    """
    wanted = plans(devices, batch, experts=shards.has_experts, chunks=chunks)
    return sorted((candidate(shards, plan, device, batch) for plan in wanted), key=_rank)


def _rank(one: Candidate) -> tuple[bool, float, float, float]:
    if one.step is None or one.memory is None:
        return True, 0.0, 0.0, one.memory.total if one.memory else float("inf")
    return False, round(one.step.seconds, 9), one.step.serial, one.memory.total
