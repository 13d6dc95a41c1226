"""The backward pass of RMS norm with its weight.

RMS norm divides a token by the root of its mean square and multiplies by a weight for each feature. The gradient of the weight sums
over tokens; that of the token has the part along the normalised token removed. A popular shortcut keeps the diagonal of the Jacobian
alone and is refuted here.
"""

from symformer import (
    Derivation,
    HeatMap,
    begin,
    define,
    diff,
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

n, d = sizes("n d")
i, b, c = indices("i b c")
x, w, dy, epsilon = tensor("x", n, d), tensor("w", d), tensor("dy", n, d), scalar("epsilon", kind="positive")

r = define("r", i, sqrt(mean(x[i, c] ** 2, c) + epsilon))
u = define("u", (i, c), x[i, c] / r[i])
y = define("y", (i, c), u[i, c] * w[c])
phi = define("phi", (), sum(sum(dy[i, c] * y[i, c], c), i))
g = define("g", (i, c), dy[i, c] * w[c])

derivation = Derivation(
    __doc__,
    given=(x, w, dy, epsilon.tensor, "φ stands for the loss: linear in y, with the gradient dy"),
    where=(r, u, y, phi, g),
    calc=(
        begin(diff(phi[()], w[c]), "the gradient of the weight", "The weight"),
        (sum(dy[i, c] * u[i, c], i), "y is linear in w: sum over the tokens"),
        begin(diff(r[i], x[i, b]), "the derivative of the root mean square", "The root mean square"),
        (u[i, b] / d, "chain rule; 2 cancels"),
        begin(diff(phi[()], x[i, b]), "the gradient of an entry of a token", "The token"),
        (sum(g[i, c] * diff(u[i, c], x[i, b]), c), "chain rule over the entries of the token"),
        (g[i, b] / r[i] - sum(g[i, c] * x[i, c], c) * u[i, b] / d / r[i] ** 2, "quotient rule, and the chain above"),
        wrong(g[i, b] / r[i] * (1 - u[i, b] ** 2), "with the diagonal of the Jacobian alone, as a library's README has it"),
        (1 / r[i] * (g[i, b] - u[i, b] * mean(g[i, c] * u[i, c], c)), "factor out 1 over r; the sum over d is a mean"),
    ),
    reference=("Zhang & Sennrich 2019, arXiv:1910.07467. The whole Jacobian is in ", see("rms-norm-jacobian"), "."),
    example={"x": [[3, 4], [1, 1]], "w": [1, 2], "dy": [[1, 0], [0, 1]], "epsilon": "1/2"},
    pictures=(HeatMap(u, "The normalised rows", "token", "feature"),),
)  # fmt: skip
