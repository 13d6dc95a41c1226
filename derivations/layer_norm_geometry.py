"""The geometry of layer norm.

The normalised row is orthogonal to the vector of ones, and its squared length is d v/(v + ε): at ε = 0 it lies on the sphere
of radius √d, and with ε > 0 inside it. The two directions that layer norm removes are those that its Jacobian maps to zero:
the ones exactly, the centred row up to ε.
"""

from symformer import (
    Derivation,
    HeatMap,
    Projection,
    begin,
    define,
    delta,
    indices,
    mean,
    scalar,
    see,
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
J = define("J", (i, j), 1 / sigma[()] * (delta(i, j) - 1 / d - x_hat[i] * x_hat[j] / d))

derivation = Derivation(
    __doc__,
    given=(x, epsilon.tensor),
    where=(mu, c, v, sigma, x_hat, J),
    calc=(
        begin(sum(x_hat[i], i), "the inner product with the vector of ones", "Orthogonal to the ones"),
        (sum(c[i], i) / sigma[()], "factor 1/σ out of the sum: it does not depend on i"),
        (0, "the centred row sums to 0"),
        begin(sum(x_hat[i] ** 2, i), "the squared length of the normalised row", "On a sphere"),
        (sum(c[i] ** 2, i) / sigma[()] ** 2, "factor 1/σ² out of the sum"),
        (d * v[()] / (v[()] + epsilon), "the sum of squares is d v, and σ² is v + ε"),
        begin(
            sum(J[i, j], j),
            (see("layer-norm-jacobian"), ", times the vector of ones"),
            "The mean is removed",
        ),
        (
            -x_hat[i] * sum(x_hat[j], j) / (d * sigma[()]),
            "the row of the delta sums to 1, and so do d terms 1/d: they cancel",
        ),
        (0, "the normalised row sums to 0"),
        begin(sum(J[i, j] * c[j], j), "the Jacobian, times the centred row", "The length is removed, up to ε"),
        (
            1 / sigma[()] * (c[i] - x_hat[i] * sum(x_hat[j] * c[j], j) / d),
            "of the delta only the term j = i remains, and the centred row sums to 0",
            "expand: the centred row sums to 0",
        ),
        (
            1 / sigma[()] * (c[i] - c[i] * v[()] / sigma[()] ** 2),
            ("the sum is d v / σ, and ", x_hat[i], " is ", c[i] / sigma[()]),
        ),
        (epsilon * c[i] / sigma[()] ** 3, "over a common denominator: σ² − v is ε"),
    ),
    reference="Brody, Alon & Yahav 2023, arXiv:2305.02582; Xu et al. 2019, arXiv:1911.07013.",
    pictures=(
        Projection(x, "Two steps: the mean is subtracted, then the length is fixed"),
        HeatMap(J, "The Jacobian J: rows and columns that sum to 0", "entry", "input"),
    ),
    example={"x": [5, 1, 0], "epsilon": "1/2"},
)
