"""The command line."""

from symformer.cli.main import main

__all__ = ["main"]
