"""Exchange of sums: FlashAttention's D_i = Σ_f dO_if O_if is Σ_j P_ij dP_ij, which needs no second product with V.

With O_if = Σ_j u_ij v_jf / Z_i and dP_ij = Σ_f dO_if v_jf, both are Σ_j Σ_f u_ij dO_if v_jf / Z_i: the book's
attention-backward. Where their difference is divided by Z_i, the smaller dO_if is instead: dP is linear in it, so is D.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sympy import Symbol

from symformer.compile.arrays import Array, Contract, Load, Map, Reduce, walk
from symformer.compile.lines import Line, mapped
from symformer.compile.names import free


def exchanged(lines: Sequence[Line]) -> list[Line]:
    """The lines with outputs that only such a D reads left out."""
    out = list(lines)
    for line in lines:
        readers = [other for other in out if line.variable in other.reads]
        weights = _weighted(line.array)
        if weights is None or line.guard is not None or len(readers) != 1 or readers[0].guard is not None:
            continue
        found = _slope_of(readers[0].array, line.variable, weights[1])
        if found is not None and _same_letters(weights, found, readers[0]):
            place = out.index(readers[0])
            taken = {name for other in lines for name in (other.variable, *other.reads)} | {o.variable for o in out}
            names = free("dP", taken), free("D", taken)
            out[place : place + 1] = _rewritten(readers[0], weights, found, line, names)
            out.remove(line)
    return out


def _same_letters(weights: tuple[Load, Load, Array, Symbol], found: tuple[Contract, Reduce], reader: Line) -> bool:
    """Whether the reader has under one letter each what the weighted sum has: rows, and what is summed over."""
    u, _, below, over = weights
    product, dot = found
    letters = set(product.axes)
    return set(u.axes) == letters <= set(reader.axes) and over in letters and set(below.axes) == set(dot.axes)


def _rewritten(
    reader: Line,
    weights: tuple[Load, Load, Array, Symbol],
    found: tuple[Contract, Reduce],
    line: Line,
    names: tuple[str, str],
) -> list[Line]:
    u, v, below, over = weights
    product, dot = found
    slope = Load(product.axes, names[0])
    sizes = dict(zip(reader.axes, reader.sizes, strict=True))
    total = Reduce(dot.axes, "sum", Map(product.axes, "multiply", (u, slope)), over, sizes[over])
    d = Load(dot.axes, names[1])

    def rule(node: Array) -> Array:
        return slope if node == product else d if node == dot else node

    array, made, what = mapped(reader.array, rule), product, "dP"
    if isinstance(array, Map) and array.name == "divide" and array.parts[1] == below:
        array, made, what = array.parts[0], _divided(product, v, below), f"dP over the divisor of {line.variable}"
    slopes = Line(names[0], product.axes, made, what, sizes=tuple(sizes[letter] for letter in product.axes))
    formula = f"D: {line.variable} · d{line.variable} of a row is the sum of {u.name} dP/Z over {over.name}"
    mean = Map(dot.axes, "divide", (total, below))
    dots = Line(names[1], dot.axes, mean, formula, sizes=tuple(sizes[letter] for letter in dot.axes))
    return [slopes, dots, replace(reader, array=array)]


def _divided(product: Contract, v: Load, below: Array) -> Contract:
    """The product with its factor that is not v divided by what has no part in the sum."""
    parts = tuple(part if part == v else Map(part.axes, "divide", (part, below)) for part in product.parts)
    return replace(product, parts=parts)


def _weighted(array: Array) -> tuple[Load, Load, Array, Symbol] | None:
    """u, v, Z and j, if the array is Σ_j u_ij v_jf / Z_i."""
    if not (isinstance(array, Map) and array.name == "divide" and isinstance(array.parts[0], Contract)):
        return None
    product, below = array.parts
    if not (isinstance(product, Contract) and len(product.parts) == 2 and len(product.over) == 1):
        return None
    u, v = product.parts
    if not (isinstance(u, Load) and isinstance(v, Load)) or set(below.axes) >= {v.axes[-1]}:
        return None
    return u, v, below, product.over[0]


def _slope_of(array: Array, output: str, v: Load) -> tuple[Contract, Reduce] | None:
    """Σ_f dO_if v_jf and Σ_f dO_if O_if in an expression, for the same dO."""
    products = [n for n in walk(array) if isinstance(n, Contract) and len(n.parts) == 2 and v.name in _names(n.parts)]
    for dot in (node for node in walk(array) if isinstance(node, Reduce) and isinstance(node.part, Map)):
        names = _names(dot.part.kids)
        for product in products:
            shared = set(_names(product.parts)) - {v.name}
            if output in names and set(names) - {output} == shared and len(names) == 2:
                return product, dot
    return None


def _names(parts: Sequence[Array]) -> list[str]:
    return [part.name for part in parts if isinstance(part, Load)]
