"""What a caller gives a model, checked: token ids, masks, token types, positions, images."""

from __future__ import annotations

from typing import Any

import numpy as np

EVERYWHERE = 2**31 - 1  # a window that no sequence is longer than


class InputError(ValueError):
    """Inputs that do not fit a model; names the argument, what was expected and what came."""


def token_array(ids: Any, words: int, name: str = "ids") -> Any:
    """Token ids as an array (..., n) of whole numbers.

    Raises:
        InputError: they are none, or outside the vocabulary.
    """
    if ids is None:
        raise InputError(f"{name}: expected token ids, got none")
    array = whole_numbers(name, ids)
    if array.ndim not in (1, 2) or not array.size:
        raise InputError(f"{name}: expected shape (batch, n) or (n,) with at least one token, got {array.shape}")
    return inside(name, array, words, "the vocabulary")


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


def mask_array(mask: Any, shape: tuple[int, ...], name: str = "attention_mask") -> Any:
    """An attention mask as booleans, True where a token is no padding; all True where none is given.

    Raises:
        InputError: another shape than `shape`, or other numbers than 0 and 1.
    """
    if mask is None:
        return np.ones(shape, bool)
    array = np.asarray(mask)
    if array.shape != shape:
        raise InputError(f"{name}: expected shape {shape}, got {array.shape}")
    if not np.isin(array, (0, 1)).all():
        raise InputError(f"{name}: expected 1 for tokens and 0 for padding, got other numbers")
    return array.astype(bool)


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


def real_array(name: str, values: Any, shape: tuple[int, ...]) -> Any:
    """An array of numbers of this shape, with a batch axis or not.

    Raises:
        InputError: it has another shape, or is none.
    """
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise InputError(f"{name}: expected an array, got a ragged list") from error
    if array.dtype.kind not in "iuf" or array.shape[-len(shape) :] != shape or array.ndim - len(shape) not in (0, 1):
        raise InputError(f"{name}: expected numbers of shape {shape}, or with a batch before, got {array.shape}")
    return array


def window_array(windows: tuple[int | None, ...]) -> Any:
    """How many keys a query sees at most, for each layer."""
    return np.array([EVERYWHERE if window is None else window for window in windows])
