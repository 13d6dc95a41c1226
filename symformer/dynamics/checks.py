"""What a simulation accepts: each check names the argument, what was expected and what came."""

from __future__ import annotations

from typing import Any

import numpy as np

from symformer.dynamics.errors import DynamicsError

Array = np.ndarray[Any, np.dtype[np.float64]]
ON_SPHERE = 1e-6  # how far a token's length may be from 1 where a simulation begins


def numbers(name: str, value: Any) -> Array:
    """A finite array of float64.

    Raises:
        DynamicsError: it holds something else.
    """
    try:
        given = np.asarray(value)
        if given.dtype.kind not in "fiubO":  # exact numbers of a file are objects
            raise TypeError(given.dtype)
        array = given.astype(np.float64, copy=False)
    except (TypeError, ValueError) as error:
        raise DynamicsError(f"{name}: expected real numbers, got {_brief(value)}") from error
    if not np.isfinite(array).all():
        raise DynamicsError(f"{name}: expected finite numbers, got {array[~np.isfinite(array)][0]}")
    return array


def number(name: str, value: Any, *, least: float | None = None, above: float | None = None) -> float:
    """A finite number, at least `least` or more than `above`.

    Raises:
        DynamicsError: it is none.
    """
    array = numbers(name, value)
    low = least is not None and (array < least).any()
    if array.ndim or low or (above is not None and (array <= above).any()):
        want = (
            "" if least is None and above is None else f" of at least {least}" if above is None else f" above {above}"
        )
        raise DynamicsError(f"{name}: expected a number{want}, got {_brief(value)}")
    return float(array)


def whole(name: str, value: Any, least: int) -> int:
    """A whole number, at least `least`.

    Raises:
        DynamicsError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise DynamicsError(f"{name}: expected a whole number of at least {least}, got {_brief(value)}")
    return int(value)


def tokens(name: str, value: Any, axes: int = 2) -> Array:
    """Tokens (..., n, d), or (..., n) angles where `axes` is 1, with n ≥ 2.

    Raises:
        DynamicsError: fewer axes, one token alone, or entries that are not finite.
    """
    array = numbers(name, value)
    shape = "(..., n, d)" if axes == 2 else "(..., n)"
    if array.ndim < axes or 0 in array.shape:
        raise DynamicsError(f"{name}: expected shape {shape}, got {array.shape}")
    if array.shape[-axes] < 2:
        raise DynamicsError(f"{name}: expected at least 2 tokens, got n = {array.shape[-axes]} in shape {array.shape}")
    return array


def on_sphere(name: str, value: Any) -> Array:
    """Tokens (..., n, d) of length 1, to 1e-6.

    Raises:
        DynamicsError: one is off the sphere; it is named.
    """
    array = tokens(name, value)
    lengths = np.linalg.norm(array, axis=-1)
    off = np.abs(lengths - 1)
    if off.max() > ON_SPHERE:
        worst = np.unravel_index(int(off.argmax()), off.shape)
        where = ", ".join(str(int(place)) for place in worst)
        raise DynamicsError(f"{name}: expected tokens of length 1, got |{name}[{where}]| = {lengths[worst]:.9g}")
    return array


def gram(name: str, value: Any) -> Array:
    """Gram matrices (..., n, n): symmetric, with ones on the diagonal and nothing beyond −1 or 1.

    Raises:
        DynamicsError: it is none.
    """
    array = tokens(name, value)
    if array.shape[-1] != array.shape[-2]:
        raise DynamicsError(f"{name}: expected shape (..., n, n), got {array.shape}")
    diagonal = np.diagonal(array, axis1=-2, axis2=-1)
    wrong = max(np.abs(diagonal - 1).max(), np.abs(array - array.mT).max(), np.abs(array).max() - 1)
    if wrong > ON_SPHERE:
        raise DynamicsError(
            f"{name}: expected a symmetric matrix of cosines with diagonal 1, got one off by {wrong:.3g}"
        )
    return array


def _brief(value: Any) -> str:
    words = " ".join(repr(value).split())
    return words if len(words) <= 60 else f"{words[:57]}..."
