"""Experts: each token goes to the few that its router chose, by their numbers, so that the others cost nothing."""

from __future__ import annotations

from symformer import notation
from symformer.models import letters as at
from symformer.models.blocks import ACTIVATIONS
from symformer.models.symbols import Parameters, Value, named
from symformer.notation import Tensor, indices

S = indices("s")
