"""A model from its configuration: its parameters by name, its program, its cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import sympy
from sympy import Expr, Symbol

from symformer.cost import WIDTHS, checked_recomputation, optimizer_bytes, width_of
from symformer.models import letters as at
from symformer.models.architecture import Architecture
from symformer.models.architectures import ARCHITECTURES
from symformer.models.config import LARGEST, Reader, read_config
from symformer.models.keys import ConfigError, Default
from symformer.models.layout import Stored, spread
from symformer.models.quantization import METHODS, method_of, quantized_bytes
from symformer.models.report import Cost, Settings, parameters_by_part
from symformer.models.telling_keys import telling
from symformer.notation import Tensor
from symformer.programs import Computed, Loop, Program, Repeat
from symformer.system import brief

CONTEXTS = ("max_position_embeddings", "n_positions", "seq_length", "max_target_positions", "n_ctx")
TOKENS = {"padding": "pad_token_id", "end": "eos_token_id", "start": "decoder_start_token_id"}
MODEL_TYPES = {module.MODEL_TYPE: module for module in ARCHITECTURES}


@dataclass(frozen=True)
class Parameter:
    """A tensor of a model's file.

    Attributes:
        name: its name in the file.
        symbolic: its shape in symbols.
        shape: its shape in numbers.
        stored: its row in the table, with the symbols that it holds.
        layer: the layer it belongs to, counted from 0 in its stack, or None.
    """

    name: str
    symbolic: tuple[Expr, ...]
    shape: tuple[int, ...]
    stored: Stored
    layer: int | None = None


@dataclass(frozen=True)
class Model:
    """A model, described from its configuration; weights are not needed.

    Attributes:
        model_type: the architecture.
        architecture: its sizes, table and program.
        defaults: values that the configuration leaves to the architecture.
        unread: keys of the configuration that nothing here depends on, as far as is known.
        context: the length of a sequence that the configuration names, or None.
        dtype: the number format that it names, else bfloat16.
        source: what errors call the configuration.
        stops: what it asks for that is counted but not run, an error a key.
        quantization: how its weights are stored quantised, as `quantization_config` says, or None.
    """

    model_type: str
    architecture: Architecture
    defaults: tuple[Default, ...] = ()
    unread: tuple[str, ...] = ()
    context: int | None = None
    dtype: str = "bfloat16"
    source: str = "config.json"
    stops: tuple[str, ...] = ()
    quantization: Mapping[str, Any] | None = None

    @property
    def sizes(self) -> Mapping[Symbol, int]:
        """A number for each size symbol."""
        return self.architecture.sizes

    @cached_property
    def parameters(self) -> Mapping[str, Parameter]:
        """Every tensor of the file, by its name there; tied ones once."""
        found: dict[str, Parameter] = {}
        for stored in self.architecture.outside:
            found.update(self._named(stored, (None,), 0))
        for stack in self.architecture.stacks:
            for stored in stack.named():
                found.update(self._named(stored, range(self.sizes[stack.layers]), stack.first))
        return found

    @cached_property
    def buffers(self) -> Mapping[str, Parameter]:
        """Tensors of the file that are no parameters and that the model reads all the same, by their names there."""
        found: dict[str, Parameter] = {}
        for stack in self.architecture.stacks:
            for stored in stack.named_buffers():
                found.update(self._named(stored, range(self.sizes[stack.layers]), stack.first))
        return found

    def _named(self, stored: Stored, layers: Iterable[int | None], first: int) -> Iterator[tuple[str, Parameter]]:
        """The tensors of a row, in every layer."""
        symbolic = stored.shape
        shape = tuple(int(size.subs(self.sizes)) for size in symbolic)
        for layer in layers:
            number = None if layer is None else first + layer
            for name in spread(stored.name, number, self.sizes.get(at.n_X)):
                yield name, Parameter(name, symbolic, shape, stored, layer)

    def inputs(self, *names: str) -> tuple[Tensor, ...]:
        """Inputs of a layer, or of the whole model, by their names.

        Raises:
            KeyError: there is none of a name.
        """
        found = {one.name: one for one in self.program.inputs}
        found |= {formal.name: formal for loop in self._loops() for formal in loop.formals}
        return tuple(found[name] for name in names)

    def statements(self, *names: str) -> tuple[Computed, ...]:
        """Statements of a layer, or of the whole model, by their names.

        Raises:
            KeyError: there is none of a name.
        """
        found = {one.name: one for one in self.program.statements}
        found |= {one.name: one for loop in self._loops() for one in loop.statements}
        return tuple(found[name] for name in names)

    def _loops(self) -> Iterator[Loop]:
        return (one.origin.loop for one in self.program.statements if isinstance(one.origin, Repeat))

    def tensors(self) -> Iterator[tuple[Stored, int]]:
        """The rows of the table, with `{l}` for the layer and `{x}` for the expert, and the numbers in one tensor."""
        for stored in self.architecture.stored():
            yield stored, int(stored.elements.subs(self.sizes))

    @property
    def program(self) -> Program:
        """The model as a program: ops, calls, and a repeat of its layers."""
        return self.architecture.program

    @cached_property
    def parameter_formula(self) -> Expr:
        """How many numbers the model holds, in symbols."""
        return self.architecture.tied_sizes(sympy.Add(*parameters_by_part(self.architecture).values()))

    @property
    def parameter_count(self) -> int:
        """How many numbers the model holds."""
        return int(self.parameter_formula.subs(self.sizes))

    def cost(
        self,
        batch: int = 1,
        seq: int | None = None,
        *,
        dtype: str | None = None,
        optimizer: str = "adamw",
        recompute: str = "none",
        encoder_seq: int | None = None,
    ) -> Cost:
        """What the model costs.

        Args:
            batch: how many sequences.
            seq: how long they are; by default the context length of the configuration. An image has its own.
            dtype: the number format of everything; by default the configuration's, else bfloat16, and weights that it
                says are stored quantised in the bytes that they take so.
            optimizer: "adamw", "adamw-8bit", "sgd-momentum" or "sgd".
            recompute: what training computes again: "none", "selective" or "full".
            encoder_seq: how long the sequences of an encoder are that a decoder asks; by default as long as the others.

        Raises:
            ConfigError: a batch or length that is no positive integer, or no length at all.
            NotationError: an unknown dtype, optimizer or recomputation.
        """
        length = self._length(seq)
        found = dtype or self.dtype
        settings = Settings(
            whole("batch", batch),
            length,
            whole("encoder_seq", encoder_seq or self.sizes.get(at.n_S, length)),
            found,
            optimizer,
            recompute,
        )
        width_of(found), optimizer_bytes(optimizer, found), checked_recomputation(recompute)
        return Cost(self.architecture, settings, None if dtype else self._stored_bytes(found))

    def _stored_bytes(self, dtype: str) -> int | None:
        """Bytes of the weights where they are stored quantised in a way that is known here."""
        if self.quantization is None or method_of(self.quantization) is None:
            return None
        tensors = ((one.stored, one.name, one.shape) for one in self.parameters.values())
        return quantized_bytes(tensors, self.quantization, width_of(dtype))

    def _length(self, seq: int | None) -> int:
        if at.n_P in self.sizes:
            return self.sizes[at.n_P] + 1
        if seq is None and self.context is None:
            keys = ", ".join(CONTEXTS[:-1])
            raise ConfigError(
                f"{self.source}: expected a length, as in seq=1024 (--seq 1024), for the {self.model_type} "
                f"configuration names none ({keys} or {CONTEXTS[-1]})"
            )
        return whole("seq", seq if seq is not None else self.context)

    def remarks(self, seq: int | None) -> tuple[str, ...]:
        """What a reader should know: of a length, that the model has no positions for it; of weights, how stored."""
        return (*self._remarks_on_length(seq), *self._remarks_on_weights())

    def _remarks_on_weights(self) -> tuple[str, ...]:
        if self.quantization is None:
            return ()
        method = brief(self.quantization.get("quant_method"))
        if method_of(self.quantization) is None:
            known = ", ".join(METHODS)
            return (f"quantization_config: {method} is none of {known}, so weights are priced in {self.dtype}",)
        return (f"weights in the bytes of {method}, unless --dtype is given",)

    def _remarks_on_length(self, seq: int | None) -> tuple[str, ...]:
        if at.n_P in self.sizes:
            patches = self.sizes[at.n_P] + 1
            return (f"an image has {patches} positions here, not {seq}",) if seq not in (None, patches) else ()
        learned = self.sizes.get(at.n_ctx)
        length = seq if seq is not None else self.context
        if learned is None or length is None or length <= learned:
            return ()
        return (f"the model has learned {learned} positions, and {length} are priced",)


def whole(name: str, value: Any) -> int:
    """A positive integer that a caller gives.

    Raises:
        ConfigError: it is none, or beyond all use.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= LARGEST:
        raise ConfigError(f"{name}: expected a whole number from 1 to {LARGEST}, got {value!r}")
    return value


def from_config(config: Mapping[str, Any] | str | Path) -> Model:
    """The model of a configuration in the Hugging Face layout: a mapping, a `config.json` or a folder with one.

    Raises:
        ConfigError: an unknown `model_type`, a key that is missing or out of range, or an option that is not here;
            the message names the key.
        OSError: the file cannot be opened.
    """
    read = read_config(config)
    model_type = read.data.get("model_type")
    if not isinstance(model_type, str) or model_type not in MODEL_TYPES:
        known = ", ".join(MODEL_TYPES)
        if model_type is None:
            raise ConfigError(f"{read.source}: key 'model_type' is missing: expected one of {known}")
        raise read.error("model_type", f"one of {known}", model_type)
    architecture = MODEL_TYPES[model_type].describe(read)
    architecture = replace(architecture, tokens=_tokens(read, architecture))
    context = read.optional_size(read.first(*CONTEXTS))
    dtype = read.choice(read.first("dtype", "torch_dtype"), among=WIDTHS, default="bfloat16")
    stored = read.inside("quantization_config").data or None
    unread = read.unread()
    stops = [*read.stops, *(str(read.error(key, why, read.data[key])) for key, why in telling(unread, read.data))]
    return Model(
        model_type, architecture, tuple(read.defaults), unread, context, dtype, read.source, tuple(stops), stored
    )  # fmt: skip


def _tokens(read: Reader, architecture: Architecture) -> dict[str, int]:
    """Tokens with a meaning: those of the configuration, else those of the architecture."""
    found = {**architecture.tokens, **{name: read.data[key] for name, key in TOKENS.items() if key in read.data}}
    return {name: number for name, number in found.items() if type(number) is int}
