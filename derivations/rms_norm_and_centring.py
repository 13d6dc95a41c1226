"""Layer norm is RMS norm of a centred row.

RMS norm divides a row by its root mean square; layer norm subtracts the mean first, and then does the same. On a row with
mean zero the two agree, so a model that keeps its residual stream centred loses nothing with RMS norm.
"""

from symformer import Bars, Derivation, begin, define, indices, mean, scalar, see, sizes, sqrt, tensor

d = sizes("d")
i, k = indices("i k")
x = tensor("x", d)
epsilon = scalar("epsilon", kind="positive")

mu = define("mu", (), mean(x[k], k))
v = define("v", (), mean((x[k] - mu[()]) ** 2, k))
x_hat = define("x_hat", i, (x[i] - mu[()]) / sqrt(v[()] + epsilon))
c = define("c", i, x[i] - mu[()])
r = define("r", (), sqrt(mean(c[k] ** 2, k) + epsilon))

derivation = Derivation(
    __doc__,
    given=(x, epsilon.tensor),
    where=(mu, v, x_hat, c, r),
    calc=(
        begin(c[i] / r[()], "RMS norm of the centred row", "RMS norm after centring"),
        ((x[i] - mu[()]) / sqrt(mean(c[k] ** 2, k) + epsilon), "definitions of c and r"),
        ((x[i] - mu[()]) / sqrt(v[()] + epsilon), "the mean square of the centred row is the variance"),
        (x_hat[i], "definition of layer norm"),
        begin(mean(c[k], k), "the mean of the centred row", "Centring twice changes nothing"),
        (mean(x[k], k) - mu[()], "the mean is linear, and the mean of a constant is the constant"),
        (0, "definition of μ"),
    ),
    reference=("Zhang & Sennrich 2019, arXiv:1910.07467; compare ", see("layer-norm-invariance"), "."),
    pictures=(Bars((x, c, x_hat), "A row x, centred, c, and divided by its root mean square, x̂"),),
    example={"x": [1, 2, 3, 6], "epsilon": "1/2"},
)
