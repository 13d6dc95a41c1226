"""Positions, buckets of relative positions, patches of images: what a model reads beside tokens, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from sympy import Symbol

from symformer.models import letters as at
from symformer.models.places import Buckets, Places
from symformer.models.running.inputs import InputError, inside, real_array, whole_numbers


def positions_array(given: Any, ids: Any, mask: Any, places: Places, sizes: Mapping[Symbol, int], name: str) -> Any:
    """Positions, given or counted.

    Args:
        given: (n,), or of the shape of the tokens, or None.
        ids: the tokens (..., n).
        mask: which are no padding, of the same shape.
        places: how they are numbered.
        sizes: the model's, which say how many positions are learned.
        name: what `ids` are called.

    Raises:
        InputError: there are more of them than the model has learned.
    """
    learned = sizes.get(at.n_r, sizes.get(at.n_ctx))
    if given is not None:
        array = whole_numbers("position_ids", given)
        if learned is not None:
            inside("position_ids", array, learned - places.offset, "the table of positions")
        return array + places.offset
    array = _counted(ids, mask, places)
    if learned is not None and array.max() >= learned:
        most = learned - places.offset - places.first
        raise InputError(f"{name}: expected at most {most} positions, for so many are learned, got {ids.shape[-1]}")
    return array


def _counted(ids: Any, mask: Any, places: Places) -> Any:
    if places.by == "all":
        return np.arange(ids.shape[-1]) + places.first + places.offset
    seen = mask if places.by == "mask" else ids != places.padding
    return np.where(seen, np.cumsum(seen, axis=-1), 0) + places.first - 1 + places.offset


def bucket_array(buckets: Buckets, queries: Any, keys: Any, *, both: bool) -> Any:
    """The bucket of each query and key: near distances have one each, far ones share them by their logarithm.

    Logarithms are taken in float32, as by the library with which models are trained: a distance at the border of two
    buckets falls where the model has learned it.

    Args:
        buckets: how many, and how far they reach.
        queries: positions (n,).
        keys: positions (m,).
        both: whether keys after a query have buckets of their own; else they fall into that of distance 0.
    """
    distance = keys[None, :] - queries[:, None]
    number = buckets.number // 2 if both else buckets.number
    first = np.where(distance > 0, number, 0) if both else 0
    distance = np.abs(distance) if both else np.maximum(-distance, 0)
    near = number // 2
    ratio = np.log(np.maximum(distance, 1).astype(np.float32) / np.float32(near))
    ratio = ratio / np.float32(np.log(buckets.furthest / near)) * np.float32(number - near)
    far = np.minimum(near + ratio.astype(np.int64), number - 1)
    return first + np.where(distance < near, distance, far)


def patch_array(images: Any, sizes: Mapping[Symbol, int], image: tuple[int, int]) -> Any:
    """The patches of images (..., C, height, width), row by row: (..., M, C, P_y, P_x)."""
    height, width = sizes[at.P_y], sizes[at.P_x]
    array = real_array("pixel_values", images, (sizes[at.C], *image))
    rows, columns = image[0] // height, image[1] // width
    cut = array[..., : rows * height, : columns * width]
    apart = cut.reshape(*cut.shape[:-2], rows, height, columns, width)
    lead = apart.ndim - 5
    moved = apart.transpose(*range(lead), *(lead + axis for axis in (1, 3, 0, 2, 4)))
    return moved.reshape(*cut.shape[:-3], rows * columns, sizes[at.C], height, width)


def frame_array(frames: Any, sizes: Mapping[Symbol, int], length: int) -> Any:
    """Frames of sound (..., C, 2 m), each with those beside it, two at a place: (..., m, 2, C, 3).

    Beyond both ends stand zeros, as in a convolution with padding.
    """
    array = real_array("input_features", frames, (sizes[at.C], length))
    padded = np.pad(array, [(0, 0)] * (array.ndim - 1) + [(1, 1)])
    seen = np.lib.stride_tricks.sliding_window_view(padded, 3, axis=-1)
    return np.moveaxis(seen, -3, -2).reshape(*array.shape[:-2], length // 2, 2, sizes[at.C], 3)
