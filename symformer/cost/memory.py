"""Bytes: of number formats, of optimizers, and the largest batch that fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from symformer.notation import NotationError

WIDTHS: Mapping[str, Fraction] = {
    name: Fraction(width)
    for width, names in (
        ("8", ("float64", "fp64", "double")),
        ("4", ("float32", "fp32", "float")),
        ("2", ("float16", "fp16", "half", "bfloat16", "bf16")),
        ("1", ("float8", "fp8", "float8_e4m3fn", "float8_e5m2", "int8")),
        ("1/2", ("int4", "fp4")),
    )
    for name in names
}


@dataclass(frozen=True)
class Optimizer:
    """What an optimizer keeps for each parameter, in bytes; numbers narrower than four bytes get a copy of four.

    Attributes:
        states: bytes of its running averages.
        source: where the numbers stand.
    """

    states: int
    source: str


OPTIMIZERS: Mapping[str, Optimizer] = {
    "adamw": Optimizer(8, "Loshchilov & Hutter 2017, arXiv:1711.05101: two averages in float32"),
    "adamw-8bit": Optimizer(2, "Dettmers et al. 2021, arXiv:2110.02861: two averages of one byte"),
    "sgd-momentum": Optimizer(4, "Sutskever et al. 2013: one average in float32"),
    "sgd": Optimizer(0, "no average"),
}


def width_of(dtype: str) -> Fraction:
    """Bytes of a number.

    Raises:
        NotationError: an unknown number format.
    """
    if dtype not in WIDTHS:
        raise NotationError(f"dtype: expected one of {', '.join(WIDTHS)}, got {dtype!r}")
    return WIDTHS[dtype]


def optimizer_bytes(optimizer: str, dtype: str) -> int:
    """Bytes that an optimizer keeps for each parameter: its averages, and a float32 copy of narrower parameters.

    With AdamW and bfloat16 that is 4 + 4 + 4 = 12, as in Rajbhandari et al. 2019, arXiv:1910.02054, section 3.1.

    Raises:
        NotationError: an unknown optimizer or number format.
    """
    if optimizer not in OPTIMIZERS:
        raise NotationError(f"optimizer: expected one of {', '.join(OPTIMIZERS)}, got {optimizer!r}")
    copy = 4 if width_of(dtype) < 4 else 0
    return OPTIMIZERS[optimizer].states + copy


def largest_batch(memory: int, fixed: int, per_sequence: int) -> int:
    """How many sequences fit: what is left beside the parameters, over what each takes; 0 where not even one does.

    Raises:
        NotationError: a sequence takes nothing, so that any number fits.
    """
    if per_sequence <= 0:
        raise NotationError("memory: a sequence takes no memory, so that any batch fits")
    return max((memory - fixed) // per_sequence, 0)
