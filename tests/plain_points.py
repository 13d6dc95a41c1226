"""Where the plain evaluator looks, and what it says of two expressions: equal to 40 digits, or different here."""

from __future__ import annotations

from itertools import islice, product
from random import Random

import mpmath
from plain_evaluator import Plain
from plain_numbers import Undefined, number
from sympy import Symbol

from symformer.notation import Binder, Const, Derivative, Element, Sum, Var, walk

DIGITS, DIGITS_OF_DIFFERENCES = 80, 150
AGREE = mpmath.mpf(10) ** -40


def parts_of(*nodes):
    """All parts of expressions, through the definitions and repeats of their tensors; each tensor once."""
    seen, waiting = set(), list(nodes)
    while waiting:
        for part in walk(waiting.pop()):
            yield part
            tensor = part.tensor if isinstance(part, Element) else None
            if tensor is not None and tensor not in seen:
                seen.add(tensor)
                waiting += _behind(tensor)


def _behind(tensor):
    """The expressions that a tensor is computed by."""
    if tensor.origin is None:
        return []
    loop = getattr(tensor.origin, "loop", None)
    if loop is None:
        return [tensor.origin.definition.body]
    bound = [one.actual for one in (*loop.each, *loop.shared)]
    tensors = [*bound, tensor.origin.result, *(other for one in loop.carried for other in (one.start, one.after))]
    return [Sum((other[(1,) * len(other.shape)],), (Symbol("layer"), loop.size)) for other in tensors]


def size_symbols(*nodes):
    """The size symbols of expressions, through their definitions, and the largest number that stands as an index."""
    found, least = set(), 1
    for part in parts_of(*nodes):
        sizes = [part.size] if isinstance(part, Binder) else []
        sizes += part.tensor.shape if isinstance(part, Element) else []
        sizes += [part.symbol] if isinstance(part, Var) and part.symbol.is_positive else []
        found |= set().union(*(size.free_symbols for size in sizes))
        if isinstance(part, Element):
            least = max([least, *(int(kid.value) for kid in part.kids if isinstance(kid, Const))])
    return sorted(found, key=str), least


def points(nodes, ranges, seeds, places=4):
    """(world, env) for each seed: sizes all different, or equal, and at last all the least; at some places each."""
    symbols, least = size_symbols(*nodes)
    symbols = sorted({*symbols, *(symbol for size in ranges.values() for symbol in size.free_symbols)}, key=str)
    for seed in seeds:
        random = Random(f"sizes {seed}")
        numbers = random.sample(range(least, least + len(symbols) + 2), len(symbols))
        numbers = [numbers[0]] * len(symbols) if seed % 6 == 1 and symbols else numbers
        sizes = dict(zip(symbols, [least] * len(symbols) if seed == seeds[-1] else numbers, strict=True))
        world = Plain(sizes, seed)
        spans = [range(1, world.size(size) + 1) for size in ranges.values()]
        every = list(islice(product(*spans), 4000))
        for env in random.sample(every, min(places, len(every))):
            yield world, dict(zip(ranges, env, strict=True))


def compare(left, right, ranges, relation="=", seeds=(0, 1, 2, 3)):
    """(how many places both sides have a value at, the first place where the relation fails, to 40 digits, or None).

    Args:
        left: one side.
        right: the other.
        ranges: what the free indices run over: symbol to size.
        relation: "=", "≤" or "≥".
        seeds: which points to look at.
    """
    differences = any(isinstance(part, Derivative) for part in parts_of(left, right))
    defined = 0
    with mpmath.workdps(DIGITS_OF_DIFFERENCES if differences else DIGITS):
        for world, env in points((left, right), ranges, seeds):
            try:
                one, two = (number(world.value(side, env)) for side in (left, right))
            except Undefined:
                continue
            defined += 1
            close = one == two or abs(one - two) < AGREE * (1 + abs(one))
            if not close and not (relation != "=" and (one < two) == (relation == "≤")):
                return defined, f"{world.sizes} {env}: {mpmath.nstr(one, 15)} and {mpmath.nstr(two, 15)}"
    return defined, None
