"""A model with its weights: a function of token ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np

from symformer.models import letters as at
from symformer.models.keys import ConfigError
from symformer.models.model import Model
from symformer.models.running.asked import Asked, given_inputs
from symformer.models.running.cut_layers import CutLayer, Inspection
from symformer.models.running.decoding import Cache, Decoder
from symformer.models.running.generation import Settings, generate, real, share, tokens, whole
from symformer.models.running.inputs import InputError, token_array
from symformer.models.running.layers import layer_inputs
from symformer.models.running.patching import Patch, patches_of
from symformer.models.running.prompts import asked_of, first_tokens, prompt_of
from symformer.models.running.results import Pass, at_rows, labels_sequences, last_of, results
from symformer.models.running.rotary import rotary_inputs
from symformer.models.running.routing import routed_layer
from symformer.models.running.stages import ATTENTIONS, Section, Stages, attentions_of, cut, repeated
from symformer.models.running.weights import Weights
from symformer.notation import Tensor
from symformer.programs import Loop, Program, reachable

DTYPES = (np.float16, np.float32, np.float64)


@dataclass(frozen=True)
class LoadedModel(Model):
    """A model with its weights, which stay in their file and are mapped.

    Attributes:
        weights: the weights, by the model's names for them.
        computes_in: the dtype of results unless a call says otherwise.
    """

    weights: Weights = field(kw_only=True)
    computes_in: Any = field(kw_only=True)

    def __call__(
        self,
        ids: Any = None,
        *,
        attention_mask: Any = None,
        token_type_ids: Any = None,
        position_ids: Any = None,
        decoder_input_ids: Any = None,
        decoder_attention_mask: Any = None,
        pixel_values: Any = None,
        input_features: Any = None,
        attentions: bool = True,
        parts: bool = False,
        patch: Any = None,
        dtype: Any = None,
    ) -> dict[str, Any]:
        """The model's outputs for these tokens.

        Args:
            ids: token ids from 0, (batch, n), or (n,) for one sequence; images (batch, C, height, width) for a model
                that sees these; log-mel frames (batch, C, n) for one that hears them.
            attention_mask: 1 for tokens and 0 for padding, of the shape of ids; by default all are tokens.
            token_type_ids: of the shape of ids; by default 0. For models that have token types.
            position_ids: (n,) or of the shape of ids; by default as the model was trained: 0 to n − 1 whatever the
                mask, or without the padding where the model counts so.
            decoder_input_ids: token ids of the decoder, (batch, n), where there is an encoder beside it.
            decoder_attention_mask: 1 for tokens and 0 for padding, of their shape.
            pixel_values: another name for images.
            input_features: another name for frames.
            attentions: whether to give back attention weights.
            parts: whether to give back what each head and each feed-forward block found.
            patch: a `Patch`, or several: what stands in place of the output of a head, a block or a position.
            dtype: "float32", "float64" or "float16"; by default as loaded.

        Returns:
            `logits` where the model has a head; `last_hidden_state` (..., n, d), after the last norm if there is one;
            `hidden_states`, one before each layer and then the last; `attentions`, (..., heads, n, n) for each layer;
            `pooler_output` where the model has a pooler. A padded query that sees no key takes from none. With an
            encoder and a decoder: `encoder_last_hidden_state`, `encoder_hidden_states`, `encoder_attentions`,
            `decoder_hidden_states`, `decoder_attentions`, `cross_attentions`. With `parts`: `heads`,
            (..., heads, n, d_v) for each layer, before they are projected back to the stream, and `mlps`, (..., n, d);
            those of an encoder and a decoder begin with `encoder_` and `decoder_`, and `cross_heads` ask the encoder.

        Raises:
            InputError: ids outside the vocabulary, too long a sequence, an argument of another shape, a patch that does
                not fit.
        """
        kept = self.computes_in if dtype is None else floating(dtype)
        stages = self.stages(attentions)
        first = next((one for one in (ids, pixel_values, input_features) if one is not None), None)
        asked = Asked(first, attention_mask, token_type_ids, position_ids, decoder_input_ids, decoder_attention_mask)
        known = self.known(asked, kept)
        inspected = self.inspection(attentions, patches_of(patch)) if parts or patch is not None else None
        passes = [self.through_layers(one, known, kept, inspected) for one in stages.sections]
        if stages.end is not None:
            known |= stages.end(known) | self._of_the_end(stages, known)
        return results(self, known, passes, self.last)

    def known(self, asked: Asked, dtype: Any) -> dict[str, Any]:
        """What is known before anything is computed, by name: inputs, and parameters outside the layers."""
        known = given_inputs(self, asked)
        for name in ("pixels", "frames"):
            if name in known:
                known[name] = known[name].astype(dtype, copy=False)
        length = int(np.max(known.get("positions", 0))) + 1
        return known | rotary_inputs(self, dtype, length) | self.weights.outside(dtype)

    def _of_the_end(self, stages: Stages, known: Mapping[str, Any]) -> dict[str, Any]:
        """The labels of a sequence that are read off where it ends, by its last token that says so."""
        if stages.end is None or not self.architecture.has_encoder or not labels_sequences(self):
            return {}
        name = stages.sections[-1].name
        ends = known["ids"] == self.architecture.tokens.get("end")
        if not ends.any(-1).all():
            raise InputError("ids: expected a token for the end in each sequence, which its label is read at")
        rows = last_of(ends)
        return {"labels": stages.end({**known, name: at_rows(known[name], rows)[..., None, :]})["labels"]}

    def layer_inputs(self, section: Section, asked: Asked, number: int) -> dict[str, Any]:
        """What one layer of a stack reads beside the stream, by the names in it."""
        known = self.known(asked, self.computes_in)
        for one in self.stages(False).sections:
            if one.begin is not None and set(one.begin.inputs) <= set(known):
                known |= one.begin(known)
        return layer_inputs(section, self.weights, known, number, self.computes_in)

    def through_layers(
        self, section: Section, known: dict[str, Any], dtype: Any, inspected: Inspection | None = None
    ) -> Pass:
        """What the layers of a stack compute; what they read is added to `known`, and the stream after them."""
        known |= section.begin(known) if section.begin is not None else {}
        carried = section.loop.carried[0]
        states, found, parts = [known[carried.start.name]], [], []
        for number in range(self.sizes[section.loop.size]):
            inputs = layer_inputs(section, self.weights, known, number, dtype)
            if inspected is None:
                layer = section.layer({**inputs, carried.formal.name: states[-1]})
            else:
                states[-1], layer, own = self._inspected(inspected, section, known, inputs, states[-1], number)
                parts.append(own)
            states.append(layer[carried.after.name])
            found.append({name: layer[name] for name in ATTENTIONS if name in layer})
        known[section.name] = states[-1]
        return Pass(states, found, parts)

    def _inspected(
        self, inspected: Inspection, section: Section, known: Mapping[str, Any], inputs: dict[str, Any], stream: Any,
        number: int,
    ) -> tuple[Any, dict[str, Any], dict[str, Any]]:  # fmt: skip
        """The stream before a layer, the outputs of the layer, and what its parts gave, all patched."""
        stack = self.architecture.stacks.index(section.stack)
        seen = known.get("decoder_mask" if inspected.sides[stack] == "decoder" else "mask", known.get("mask"))
        change = inspected.changes(stack, number, stream.ndim, seen)
        stream = change("stream", stream)
        layer, parts = inspected.cut[stack]({**inputs, section.loop.carried[0].formal.name: stream}, change)
        return stream, layer, parts

    def inspection(self, attentions: bool, patches: Sequence[Patch]) -> Inspection:
        stacks = self.architecture.stacks
        sides = ("encoder", "decoder") if self.architecture.has_encoder else ("decoder",) * len(stacks)
        cut = self.cut_with_attentions if attentions else self.cut_without
        return Inspection(cut, [self.sizes[one.layers] for one in stacks], patches, sides)

    @cached_property
    def cut_with_attentions(self) -> list[CutLayer]:
        """The layers of each stack, cut into parts, with attention weights."""
        return self._cut_layers(attentions=True)

    @cached_property
    def cut_without(self) -> list[CutLayer]:
        """The layers of each stack, cut into parts."""
        return self._cut_layers(attentions=False)

    def _cut_layers(self, *, attentions: bool) -> list[CutLayer]:
        loops = [one.origin.loop for one in repeated(self._runs)]
        return [CutLayer(loop, self.architecture.routing, attentions, self.sizes) for loop in loops]

    def generate(
        self,
        ids: Any = None,
        new: int = 1,
        *,
        temperature: float = 0.0,
        seed: int = 0,
        stop: Any = None,
        top_k: int = 0,
        top_p: float = 1.0,
        attention_mask: Any = None,
        decoder_input_ids: Any = None,
        input_features: Any = None,
    ) -> Any:
        """Tokens that the model goes on with; keys and values of earlier tokens are kept and not computed again.

        Args:
            ids: a prompt (batch, n), or (n,).
            new: how many tokens are added.
            temperature: 0 takes the most likely token, of equals the first; else tokens are drawn from
                softmax(logits / temperature).
            seed: of the draws; the same seed gives the same tokens.
            stop: a token, or several, after which a sequence holds nothing but it; when all do, no more are added.
            top_k: draws are of so many of the most likely tokens; 0 for all.
            top_p: draws are of the fewest most likely tokens that have this probability together.
            decoder_input_ids: what the decoder begins with where there is an encoder beside it, which then reads ids;
                by default the token that the configuration names.
            attention_mask: 1 for tokens and 0 for padding, which must stand on the left; positions begin after it.
            input_features: log-mel frames (batch, C, n), or (C, n), in place of ids, where an encoder hears these.

        Returns:
            The prompt and what was added, (batch, n + new) or (n + new,).

        Raises:
            ConfigError: the model is no decoder with a head over the vocabulary.
            InputError: a prompt that does not fit, or more positions than are learned.
        """
        settings = Settings(
            whole("new", new, 1), real("temperature", temperature), seed, tokens("stop", stop),
            whole("top_k", top_k, 0), share("top_p", top_p),
        )  # fmt: skip
        prompt = prompt_of(self, ids if input_features is None else input_features)
        if not self.architecture.has_encoder:
            return generate(self.decoder, prompt, attention_mask, settings, self.computes_in)
        found = first_tokens(self, prompt) if decoder_input_ids is None else decoder_input_ids
        start = token_array(found, self.sizes[at.V], "decoder_input_ids")
        remember = partial(self._remember, asked_of(self, prompt, attention_mask, start))
        return generate(self.decoder, start, None, settings, self.computes_in, remember)

    def _remember(self, asked: Asked, cache: Cache) -> None:
        """Puts what the encoder finds in a prompt into a cache."""
        known = self.known(asked, self.computes_in)
        encoder, decoder = self.stages(False).sections
        self.through_layers(encoder, known, self.computes_in)
        known |= decoder.begin(known) if decoder.begin is not None else {}
        self.decoder.remember(cache, known[self.architecture.memory], known.get("mask"), self.computes_in)

    @cached_property
    def decoder(self) -> Decoder:
        """The model, compiled for one token after the other."""
        return Decoder(self, self.weights)

    @cached_property
    def last(self) -> str:
        """The name of the last hidden state: after the last norm, where there is one after the layers."""
        names = {tensor.name for tensor in self._runs.statements}
        return self.architecture.last or ("X_f" if "X_f" in names else repeated(self._runs)[-1].name)

    @cached_property
    def _runs(self) -> Program:
        return self.architecture.to_run()

    @cached_property
    def stages_with_attentions(self) -> Stages:
        """The compiled program whose layers give back attention weights."""
        return self._cut(attentions_of)

    @cached_property
    def stages_without(self) -> Stages:
        """The compiled program."""
        return self._cut(lambda loop: [])

    def stages(self, attentions: bool) -> Stages:
        """The compiled program, with attention weights or without."""
        return self.stages_with_attentions if attentions else self.stages_without

    def _cut(self, inside: Callable[[Loop], list[Tensor]]) -> Stages:
        outside = self.weights.outside(self.weights.dtype)
        absent = {symbol for symbol in self.architecture.optional if symbol not in outside}
        wanted = [output.name for output in self._runs.outputs
                  if not absent & {tensor.name for tensor in reachable(output)}]  # fmt: skip
        layer = routed_layer(self.architecture.routing)
        names = dict.fromkeys([*wanted, self.last])
        return cut(self._runs, self.architecture.stacks, self.sizes, outside, names, inside, layer)


def floating(dtype: Any) -> Any:
    """A floating dtype.

    Raises:
        ConfigError: another.
    """
    known = {np.dtype(one).name: np.dtype(one) for one in DTYPES}
    for name, found in known.items():
        if dtype is not None and dtype in (name, found, found.type):
            return found
    raise ConfigError(f"dtype: expected {', '.join(known)}, got {dtype!r}")
