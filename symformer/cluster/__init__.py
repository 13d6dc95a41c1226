"""Training and decoding on many devices: plans, what each device holds, sends and takes, counted from the program."""

from symformer.cluster.collectives import Collective, collectives_of, sent
from symformer.cluster.decoding import Decoding, active_parameters, experts_held, speculated, speedup
from symformer.cluster.devices import DEVICES, Device
from symformer.cluster.memory import DeviceMemory, Stage, memory_of, parameters_of, stage_of, stages_of, worst
from symformer.cluster.page import cluster_page
from symformer.cluster.plan import SCHEDULES, Limits, Plan, PlanError, check_counts, checked, misfits, nearest, plan_of
from symformer.cluster.quantized import FORMATS, quantized_bytes
from symformer.cluster.report import (
    Report,
    StageReport,
    by_kind,
    decoding_data,
    plan_data,
    report,
    search_data,
    speculation_data,
    step_data,
)
from symformer.cluster.schedules import Task, bubble, idle_share, in_flight, most_in_flight, order
from symformer.cluster.search import Candidate, plans, search
from symformer.cluster.serving import Serving, Times
from symformer.cluster.shards import Setting, Shards
from symformer.cluster.step import Step, flops_of, moved_bytes, network_seconds, step_of

__all__ = [
    "Candidate", "Collective", "DEVICES", "Decoding", "Device", "DeviceMemory", "FORMATS", "Limits", "Plan",
    "PlanError", "Report", "SCHEDULES", "Serving", "Setting", "Shards", "Stage", "StageReport", "Step", "Task", "Times",
    "active_parameters", "bubble", "by_kind", "check_counts", "checked", "cluster_page", "collectives_of",
    "decoding_data", "experts_held", "flops_of", "idle_share", "in_flight", "memory_of", "misfits",
    "most_in_flight", "moved_bytes", "nearest", "network_seconds", "order", "parameters_of", "plan_data",
    "plan_of", "plans", "quantized_bytes", "report", "search", "search_data", "sent", "speculated",
    "speculation_data", "speedup", "stage_of", "stages_of", "step_data", "step_of", "worst",
]  # fmt: skip
