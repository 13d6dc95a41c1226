"""What a plan comes to, as plain data: what the command prints, and writes as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from symformer.cluster.collectives import Collective, collectives_of
from symformer.cluster.decoding import active_parameters, speculated
from symformer.cluster.devices import Device
from symformer.cluster.memory import DeviceMemory, memory_of, parameters_of, stage_of
from symformer.cluster.plan import Plan, checked
from symformer.cluster.schedules import bubble
from symformer.cluster.search import Candidate
from symformer.cluster.serving import Serving, Times
from symformer.cluster.shards import Shards
from symformer.cluster.step import Step, flops_of, step_of


@dataclass(frozen=True)
class StageReport:
    """What a device of one stage holds, computes and sends in a step.

    Attributes:
        number: of the stage, from 0.
        parameters: numbers that it holds before ZeRO shares them.
        memory: its bytes.
        flops: its contractions.
        collectives: what it sends.
    """

    number: int
    parameters: float
    memory: DeviceMemory
    flops: float
    collectives: tuple[Collective, ...]


@dataclass(frozen=True)
class Report:
    """A plan for a model, counted.

    Attributes:
        shards: the model.
        plan: the plan.
        stages: the first stage and the last.
        step: how long a step takes, if a device is named.
        device: that device.
    """

    shards: Shards
    plan: Plan
    stages: tuple[StageReport, ...]
    step: Step | None
    device: Device | None

    @property
    def worst(self) -> DeviceMemory:
        """Memory of the device that needs most, of these stages."""
        return max((one.memory for one in self.stages), key=lambda one: one.total)

    @property
    def data(self) -> dict[str, Any]:
        """All of it, for JSON."""
        found: dict[str, Any] = {
            "plan": plan_data(self.plan),
            "parameters": self.shards.model.parameter_count,
            "active_parameters": active_parameters(self.shards.model),
            "bubble": float(bubble(self.plan.pipeline, self.plan.micro_batches, self.plan.chunks)),
            "stages": [_stage_data(one) for one in self.stages],
        }
        if self.step is not None and self.device is not None:
            found |= {"device": vars(self.device), "step": step_data(self.step)}
            found["fits"] = self.worst.total <= self.device.memory
        return found


def report(shards: Shards, plan: Plan, device: Device | None = None) -> Report:
    """A plan, counted for the first stage and the last, or for all where layers differ.

    Raises:
        PlanError: degrees do not fit the model.
    """
    checked(plan, shards.limits)
    several = len(shards.stacks) > 1
    numbers = range(plan.pipeline) if several else sorted({0, plan.pipeline - 1})
    stages = tuple(_stage(shards, plan, number) for number in numbers)
    return Report(shards, plan, stages, step_of(shards, plan, device) if device is not None else None, device)


def _stage(shards: Shards, plan: Plan, number: int) -> StageReport:
    stage = stage_of(shards, plan, number)
    return StageReport(
        number, parameters_of(shards, plan, stage), memory_of(shards, plan, stage),
        flops_of(shards, plan, stage, again=True), collectives_of(shards, plan, stage),
    )  # fmt: skip


def plan_data(plan: Plan) -> dict[str, Any]:
    """A plan as plain data."""
    kept = {name: value for name, value in vars(plan).items() if name != "degrees"}
    return kept | {"devices": plan.devices, "batch": plan.batch}


def _stage_data(one: StageReport) -> dict[str, Any]:
    return {
        "stage": one.number,
        "parameters": round(one.parameters),
        "memory": {name: round(value) for name, value in one.memory.kinds.items()} | {"total": round(one.memory.total)},
        "in_flight": one.memory.in_flight,
        "flops": round(one.flops),
        "collectives": [
            {"kind": each.kind, "group": each.group, "what": each.what, "times": each.times, "bytes": round(each.bytes)}
            for each in one.collectives
        ],
        "bytes_sent": {f"{kind}, {group}": round(total) for (kind, group), total in by_kind(one.collectives).items()},
    }


def by_kind(collectives: Sequence[Collective]) -> dict[tuple[str, str], float]:
    """Bytes in a step for each kind of collective and group."""
    found: dict[tuple[str, str], float] = {}
    for one in collectives:
        found[one.kind, one.group] = found.get((one.kind, one.group), 0.0) + one.total
    return found


def step_data(step: Step) -> dict[str, Any]:
    """A step as plain data."""
    return {
        "seconds": step.seconds, "seconds_without_overlap": step.serial, "bound": step.bound,
        "compute": step.compute, "memory": step.memory, "network": step.network,
        "tokens": step.tokens, "model_flops": step.model_flops, "hardware_flops": step.hardware_flops,
        "mfu": step.utilization(step.model_flops), "hfu": step.utilization(step.hardware_flops),
        "mfu_palm": step.utilization(step.palm_flops),
    }  # fmt: skip


def search_data(found: Sequence[Candidate]) -> list[dict[str, Any]]:
    """Candidates as plain data."""
    return [
        {"plan": plan_data(one.plan), "recompute": one.recompute, "fits": not one.reason}
        | ({"reason": one.reason} if one.reason else {})
        | ({"memory": round(one.memory.total)} if one.memory is not None else {})
        | ({"step": step_data(one.step)} if one.step is not None else {})
        for one in found
    ]


def decoding_data(serving: Serving, batch: int) -> dict[str, Any]:
    """Decoding as plain data: of a device of each stage together, but for what is said to be of all devices."""
    decoding, times, prefill = serving.decoding, serving.times(batch), serving.prefill()
    return {
        "batch": batch, "context": decoding.context, "devices": serving.plan.devices,
        "flops_a_token": serving.flops, "bytes_of_weights_read": serving.read_bytes(batch),
        "bytes_of_cache_read": batch * serving.cache_bytes, "bytes_held": serving.bytes_held(batch),
        "fits": serving.bytes_held(batch) <= serving.device.memory,
        **_times_data(times), "tokens_a_second": serving.tokens_a_second(batch),
        "crossover_batch": serving.crossover(),
        "prefill": {"flops": decoding.prefill_flops, **_times_data(prefill)},
    }  # fmt: skip


def speculation_data(
    serving: Serving, batch: int, acceptance: float, drafted: int, draft: Serving | None
) -> dict[str, Any]:
    """Speculative decoding as plain data: expected tokens of a pass, and with a model that drafts also its times."""
    tokens = speculated(acceptance, drafted)
    if draft is None:
        return {"speculated_tokens": tokens}
    alone = serving.times(batch).seconds
    seconds = drafted * draft.times(batch).seconds + serving.times(batch, drafted + 1).seconds
    return {"speculated_tokens": tokens, "speculated_seconds": seconds, "speedup": tokens * alone / seconds}


def _times_data(times: Times) -> dict[str, Any]:
    return {"seconds": times.seconds, "seconds_without_overlap": times.serial, "bound": times.bound, **vars(times)}
