"""Worked examples that recompute in a reader's browser: the program of a page, in JavaScript."""

from symformer.live.script import live_script

__all__ = ["live_script"]
