"""Bytes of quantised weights: blocks of numbers, each with its scales, along the rows of matrices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from symformer.cluster.plan import PlanError
from symformer.cost import width_of
from symformer.models import Model, Parameter


@dataclass(frozen=True)
class Format:
    """A format of quantised numbers.

    Attributes:
        bits: of each number.
        block: how many numbers share what is stored beside them; 0 for a whole row.
        extra: bits that are stored beside each block: scales, zeros.
        source: where that stands.
    """

    bits: int
    block: int
    extra: Fraction
    source: str

    def bytes_of(self, rows: int, columns: int) -> int:
        """Bytes of a matrix whose rows are cut into blocks; the last one of a row is filled up."""
        block = self.block or columns
        return ceil(rows * ceil(Fraction(columns, block)) * (self.bits * block + self.extra) / 8)


FORMATS: Mapping[str, Format] = {
    "int8": Format(8, 0, Fraction(16), "Dettmers et al. 2022, arXiv:2208.07339: one scale a row"),
    "q8_0": Format(8, 32, Fraction(16), "ggml, block_q8_0: 34 bytes for 32 numbers"),
    "q4_0": Format(4, 32, Fraction(16), "ggml, block_q4_0: 18 bytes for 32 numbers"),
    "q4_k": Format(4, 256, Fraction(128), "ggml, block_q4_K: 144 bytes for 256 numbers"),
    "q6_k": Format(6, 256, Fraction(144), "ggml, block_q6_K: 210 bytes for 256 numbers"),
    "gptq": Format(4, 128, Fraction(20), "Frantar et al. 2022, arXiv:2210.17323: groups of 128, a scale and a zero"),
    "nf4": Format(4, 64, Fraction(8) + Fraction(32, 256), "Dettmers et al. 2023, arXiv:2305.14314, section 3"),
    "mxfp4": Format(4, 32, Fraction(8), "OCP Microscaling Formats 1.0: a scale of 8 bits for 32 numbers"),
}


def is_quantized(parameter: Parameter) -> bool:
    """Whether a stored tensor is a matrix of a layer: embeddings, heads, norms and biases are left as they are."""
    return len(parameter.shape) == 2 and parameter.layer is not None


def quantized_bytes(model: Model, name: str, dtype: str = "bfloat16") -> int:
    """Bytes of a model whose matrices are quantised, but for embeddings and heads; the rest is in `dtype`.

    Raises:
        PlanError: an unknown format.
    """
    if name not in FORMATS:
        raise PlanError(f"weights: expected one of {', '.join(FORMATS)}, got {name!r}")
    width, total = width_of(dtype), Fraction(0)
    for parameter in model.parameters.values():
        shape = parameter.shape
        size = 1
        for length in shape:
            size *= length
        if is_quantized(parameter):
            total += FORMATS[name].bytes_of(shape[0], shape[1])
        else:
            total += width * size
    return ceil(total)
