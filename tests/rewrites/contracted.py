"""Rewrites of contractions: dot products, reductions, convolutions."""

import symformer as sf
from rewrites.rewrite import Rewrite
from rewrites.shapes import each, filled, joined, made, padded, spaced, summed, swapped, wide
from symformer.notation import Add, lift

n, m, r, s, e, p, d, f, o, b = sf.sizes("n m r s e p d f o b")
low, high, inner, outer, gap, dilation = sf.sizes("a_1 a_2 b_1 b_2 g h")
h, k = sf.indices("u v")
X, Y, C, D = sf.tensor("X", n, d), sf.tensor("Y", m, d), sf.tensor("C", n, f), sf.tensor("D", m, f)
x, y, V = sf.tensor("x", n), sf.tensor("y", m), sf.tensor("V", n, m, r)
G = sf.tensor("G", n, n)
E = sf.tensor("E", d, o)
batched, second = sf.tensor("P", n, m, d), sf.tensor("Q", n, m, o)
rows = sf.tensor("R", n, m)
number = sf.scalar("c")


def dot(left, right):
    """The contraction of both first axes."""
    size = left.shape[0]
    return made((left.shape[1], right.shape[1]), lambda i, j: sf.sum(left[h, i] * right[h, j], (h, size)))


def batch_dot(left, right):
    """The contraction of both first axes, at each place of both second ones."""
    size = left.shape[0]
    shape = (left.shape[1], left.shape[2], right.shape[2])
    return made(shape, lambda i, j, l: sf.sum(left[h, i, j] * right[h, i, l], (h, size)))


def product(left, right):
    """The matrix product."""
    size = left.shape[1]
    return made((left.shape[0], right.shape[1]), lambda i, j: sf.sum(left[i, h] * right[h, j], (h, size)))


def one_of(tensor):
    """A first axis of one entry before all others."""
    return made((1, *tensor.shape), lambda i, *others: tensor[others])


inputs, kernel = sf.tensor("I", b, f, n), sf.tensor("W", f, o, m)
longer = sf.tensor("I", b, f, r + p * (m - 1))


def convolved(inputs, kernel, dilation=1, length=None):
    """Channels by channels, along the last axis, without padding; a kernel with gaps."""
    size = inputs.shape[2] - dilation * (kernel.shape[2] - 1) if length is None else length
    shape = (inputs.shape[0], kernel.shape[1], size)

    def body(i, j, l):
        here = inputs[i, h, Add((lift(l), dilation * (lift(k) - 1)))] * kernel[h, j, k]
        return sf.sum(sf.sum(here, (k, kernel.shape[2])), (h, inputs.shape[1]))

    return made(shape, body)


INNER = spaced(inputs, 0, inner - 1, gap - 1, outer - 1, axis=2)
TOGETHER = spaced(inputs, 0, low + inner - 2, gap - 1, high + outer - 2, axis=2)
WRONG = spaced(inputs, 0, low + inner - 1, gap - 1, high + outer - 3, axis=2)
SPREAD = spaced(kernel, 0, 0, p - 1, 0, axis=2)

DOT = (
    Rewrite(
        "a dot of joined tensors is the sum of the dots",
        dot(joined(X, Y), joined(C, D)),
        summed(joined(one_of(dot(X, C)), one_of(dot(Y, D)))),
        (dot(joined(X, Y), joined(C, D)), summed(joined(one_of(dot(X, C)), one_of(dot(X, C))))),
    ),
    Rewrite(
        "a dot the other way round",
        batch_dot(batched, second),
        made((m, d, o), lambda i, j, l: batch_dot(second, batched)[i, l, j]),
        (
            batch_dot(batched, batched),
            made((m, d, d), lambda i, j, l: batch_dot(batched, sf.tensor("P'", n, m, d))[i, l, j]),
        ),
    ),
    Rewrite(
        "a product of three, from either side",
        product(rows, product(Y, E)),
        product(product(rows, Y), E),
        (product(G, product(swapped(G), G)), product(product(G, G), swapped(G))),
    ),
    Rewrite(
        "a dot that contracts nothing is a product of broadcasts",
        made((n, m, o), lambda i, j, l: rows[i, j] * sf.tensor("H", n, o)[i, l]),
        each(
            lambda u, v: u * v,
            made((n, m, o), lambda i, j, l: rows[i, j]),
            made((n, m, o), lambda i, j, l: sf.tensor("H", n, o)[i, l]),
        ),
        (made((n, n, n), lambda i, j, l: G[i, j] * G[i, l]), made((n, n, n), lambda i, j, l: G[i, j] * G[j, l])),
    ),
    Rewrite(
        "a dot over no entries is 0",
        made((n, m), lambda i, j: sf.sum(rows[i, j] * lift(k), (k, 0))),
        filled(0, n, m),
        (made((n, m), lambda i, j: sf.sum(rows[i, j] * lift(k), (k, 1))), filled(0, n, m)),
    ),
    Rewrite(
        "a dot with one free axis is a sum of products",
        made((m, d), lambda i, j: sf.sum(batched[h, i, j] * rows[h, i], h)),
        summed(each(lambda u, v: u * v, batched, wide(rows, d))),
        (
            made((m, d), lambda i, j: sf.sum(batched[h, i, j] * rows[h, i], h)),
            made((m, d), lambda i, j: summed(batched)[i, j] * summed(rows)[i]),
        ),
    ),
)

REDUCE = (
    Rewrite(
        "a product of sums is a sum over both",
        sf.sum(x[h], h) * sf.sum(y[k], k),
        summed(summed(each(lambda u, v: u * v, wide(x, m), made((n, m), lambda i, j: y[j])))),
        (sf.sum(x[h], h) * sf.sum(x[k] ** 2, k), sf.sum(x[h] * x[h] ** 2, h)),
    ),
    Rewrite(
        "the sum of joined sums",
        summed(joined(one_of(summed(X)), one_of(summed(Y)))),
        summed(joined(X, Y)),
        (summed(joined(one_of(summed(X)), one_of(summed(X)))), summed(joined(X, Y))),
    ),
    Rewrite(
        "a number moves into a sum",
        each(lambda u: number * u, summed(X)),
        summed(each(lambda u: number * u, X)),
        (each(lambda u: number + u, summed(X)), summed(each(lambda u: number + u, X))),
    ),
    Rewrite(
        "a sum of a transpose along its other axis", summed(swapped(X)), summed(X, 1), (summed(swapped(G)), summed(G))
    ),
    Rewrite(
        "a sum of a sum is a sum over both",
        summed(summed(V)),
        made((r,), lambda j: sf.sum(sf.sum(V[h, k, j], k), h)),
        (summed(summed(sf.tensor("V", n, n, r))), made((r,), lambda j: sf.sum(sf.tensor("V", n, n, r)[h, h, j], h))),
    ),
    Rewrite(
        "a sum over the batch of a dot is one dot",
        summed(batch_dot(batched, second)),
        made((d, o), lambda i, j: sf.sum(sf.sum(batched[h, k, i] * second[h, k, j], k), h)),
        (
            summed(batch_dot(batched, second)),
            made((d, o), lambda i, j: sf.sum(sf.sum(batched[h, k, i], k) * sf.sum(second[h, k, j], k), h)),
        ),
    ),
    Rewrite(
        "a sum along an axis of one entry",
        summed(sf.tensor("O", 1, m)),
        made((m,), lambda i: sf.tensor("O", 1, m)[1, i]),
        (summed(sf.tensor("O", 2, m)), made((m,), lambda i: sf.tensor("O", 2, m)[1, i])),
    ),
    Rewrite(
        "a sum along an axis of one entry, moved to the end",
        summed(swapped(sf.tensor("O", 1, m)), 1),
        made((m,), lambda i: sf.tensor("O", 1, m)[1, i]),
        (summed(swapped(sf.tensor("O", 2, m)), 1), made((m,), lambda i: sf.tensor("O", 2, m)[2, i])),
    ),
)

CONVOLVE = (
    Rewrite(
        "a convolution of what was padded, with gaps, is a padded convolution",
        convolved(padded(INNER, 0, low - 1, high - 1, axis=2), kernel, dilation),
        convolved(TOGETHER, kernel, dilation),
        (convolved(padded(INNER, 0, low - 1, high - 1, axis=2), kernel, dilation), convolved(WRONG, kernel, dilation)),
    ),
    Rewrite(
        "a kernel with zeros in between is a kernel with gaps",
        convolved(longer, SPREAD),
        convolved(longer, kernel, p),
        (convolved(longer, SPREAD), convolved(longer, kernel, 1, r)),
    ),
    Rewrite(
        "a kernel of one entry is a dot",
        convolved(inputs, sf.tensor("W", f, o, 1)),
        made((b, o, n), lambda i, j, l: sf.sum(inputs[i, h, l] * sf.tensor("W", f, o, 1)[h, j, 1], (h, f))),
        (
            convolved(inputs, sf.tensor("W", f, o, 2)),
            made(
                (b, o, n - 1),
                lambda i, j, l: sf.sum(inputs[i, h, Add((lift(l),))] * sf.tensor("W", f, o, 2)[h, j, 1], (h, f)),
            ),
        ),
    ),
)

RULES = {"dot": DOT, "reduce": REDUCE, "convolve": CONVOLVE}
