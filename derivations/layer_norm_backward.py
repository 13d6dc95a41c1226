"""The backward pass of layer norm.

The gradient of a row is the gradient of the output times the gain, minus its mean, minus a multiple of the normalised row,
over σ. The Jacobian is symmetric, so the backward pass removes the two directions that the forward pass removes: the mean
exactly, the one along x̂ up to ε. A kernel needs two averages for each row.

Each chain by hand ends in what reverse mode derives from the definitions of μ to y: dx, dγ and dβ, whose formulas stand
among the definitions.
"""

from symformer import (
    Bars,
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
g, dsigma, dv, dmu = (found[name] for name in ("dx_hat", "dsigma", "dv", "dmu"))
dx, dgamma, dbeta = found.outputs

derivation = Derivation(
    __doc__,
    given=(x, gamma, beta, dy, epsilon.tensor, "L stands for the loss: it is linear in y, with the gradient dy"),
    where=(mu, v, sigma, x_hat, y, L, g, dsigma, dv, dmu, dx, dgamma, dbeta),
    calc=(
        begin(diff(L[()], gamma[j]), "the gradient of the gain", "Gain and bias"),
        (sum(dy[i] * delta(i, j) * x_hat[i], i), ("chain rule: ", y[i], " depends on ", gamma[i], " alone among the gains")),
        (dy[j] * x_hat[j], "only the term i = j remains; with several rows, the rows add up"),
        (dgamma[j], "what reverse mode derives"),
        begin(diff(L[()], beta[j]), "the gradient of the bias"),
        (dy[j], ("chain rule: the derivative of ", y[i], " is ", delta(i, j))),
        (dbeta[j], "what reverse mode derives"),
        begin(diff(L[()], x[j]), "the gradient of the row", "The row"),
        (sum(dy[i] * gamma[i] * diff(x_hat[i], x[j]), i), "chain rule over the entries of y; gain and bias do not depend on x"),
        (sum(g[i] * diff(x_hat[i], x[j]), i), "definition of dx̂"),
        (
            sum(g[i] * (delta(i, j) - 1 / d - x_hat[i] * x_hat[j] / d), i) / sigma[()],
            (see("layer-norm-jacobian"),),
        ),
        ((g[j] - sum(g[i], i) / d - x_hat[j] * sum(g[i] * x_hat[i], i) / d) / sigma[()], "expand: of the delta only the term i = j remains"),
        wrong((g[j] - mean(g[i], i)) / sigma[()], "as if σ were a constant"),
        ((g[j] - mean(g[i], i) - x_hat[j] * mean(g[i] * x_hat[i], i)) / sigma[()], "a sum over d entries, divided by d, is their average"),
        (dx[j], "what reverse mode derives"),
        begin(sum(g[j] - mean(g[i], i) - x_hat[j] * mean(g[i] * x_hat[i], i), j) / sigma[()], "the sum of the gradient over the row: the effect of a shift",
              "A shift changes nothing"),
        (-sum(x_hat[j], j) * mean(g[i] * x_hat[i], i) / sigma[()], "dx̂ minus its mean sums to 0"),
        (0, "the normalised row sums to 0"),
    ),
    compiled=found,
    reference="Ba, Kiros & Hinton 2016, arXiv:1607.06450; Xu et al. 2019, arXiv:1911.07013.",
    pictures=(Bars((dy, dx), "What comes in, and what is left of it: dx sums to 0"),),
    example={"x": [5, 1, 0], "gamma": [1, 2, 1], "beta": [0, 0, 1], "dy": [1, 0, 2], "epsilon": "1/2"},
)  # fmt: skip
