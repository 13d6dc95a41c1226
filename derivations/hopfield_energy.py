"""Attention is one step of a Hopfield network.

A modern Hopfield network stores patterns and has an energy that is low near each of them: half the squared length of the state minus a smoothed
maximum of its inner products with the patterns. Setting its gradient to 0 gives an update of the state, and that update is attention: the state is the
query, the patterns are keys and values at once.
"""

from symformer import Curves, Derivation, begin, define, diff, exp, indices, log, scalar, see, sizes, sum, tensor, wrong

n, d = sizes("n d")
j, k, c, f = indices("j k c f")
q, X, beta, s = tensor("q", d), tensor("X", n, d), scalar("beta", kind="positive"), scalar("s")

u = define("u", j, exp(beta * sum(q[c] * X[j, c], c)))
p = define("p", j, u[j] / sum(u[k], k))
E = define("E", (), sum(q[c] ** 2, c) / 2 - log(sum(u[j], j)) / beta)
r = define("r", c, sum(p[j] * X[j, c], j))

derivation = Derivation(
    __doc__,
    given=(q, X, beta.tensor, s.tensor, "q is the state, X the stored patterns, β how sharp the maximum is, s the size of a step"),
    where=(u, p, E, r),
    calc=(
        begin(diff(E[()], q[c]), "the gradient of the energy", "The energy"),
        (q[c] - sum(diff(u[j], q[c]), j) / (beta * sum(u[k], k)), "differentiate; chain rule for the logarithm"),
        wrong(q[c] - beta * r[c], "with a factor β that cancels: the 1/β in front of the logarithm is there for that"),
        (q[c] - sum(p[j] * X[j, c], j), ("differentiate the exponentials; ", see("log-sum-exp-gradient"))),
        (q[c] - r[c], "definition of r: the state minus its attention to the patterns"),
        begin(q[c] - s * diff(E[()], q[c]), "a step of gradient descent", "One step"),
        ((1 - s) * q[c] + s * r[c], "the chain above: a residual connection, with s = 1 attention alone"),
        begin(sum(r[c] * (q[c] - diff(E[()], q[c])), c), "the new state times the average pattern", "Where it rests"),
        (sum(r[c] ** 2, c), "the new state is r: the energy is stationary where the state is its own attention"),
    ),
    reference="Ramsauer et al. 2020, Hopfield Networks is All You Need, arXiv:2008.02217, equations 2 and 3; that the energy falls in every step is their theorem 1 and not shown here.",
    pictures=(Curves(E, "The energy as the first entry of the query moves", ("q", 1), (-3, 3), "entry q₁", "energy"),),
    example={"q": [1, 0], "X": [[1, 1], [0, 1]], "beta": 1, "s": "1/2"},
)  # fmt: skip
