"""What programs cost: parameters, FLOPs and memory, counted definition by definition."""

from symformer.cost.count import RECOMPUTATIONS, Counts, checked_recomputation, count
from symformer.cost.memory import OPTIMIZERS, WIDTHS, largest_batch, optimizer_bytes, width_of
from symformer.cost.statements import Kept, Statement
from symformer.cost.work import Work

__all__ = [
    "OPTIMIZERS",
    "RECOMPUTATIONS",
    "WIDTHS",
    "Counts",
    "Kept",
    "Statement",
    "Work",
    "checked_recomputation",
    "count",
    "largest_batch",
    "optimizer_bytes",
    "width_of",
]
