"""Numbers of eight bits as float32: what each byte stands for, exactly.

Source: Micikevicius et al. 2022, arXiv:2209.05433, table 1; for E8M0: OCP Microscaling Formats 1.0, section 5.4.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def _e4m3() -> Any:
    """A sign, four bits of an exponent, three of a fraction; no infinities."""
    byte = np.arange(256)
    sign, exponent, fraction = np.where(byte < 128, 1.0, -1.0), byte >> 3 & 15, (byte & 7) / 8
    numbers = np.where(exponent == 0, fraction * 2.0**-6, (1 + fraction) * 2.0 ** (exponent - 7.0))
    return np.where(byte & 127 == 127, np.nan, sign * numbers).astype(np.float32)


def _e5m2() -> Any:
    """The upper half of a float16 number."""
    return (np.arange(256, dtype=np.uint16) << 8).view(np.float16).astype(np.float32)


def _e8m0() -> Any:
    """A power of two; the largest byte is no number."""
    return np.where(np.arange(256) == 255, np.nan, 2.0 ** (np.arange(256) - 127.0)).astype(np.float32)


EIGHT_BITS: Mapping[str, Any] = {"F8_E4M3": _e4m3(), "F8_E5M2": _e5m2(), "F8_E8M0": _e8m0()}
