"""Loading a model from a folder: its configuration, its weights, and whether all that it asks for is run here."""

from __future__ import annotations

import warnings
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from symformer.models.config import LARGEST, Reader, read_config
from symformer.models.keys import ConfigError
from symformer.models.model import MODEL_TYPES, Model, from_config
from symformer.models.program import parameter_parts
from symformer.models.running.checkpoint import open_checkpoint
from symformer.models.running.layers import GIVEN, PER_LAYER
from symformer.models.running.loaded import LoadedModel, floating
from symformer.models.running.rotary import rotary_inputs
from symformer.models.running.weights import match
from symformer.system import brief

RUNS = tuple(name for name, module in MODEL_TYPES.items() if getattr(module, "RUNS", False))
MODEL_FIELDS = tuple(one.name for one in fields(Model))


def load(directory: str | Path, *, dtype: Any = None) -> LoadedModel:
    """A model from a folder in the Hugging Face layout: `config.json` and `model.safetensors`, or shards with an index.

    Weights are mapped, never read as a whole: in their own dtype they are used where they lie. bfloat16, which NumPy
    has not, is computed in float32; it and any other conversion is done for one layer at a time. A warning names
    tensors of the file that the model has no place for.

    Args:
        directory: the folder.
        dtype: what to compute in, e.g. "float64"; by default the dtype of the weights.

    Raises:
        ConfigError: an architecture or option that is not run here, or a key that is missing; the key is named.
        CheckpointError: weights that are missing, of another shape, damaged or pickled; file and tensor are named.
        OSError: a file cannot be opened.
    """
    folder = Path(directory)
    model = from_config(folder)
    check_runs(model, read_config(folder))
    weights = match(model, open_checkpoint(folder), folder)
    if weights.unused:
        shown = ", ".join(map(brief, weights.unused[:3])) + ", …" * (len(weights.unused) > 3)
        place = model.architecture.model_class
        warnings.warn(f"{folder}: {len(weights.unused)} tensors have no place in {place}: {shown}", stacklevel=2)
    kept = weights.dtype if dtype is None else floating(dtype)
    return LoadedModel(**{key: getattr(model, key) for key in MODEL_FIELDS}, weights=weights, computes_in=kept)


def check_runs(model: Model, read: Reader) -> None:
    """Checks that a model is run here, with all that its configuration asks for.

    Raises:
        ConfigError: its architecture, or an option, is described but not run.
    """
    if model.model_type not in RUNS:
        raise read.error("model_type", f"one that is run, {', '.join(RUNS)}", model.model_type)
    if model.stops:
        raise ConfigError(model.stops[0])
    for key in ("auto_map", "quantization_config"):
        if read.data.get(key):
            raise read.error(key, "none, for neither code nor formats of a checkpoint's own are run", read.data[key])
    for length in (1, LARGEST):
        try:
            rotary_inputs(model, np.float64, length)
        except ConfigError as error:
            raise ConfigError(f"{read.source}: {error}") from error
    known = GIVEN | set(parameter_parts(model.architecture)) | per_layer(model)
    for tensor in model.program.inputs:
        if tensor.name not in known:
            place = f"{read.source}: {model.architecture.model_class}"
            raise ConfigError(f"{place}: input {tensor.name!r} cannot be given, so it is described but not run")


def per_layer(model: Model) -> set[str]:
    """The names of what each layer is given for itself: windows, frequencies, choices of experts."""
    return {f"{name}{mark}" for name in PER_LAYER for mark in model.architecture.marks}
