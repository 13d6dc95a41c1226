"""One head of a real model: its symbolic steps with the model's own numbers in them."""

from symformer.notation.public import public_room
from symformer.trace.head import Head, TraceError, head_of
from symformer.trace.page import trace_page
from symformer.trace.recomputed import Drift, drifts
from symformer.trace.traced import Traced, trace

__all__ = ["Drift", "Head", "TraceError", "Traced", "drifts", "head_of", "trace", "trace_page"]

public_room(globals(), __all__)
