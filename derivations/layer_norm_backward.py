"""The backward pass of layer norm.

A row's cotangent, times the gain, loses its mean and its component along the normalised row, and is divided by the
spread: the Jacobian is symmetric, so going back removes the same two directions as going forward. Two averages a row
are all that a kernel needs. What reverse mode finds from the definitions of μ to y stands under “where” as dx, dγ and dβ,
and each chain ends there.
"""

from symformer import (
    Derivation,
    begin,
    define,
    delta,
    diff,
    gradient,
    indices,
    mean,
    scalar,
    see,
    sizes,
    sqrt,
    sum,
    tensor,
    wrong,
)

d = sizes("d")
i, j, k = indices("i j k")
x, gamma, beta, dy = tensor("x", d), tensor("gamma", d), tensor("beta", d), tensor("dy", d)
epsilon = scalar("epsilon", kind="positive")

mu = define("mu", (), mean(x[k], k))
v = define("v", (), mean((x[k] - mu[()]) ** 2, k))
sigma = define("sigma", (), sqrt(v[()] + epsilon))
x_hat = define("x_hat", i, (x[i] - mu[()]) / sigma[()])
y = define("y", i, gamma[i] * x_hat[i] + beta[i])
L = define("L", (), sum(dy[i] * y[i], i))
found = gradient(y, [x, gamma, beta], dy)
g, (dx, dgamma, dbeta) = found["dx_hat"], found.outputs

derivation = Derivation(
    __doc__,
    given=(x, gamma, beta, dy, epsilon.tensor, "L is the loss up to first order: its slope in y is dy"),
    where=(mu, v, sigma, x_hat, y, L, g, dx, dgamma, dbeta),
    calc=(
        begin(diff(L[()], gamma[j]), "the gain", "Gain and bias"),
        (sum(dy[i] * delta(i, j) * x_hat[i], i), "an entry of the output holds its own gain only"),
        (dy[j] * x_hat[j], "the delta keeps the term i = j; rows that share a gain add up"),
        (dgamma[j], "what reverse mode finds"),
        begin(diff(L[()], beta[j]), "the bias"),
        (dy[j], "an entry of the output moves with its own bias, by 1"),
        (dbeta[j], "what reverse mode finds"),
        begin(diff(L[()], x[j]), "what we want", "The row"),
        (sum(dy[i] * gamma[i] * diff(x_hat[i], x[j]), i), "chain rule over the row; gain and bias are constants"),
        (sum(g[i] * diff(x_hat[i], x[j]), i), "definition of dx̂"),
        (
            sum(g[i] * (delta(i, j) - 1 / d - x_hat[i] * x_hat[j] / d), i) / sigma[()],
            (see("layer-norm-jacobian"),),
        ),
        ((g[j] - sum(g[i], i) / d - x_hat[j] * sum(g[i] * x_hat[i], i) / d) / sigma[()], "the delta keeps i = j"),
        wrong((g[j] - mean(g[i], i)) / sigma[()], "the spread taken for a constant"),
        ((g[j] - mean(g[i], i) - x_hat[j] * mean(g[i] * x_hat[i], i)) / sigma[()], "a sum over d is an average"),
        (dx[j], "what reverse mode finds"),
        begin(sum(g[j] - mean(g[i], i) - x_hat[j] * mean(g[i] * x_hat[i], i), j) / sigma[()], "the slopes, summed",
              "A shift changes nothing"),
        (-sum(x_hat[j], j) * mean(g[i] * x_hat[i], i) / sigma[()], "less its mean, dx̂ sums to 0"),
        (0, "the normalised row sums to 0"),
    ),
    compiled=found,
    reference="Ba, Kiros & Hinton 2016, arXiv:1607.06450; Xu et al. 2019, arXiv:1911.07013.",
    example={"x": [5, 1, 0], "gamma": [1, 2, 1], "beta": [0, 0, 1], "dy": [1, 0, 2], "epsilon": "1/2"},
)  # fmt: skip
