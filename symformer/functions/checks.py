"""What generated functions check at their border: dtypes, shapes, options. No formula lives here."""

from functools import lru_cache

import numpy as np

FLOAT32 = np.dtype(np.float32)
FLOAT64 = np.dtype(np.float64)


def arrays(function, *optional, **named):
    """The arguments as arrays of one floating dtype, and the dtype that the result is to have.

    float16 is computed in float32; Python numbers and lists of them take the dtype of the others, or float64.

    Args:
        function: what errors call the function.
        optional: the names of arguments that may be None.
        named: the arguments.

    Raises:
        TypeError: an argument is missing, or does not hold floating-point numbers.
        ValueError: an argument is a ragged list.
    """
    dtype = None
    for name, value in named.items():
        if type(value) is np.ndarray and (value.dtype is dtype or dtype is None):
            dtype = value.dtype
        elif value is not None or name not in optional:
            return _converted(function, optional, named, strict=True)
    if dtype is FLOAT32 or dtype is FLOAT64:  # the common case: nothing to convert
        return *named.values(), dtype
    return _converted(function, optional, named, strict=True)


def real_arrays(function, *optional, **named):
    """As `arrays`, for a formula of one's own: whole numbers and booleans are taken too, as float64."""
    return _converted(function, optional, named, strict=False)


def _converted(function, optional, named, strict):
    found = {
        name: _number_array(function, name, value, strict)
        for name, value in named.items()
        if value is not None or name not in optional
    }
    weak = [name for name, array in found.items() if array.dtype.kind != "f" or _untyped(named[name])]
    typed = [array.dtype for name, array in found.items() if name not in weak]
    untyped = [] if strict and typed else [np.dtype(np.float64) for name in weak if not np.isscalar(named[name])]
    dtype = np.result_type(*(typed + untyped or [np.dtype(np.float64)])).newbyteorder("=")
    inner = np.dtype(np.float32) if dtype == np.float16 else dtype
    return *(found[name].astype(inner, copy=False) if name in found else None for name in named), dtype


def _untyped(value):
    return not hasattr(value, "dtype")


def _number_array(function, name, value, strict):
    array = real_array(function, name, value)
    if strict and array.dtype.kind != "f" and not _untyped(value):
        raise TypeError(f"{function}: {name}: expected an array of floating-point numbers, got dtype {array.dtype}")
    return array


def real_array(function, name, value):
    """The argument as an array of real numbers; raises as `arrays`."""
    if value is None:
        raise TypeError(f"{function}: {name}: expected an array, got None")
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{function}: {name}: expected an array, got a ragged list") from error
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{function}: {name}: expected an array of real numbers, got dtype {array.dtype}")
    return array


def mask_array(function, name, value):
    """The argument as an array of booleans; raises as `arrays`, and where something else than 0 and 1 stands in it."""
    array = real_array(function, name, value)
    if array.dtype.kind == "b":
        return array
    mask = array != 0
    if not np.array_equal(mask, array):
        wrong = array[mask != array].flat[0]
        raise ValueError(f"{function}: {name}: expected a mask of 0 and 1, got {wrong}")
    return mask


def check_positive(function, name, number):
    """Checks that a number that is declared positive is not negative, and not NaN.

    Raises:
        ValueError: it is.
    """
    if not np.all(number >= 0):
        raise ValueError(f"{function}: {name}: expected at least 0, got {number}")


def precise_array(function, name, value):
    """The argument as an array of float64, whole numbers too but no booleans; raises as `arrays`."""
    array = real_array(function, name, value)
    if array.dtype.kind == "b":
        raise TypeError(f"{function}: {name}: expected an array of numbers, got dtype bool")
    return array.astype(np.float64, copy=False)


def whole_array(function, name, value):
    """The argument as an array of whole numbers.

    Raises:
        TypeError: it holds something else.
    """
    array = real_array(function, name, value)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{function}: {name}: expected an array of whole numbers, got dtype {array.dtype}")
    return array


def check_positions(function, name, array, size):
    """Checks that an array of positions stays inside 0..size-1.

    Raises:
        ValueError: it does not.
    """
    if array.size and (array.min() < 0 or array.max() >= size):
        worst = array.min() if array.min() < 0 else array.max()
        raise ValueError(f"{function}: {name}: expected positions 0..{size - 1}, got {worst}")


def shapes(function, specs, *arrays):
    """Checks trailing shapes against size names, e.g. `"q: n d, k: m d"` for q and k; None is skipped.

    A spec that starts with "=" allows no batch axes; "*" allows any size.

    Raises:
        ValueError: an argument does not fit; names it, what was expected and what came.
    """
    _fit(function, specs, *[None if array is None else array.shape for array in arrays])


@lru_cache(maxsize=1024)
def _fit(function, specs, *given):
    """Shapes that fit are not looked at again."""
    known, leads = {}, {}
    for spec, shape in zip(specs.split(", "), given, strict=True):
        if shape is None:
            continue
        name, letters, exact = _parsed(spec)
        split = len(shape) - len(letters)
        if split < 0 or (split and exact) or not _matches(letters, shape[split:], known):
            raise ValueError(f"{function}: {name}: expected shape {_expected(letters, exact, known)}, got {shape}")
        if split:
            leads[name] = shape[:split]
    if leads:
        batch_axes(function, **leads)


def _parsed(spec):
    """The name in a spec, its sizes, names or numbers, and whether it allows no batch axes."""
    name, sizes = spec.split(":")
    exact = "=" in sizes
    letters = sizes.replace("=", "").split()
    return name, tuple(int(letter) if letter.isdigit() else letter for letter in letters), exact


def _matches(letters, shape, known):
    for letter, size in zip(letters, shape, strict=True):
        if letter != "*" and known.setdefault(letter, letter if type(letter) is int else size) != size:
            return False
    return True


def _expected(letters, exact, known):
    sizes = [f"{letter}={known[letter]}" if type(letter) is str and letter in known else str(letter)
             for letter in letters]  # fmt: skip
    return "(" + ", ".join(sizes if exact else ["...", *sizes]) + ")"


def batch_axes(function, **leads):
    """Checks that leading axes broadcast, and returns what they broadcast to.

    Raises:
        ValueError: they do not; names every argument.
    """
    try:
        return np.broadcast_shapes(*leads.values())
    except ValueError as error:
        found = ", ".join(f"{name} {lead}" for name, lead in leads.items())
        raise ValueError(f"{function}: expected batch axes that broadcast, got {found}") from error


def same_shapes(function, **named):
    """Checks that all arrays have the shape of the first; None is skipped.

    Raises:
        ValueError: one has another.
    """
    (first, array), *rest = named.items()
    for name, other in rest:
        if other is not None and other.shape != array.shape:
            raise ValueError(f"{function}: {name}: expected shape {array.shape} as {first}, got {other.shape}")


def exact_shape(function, name, array, shape):
    """Checks that an array has just this shape.

    Raises:
        ValueError: it has not.
    """
    if array.shape != shape:
        raise ValueError(f"{function}: {name}: expected shape {shape}, got {array.shape}")


def axis_number(function, name, x, axis):
    """An axis of x, counted from 0.

    Raises:
        TypeError: it is no whole number.
        ValueError: x has no such axis.
    """
    if isinstance(axis, bool) or not isinstance(axis, (int, np.integer)):
        raise TypeError(f"{function}: axis: expected a whole number, got {axis!r}")
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"{function}: axis: expected an axis of {name} with shape {x.shape}, got {axis}")
    return int(axis) % x.ndim
