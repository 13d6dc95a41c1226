"""What a caller gives a model, checked and completed: token ids, masks, token types, positions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sympy import Symbol

from symformer.models import letters as at

EVERYWHERE = 2**31 - 1  # a window that no sequence is longer than


class InputError(ValueError):
    """Inputs that do not fit a model; names the argument, what was expected and what came."""


def token_array(ids: Any, words: int) -> Any:
    """Token ids as an array (..., n) of whole numbers.

    Raises:
        InputError: they are none, or outside the vocabulary.
    """
    array = whole_numbers("ids", ids)
    if array.ndim not in (1, 2) or not array.size:
        raise InputError(f"ids: expected shape (batch, n) or (n,) with at least one token, got {array.shape}")
    return inside("ids", array, words, "the vocabulary")


def whole_numbers(name: str, values: Any) -> Any:
    """An array of whole numbers.

    Raises:
        InputError: a ragged list, or other numbers.
    """
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise InputError(f"{name}: expected an array of whole numbers, got a ragged list") from error
    if array.dtype.kind not in "iu":
        raise InputError(f"{name}: expected an array of whole numbers, got dtype {array.dtype}")
    return array


def inside(name: str, array: Any, size: int, what: str) -> Any:
    """The array, if all of it is in 0..size − 1.

    Raises:
        InputError: something is not.
    """
    if array.min() < 0 or array.max() >= size:
        worst = array.min() if array.min() < 0 else array.max()
        raise InputError(f"{name}: expected 0..{size - 1}, for {what} has {size} rows, got {worst}")
    return array


def mask_array(mask: Any, shape: tuple[int, ...]) -> Any:
    """An attention mask as booleans, True where a token is no padding; all True where none is given.

    Raises:
        InputError: another shape than `shape`, or other numbers than 0 and 1.
    """
    if mask is None:
        return np.ones(shape, bool)
    array = np.asarray(mask)
    if array.shape != shape:
        raise InputError(f"attention_mask: expected shape {shape}, got {array.shape}")
    if not np.isin(array, (0, 1)).all():
        raise InputError("attention_mask: expected 1 for tokens and 0 for padding, got other numbers")
    return array.astype(bool)


def positions_array(positions: Any, length: int, sizes: Mapping[Symbol, int]) -> Any:
    """Positions from 0, by default counted up from 0.

    Raises:
        InputError: there are more of them than the model has learned.
    """
    learned = sizes.get(at.n_ctx)
    if learned is not None and positions is None and length > learned:
        raise InputError(f"ids: expected at most {learned} positions, for so many are learned, got {length}")
    array = np.arange(length) if positions is None else whole_numbers("position_ids", positions)
    return array if learned is None else inside("position_ids", array, learned, "the table of positions")


def types_array(types: Any, shape: tuple[int, ...], kinds: int) -> Any:
    """Token types, by default all 0.

    Raises:
        InputError: another shape than `shape`, or outside the types.
    """
    if types is None:
        return np.zeros(shape, np.int64)
    array = whole_numbers("token_type_ids", types)
    if array.shape != shape:
        raise InputError(f"token_type_ids: expected shape {shape}, got {array.shape}")
    return inside("token_type_ids", array, kinds, "the table of token types")


def window_array(windows: tuple[int | None, ...]) -> Any:
    """How many keys a query sees at most, for each layer."""
    return np.array([EVERYWHERE if window is None else window for window in windows])
