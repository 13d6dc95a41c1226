"""What the commands on whole models share. Their rooms are reached through the front door, and so loaded on use."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import symformer
from symformer.cli.parser import UsageError


@contextmanager
def bad_model() -> Iterator[None]:
    """What a configuration, a checkpoint or token ids are refused for becomes one line and status 2."""
    refused = (symformer.models.ConfigError, symformer.models.InputError, symformer.trace.TraceError)
    try:
        yield
    except refused as error:
        raise UsageError(f"symformer: {error}") from error
