"""Values of written expressions by plain loops over mpmath numbers: a witness that shares no code with the judge.

Of the package it uses the classes of the notation alone, to see what was written. Sums are loops, definitions are
opened entry by entry, derivatives are central differences (the digits are chosen so that 40 survive), expectations are
means of polynomials in random letters. Where an expression has no value, it is `Undefined`.
"""

from __future__ import annotations

from functools import partial

import mpmath
from plain_numbers import FUNCTIONS, TINY, Chance, Undefined, draw, finite, logarithm, nonzero, number

STEP = mpmath.mpf(10) ** -28  # of differences


class Plain:
    """Values at one point: sizes by symbol, and inputs drawn by a seed.

    Args:
        sizes: a number for every size symbol.
        seed: other numbers for another seed; see `draw`.
        held: tensors whose entries come from elsewhere, as functions of the place.
        letters: whether random entries are letters, as under an expectation.
        still: the values that a difference leaves where they are, which a stopped gradient has.
    """

    def __init__(self, sizes, seed, held=None, letters=False, still=None):
        self.sizes, self.seed, self.held, self.letters = sizes, seed, held or {}, letters
        self.still = still or self
        self.known = {}

    def value(self, node, env):
        """The value with numbers for the free indices."""
        return getattr(self, "_" + type(node).__name__.lower())(node, env)

    def size(self, size):
        """A size as a number."""
        found = size.subs(self.sizes)
        if not found.is_Integer or found < 0:
            raise Undefined(f"size {size} is {found}")
        return int(found)

    def entry(self, tensor, place):
        """One entry of a tensor, remembered."""
        if (tensor, place) not in self.known:
            self.known[tensor, place] = self._entry(tensor, place)
        return self.known[tensor, place]

    def _entry(self, tensor, place):
        shape = [self.size(size) for size in tensor.shape]
        if not all(1 <= at <= size for at, size in zip(place, shape, strict=True)):
            raise Undefined(f"{tensor.name} has no entry {place}")
        if tensor in self.held:
            return self.held[tensor](place)
        if getattr(tensor.origin, "loop", None) is not None:
            return self._repeated(tensor.origin, place)
        if tensor.origin is not None:
            definition = tensor.origin.definition
            return self.value(definition.body, dict(zip(definition.indices, place, strict=True)))
        if tensor.domain.kind == "random" and self.letters:
            return Chance.letter((tensor, place))
        upper = self.size(tensor.domain.upper) if tensor.domain.upper is not None else 3
        row = draw(self.seed, tensor, place[:-1], shape[-1] if shape else 1, upper)
        return row[place[-1] - 1] if shape else row[0]

    def _repeated(self, repeat, place):
        """A repeat: the layer again and again, its own inputs held at the values of that layer."""
        loop, count = repeat.loop, self.size(repeat.loop.size)
        layers = range(count, 0, -1) if loop.downwards else range(1, count + 1)
        wanted, place = (layers[-1], place) if repeat.last else (place[0], place[1:])
        before, sources = self, {one.formal: one.start for one in loop.carried}
        for layer in layers:
            held = {one.formal: partial(before.entry, sources[one.formal]) for one in loop.carried}
            held |= {one.formal: partial(self._slice, one.actual, layer) for one in loop.each}
            held |= {one.formal: partial(self.entry, one.actual) for one in loop.shared}
            before = Plain(self.sizes, self.seed, {**self.held, **held}, self.letters, self._unless_self())
            if layer == wanted:
                return before.entry(repeat.result, place)
            sources = {one.formal: one.after for one in loop.carried}
        raise Undefined(f"there is no layer {wanted}")

    def _unless_self(self):
        return None if self.still is self else self.still

    def _slice(self, tensor, layer, place):
        return self.entry(tensor, (layer, *place))

    def _const(self, node, env):
        exact = node.head[0]
        return mpmath.mpf(int(exact.p)) / int(exact.q) if exact.is_Rational else mpmath.pi + 0

    def _var(self, node, env):
        symbol = node.head[0]
        if symbol not in env and symbol not in self.sizes:
            raise Undefined(f"{symbol} has no number")
        return mpmath.mpf(env[symbol] if symbol in env else self.sizes[symbol])

    def _element(self, node, env):
        return self.entry(node.head[0], self._place(node, env))

    def _place(self, node, env):
        return tuple(self._whole(kid, env) for kid in node.kids)

    def _whole(self, node, env):
        value = number(self.value(node, env))
        if value != int(value):
            raise Undefined(f"{value} is no index")
        return int(value)

    def _add(self, node, env):
        total = mpmath.mpf(0)
        for kid in node.kids:
            total = total + self.value(kid, env)
        return total

    def _neg(self, node, env):
        return -finite(self.value(node.kids[0], env))

    def _mul(self, node, env):
        total = mpmath.mpf(1)
        for kid in node.kids:
            total = total * finite(self.value(kid, env))
        return total

    def _div(self, node, env):
        over, under = (finite(self.value(kid, env)) for kid in node.kids)
        return over / nonzero(under)

    def _pow(self, node, env):
        base, exponent = finite(self.value(node.kids[0], env)), number(self.value(node.kids[1], env))
        if exponent == int(exponent):
            total = mpmath.mpf(1)
            for _ in range(abs(int(exponent))):
                total = total * base
            return total if exponent >= 0 else 1 / nonzero(total)
        return mpmath.exp(exponent * logarithm(number(base)))

    def _func(self, node, env):
        name, own = node.head[0], self.still if node.head[0] == "stop_gradient" else self
        values = [number(own.value(kid, env)) for kid in node.kids]
        return FUNCTIONS[name](*(value if name == "exp" else finite(value) for value in values))

    def _prod(self, node, env):
        total = mpmath.mpf(1)
        for term in self._terms(node, env):
            total = total * finite(term)
        return total

    def _argmax(self, node, env):
        terms = [number(term) for term in self._terms(node, env)]
        if not terms or max(terms) == -mpmath.inf:
            raise Undefined("the largest of nothing")
        return mpmath.mpf(1 + next(at for at, term in enumerate(terms) if max(terms) - term < TINY))

    def _logic(self, node, env):
        bits = [number(self.value(kid, env)) != 0 for kid in node.kids]
        return mpmath.mpf({"and": all(bits), "or": any(bits), "not": not bits[0]}[node.head[0]])

    def _where(self, node, env):
        chosen, value, other = node.kids
        return self.value(value if number(self.value(chosen, env)) != 0 else other, env)

    def _sum(self, node, env):
        total = mpmath.mpf(0)
        for term in self._terms(node, env):
            total = total + term
        return total

    def _max(self, node, env):
        terms = [number(term) for term in self._terms(node, env)]
        if not terms:
            raise Undefined("the maximum of nothing")
        seen = [term for term in terms if term != -mpmath.inf]
        return max(seen) if seen else mpmath.mpf(0)  # as the stable forms have it for a row that sees nothing

    def _terms(self, node, env):
        index, size = node.head
        return [self.value(node.kids[0], {**env, index: place}) for place in range(1, self.size(size) + 1)]

    def _delta(self, node, env):
        left, right = (self._whole(kid, env) for kid in node.kids)
        return mpmath.mpf(left == right)

    def _indicator(self, node, env):
        left, right = (number(self.value(kid, env)) for kid in node.kids)
        equal = abs(left - right) < TINY
        truth = {"=": equal, "≠": not equal, "≤": equal or left < right, "≥": equal or left > right,
                 "<": left < right and not equal, ">": left > right and not equal}  # fmt: skip
        return mpmath.mpf(truth[node.head[0]])

    def _hidden(self, node, env):
        value, mask = node.kids
        return -mpmath.inf if number(self.value(mask, env)) == 0 else self.value(value, env)

    def _derivative(self, node, env):
        target, entry = node.kids
        tensor, place = entry.head[0], self._place(entry, env)
        still = target.tensor.origin.parents if node.head and target.tensor.origin is not None else ()
        fixed = {other: partial(self.entry, other) for other in still}  # a direct one moves nothing between them

        def moved(step):
            held = {**self.held, **fixed, tensor: lambda at: self.entry(tensor, at) + (step if at == place else 0)}
            return finite(Plain(self.sizes, self.seed, held, self.letters, self.still).value(target, env))

        left, here, right = moved(-STEP), moved(0), moved(STEP)
        if isinstance(right - left, Chance):
            raise Undefined("a kink of what is random cannot be told")
        if abs(right - 2 * here + left) > STEP * (1 + abs(right - left) / STEP) / 10**8:
            raise Undefined("a derivative at a kink or a jump")
        return (right - left) / (2 * STEP)

    def _expectation(self, node, env):
        if any(tensor.domain.kind == "random" for tensor in self.held) and not self.letters:
            raise Undefined("a derivative by a random entry outside the expectation")
        body = Plain(self.sizes, self.seed, self.held, True, self._unless_self()).value(node.kids[0], env)
        return body.mean(_moment) if isinstance(body, Chance) else body


def _moment(letter, order):
    moments = dict(letter[0].domain.moments)
    if order not in moments:
        raise Undefined(f"moment {order} of {letter[0].name} is not declared")
    return mpmath.mpf(int(moments[order].p)) / int(moments[order].q)
