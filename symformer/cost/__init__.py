"""What programs cost: parameters, FLOPs and memory, counted definition by definition."""

from symformer.cost.count import RECOMPUTATIONS, Counts, count
from symformer.cost.statements import Kept, Statement
from symformer.cost.work import Work

__all__ = ["RECOMPUTATIONS", "Counts", "Kept", "Statement", "Work", "count"]
