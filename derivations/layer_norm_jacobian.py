"""Jacobian of layer norm.

Layer norm removes two degrees of freedom from a row, its mean and its length. At ε = 0 its Jacobian is 1/σ times the
orthogonal projection that removes the two directions, so its rank is d − 2. With ε > 0 the formula is the same, with ε
inside σ; but x̂ is then shorter than √d, so that a part of the direction along it remains, and the rank is d − 1.
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
        begin(diff(c[i], x[j]), "how the centred row changes", "The mean"),
        (
            delta(i, j) - 1 / d,
            ("the derivative of ", x[i], " is ", delta(i, j), ", that of the mean is 1/d"),
            "the Jacobian of the row is I, and every derivative of the mean is 1/d",
        ),
        begin(diff(sigma[()], x[j]), "how the standard deviation changes, with ε in it", "The standard deviation"),
        (diff(v[()], x[j]) / (2 * sigma[()]), "chain rule: the derivative of the root"),
        (2 * mean(c[k] * diff(c[k], x[j]), k) / (2 * sigma[()]), "v is a mean of squares: differentiate each term"),
        (mean(c[k] * (delta(k, j) - 1 / d), k) / sigma[()], "the chain above; 2 cancels"),
        (
            c[j] / (d * sigma[()]) - sum(c[k], k) / (d**2 * sigma[()]),
            "of the delta only the term k = j remains",
            "expand",
        ),
        (c[j] / (d * sigma[()]), "the centred row sums to 0"),
        (x_hat[j] / d, ("definition of ", x_hat[j])),
        begin(diff(x_hat[i], x[j]), "how the normalised row changes", "The Jacobian"),
        (diff(c[i], x[j]) / sigma[()] - c[i] * diff(sigma[()], x[j]) / sigma[()] ** 2, "quotient rule"),
        ((delta(i, j) - 1 / d) / sigma[()] - c[i] * x_hat[j] / (d * sigma[()] ** 2), "the two chains above"),
        (
            1 / sigma[()] * (delta(i, j) - 1 / d - x_hat[i] * x_hat[j] / d),
            ("definition of ", x_hat[i], "; factor out 1/σ"),
        ),
    ),
    reference="Ba, Kiros & Hinton 2016, arXiv:1607.06450; Xu et al. 2019, arXiv:1911.07013.",
    example={"x": [5, 1, 0], "epsilon": "1/2"},
    pictures=(Projection(x, "Layer norm in two steps: the mean is subtracted, then the length is fixed"),),
)
