"""Arguments of `cost` about many devices."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, _ArgumentGroup
from pathlib import Path

from symformer.cli.parser import real_number, whole_number
from symformer.cost import WIDTHS


def fill(child: ArgumentParser) -> None:
    """Its arguments."""
    plan = child.add_argument_group("many devices")
    for flag, words in {
        "devices": "how many take part", "tp": "devices that share matrices (tensor parallelism)",
        "pp": "stages of layers (pipeline parallelism)", "dp": "copies with other sequences (data parallelism)",
        "ep": "devices that share the experts of a layer", "etp": "devices that share an expert's matrices",
        "micro-batch": "sequences that a device computes at once",
        "chunks": "runs of layers a stage has, with an interleaved schedule",
    }.items():  # fmt: skip
        plan.add_argument(f"--{flag}", type=whole_number, help=words)
    plan.add_argument(
        "--zero", type=whole_number, help="what copies share: 1 optimizer, 2 gradients too, 3 parameters too"
    )
    plan.add_argument("--sp", action="store_true", help="cut positions where matrices are whole (sequence parallelism)")
    plan.add_argument("--schedule", help="of the pipeline: 1f1b, gpipe or interleaved (by default 1f1b)")
    plan.add_argument(
        "--grad-dtype", choices=sorted(WIDTHS), help="format of gradients (by default that of parameters)"
    )
    plan.add_argument(
        "--search", action="store_true", help="all plans for --devices that fit, best first; what else is given is kept"
    )
    plan.add_argument("--compare", metavar="CONFIG", type=Path, help="a second configuration, side by side")
    _device_arguments(child.add_argument_group("times"))


def _device_arguments(times: _ArgumentGroup) -> None:
    times.add_argument("--device", help="peaks of a device by name, such as h100")
    for flag, words in {
        "peak-flops": "FLOPs a second", "bandwidth": "bytes a second of its memory",
        "link": "bytes a second, one way, within a node", "network": "bytes a second, one way, between nodes",
    }.items():  # fmt: skip
        times.add_argument(f"--{flag}", type=_positive, help=f"{words} (by default the device's)")
    times.add_argument("--node", type=whole_number, help="devices in a node (by default the device's)")
    times.add_argument("--tokens", type=_positive, help="tokens of a run: its device-hours")
    times.add_argument("--mfu", type=_positive, help="utilization of a run (by default what the least time gives)")
    times.add_argument("--decode", action="store_true", help="a step of decoding with --seq positions in the cache")
    times.add_argument("--weights", help="quantised weights, such as gptq, with --decode")
    times.add_argument("--draft", type=whole_number, default=4, help="drafted tokens, with --acceptance (by default 4)")
    times.add_argument("--draft-model", metavar="CONFIG", type=Path, help="the model that drafts, on one device")
    times.add_argument("--acceptance", type=_positive, help="probability that a drafted token is accepted")


def _positive(text: str) -> float:
    number = real_number(text)
    if not 0 < number < float("inf"):
        raise ArgumentTypeError(f"expected a number above 0, got {text!r}")
    return number
