"""The part of `cost` about many devices: what it prints of a plan, a search, a comparison, decoding."""

from __future__ import annotations

import json
from argparse import Namespace
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import symformer
from symformer.cli.command import deliver
from symformer.cli.terminal import print_table
from symformer.cost import RECOMPUTATIONS

if TYPE_CHECKING:
    from symformer.cluster import Candidate, Device, Plan, Report, Serving, Shards
    from symformer.models import Model

UTILIZATION = {"mfu": "MFU", "hfu": "HFU", "mfu_palm": "MFU, as PaLM counts"}
SHOWN = 10  # plans that a search prints
ASKS = ("devices", "tp", "pp", "dp", "ep", "etp", "zero", "sp", "micro_batch", "device", "search", "compare", "decode")
FIXED = {
    "tp": "tensor", "pp": "pipeline", "dp": "data", "ep": "expert", "etp": "expert_tensor", "zero": "zero",
    "micro_batch": "micro_batch", "schedule": "schedule", "chunks": "chunks",
}  # fmt: skip
COUNTED = ("devices", "tp", "pp", "dp", "ep", "etp", "micro_batch", "batch", "chunks")
PEAKS = {"peak_flops": "flops", "bandwidth": "bandwidth", "link": "link", "network": "network", "node": "node"}


def _error(message: str) -> Exception:
    """What a user gave does not fit; the room is loaded only now."""
    return symformer.cluster.PlanError(message)


def is_asked(options: Namespace) -> bool:
    """Whether anything here is asked for."""
    return any(getattr(options, name) is not None and getattr(options, name) is not False for name in ASKS)


def run(model: Model, options: Namespace) -> int:
    """Counts and prints a plan, a search, a comparison or decoding."""
    _check_together(options)
    if options.decode:
        return _decode(model, options)
    device = _device(options)
    if options.compare is not None:
        return _compare(model, options, device)
    shards = _shards(model, options)
    if options.search:
        return _search(shards, options, device)
    found = symformer.cluster.report(shards, _plan(options), device)
    if options.out is not None:
        return deliver(symformer.cluster.cluster_page(found), options.out)
    data = found.data | _run_data(found, options)
    print(json.dumps(data, indent=1, ensure_ascii=False)) if options.json else _print(found, data)
    return 0


def _check_together(options: Namespace) -> None:
    """Whether what is asked for goes together: nothing a user gives is left out silently."""
    for name in ("weights", "acceptance", "draft_model"):
        if getattr(options, name) is not None and not options.decode:
            raise _error(f"{name.replace('_', '-')}: only with --decode")
    if options.draft_model is not None and options.acceptance is None:
        raise _error("draft-model: expected --acceptance, the probability that a drafted token is accepted")
    ways = [name for name in ("decode", "search", "compare") if getattr(options, name)]
    if len(ways) > 1:
        raise _error(f"{ways[0]}: not together with --{ways[1]}")
    if ways and ways != ["compare"] and options.out is not None:
        raise _error(f"out: a page shows one plan; not together with --{ways[0]}")
    if options.memory is not None and options.device is None and options.peak_flops is None:
        raise _error("memory: expected --device beside it, whose memory it replaces")
    symformer.cluster.check_counts({"node": options.node, "batch": options.batch, "draft": options.draft + 1})


def _shards(model: Model, options: Namespace) -> Shards:
    cost = model.cost(
        options.micro_batch or 1, options.seq, dtype=options.dtype, optimizer=options.optimizer,
        recompute=options.recompute or "none", encoder_seq=options.encoder_seq,
    )  # fmt: skip
    settings = cost.settings
    gradients = options.grad_dtype or settings.dtype
    return symformer.cluster.Shards(
        model,
        symformer.cluster.Setting(
            settings.seq, settings.dtype, gradients, settings.optimizer, settings.recompute, settings.encoder_seq
        ),
    )


def _plan(options: Namespace, **other: Any) -> Plan:
    """The plan that is asked for, with other values for some of what `plan_of` takes."""
    asked = {"batch": options.batch} | other
    return symformer.cluster.plan_of(
        devices=options.devices, tp=1 if options.tp is None else options.tp,
        pp=1 if options.pp is None else options.pp, dp=options.dp, ep=1 if options.ep is None else options.ep,
        etp=options.etp, sp=options.sp, zero=options.zero or 0,
        micro_batch=1 if options.micro_batch is None else options.micro_batch, batch=asked["batch"],
        schedule=options.schedule or "1f1b",
        chunks=options.chunks if options.chunks is not None else 2 if options.schedule == "interleaved" else 1,
    )  # fmt: skip


def _device(options: Namespace) -> Device | None:
    """The device by name, with the peaks that a user gives in place of its own."""
    given = {field: getattr(options, flag) for flag, field in PEAKS.items() if getattr(options, flag) is not None}
    if options.memory is not None:
        given["memory"] = float(options.memory)
    if options.device is not None and options.device not in symformer.cluster.DEVICES:
        known = ", ".join(symformer.cluster.DEVICES)
        raise _error(f"device: expected one of {known}, got {options.device!r}")
    if options.device is not None:
        return replace(symformer.cluster.DEVICES[options.device], **given)
    needed = {"flops", "bandwidth", "link", "network", "memory"}
    if needed <= set(given):
        return symformer.cluster.Device("given", **{"node": 8, "source": "the command line", **given})
    if set(given) - {"memory"}:
        missing = ", ".join(sorted(needed - set(given)))
        raise _error(f"device: name one with --device, or give all of its peaks; missing: {missing}")
    return None


def _needed(options: Namespace, what: str) -> Device:
    device = _device(options)
    if device is None:
        raise _error(f"{what}: expected --device, one of {', '.join(sorted(symformer.cluster.DEVICES))}, or its peaks")
    return device


def _given(options: Namespace) -> dict[str, int | bool | str]:
    """What a user fixes of the plans that are searched.

    Raises:
        PlanError: a degree does not divide the devices, or a word or number is none that a plan can have.
    """
    found = {field: getattr(options, flag) for flag, field in FIXED.items() if getattr(options, flag) is not None}
    for flag in ("tp", "pp", "dp", "ep"):
        degree = getattr(options, flag)
        if degree is not None and options.devices % degree:
            found_degrees = symformer.cluster.nearest(degree, options.devices)
            raise _error(f"{flag}: {degree} does not divide the {options.devices} devices; nearest: {found_degrees}")
    if options.schedule is not None and options.schedule not in symformer.cluster.SCHEDULES:
        raise _error(f"schedule: expected one of {', '.join(symformer.cluster.SCHEDULES)}, got {options.schedule!r}")
    if options.zero is not None and options.zero > 3:
        raise _error(f"zero: expected 0, 1, 2 or 3, got {options.zero}")
    return found | ({"sequence": True} if options.sp else {})


def _search(shards: Shards, options: Namespace, device: Device | None) -> int:
    if options.devices is None:
        raise _error("search: expected --devices, how many there are")
    symformer.cluster.check_counts({name.replace("_", "-"): getattr(options, name) for name in COUNTED})
    found = symformer.cluster.search(
        shards, options.devices, options.batch or options.devices, _needed(options, "search"),
        chunks=(options.chunks,) if (options.chunks or 1) > 1 else (2,),
        recomputations=(options.recompute,) if options.recompute else RECOMPUTATIONS, given=_given(options),
    )  # fmt: skip
    if options.json:
        print(json.dumps(symformer.cluster.search_data(found), indent=1))
    else:
        _print_search(found, options)
    return 0


def _print_search(found: list[Candidate], options: Namespace) -> None:
    fitting = [one for one in found if one.step is not None and one.memory is not None]
    batch = options.batch or options.devices
    print(f"{len(found)} plans for {options.devices} devices and {batch} sequences a step; {len(fitting)} fit")
    print_table(
        ("tp", "pp", "dp", "ep", "etp", "zero", "sp", "micro-batch", "schedule", "chunks", "recompute", "seconds",
         "bound", "MFU", "GB"),
        [
            (one.plan.tensor, one.plan.pipeline, one.plan.data, one.plan.expert, one.plan.expert_tensor, one.plan.zero,
             one.plan.sequence, one.plan.micro_batch, one.plan.schedule, one.plan.chunks, one.recompute,
             f"{one.step.seconds:.4g}", one.step.bound, f"{one.step.utilization(one.step.model_flops):.1%}",
             f"{one.memory.total / 1e9:.1f}")
            for one in fitting[:SHOWN] if one.step is not None and one.memory is not None
        ],
    )  # fmt: skip
    reasons = dict.fromkeys(one.reason for one in found if one.reason)
    print(f"{len(found) - len(fitting)} do not, for {len(reasons)} reasons; all of them with --json. The nearest:")
    for one in [one for one in found if one.reason][:SHOWN]:
        plan = one.plan
        print(f"tp {plan.tensor} pp {plan.pipeline} dp {plan.data} zero {plan.zero}: {one.reason}")


def _run_data(found: Report, options: Namespace) -> dict[str, Any]:
    if options.tokens is None:
        return {}
    if found.step is None:
        _needed(options, "tokens")
    assert found.step is not None
    if options.mfu is not None and options.mfu > 1:
        raise _error(f"mfu: expected a fraction up to 1, got {options.mfu}")
    return {"run": {"tokens": options.tokens, "device_hours": found.step.device_hours(options.tokens, options.mfu)}}


def _rows(found: Report) -> list[tuple[str, str]]:
    """What a plan comes to, a row each."""
    data = found.data
    rows = [("parameters", f"{data['parameters']:,}"), ("devices", f"{found.plan.devices:,}")]
    if data["active_parameters"] != data["parameters"]:
        rows.insert(1, ("parameters that a token meets", f"{data['active_parameters']:,}"))
    rows += [("sequences a step", f"{found.plan.batch:,}"), ("tokens of a sequence", f"{found.shards.setting.seq:,}")]
    for stage in found.stages:
        title = f"stage {stage.number}"
        rows += [(f"{title}: parameters", f"{stage.parameters:,.0f}")]
        rows += [(f"{title}: bytes of {kind.replace('_', ' ')}", f"{value:,.0f}")
                 for kind, value in stage.memory.kinds.items() if value]  # fmt: skip
        rows += [(f"{title}: bytes in all", f"{stage.memory.total:,.0f}"), (f"{title}: FLOPs", f"{stage.flops:,.0f}")]
        rows += [(f"{title}: bytes sent, {kind}, {group}", f"{total:,.0f}")
                 for (kind, group), total in symformer.cluster.by_kind(stage.collectives).items()]  # fmt: skip
    rows.append(("bubble", f"{data['bubble']:.4f}"))
    if found.step is not None:
        step = data["step"]
        rows += [(f"seconds of {kind}", f"{step[kind]:.4g}") for kind in ("compute", "memory", "network")]
        rows += [("seconds a step, at least", f"{step['seconds']:.4g}"), ("bound by", step["bound"])]
        rows += [(UTILIZATION[kind], f"{step[kind]:.2%}") for kind in ("mfu", "hfu", "mfu_palm")]
        rows.append(("fits", "yes" if data["fits"] else "no"))
    return rows


def _run_rows(data: dict[str, Any]) -> list[tuple[str, str]]:
    """What a run of so many tokens takes, if it is asked for."""
    run = data.get("run")
    return [(f"device-hours for {run['tokens']:,.0f} tokens", f"{run['device_hours']:,.1f}")] if run else []


def _print(found: Report, data: dict[str, Any]) -> None:
    print_table(("what", "number"), _rows(found) + _run_rows(data))


def _compare(model: Model, options: Namespace, device: Device | None) -> int:
    """Two configurations with the same plan and length of a sequence: by default the shorter of their contexts."""
    models = (model, symformer.models.from_config(options.compare))
    options.seq = options.seq or min(_shards(one, options).setting.seq for one in models)
    plan, names = _plan(options), (str(options.config), str(options.compare))
    first, second = (symformer.cluster.report(_shards(one, options), plan, device) for one in models)
    if options.out is not None:
        return deliver(symformer.cluster.cluster_page(first, second, names=names), options.out)
    runs = [_run_data(one, options) for one in (first, second)]
    if options.json:
        both = [one.data | run for one, run in zip((first, second), runs, strict=True)]
        print(json.dumps(both, indent=1, ensure_ascii=False))
        return 0
    columns = [dict(_rows(found) + _run_rows(run)) for found, run in zip((first, second), runs, strict=True)]
    rows = dict.fromkeys(name for one in columns for name in one)
    print_table(("what", *names), [(name, *(one.get(name, "") for one in columns)) for name in rows])
    return 0


TRAINING = ("zero", "sp", "micro_batch", "schedule", "chunks", "tokens", "recompute")  # flags without use in decoding


def _decode(model: Model, options: Namespace) -> int:
    """A step of decoding, on one device or many."""
    _needed(options, "decode")
    for name in TRAINING:
        if getattr(options, name):
            raise _error(f"{name.replace('_', '-')}: of training; not together with --decode")
    serving, batch = _serving(model, options), options.batch or 1
    found = symformer.cluster.decoding_data(serving, batch)
    if options.acceptance is not None:
        if options.acceptance > 1:
            raise _error(f"acceptance: expected a probability, got {options.acceptance}")
        drafts = options.draft_model
        draft = _serving(symformer.models.from_config(drafts), options, alone=True) if drafts is not None else None
        found |= symformer.cluster.speculation_data(serving, batch, options.acceptance, options.draft, draft)
    if options.json:
        print(json.dumps(found, indent=1))
        return 0
    flat = {name: value for name, value in found.items() if name != "prefill"}
    flat |= {f"prefill {name}": value for name, value in found["prefill"].items()}
    print_table(("what", "number"), [(name.replace("_", " "), _shown(value)) for name, value in flat.items()])
    return 0


def _serving(model: Model, options: Namespace, *, alone: bool = False) -> Serving:
    """A model on the devices that are asked for; one that drafts stands alone on one of them, not quantised."""
    if not model.architecture.cached:
        raise _error(f"decode: {model.architecture.model_class} keeps no keys and values: it does not decode")
    settings = model.cost(1, options.seq, dtype=options.dtype).settings
    quantized = options.weights if not alone else None
    weights = symformer.cluster.quantized_bytes(model, quantized, settings.dtype) if quantized else None
    plan = symformer.cluster.plan_of() if alone else _plan(options, batch=None)
    return symformer.cluster.Serving(
        symformer.cluster.Decoding(model, settings.seq, settings.dtype, weights), plan, _needed(options, "decode")
    )


def _shown(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.0f}" if value >= 1000 else f"{value:.6g}"
