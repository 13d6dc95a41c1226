"""Programs as functions of other runtimes: one file of operations each, over the same array nodes."""

from symformer.compile.targets.array_api import ARRAY_API
from symformer.compile.targets.dialect import Dialect
from symformer.compile.targets.jax import JAX
from symformer.compile.targets.modules import library_module, program_module
from symformer.compile.targets.torch import TORCH

DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in (TORCH, JAX, ARRAY_API)}
TARGETS = ("numpy", "c", *DIALECTS)

__all__ = ["DIALECTS", "TARGETS", "Dialect", "library_module", "program_module"]
