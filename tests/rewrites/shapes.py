"""Slices, pads, joins and the like as definitions in index notation, each on one axis of a tensor.

Places are counted from 1. What moves an axis (a start, a padding) is counted from 0, as a slice's start is: sizes are
at least 1, so a start that may be 0 is written as `s - 1`.
"""

from __future__ import annotations

from itertools import count

from sympy import expand

import symformer as sf
from symformer.notation import Add, Indicator, Logic, lift

LETTERS = sf.indices("i j k l")
_names = (f"T{number}" for number in count(1))


def is_(left, relation, right):
    """A condition on indices."""
    return Indicator((lift(left), lift(right)), (relation,))


def both(*conditions):
    """All conditions at once."""
    return Logic.of("and", *conditions)


def fresh():
    """A name that no other definition has."""
    return next(_names)


def made(shape, body):
    """A tensor of this shape, from a function of its indices."""
    letters = LETTERS[: len(shape)]
    return sf.define(fresh(), tuple(zip(letters, map(expand, shape), strict=True)), body(*letters))


def _along(tensor, axis, size, entry):
    """A tensor whose axis has another size: `entry` is given a reader of the old one and the place on the axis."""
    shape = (*tensor.shape[:axis], size, *tensor.shape[axis + 1 :])

    def body(*letters):
        def read(place):
            return tensor[(*letters[:axis], place, *letters[axis + 1 :])]

        return entry(read, lift(letters[axis]))

    return made(shape, body)


def sliced(tensor, start, size, step=1, axis=0):
    """Every `step`-th entry after the first `start` ones."""
    return _along(tensor, axis, size, lambda read, at: read(_only(start + step * (at - 1) + 1)))


def padded(tensor, value, low, high, axis=0):
    """A number before and behind."""
    old = tensor.shape[axis]
    inside = lambda at: both(is_(at, ">", low), is_(at, "≤", low + old))  # noqa: E731
    return _along(tensor, axis, low + old + high, lambda read, at: sf.where(inside(at), read(_only(at - low)), value))


def spaced(tensor, value, low, gap, high, axis=0):
    """A number before, behind, and `gap` times between two entries."""
    old, index = tensor.shape[axis], sf.indices("u")
    place = low + (gap + 1) * (lift(index) - 1) + 1

    def entry(read, at):
        here = sf.delta(at, place)
        return sf.sum(here * (read(index) - value), (index, old)) + value

    return _along(tensor, axis, low + old + (old - 1) * gap + high, entry)


def joined(first, *rest, axis=0):
    """Tensors one behind the other."""
    if not rest:
        return first
    second = joined(*rest, axis=axis)
    return _two_joined(first, second, axis)


def _two_joined(first, second, axis):
    old = first.shape[axis]
    shape = (*first.shape[:axis], old + second.shape[axis], *first.shape[axis + 1 :])

    def body(*letters):
        at = lift(letters[axis])
        read = [(*letters[:axis], place, *letters[axis + 1 :]) for place in (at, _only(at - old))]
        return sf.where(is_(at, "≤", old), first[read[0]], second[read[1]])

    return made(shape, body)


def turned(tensor, axis=0):
    """The last entry first."""
    old = tensor.shape[axis]
    return _along(tensor, axis, old, lambda read, at: read(old + 1 - at))


def updated(tensor, part, start, axis=0):
    """A tensor with another in place of the entries after the first `start` ones."""
    old, new = tensor.shape[axis], part.shape[axis]

    def body(*letters):
        at = lift(letters[axis])
        inside = both(is_(at, ">", start), is_(at, "≤", start + new))
        moved = (*letters[:axis], _only(at - start), *letters[axis + 1 :])
        return sf.where(inside, part[moved], tensor[letters])

    return made((*tensor.shape[:axis], old, *tensor.shape[axis + 1 :]), body)


def wide(tensor, *sizes):
    """Further axes behind, on which nothing depends."""
    return made((*tensor.shape, *sizes), lambda *letters: tensor[letters[: len(tensor.shape)]])


def filled(value, *shape):
    """The same number everywhere."""
    return made(shape, lambda *letters: value)


def swapped(tensor):
    """The transpose."""
    return made(tensor.shape[::-1], lambda i, j: tensor[j, i])


def places(*shape, axis=0):
    """Each entry's place on an axis, counted from 0."""
    return made(shape, lambda *letters: lift(letters[axis]) - 1)


def each(function, *tensors):
    """A function of entries at the same place."""
    return made(tensors[0].shape, lambda *letters: function(*(tensor[letters] for tensor in tensors)))


def summed(tensor, axis=0):
    """The sum along an axis."""
    shape = (*tensor.shape[:axis], *tensor.shape[axis + 1 :])
    index = sf.indices("u")

    def body(*letters):
        return sf.sum(tensor[(*letters[:axis], index, *letters[axis:])], (index, tensor.shape[axis]))

    return made(shape, body)


def _only(place):
    """A computed place: it says nothing of what its letters run over."""
    return place if isinstance(place, Add) else Add((lift(place),))
