"""Whole architectures from their configurations: sizes, parameters, programs."""

from symformer.models.documents import (
    ALGORITHMS,
    VASWANI,
    Conventions,
    algorithm,
    sinusoidal,
    transformer,
)
from symformer.models.foldings.folded import Change, FoldedModel, folded
from symformer.models.keys import ConfigError, Default
from symformer.models.model import MODEL_TYPES, Model, Parameter, from_config
from symformer.models.page import cost_page
from symformer.models.report import Amount, Component, Cost
from symformer.models.running.checkpoint import CheckpointError
from symformer.models.running.inputs import InputError
from symformer.models.running.loaded import LoadedModel
from symformer.models.running.loading import load
from symformer.models.running.patching import Patch
from symformer.notation.public import public_room

__all__ = [
    "ALGORITHMS",
    "VASWANI",
    "MODEL_TYPES",
    "Amount",
    "Change",
    "CheckpointError",
    "Component",
    "ConfigError",
    "Conventions",
    "Cost",
    "Default",
    "FoldedModel",
    "InputError",
    "LoadedModel",
    "Model",
    "Parameter",
    "Patch",
    "algorithm",
    "cost_page",
    "folded",
    "from_config",
    "load",
    "sinusoidal",
    "transformer",
]

public_room(globals(), __all__)
