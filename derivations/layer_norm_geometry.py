"""The geometry of layer norm.

The normalised row is orthogonal to the vector of ones, and its length is fixed by ε and the variance alone: it lies on
a sphere, or just inside it. The two directions that layer norm removes are the two that its Jacobian sends to zero,
exactly for the mean, and up to ε for the length.
"""

from symformer import Derivation, begin, define, delta, indices, mean, scalar, see, sizes, sqrt, sum, tensor

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
        begin(sum(x_hat[i], i), "along the vector of ones", "Orthogonal to the ones"),
        (sum(c[i], i) / sigma[()], "the spread does not depend on i"),
        (0, "the centred row sums to 0"),
        begin(sum(x_hat[i] ** 2, i), "the squared length", "On a sphere"),
        (sum(c[i] ** 2, i) / sigma[()] ** 2, "the spread does not depend on i"),
        (d * v[()] / (v[()] + epsilon), "the sum of squares is d v"),
        begin(
            sum(J[i, j], j),
            (see("layer-norm-jacobian"), ", on the vector of ones"),
            "The mean is lost",
        ),
        (-x_hat[i] * sum(x_hat[j], j) / (d * sigma[()]), "the delta gives 1, and 1/d is taken off d times"),
        (0, "the normalised row sums to 0"),
        begin(sum(J[i, j] * c[j], j), "the Jacobian on the centred row", "The length is lost, up to ε"),
        (1 / sigma[()] * (c[i] - x_hat[i] * sum(x_hat[j] * c[j], j) / d), "the centred row sums to 0"),
        (
            1 / sigma[()] * (c[i] - c[i] * v[()] / sigma[()] ** 2),
            ("the sum is d v / σ, and ", x_hat[i], " is ", c[i] / sigma[()]),
        ),
        (epsilon * c[i] / sigma[()] ** 3, "one fraction: σ² − v is ε"),
    ),
    reference="Brody, Alon & Yahav 2023, arXiv:2305.02582; Xu et al. 2019, arXiv:1911.07013.",
    example={"x": [5, 1, 0], "epsilon": "1/2"},
)
