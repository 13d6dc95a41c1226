"""Where results and compiled loops are kept between runs."""

from __future__ import annotations

import os
from pathlib import Path


class NoCache(OSError):
    """There is no place to keep results in."""


def cache_folder() -> Path:
    """Where results are kept: $SYMFORMER_CACHE, else under $XDG_CACHE_HOME or ~/.cache.

    Raises:
        NoCache: nobody says where, and the user has no home.
    """
    own, base = os.environ.get("SYMFORMER_CACHE"), os.environ.get("XDG_CACHE_HOME")
    if own or base:
        return Path(own) if own else Path(base or "") / "symformer"
    home = os.environ.get("HOME", os.path.expanduser("~"))
    if not os.path.isabs(home) or not os.path.isdir(home):  # a user whom the system does not know, or has no place for
        raise NoCache("no home")
    return Path(home) / ".cache" / "symformer"
