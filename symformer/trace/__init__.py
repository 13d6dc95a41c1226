"""One part of a real model: its symbolic steps with the model's own numbers in them, and what the whole is made of."""

from symformer.notation.public import public_room
from symformer.trace.attribution import Attribution, attribution
from symformer.trace.beside import Beside
from symformer.trace.circuits import Circuits, circuits
from symformer.trace.effects import Effect, effects
from symformer.trace.explorer import explorer_page
from symformer.trace.head import Head, TraceError, head_of
from symformer.trace.page import trace_page
from symformer.trace.recomputed import Drift, drifts
from symformer.trace.traced import Traced, trace, trace_part
from symformer.trace.words import words_of

__all__ = [
    "Attribution",
    "Beside",
    "Circuits",
    "Drift",
    "Effect",
    "Head",
    "TraceError",
    "Traced",
    "attribution",
    "circuits",
    "drifts",
    "effects",
    "explorer_page",
    "head_of",
    "trace",
    "trace_page",
    "trace_part",
    "words_of",
]

public_room(globals(), __all__)
