"""Whole architectures from their configurations: sizes, parameters, programs."""

from symformer.models.config import ConfigError, Default
from symformer.models.model import MODEL_TYPES, Model, Parameter, from_config
from symformer.models.report import Amount, Component, Cost

__all__ = [
    "MODEL_TYPES",
    "Amount",
    "Component",
    "ConfigError",
    "Cost",
    "Default",
    "Model",
    "Parameter",
    "from_config",
]
