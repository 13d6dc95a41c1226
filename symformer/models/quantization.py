"""Bytes of weights that a checkpoint stores quantised, as its `quantization_config` says: numbers, scales and zeros."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from math import ceil, prod
from typing import Any, NamedTuple

from symformer.models.layout import Stored

KEPT = ("modules_to_not_convert", "llm_int8_skip_modules", "ignored_layers", "ignore")
INDEX, HALF, SINGLE = 4, 2, 4  # bytes of an index, of a scale in float16, of one in float32


class Matrix(NamedTuple):
    """A weight that is stored quantised: how many of them, and the features that go out and in."""

    times: int
    out: int
    into: int

    @property
    def numbers(self) -> int:
        """How many numbers it holds."""
        return self.times * self.out * self.into


def _grouped(matrix: Matrix, settings: Mapping[str, Any]) -> int:
    """Numbers of some bits, and for each group of a row's inputs a scale in float16 and a zero of as many bits."""
    bits, group = settings["bits"], settings.get("group_size", 128)
    groups = 1 if group in (-1, None) else ceil(matrix.into / group)
    own = ceil(matrix.into * bits / 32) * 4 * matrix.out  # packed along the inputs, into whole numbers of 32 bits
    zeros = groups * ceil(matrix.out * bits / 32) * 4
    return matrix.times * (own + zeros + groups * matrix.out * HALF)


def _gptq(matrix: Matrix, settings: Mapping[str, Any]) -> int:
    """Frantar et al. 2022, arXiv:2210.17323; files have the group of each input beside."""
    return _grouped(matrix, settings) + matrix.times * matrix.into * INDEX


def _awq(matrix: Matrix, settings: Mapping[str, Any]) -> int:
    """Lin et al. 2023, arXiv:2306.00978."""
    return _grouped(matrix, settings)


def _fp8(matrix: Matrix, settings: Mapping[str, Any]) -> int:
    """A byte a number, and a scale in float32 for each block, or for the whole: arXiv:2412.19437, section 3.3.2."""
    block = settings.get("weight_block_size")
    if not block:
        return matrix.numbers + matrix.times * SINGLE
    return matrix.numbers + matrix.times * ceil(matrix.out / block[0]) * ceil(matrix.into / block[1]) * SINGLE


def _bitsandbytes(matrix: Matrix, settings: Mapping[str, Any]) -> int:
    """Eight bits with a scale a row, or four with one for 64 numbers: arXiv:2208.07339, arXiv:2305.14314."""
    if settings.get("load_in_8bit") or not settings.get("load_in_4bit"):
        return matrix.numbers + matrix.times * matrix.out * SINGLE
    blocks = ceil(matrix.numbers / 64)
    twice = settings.get("bnb_4bit_use_double_quant")
    return ceil(matrix.numbers / 2) + (blocks + ceil(blocks / 256) * SINGLE if twice else blocks * SINGLE)


def _mxfp4(matrix: Matrix, settings: Mapping[str, Any]) -> int:
    """Four bits a number and eight for the scale of 32: OCP Microscaling Formats 1.0."""
    return matrix.times * matrix.out * (ceil(matrix.into / 2) + ceil(matrix.into / 32))


METHODS: Mapping[str, Callable[[Matrix, Mapping[str, Any]], int]] = {
    "gptq": _gptq, "awq": _awq, "fp8": _fp8, "bitsandbytes": _bitsandbytes, "mxfp4": _mxfp4,
}  # fmt: skip
NEEDS = {"gptq": ("bits",), "awq": ("bits",)}
ROUTERS = ("bitsandbytes",)  # who quantises the scores of experts, too


def method_of(settings: Mapping[str, Any]) -> str | None:
    """The method of a configuration, if its bytes are known here."""
    method = settings.get("quant_method")
    found = method in METHODS and all(type(settings.get(key)) is int for key in NEEDS.get(str(method), ()))
    return str(method) if found else None


def quantized(stored: Stored, name: str, shape: tuple[int, ...], settings: Mapping[str, Any]) -> Matrix | None:
    """A tensor as a quantised matrix, or None where it is stored as it is.

    Args:
        stored: its row in the table.
        name: its name in the file.
        shape: its sizes.
        settings: the configuration's.
    """
    method = method_of(settings)
    if method is None or _is_kept(name, settings) or stored.part in ("norm", "embedding", "head"):
        return None
    if stored.part == "router" and method not in ROUTERS:
        return None
    if len(shape) == 3 and stored.part == "experts":
        return Matrix(shape[0], shape[2], shape[1])
    if len(shape) != 2 or not name.endswith(".weight"):
        return None
    out, into = reversed(shape) if _is_transposed(stored) else shape
    return Matrix(1, out, into)


def _is_transposed(stored: Stored) -> bool:
    """Whether a matrix is stored with its inputs first, as its symbols have them."""
    first = stored.groups[0] if stored.groups else ()
    return bool(first) and stored.symbols[0][1][: len(first)] == first


def _is_kept(name: str, settings: Mapping[str, Any]) -> bool:
    """Whether a module is listed among those that are left as they are."""
    listed: Iterable[Any] = (one for key in KEPT for one in settings.get(key) or ())
    return any(isinstance(one, str) and fnmatchcase(name, f"*{one}*") for one in listed)


def quantized_bytes(
    tensors: Iterable[tuple[Stored, str, tuple[int, ...]]], settings: Mapping[str, Any], width: Any
) -> int:
    """Bytes of the tensors of a model: those that are quantised by their method, the others with `width` a number."""
    method, total = METHODS[str(method_of(settings))], 0
    for stored, name, shape in tensors:
        matrix = quantized(stored, name, shape, settings)
        total += ceil(width * prod(shape)) if matrix is None else method(matrix, settings)
    return total
