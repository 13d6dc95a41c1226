"""From the names of a checkpoint to the symbols of a program: every tensor found, checked, and viewed, never copied."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from symformer.models.layout import Stack, Stored, views
from symformer.models.model import Model, Parameter
from symformer.models.running.checkpoint import CheckpointError, Mapped, widened
from symformer.system import brief

# What stands before the names of a model's tensors where it is part of another; files have it or leave it out.
PREFIXES = ("transformer.", "model.", "bert.", "roberta.", "gpt_neox.", "vit.", "distilbert.")
# The older names of a layer norm's γ and β.
OLDER = (("LayerNorm.weight", "LayerNorm.gamma"), ("LayerNorm.bias", "LayerNorm.beta"))
# What files hold beside weights: positions counted up, causal masks, rotary frequencies.
BUFFERS = re.compile(
    r"(^|\.)(position_ids|token_type_ids|final_logits_bias|attn\.(masked_)?bias|attention\.(masked_)?bias|inv_freq)$"
)
SCALES = ("_scale_inv", ".weight_scale", "_scales", "_blocks", ".qzeros", ".absmax")  # of quantized weights
FORMATS = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "BF16": np.float32, "F8_E4M3": np.float32}


@dataclass(frozen=True)
class Weights:
    """The weights of a model.

    Attributes:
        model: the model they belong to.
        found: what the file has for each of the model's parameters, by the model's name for it.
        dtype: their number format; bfloat16 is computed in float32.
        unused: tensors of the file that the model has no place for.
        viewed: views of stored tensors, by their names, once they were asked for; they hold no numbers of their own.
    """

    model: Model
    found: Mapping[str, Mapped]
    dtype: Any
    unused: tuple[str, ...] = ()
    viewed: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)

    def outside(self, dtype: Any) -> dict[str, Any]:
        """The parameters outside the layers, by symbol."""
        return self._symbols(self.model.architecture.outside, None, dtype)

    def layer(self, stack: Stack, number: int, dtype: Any) -> dict[str, Any]:
        """The parameters of one layer, by symbol; those of another number format are widened for this layer alone."""
        rows = [one for one in (*stack.named(), *stack.named_buffers()) if not _of_all_experts(one)]
        return self._symbols(rows, stack.first + number, dtype)

    def expert(self, stack: Stack, number: int, expert: int, *, dtype: Any) -> dict[str, Any]:
        """The parameters of one expert of a layer, by symbol."""
        rows = [replace(one, name=one.name.replace("{x}", str(expert))) for one in stack.named() if "{x}" in one.name]
        found = self._symbols(rows, stack.first + number, dtype)
        for stored in filter(_of_all_experts, stack.named()):
            name = stored.name.replace("{l}", str(stack.first + number))
            found |= {symbol: widened(array[expert], dtype) for symbol, array in self._views(name, stored).items()}
        return found

    def _symbols(self, rows: Iterable[Stored], number: int | None, dtype: Any) -> dict[str, Any]:
        symbols: dict[str, Any] = {}
        for stored in rows:
            name = stored.name if number is None else stored.name.replace("{l}", str(number))
            if name in self.found:
                symbols |= {symbol: widened(array, dtype) for symbol, array in self._views(name, stored).items()}
        return symbols

    def _views(self, name: str, stored: Stored) -> dict[str, Any]:
        if name not in self.viewed:
            self.viewed[name] = views(stored, self.found[name].array, self.model.sizes)
        return self.viewed[name]


def _of_all_experts(stored: Stored) -> bool:
    """Whether a tensor holds all experts of a layer, along the first axis of each of its symbols."""
    return all(letters[0] == "x" for _, letters in stored.symbols) and stored.part == "experts"


def match(model: Model, tensors: Mapping[str, Mapped], directory: Path) -> Weights:
    """The weights of a model among the tensors of a checkpoint, each with the shape that the configuration asks for.

    Raises:
        CheckpointError: a tensor is missing, has another shape or no floating numbers, or differs from the one that
            the configuration ties it to.
    """
    found, taken = {}, set()
    for parameter in (*model.parameters.values(), *model.buffers.values()):
        name = _found(tensors, parameter.name) or _found(tensors, model.architecture.instead.get(parameter.name))
        if name is None and _is_optional(model, parameter):
            continue
        if name is None:
            raise CheckpointError(
                f"{directory}: tensor {parameter.name!r} is missing: expected shape {parameter.shape}"
            )
        found[parameter.name] = _checked(tensors[name], name, parameter)
        taken.add(name)
    taken |= set(_tied(model, tensors, found))
    _check_plain(tensors)
    unused = tuple(sorted(name for name in tensors if name not in taken and not BUFFERS.search(name)))
    dtype = np.result_type(*(FORMATS[mapped.dtype] for mapped in found.values()))
    return Weights(model, found, dtype, unused)


def _check_plain(tensors: Mapping[str, Mapped]) -> None:
    """Checks that no tensor changes what is computed here: scales of weights, or BART's bias of logits beyond zeros."""
    scaled = next((name for name in tensors if name.endswith(SCALES)), None)
    if scaled is not None:
        raise CheckpointError(
            f"{tensors[scaled].file}: tensor {brief(repr(scaled))}: expected none, for weights stored with scales "
            "of their own are not run"
        )
    for name in ("final_logits_bias",):
        if name in tensors and np.any(_floating(tensors[name], name).array):
            raise CheckpointError(f"{tensors[name].file}: tensor {name!r}: expected zeros, for it is not added here")


def _found(tensors: Mapping[str, Mapped], name: str | None) -> str | None:
    """The name under which a file holds a tensor, or None."""
    return next((one for one in _spellings(name or "") if one in tensors), None)


def _spellings(name: str) -> Iterator[str]:
    """The names under which files hold a tensor: with a prefix or without, old and new names of a layer norm."""
    bare = next((name.removeprefix(prefix) for prefix in PREFIXES if name.startswith(prefix)), name)
    for spelled in dict.fromkeys([name, bare, *(prefix + bare for prefix in PREFIXES)]):
        yield spelled
        for new, old in OLDER:
            if spelled.endswith(new):
                yield spelled.removesuffix(new) + old


def _is_optional(model: Model, parameter: Parameter) -> bool:
    return all(symbol in model.architecture.optional for symbol, _ in parameter.stored.symbols)


def _checked(mapped: Mapped, name: str, parameter: Parameter) -> Mapped:
    if mapped.shape != parameter.shape:
        shape = brief(mapped.shape)
        raise CheckpointError(f"{mapped.file}: tensor {name!r}: expected shape {parameter.shape}, found {shape}")
    return _floating(mapped, name)


def _floating(mapped: Mapped, name: str) -> Mapped:
    if mapped.dtype not in FORMATS:
        known, found = ", ".join(FORMATS), brief(mapped.dtype)
        raise CheckpointError(f"{mapped.file}: tensor {name!r}: expected one of {known}, found {found}")
    return mapped


def _tied(model: Model, tensors: Mapping[str, Mapped], found: Mapping[str, Mapped]) -> Iterator[str]:
    """Names of tied tensors that a file holds a second time."""
    for name, source in model.architecture.tied.items():
        again = next((spelled for spelled in _spellings(name) if spelled in tensors), None)
        if again is None:
            continue
        one, two = _floating(tensors[again], again).array, found[source].array
        if one.shape != two.shape or not np.array_equal(one, two, equal_nan=one.dtype.kind == "f"):
            raise CheckpointError(
                f"{tensors[again].file}: tensor {again!r}: expected the numbers of {source!r}, to which the "
                "configuration ties it, found others"
            )
        yield again
