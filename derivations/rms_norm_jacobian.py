"""Jacobian of RMS norm.

RMS norm removes one degree of freedom, the length of the row, and its Jacobian removes the component along the row. The term
that does so couples every entry with every other; a formula in circulation keeps only its diagonal, and is refuted here.
Along the row itself the derivative is ε/r³: rows that are small against √ε are still stretched, large ones hardly.
"""

from symformer import (
    Derivation,
    HeatMap,
    begin,
    define,
    delta,
    diff,
    gradient,
    indices,
    jacobian,
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
x, gamma, dy = tensor("x", d), tensor("gamma", d), tensor("dy", d)
epsilon = scalar("epsilon", kind="positive")

r = define("r", (), sqrt(mean(x[k] ** 2, k) + epsilon))
x_hat = define("x_hat", i, x[i] / r[()])
J = define("J", (i, j), 1 / r[()] * (delta(i, j) - x[i] * x[j] / (d * r[()] ** 2)))
L = define("L", (), sum(dy[i] * gamma[i] * x_hat[i], i))
(J_found,) = jacobian(x_hat, x, name="J'").outputs
found = gradient(define("y", i, gamma[i] * x_hat[i]), x, dy)
g, dx = found["dx_hat"], found["dx"]

derivation = Derivation(
    __doc__,
    given=(x, gamma, dy, epsilon.tensor, "L stands for the loss: it is linear in the output γ x̂, with the gradient dy"),
    where=(r, x_hat, J, L, J_found, g, dx),
    calc=(
        begin(diff(r[()], x[j]), "how the root mean square changes", "The length"),
        (mean(2 * x[k] * delta(k, j), k) / (2 * r[()]), "chain rule: the derivative of the root"),
        (x[j] / (d * r[()]), "only the term k = j remains; 2 cancels"),
        begin(diff(x_hat[i], x[j]), "how the normalised row changes", "The Jacobian"),
        (delta(i, j) / r[()] - x[i] * diff(r[()], x[j]) / r[()] ** 2, "quotient rule"),
        (delta(i, j) / r[()] - x[i] * x[j] / (d * r[()] ** 3), "the chain above"),
        (J[i, j], "definition of J: factor out 1/r"),
        (J_found[i, j], "what differentiating the definitions of r and x̂ gives, by machine"),
        begin(sum(J[i, j] * x[j], j), "the Jacobian, times the row itself", "The length is removed, up to ε"),
        (
            1 / r[()] * (x[i] - x[i] * mean(x[j] ** 2, j) / r[()] ** 2),
            "of the delta only the term j = i remains",
            "expand",
        ),
        (epsilon * x[i] / r[()] ** 3, "over a common denominator: r² minus the mean square is ε"),
        begin(diff(L[()], x[j]), "the gradient of the row: what a kernel computes", "The backward pass"),
        (sum(g[i] * diff(x_hat[i], x[j]), i), ("chain rule over the entries of x̂, whose gradient is ", g[i])),
        (sum(g[i] * J[i, j], i), "the Jacobian above"),
        wrong(g[j] / r[()] * (1 - x_hat[j] ** 2 / d), "the diagonal of the Jacobian alone"),
        (
            (g[j] - x_hat[j] * mean(g[i] * x_hat[i], i)) / r[()],
            "of the delta only the term i = j remains; the rest is an average along the row",
        ),
        (dx[j], "what reverse mode derives"),
    ),
    reference=("Zhang & Sennrich 2019, arXiv:1910.07467, section 4; compare ", see("layer-norm-jacobian"), "."),
    pictures=(HeatMap(J, "The Jacobian J of the normalised row", "entry", "input"),),
    example={"x": [1, 2, 2], "gamma": [1, 2, 1], "dy": [1, 0, 2], "epsilon": 1},
)
