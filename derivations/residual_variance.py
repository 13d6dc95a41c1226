"""Why residual branches are scaled down.

Each layer adds to the residual stream. If what it adds is independent of the rest, with mean 0, variances add up, so that the stream of a deep model grows with its depth.
Scaled by one over the root of the number of branches, all of them together add as much as one. GPT-2 initialises its output matrices so.
"""

from symformer import Derivation, begin, define, expect, indices, sizes, sqrt, sum, tensor, wrong

N = sizes("N")
l, k = indices("l k")
x = tensor("x", kind="random", moments={1: 0, 2: 1})
f = tensor("f", N, kind="random", moments={1: 0, 2: 1})

X = define("X", (), x[()] + sum(f[l], l))
Y = define("Y", (), x[()] + sum(f[l], l) / sqrt(N))

derivation = Derivation(
    __doc__,
    given=(x, f, "x is an entry of the stream at the start, f what the N branches add to it, two for each layer"),
    where=(X, Y),
    calc=(
        begin(expect(X[()] ** 2), "the variance at the end, since its mean is 0", "Unscaled"),
        (expect(x[()] ** 2) + 2 * expect(x[()] * sum(f[l], l)) + expect(sum(sum(f[l] * f[k], k), l)), "expand the square"),
        (1 + sum(expect(f[l] ** 2), l), "products of independent entries have mean 0"),
        (1 + N, "each has variance 1: the stream grows with the depth"),
        begin(expect(Y[()] ** 2), "the same, where each branch is divided by the root of N", "Scaled"),
        wrong(1 + 1 / sqrt(N), "with the root where the variance has N"),
        (1 + N / N, "each adds 1/N"),
        (2, "N cancels: the same at every depth"),
    ),
    reference="Radford et al. 2019, GPT-2, section 2.3; De & Smith 2020, arXiv:2002.10444.",
)  # fmt: skip
