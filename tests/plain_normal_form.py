"""Values of normal forms by plain loops, term by term and atom by atom: they must be those of the expressions."""

from __future__ import annotations

from itertools import product
from math import prod

import mpmath
from plain_numbers import FUNCTIONS, TINY, Undefined, nonzero

from symformer.proof.normal.indices import Affine


def value(poly, world, env):
    """The value of a polynomial of atoms in a world of the plain evaluator; env maps letters to numbers."""
    total = mpmath.mpf(0)
    for term, coefficient in poly.items():
        total += mpmath.mpf(coefficient.numerator) / coefficient.denominator * _term(term, world, env)
    return total


def _term(term, world, env):
    """A product; a delta or indicator that is 0 comes first, since what stands beside it may have no value then."""
    bits = [atom for atom, _ in term if atom.kind in ("delta", "below")]
    if any(_atom(atom, world, env) == 0 for atom in bits):
        return mpmath.mpf(0)
    total = mpmath.mpf(1)
    for atom, power in term:
        total *= _power(atom, mpmath.mpf(power.numerator) / power.denominator, power.denominator == 1, world, env)
    return total


def _power(atom, power, whole, world, env):
    if atom.kind in ("exp", "cis"):
        return mpmath.exp((1j if atom.kind == "cis" else 1) * power * _term(atom.parts[0], world, env))
    base = _atom(atom, world, env)
    if whole:
        return (base if power >= 0 else nonzero(base)) ** int(power)
    base = real(base)
    if base < -TINY or (base < TINY and power < 0):
        raise Undefined("a root of what is negative, or 1 over the root of 0")
    return mpmath.power(base, power) if base > TINY else mpmath.mpf(0)


def _atom(atom, world, env):
    return getattr(_Atoms, atom.kind)(atom.parts, world, env)


def real(number):
    """A number without its imaginary part, which must be 0."""
    if abs(mpmath.im(number)) > TINY * (1 + abs(number)):
        raise Undefined("a root, a maximum or a relation of what is not real")
    return mpmath.re(number)


def index(found, world, env):
    """An index: a number, a letter, or an entry of an integer tensor."""
    if isinstance(found, int):
        return found
    if isinstance(found, str):
        return env[found]
    if isinstance(found, Affine):
        return int(sum(count * prod([*(env[one] for one in term.letters), *(world.sizes[one] for one in term.sizes)])
                       for term, count in found.terms))  # fmt: skip
    return int(world.entry(found.tensor, tuple(index(inner, world, env) for inner in found.indices)))


class _Atoms:
    """One function a kind of atom."""

    @staticmethod
    def entry(parts, world, env):
        return world.entry(parts[0], tuple(index(one, world, env) for one in parts[1]))

    @staticmethod
    def size(parts, world, env):
        return next(mpmath.mpf(number) for symbol, number in world.sizes.items() if symbol == parts[0])

    @staticmethod
    def pi(parts, world, env):
        return +mpmath.pi

    @staticmethod
    def unit(parts, world, env):
        return mpmath.mpc(0, 1)

    @staticmethod
    def index(parts, world, env):
        return mpmath.mpf(index(parts[0], world, env))

    @staticmethod
    def delta(parts, world, env):
        return mpmath.mpf(index(parts[0], world, env) == index(parts[1], world, env))

    @staticmethod
    def below(parts, world, env):
        return mpmath.mpf(index(parts[0], world, env) <= index(parts[1], world, env))

    @staticmethod
    def dark(parts, world, env):
        return mpmath.mpf(0) if abs(value(parts[0], world, env) - 1) < TINY else -mpmath.inf

    @staticmethod
    def sum(parts, world, env):
        bounds, term = parts
        spans = [range(1, int(value(size, world, env)) + 1) for _, size in bounds]
        names = [name for name, _ in bounds]
        places = (dict(zip(names, numbers, strict=True)) for numbers in product(*spans))
        return sum((_term(term, world, {**env, **place}) for place in places), mpmath.mpf(0))

    @staticmethod
    def max(parts, world, env):
        name, size, poly = parts
        places = range(1, int(value(size, world, env)) + 1)
        found = [value(poly, world, {**env, name: place}) for place in places]
        return max(one if one == -mpmath.inf else real(one) for one in found)

    @staticmethod
    def poly(parts, world, env):
        return value(parts[0], world, env)

    @staticmethod
    def function(parts, world, env):
        name, poly = parts
        inside = real(value(poly, world, env))
        return mpmath.mpf(inside > TINY) if name == "[>0]" else FUNCTIONS[name](inside)
