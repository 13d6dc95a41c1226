"""Hidden: where a mask hides a key, 0 wins over whatever stands there, NaN and ∞ too.

exp(hide(s | seen)) is 0 where seen does not hold, and a sum of it times v over the keys is meant to leave v out there;
in floating point 0 · NaN is NaN. Products and dot products over such keys are marked, and look at the other factor.

    O_if = Σ_j u_ij v_jf, u = exp(hide(S))   becomes   the same, with 0 · v_jf = 0 for every v_jf
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from sympy import Symbol

from symformer.compile.arrays import (
    Array,
    Axes,
    Contract,
    Count,
    Load,
    Map,
    Number,
    Reduce,
    SeenContract,
    SeenRowDot,
    walk,
)
from symformer.compile.lines import Line

MINUS_INFINITY, ZERO = "−∞", "0"


class Hidden(NamedTuple):
    """What an array is where a mask hides, and the letter of the keys: the last that the masked array has."""

    value: str
    key: Symbol


Known = Mapping[str, tuple[Hidden, Axes]]


def zero_where_hidden(lines: Sequence[Line]) -> list[Line]:
    """The lines with sums over what a mask hides marked."""
    known: dict[str, tuple[Hidden, Axes]] = {}
    out = []
    for line in lines:
        for found in [hidden(array, known) for array in line.arrays]:
            if found is not None and found.key in line.axes:
                known[line.variable] = found, line.axes
        out.append(line.mapped(lambda node: _marked(node, known)))
    return out


def hidden(array: Array, known: Known, mask: Array | None = None) -> Hidden | None:
    """What an array is where a mask hides, if that is −∞ or 0 whatever stands there; any mask, or this one."""
    if isinstance(array, Load):
        if array.name not in known:
            return None
        found, axes = known[array.name]
        return Hidden(found.value, array.axes[axes.index(found.key)])
    inner = [hidden(kid, known, mask) for kid in array.kids]
    zeros = [found for found in inner if found is not None and found.value == ZERO]
    if isinstance(array, Contract):  # 0 for a key that is hidden from all
        return next((found for found in zeros if found.key in array.axes), None)
    if not isinstance(array, Map):
        return None
    first = inner[0]
    if array.name == "hide" and array.axes and (mask is None or same_mask(mask, array.parts[1])):
        return Hidden(MINUS_INFINITY, array.axes[-1])
    if array.name == "select" and array.axes and _selects(array.parts[1], mask):
        return Hidden(ZERO, array.axes[-1])
    if array.name in ("multiply", "zero_times", "damped"):
        return zeros[0] if zeros else None
    if array.name in ("divide", "select", "negative", "real"):
        return first if first in zeros else None
    if first is None or first.value == ZERO:
        return None
    if array.name == "hide":
        return first
    if array.name == "exp":
        return Hidden(ZERO, first.key)
    return first if array.name in ("subtract", "from_max", "add") else None


def _selects(own: Array, mask: Array | None) -> bool:
    """Whether what is selected by one mask is 0 where this one hides; of any masks, a relation of indices hides."""
    if mask is not None:
        return same_mask(mask, own)
    return all(isinstance(node, (Count, Map, Number)) for node in walk(own))


def same_mask(one: Array, other: Array) -> bool:
    """Whether two masks are the same relation, whichever of their axes comes first."""
    if isinstance(one, Map) and isinstance(other, Map):
        return (one.name, one.parts) == (other.name, other.parts)
    return one == other


def _marked(node: Array, known: Known) -> Array:
    if isinstance(node, Contract) and len(node.parts) == 2:
        pair = _zero_first(node.parts, known)
        return SeenContract(node.axes, pair[:2], node.over) if pair and pair[2] in node.over else node
    if isinstance(node, Reduce) and node.name == "sum" and isinstance(node.part, Map) and node.part.name == "multiply":
        pair = _zero_first(node.part.parts, known)
        same = pair is not None and pair[0].axes == pair[1].axes
        return SeenRowDot(node.axes, pair[:2], node.over) if pair and same and pair[2] == node.over else node
    if isinstance(node, Map) and node.name == "multiply" and any(_is_tanh_slope(part) for part in node.parts):
        pair = _zero_first(node.parts, known)
        return replace(node, name="zero_times", parts=(pair[1], pair[0])) if pair else node
    return node


def _zero_first(parts: Sequence[Array], known: Known) -> tuple[Array, Array, Symbol] | None:
    """The factor that is 0 where a mask hides, the other one, and the letter of the keys."""
    found = [hidden(part, known) for part in parts]
    for place, one in enumerate(found):
        if len(parts) == 2 and one is not None and one.value == ZERO:
            return parts[place], parts[1 - place], one.key
    return None


def _is_tanh_slope(part: Array) -> bool:
    """Whether an array is the derivative of a soft cap, which is taken before the mask."""
    return isinstance(part, Map) and part.name == "tanh_slope"


def masks_apart(lines: Sequence[Line]) -> list[Line]:
    """The lines with masks as lines of their own, which a schedule can leave out where everything is seen.

    S = hide(q k | seen)              becomes   S = q k;  S = hide(S | seen)
    dq = Σ dS [seen] k, dS = u dP     becomes   dS = u dP;  dS = dS [seen];  dq = Σ dS k     where u is 0 if not seen
    """
    out = [one for line in lines for one in _hidden_after(line)]
    masks = [
        node.parts[1] for line in out for node in walk(line.array) if isinstance(node, Map) and node.name == "hide"
    ]
    for mask in dict.fromkeys(masks):
        out = _selected_once(out, mask)
    return out


def _hidden_after(line: Line) -> list[Line]:
    array = line.array
    if not (isinstance(array, Map) and array.name == "hide" and array.axes == line.axes and line.guard is None):
        return [line]
    own, inner = Load(line.axes, line.variable), array.parts[0]
    hides = replace(line, array=replace(array, parts=(own, array.parts[1])), formula=f"{line.variable}, hidden")
    return [hides] if inner == own else [replace(line, array=inner), hides]


def _selected_once(lines: Sequence[Line], mask: Array) -> list[Line]:
    """The lines with selections of variables that are 0 where the mask does not hold made once, behind these."""
    known: dict[str, tuple[Hidden, Axes]] = {}
    selected: dict[str, Array] = {}
    out = []
    for line in lines:
        line = line.mapped(lambda node: _unmasked(node, known, mask, selected))
        value = hidden(line.array, known, mask) if line.guard is None else None
        known.pop(line.variable, None)
        if value is not None and value.key in line.axes:
            known[line.variable] = value, line.axes
        out.append(line)
    for name, own in selected.items():
        place = max(place for place, line in enumerate(out) if line.variable == name)
        masked = Map(out[place].axes, "select", (Load(out[place].axes, name), own))
        out.insert(place + 1, replace(out[place], array=masked, formula=f"{name}, where it is seen"))
    return out


def _unmasked(node: Array, known: Known, mask: Array, selected: dict[str, Array]) -> Array:
    """A product without its factors by the mask, if another factor is a variable that is 0 where it does not hold."""
    product = isinstance(node, Contract) or (isinstance(node, Map) and node.name in ("select", "multiply"))
    parts = tuple(part for part in node.kids if not _is_bits(part, mask)) if product else ()
    zero = next((part for part in parts if isinstance(part, Load) and _is_zero(part, known, mask)), None)
    if len(parts) == len(node.kids) or zero is None:
        return node
    selected[zero.name] = mask
    return parts[0] if isinstance(node, Map) and len(parts) == 1 else replace(node, parts=parts)  # type: ignore[call-arg]


def _is_bits(array: Array, mask: Array) -> bool:
    """Whether an array is the mask, as booleans or as numbers."""
    inner = array.parts[0] if isinstance(array, Map) and array.name == "real" else array
    return isinstance(inner, Map) and same_mask(inner, mask)


def _is_zero(array: Array, known: Known, mask: Array) -> bool:
    found = hidden(array, known, mask)
    return found is not None and found.value == ZERO and set(mask.axes) <= set(array.axes)
