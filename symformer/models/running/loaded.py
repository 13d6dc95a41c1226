"""A model with its weights: a function of token ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from symformer.models import letters as at
from symformer.models.keys import ConfigError
from symformer.models.model import Model
from symformer.models.running.decoding import Decoder
from symformer.models.running.generation import Settings, generate, real, whole
from symformer.models.running.inputs import (
    InputError,
    mask_array,
    positions_array,
    token_array,
    types_array,
    window_array,
)
from symformer.models.running.layers import layer_inputs
from symformer.models.running.rotary import rotary_inputs
from symformer.models.running.stages import Stages, attentions_of, cut, repeated
from symformer.models.running.weights import Weights
from symformer.programs import Program, reachable

DTYPES = (np.float16, np.float32, np.float64)
NAMED = (("logits", "logits"), ("labels", "logits"), ("pooled", "pooler_output"))


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
        ids: Any,
        *,
        attention_mask: Any = None,
        token_type_ids: Any = None,
        position_ids: Any = None,
        attentions: bool = True,
        dtype: Any = None,
    ) -> dict[str, Any]:
        """The model's outputs for these tokens.

        Args:
            ids: token ids from 0, (batch, n), or (n,) for one sequence.
            attention_mask: 1 for tokens and 0 for padding, of the shape of ids; by default all are tokens.
            token_type_ids: of the shape of ids; by default 0. For models that have token types.
            position_ids: (n,) or of the shape of ids; by default 0 to n − 1, whatever the mask.
            attentions: whether to give back attention weights.
            dtype: "float32", "float64" or "float16"; by default as loaded.

        Returns:
            `logits` where the model has a head; `last_hidden_state` (..., n, d), after the last norm if there is one;
            `hidden_states`, one before each layer and then the last; `attentions`, (..., heads, n, n) for each layer;
            `pooler_output` where the model has a pooler. A padded query that sees no key takes from none.

        Raises:
            InputError: ids outside the vocabulary, too long a sequence, an argument of another shape.
        """
        kept = self.computes_in if dtype is None else floating(dtype)
        stages = self.stages(attentions)
        known = self.begin(stages, ids, attention_mask, token_type_ids, position_ids, dtype=kept)
        states, found = self._through_layers(stages, known, kept)
        known[stages.name] = states[-1]
        known |= stages.end(known) if stages.end is not None else {}
        states[-1] = known[self.last]
        return self._results(known, states, found)

    def _through_layers(self, stages: Stages, known: Mapping[str, Any], dtype: Any) -> tuple[list[Any], list[Any]]:
        """The stream before each layer and after the last, and the attention weights of each, or None."""
        carried = stages.loop.carried[0]
        states, found = [known[carried.start.name]], []
        for number in range(self.sizes[stages.loop.size]):
            inputs = self.layer_inputs(stages, known, number, dtype)
            layer = stages.layer({**inputs, carried.formal.name: states[-1]})
            states.append(layer[carried.after.name])
            found.append(layer.get("attentions"))
        return states, found

    def begin(
        self, stages: Stages, ids: Any, mask: Any = None, types: Any = None, positions: Any = None, *, dtype: Any = None
    ) -> dict[str, Any]:
        """All that is known before the first layer, by name: inputs, parameters outside the layers, the stream."""
        kept = self.computes_in if dtype is None else dtype
        known = self._inputs(ids, mask, types, positions) | rotary_inputs(self, kept) | self.weights.outside(kept)
        return known | stages.begin(known)

    def layer_inputs(self, stages: Stages, known: Mapping[str, Any], number: int, dtype: Any) -> dict[str, Any]:
        """What one layer reads beside the stream, by the names in it."""
        return layer_inputs(stages.loop, self.weights, known, number, dtype)

    def _inputs(self, ids: Any, mask: Any, types: Any, positions: Any) -> dict[str, Any]:
        array = token_array(ids, self.sizes[at.V])
        known = {
            "ids": array,
            "mask": mask_array(mask, array.shape),
            "positions": positions_array(positions, array.shape[-1], self.sizes),
            "windows": window_array(self.architecture.windows),
        }
        if at.n_T in self.sizes:
            known["token_types"] = types_array(types, array.shape, self.sizes[at.n_T])
        elif types is not None:
            raise InputError(f"token_type_ids: {self.model_type} has no token types")
        return known

    def generate(
        self,
        ids: Any,
        new: int,
        *,
        temperature: float = 0.0,
        seed: int = 0,
        stop: int | None = None,
        attention_mask: Any = None,
    ) -> Any:
        """Tokens that the model goes on with; keys and values of earlier tokens are kept and not computed again.

        Args:
            ids: a prompt (batch, n), or (n,).
            new: how many tokens are added.
            temperature: 0 takes the most likely token, of equals the first; else tokens are drawn from
                softmax(logits / temperature).
            seed: of the draws; the same seed gives the same tokens.
            stop: a token after which a sequence holds nothing but it; when all do, no more are added.
            attention_mask: 1 for tokens and 0 for padding, which must stand on the left; positions begin after it.

        Returns:
            The prompt and what was added, (batch, n + new) or (n + new,).

        Raises:
            ConfigError: the model is no decoder with a head over the vocabulary.
            InputError: a prompt that does not fit, or more positions than are learned.
        """
        settings = Settings(whole("new", new, 1), real("temperature", temperature), seed, stop)
        return generate(self.decoder, token_array(ids, self.sizes[at.V]), attention_mask, settings, self.computes_in)

    @cached_property
    def decoder(self) -> Decoder:
        """The model, compiled for one token after the other."""
        return Decoder(self, self.weights)

    def _results(self, known: Mapping[str, Any], states: list[Any], found: list[Any]) -> dict[str, Any]:
        results = {result: known[name] for name, result in NAMED if name in known}
        results |= {"last_hidden_state": states[-1], "hidden_states": tuple(states)}
        if found[0] is not None:
            results["attentions"] = tuple(merged_heads(one, states[0].ndim) for one in found)
        return results

    @cached_property
    def last(self) -> str:
        """The name of the last hidden state: after the last norm, where there is one after the layers."""
        names = {tensor.name for tensor in self._runs.statements}
        return "X_f" if "X_f" in names else repeated(self._runs).name

    @cached_property
    def _runs(self) -> Program:
        return self.architecture.to_run()

    @cached_property
    def stages_with_attentions(self) -> Stages:
        """The compiled program whose layers give back attention weights."""
        return self._cut(attentions_of(repeated(self._runs).origin.loop))

    @cached_property
    def stages_without(self) -> Stages:
        """The compiled program."""
        return self._cut()

    def stages(self, attentions: bool) -> Stages:
        """The compiled program, with attention weights or without."""
        return self.stages_with_attentions if attentions else self.stages_without

    def _cut(self, *inside: Any) -> Stages:
        outside = self.weights.outside(self.weights.dtype)
        absent = {symbol for symbol in self.architecture.optional if symbol not in outside}
        wanted = [output.name for output in self._runs.outputs
                  if not absent & {tensor.name for tensor in reachable(output)}]  # fmt: skip
        return cut(self._runs, outside, dict.fromkeys([*wanted, self.last]), inside)


def merged_heads(weights: Any, rank: int) -> Any:
    """Attention weights with one axis of heads: groups and the heads in them lie one after the other."""
    batch = weights.shape[: rank - 2]
    return weights.reshape(*batch, -1, *weights.shape[-2:])


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
