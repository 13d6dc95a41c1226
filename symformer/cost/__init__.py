"""What programs cost: parameters, FLOPs and memory, counted definition by definition."""

from symformer.cost.count import RECOMPUTATIONS, Counts, checked_recomputation, count
from symformer.cost.exchanges import GRADIENT, PARTIAL, SENT, WHOLE, Exchange
from symformer.cost.memory import OPTIMIZERS, WIDTHS, largest_batch, optimizer_bytes, width_of
from symformer.cost.sharded import AFTER, BEFORE, Place, Sharded, shard
from symformer.cost.sharding import (
    DATA,
    EXPERT,
    EXPERT_TENSOR,
    PIPELINE,
    ROUTED,
    SEQUENCE,
    TENSOR,
    Axes,
    Cuts,
)
from symformer.cost.split import Divisors, Numbers, Split
from symformer.cost.statements import Kept, Statement
from symformer.cost.work import Work

__all__ = [
    "AFTER",
    "BEFORE",
    "DATA",
    "EXPERT",
    "EXPERT_TENSOR",
    "GRADIENT",
    "OPTIMIZERS",
    "PARTIAL",
    "PIPELINE",
    "RECOMPUTATIONS",
    "ROUTED",
    "SENT",
    "SEQUENCE",
    "TENSOR",
    "WHOLE",
    "WIDTHS",
    "Axes",
    "Counts",
    "Cuts",
    "Divisors",
    "Exchange",
    "Kept",
    "Numbers",
    "Place",
    "Sharded",
    "Split",
    "Statement",
    "Work",
    "checked_recomputation",
    "count",
    "largest_batch",
    "optimizer_bytes",
    "shard",
    "width_of",
]
