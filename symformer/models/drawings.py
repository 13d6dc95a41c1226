"""Pictures of a cost: where FLOPs go as sequences grow, and what memory is made of."""

from __future__ import annotations

from symformer.models.report import Cost
from symformer.pictures import Picture, curves, shares

UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def flops_as_sequences_grow(cost: Cost) -> Picture:
    """The share of each part in the contractions of a forward pass, over lengths up to eight times the one priced.

    The horizontal axis counts doublings: 10 is a sequence of 1024.
    """
    longest = max((8 * cost.settings.seq - 1).bit_length(), 8)
    prices = [(power, cost.at_length(2**power)) for power in range(5, longest + 1)]
    names = [one.name for one in cost.components if one.forward.number]
    series = [(name, [(power, _share(price, name)) for power, price in prices]) for name in names]
    return curves("flops", "FLOPs of a forward pass, by part", "length of a sequence, as a power of 2", "share", series)


def _share(cost: Cost, name: str) -> float:
    own = next((one.forward.number for one in cost.components if one.name == name), 0)
    return own / max(cost.flops.forward.number, 1)


def memory_by_kind(cost: Cost) -> Picture:
    """Bytes of a training step by kind, in the largest unit that leaves each kind a number."""
    kinds = {name: amount.number for name, amount in vars(cost.memory).items() if name != "kv_cache"}
    power = max((len(str(max(kinds.values()))) - 3) // 3, 0)
    power = min(power, len(UNITS) - 1)
    counts = [(f"{UNITS[power]} {name}", round(number / 1000**power)) for name, number in kinds.items()]
    return shares("memory", f"Memory of training with {cost.settings.optimizer}", counts)


def drawings(cost: Cost) -> tuple[Picture, Picture]:
    """Both."""
    return flops_as_sequences_grow(cost), memory_by_kind(cost)
