"""Jacobian of layer norm.

Layer norm removes two directions from a row, its mean and its length, and its Jacobian is the projection that does so,
divided by the spread. With ε under the root the same formula holds for the spread that includes ε.
"""

from symformer import (
    Derivation,
    Projection,
    begin,
    define,
    delta,
    diff,
    indices,
    mean,
    scalar,
    sizes,
    sqrt,
    sum,
    tensor,
)

d = sizes("d")
i, j, k = indices("i j k")
x = tensor("x", d)
epsilon = scalar("epsilon", kind="positive")

mu = define("mu", (), mean(x[k], k))
c = define("c", i, x[i] - mu[()])
v = define("v", (), mean(c[k] ** 2, k))
sigma = define("sigma", (), sqrt(v[()] + epsilon))
x_hat = define("x_hat", i, c[i] / sigma[()])

derivation = Derivation(
    __doc__,
    given=(x, epsilon.tensor),
    where=(mu, c, v, sigma, x_hat),
    calc=(
        begin(diff(c[i], x[j]), "the centred row", "The mean"),
        (delta(i, j) - 1 / d, "an entry moves itself by 1 and the mean by 1/d"),
        begin(diff(sigma[()], x[j]), "the spread", "The spread"),
        (diff(v[()], x[j]) / (2 * sigma[()]), "chain rule through the root"),
        (2 * mean(c[k] * diff(c[k], x[j]), k) / (2 * sigma[()]), "v is a mean of squares"),
        (mean(c[k] * (delta(k, j) - 1 / d), k) / sigma[()], "the first chain; 2 cancels"),
        (c[j] / (d * sigma[()]) - sum(c[k], k) / (d**2 * sigma[()]), "the delta keeps the term k = j"),
        (c[j] / (d * sigma[()]), "the centred row sums to 0"),
        (x_hat[j] / d, ("definition of ", x_hat[j])),
        begin(diff(x_hat[i], x[j]), "what we want", "The Jacobian"),
        (diff(c[i], x[j]) / sigma[()] - c[i] * diff(sigma[()], x[j]) / sigma[()] ** 2, "quotient rule"),
        ((delta(i, j) - 1 / d) / sigma[()] - c[i] * x_hat[j] / (d * sigma[()] ** 2), "the two chains above"),
        (
            1 / sigma[()] * (delta(i, j) - 1 / d - x_hat[i] * x_hat[j] / d),
            ("definition of ", x_hat[i], "; take out 1/σ"),
        ),
    ),
    reference="Ba, Kiros & Hinton 2016, arXiv:1607.06450; Xu et al. 2019, arXiv:1911.07013.",
    example={"x": [5, 1, 0], "epsilon": "1/2"},
    pictures=(Projection(x, "Layer norm as a projection: the mean goes, then the length"),),
)
