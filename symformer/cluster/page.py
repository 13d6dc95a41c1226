"""One page on which a reader moves a plan: it holds formulas of one device's memory and time, and loads nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sympy import Expr, Integer, symbols

from symformer.cluster.devices import DEVICES, Device
from symformer.cluster.report import Report, plan_data
from symformer.cluster.shards import Shards
from symformer.cost import (
    AFTER,
    BEFORE,
    EXPERT,
    EXPERT_TENSOR,
    ROUTED,
    SEQUENCE,
    TENSOR,
    Exchange,
    Split,
    optimizer_bytes,
    width_of,
)
from symformer.models.terms import terms
from symformer.pictures.standalone import standalone
from symformer.system import script_json

t, s, e, u = symbols("t s e u", positive=True)  # devices that share matrices, positions, experts, experts' matrices
DEGREES: dict[str, Expr] = {TENSOR: t, SEQUENCE: s, EXPERT: e, EXPERT_TENSOR: u, ROUTED: t / u}
MASTER = 4


def cluster_page(*found: Report, names: Sequence[str] = ()) -> str:
    """The page as HTML: sliders for a plan, a picture of one device's memory, and what a step takes.

    Args:
        found: a plan and its model, or two models side by side; the page starts with the first one's plan.
        names: what each is called; by default the class of its model.
    """
    titles = list(names) or [one.shards.model.architecture.model_class for one in found]
    first = found[0]
    device = (first.device or DEVICES["h100"]).name
    return standalone(
        "symformer.cluster",
        "cluster",
        base=("symformer.models", "cost"),
        title=f"{' and '.join(titles)} on many devices",
        data=script_json(
            [page_data(one) | {"name": title} for one, title in zip(found, titles, strict=True)],
            separators=(",", ":"),
            sort_keys=True,
        ),
        sliders=_sliders(found),
        columns=[
            ("" if number == 0 else f"-{number + 1}", title, one.shards.setting)
            for number, (one, title) in enumerate(zip(found, titles, strict=True))
        ],
        devices=sorted({*DEVICES, device}),
    )


def _sliders(found: Sequence[Report]) -> list[tuple[str, str, int]]:
    """Name, words and value of what can be moved."""
    plan, experts = found[0].plan, any(one.shards.has_experts for one in found)
    rows = [
        ("tp", "tensor: share matrices", plan.tensor), ("pp", "pipeline: stages", plan.pipeline),
        ("dp", "data: copies", plan.data), ("micro", "micro-batch", plan.micro_batch),
        ("count", "micro-batches", plan.micro_batches), ("chunks", "chunks a stage", plan.chunks),
        ("n", "tokens n", found[0].shards.setting.seq),
    ]  # fmt: skip
    return [*rows, ("ep", "expert: share experts", plan.expert)] if experts else rows


def page_data(found: Report) -> dict[str, Any]:
    """What the script adds up: for each place terms in sizes and degrees."""
    shards = found.shards
    width, gradient = float(width_of(shards.setting.dtype)), float(width_of(shards.setting.gradients))
    master = MASTER if width < MASTER else 0
    states = optimizer_bytes(shards.setting.optimizer, shards.setting.dtype) - master
    device = found.device or DEVICES["h100"]
    return {
        "plan": plan_data(found.plan),
        "sizes": shards.sizes(1, 1),
        "stacks": list(map(list, shards.stacks)),
        "places": {name: dict(_place(shards, name)) for name in (BEFORE, *(name for name, _ in shards.stacks), AFTER)},
        "tied": _terms(shards.tied),
        "bytes": {"weights": width, "gradients": gradient, "master": master, "optimizer": states},
        "limits": [[kind, word, number] for kind, word, number in shards.limits.cut],
        "layers": shards.limits.layers, "staged": shards.limits.staged,
        "devices": {name: _peaks(one) for name, one in {**DEVICES, device.name: device}.items()},
        "device": device.name,
        "recompute": shards.setting.recompute,
    }  # fmt: skip


def _peaks(device: Device) -> list[float]:
    return [device.flops, device.memory, device.bandwidth, device.link, device.network, device.node]


def _place(shards: Shards, name: str) -> Iterator[tuple[str, Any]]:
    """The terms of a place: parameters, bytes kept, bytes of one layer that is done again, FLOPs, exchanges."""
    setting, place = shards.setting, shards.places.get(name)
    width = width_of(setting.dtype)
    yield "parameters", _by_copies(shards.parameters[name])
    nothing = Split({})
    kept = place.activations(setting.recompute, width=width) if place is not None else nothing
    whole = place.activations("none", width=width) if place is not None else nothing
    logits = shards.logits if name == AFTER else nothing
    yield "kept", _terms(kept + logits)
    yield "again", _terms(whole + kept.times(-1)) if setting.recompute != "none" else []
    work = place.forward + place.backward if place is not None else nothing
    yield "model_flops", terms(work.whole)
    yield "flops", _terms(work + place.recomputed(setting.recompute)) if place is not None else []
    yield "exchanges", [_exchange(one) for one in place.exchanges] if place is not None else []
    carried = Split.of((one.divisors, one.bytes(width)) for one in place.carried) if place is not None else nothing
    yield "carried", _terms(carried)


def _exchange(one: Exchange) -> list[Any]:
    """What the script asks of an exchange: its kind and group, its numbers on a device, three flags."""
    return [one.kind, one.group, _terms(Split.of([(one.divisors, one.elements)])), one.sequence, one.kept, one.learned]


def _by_copies(split: Split) -> list[Any]:
    """Terms of what every copy holds, and of experts, of which there are fewer copies."""
    own, experts = ([pair for pair in split if (EXPERT in pair[0]) == wanted] for wanted in (False, True))
    return [_terms(Split.of(own)), _terms(Split.of(experts))]


def _terms(split: Split) -> list[list[Any]]:
    formula = split.on_device(DEGREES)
    return terms(formula) if formula != Integer(0) else []
