"""Random features for the softmax kernel.

The exponential of an inner product is the mean of a product of two positive features, one of the query and one of the key, over a Gaussian random vector. The reason is a completed square: times the Gaussian density, the features are the exponential kernel
times a Gaussian density with another mean, which still integrates to 1. Features of sines and cosines have the same mean, but may be negative.
"""

from symformer import Curves, Derivation, begin, define, exp, indices, see, sizes, sum, tensor, wrong

d = sizes("d")
c = indices("c")
q, k, w = tensor("q", d), tensor("k", d), tensor("w", d)

g = define("g", (), exp(-sum(w[c] ** 2, c) / 2))
a = define("a", (), exp(sum(w[c] * q[c], c) - sum(q[c] ** 2, c) / 2))
b = define("b", (), exp(sum(w[c] * k[c], c) - sum(k[c] ** 2, c) / 2))

derivation = Derivation(
    __doc__,
    given=(q, k, w, "w is a random vector, and g its Gaussian density up to a constant; a and b are the features of a query and of a key that it gives"),
    where=(g, a, b),
    calc=(
        begin(g[()] * a[()] * b[()], "the product of both features, times the density", "A completed square"),
        (exp(sum(w[c] * (q[c] + k[c]), c) - sum(w[c] ** 2, c) / 2 - sum(q[c] ** 2, c) / 2 - sum(k[c] ** 2, c) / 2), "the exponents add up"),
        wrong(exp(-sum((w[c] - q[c] - k[c]) ** 2, c) / 2), "as if the square were complete"),
        (
            exp(sum(q[c] * k[c], c)) * exp(-sum((w[c] - q[c] - k[c]) ** 2, c) / 2),
            "complete the square: the kernel, times the density with mean q + k, which integrates to 1 as g does",
        ),
        begin(g[()] * a[()] ** 2, "the density times the square of a feature", "Their spread"),
        (exp(sum(q[c] ** 2, c)) * exp(-sum((w[c] - 2 * q[c]) ** 2, c) / 2), "complete the square: the mean square grows like the exponential of the squared length"),
    ),
    reference=("Choromanski et al. 2020 (Performer), arXiv:2009.14794, lemma 1. With features the sums over keys can be exchanged: ", see("linear-attention"), "."),
    example={"q": [1, 0], "k": [1, 1], "w": [1, -1]},
    pictures=(Curves((a, b), "The features of query and key along one direction", ("w", 1), ("-3", "3"), "w₁", "feature"),),
)  # fmt: skip
