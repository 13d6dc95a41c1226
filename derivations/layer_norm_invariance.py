"""Invariances of layer norm.

Layer norm subtracts the mean of a row and divides by its standard deviation, so it does not change when the whole row is
shifted; with ε = 0 it does not change under a positive scale either. With ε > 0 it does: scaling the row by a has the same
effect as dividing ε by a². The difference shows in rows whose variance is not large against ε.
"""

from symformer import Bars, Derivation, begin, define, indices, layer_norm, mean, scalar, sizes, sqrt, tensor, wrong

d = sizes("d")
i, k = indices("i k")
x = tensor("x", d)
c, a, epsilon = scalar("c"), scalar("a", kind="positive"), scalar("epsilon", kind="positive")

mu = define("mu", (), mean(x[k], k))
v = define("v", (), mean((x[k] - mu[()]) ** 2, k))
y = define("y", i, x[i] + c)
z = define("z", i, a * x[i])

derivation = Derivation(
    __doc__,
    given=(x, c.tensor, a.tensor, epsilon.tensor, "for ε = 0: the entries of x are not all equal, so v > 0"),
    where=(mu, v, y, z),
    calc=(
        begin(layer_norm(y)[i], "layer norm of the shifted row", "A shift, for any ε"),
        (
            (y[i] - mean(y[k], k)) / sqrt(mean((y[k] - (mu[()] + c)) ** 2, k) + epsilon),
            "definition of layer norm; the mean of y is μ + c",
        ),
        ((x[i] + c - (mu[()] + c)) / sqrt(v[()] + epsilon), "c cancels under the root: the variance does not change"),
        ((x[i] - mu[()]) / sqrt(v[()] + epsilon), "c cancels in the numerator, too"),
        (layer_norm(x)[i], "definition of layer norm"),
        begin(layer_norm(z, eps=0)[i], "layer norm of the scaled row", "A positive scale, at ε = 0"),
        ((a * x[i] - a * mu[()]) / sqrt(a**2 * v[()]), "the mean is scaled by a, the variance by a²"),
        (a * (x[i] - mu[()]) / (a * sqrt(v[()])), "the root of a² is a, because a > 0"),
        ((x[i] - mu[()]) / sqrt(v[()]), "a cancels"),
        (layer_norm(x, eps=0)[i], "definition of layer norm"),
        begin(layer_norm(z)[i], "layer norm of the scaled row, with ε", "What ε changes"),
        ((a * x[i] - a * mu[()]) / sqrt(a**2 * v[()] + epsilon), "mean and variance are scaled as before; ε is not"),
        wrong((x[i] - mu[()]) / sqrt(v[()] + epsilon), "the tempting claim that scale does not matter"),
        (
            (x[i] - mu[()]) / sqrt(v[()] + epsilon / a**2),
            "divide numerator and denominator by a > 0: ε is divided by a²",
        ),
    ),
    reference="Ba, Kiros & Hinton 2016, arXiv:1607.06450, section 5.1 and table 1.",
    pictures=(
        Bars((x, y, z), "A row x, shifted, y, and scaled, z: layer norm makes the same of x and y, and at ε = 0 of z"),
    ),
    example={"x": [1, 2, 3, 6], "c": 10, "a": 2, "epsilon": "1/2"},
)
