"""Options of generated functions: numbers, flags, words. No formula lives here."""

import numpy as np

FAR = 1 << 61  # farther than any position; sums of a few such are numbers of 64 bits


def number(
    function, name, value, *, whole=False, none=False, least=None, most=None, below=None, above=None, place=False
):
    """An option as a Python number (so that it never widens a float32 array); None stays None where it is allowed.

    What is added to positions or is a power, a `place`, counts as ±2⁶¹ from there on.

    Raises:
        TypeError: it is no number, or no whole one.
        ValueError: it is less than `least`, more than `most`, not less than `below` or not more than `above`, or NaN.
    """
    if value is None and none:
        return None
    if type(value) is not int and (whole or type(value) is not float):
        value = _converted_number(function, name, value, whole)
    if least is not None and not value >= least:
        raise ValueError(f"{function}: {name}: expected at least {least}, got {value}")
    if most is not None and not value <= most:
        raise ValueError(f"{function}: {name}: expected at most {most}, got {value}")
    if below is not None and not value < below:
        raise ValueError(f"{function}: {name}: expected less than {below}, got {value}")
    if above is not None and not value > above:
        raise ValueError(f"{function}: {name}: expected more than {above}, got {value}")
    if place and not -FAR < value < FAR:
        return FAR if value > 0 else -FAR
    return value if whole else _as_float(function, name, value)


def _as_float(function, name, value):
    try:
        return float(value)
    except OverflowError as error:
        raise ValueError(f"{function}: {name}: expected a number that a float can hold, got a larger one") from error


def _converted_number(function, name, value, whole):
    what = "a whole number" if whole else "a number"
    if value is None or isinstance(value, str) or np.ndim(value) or np.asarray(value).dtype.kind not in "fiu":
        raise TypeError(f"{function}: {name}: expected {what}, got {value!r}")
    if whole and value % 1 != 0:
        raise TypeError(f"{function}: {name}: expected a whole number, got {value!r}")
    return int(value) if whole else float(value)


def flag(function, name, value):
    """An option that is True or False, as such.

    Raises:
        TypeError: it is neither, nor 1 or 0.
    """
    if type(value) is not bool:
        if isinstance(value, str) or np.ndim(value) or value not in (0, 1):
            raise TypeError(f"{function}: {name}: expected True or False, got {value!r}")
        value = bool(value)
    return value


def choice(function, name, value, *known):
    """Checks an option that is one of a few words.

    Raises:
        ValueError: it is none of them.
    """
    if not isinstance(value, str) or value not in known:
        listed = ", ".join(map(repr, known))
        raise ValueError(f"{function}: {name}: expected {listed}, got {value!r}")


def finite_cap(softcap, dtype):
    """The cap on scores; None where it caps none: at 0, as in ONNX's Attention, and beyond all numbers of the dtype."""
    if softcap is None or softcap == 0 or abs(softcap) > np.finfo(dtype).max:
        return None
    return softcap
