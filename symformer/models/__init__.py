"""Whole architectures from their configurations: sizes, parameters, programs."""

from symformer.models.config import ConfigError, Default
from symformer.models.model import MODEL_TYPES, Model, Parameter, from_config
from symformer.models.page import cost_page
from symformer.models.report import Amount, Component, Cost
from symformer.models.running.checkpoint import CheckpointError
from symformer.models.running.inputs import InputError
from symformer.models.running.loaded import LoadedModel
from symformer.models.running.loading import load

__all__ = [
    "MODEL_TYPES",
    "Amount",
    "CheckpointError",
    "Component",
    "ConfigError",
    "Cost",
    "Default",
    "InputError",
    "LoadedModel",
    "Model",
    "Parameter",
    "cost_page",
    "from_config",
    "load",
]
