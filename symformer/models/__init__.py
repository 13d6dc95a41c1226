"""Whole architectures from their configurations: sizes, parameters, programs."""

from symformer.models.config import ConfigError, Default
from symformer.models.model import MODEL_TYPES, Model, Parameter, from_config

__all__ = ["MODEL_TYPES", "ConfigError", "Default", "Model", "Parameter", "from_config"]
