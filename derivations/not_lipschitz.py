"""Self-attention is not Lipschitz.

In self-attention a token acts three times: as query, key and value. With tokens that are single numbers all three effects can be seen in one line. The effect through the query is the scale times the variance of the tokens under the attention weights.
Tokens can be as far apart as one likes, so this derivative has no bound, and attention on unbounded tokens has no Lipschitz constant.
"""

from symformer import Derivation, begin, define, delta, diff, exp, ge, indices, scalar, see, sizes, sum, tensor, wrong

n = sizes("n")
i, j, k, l = indices("i j k l")
x, a, t = tensor("x", n), scalar("a", kind="positive"), scalar("t", kind="positive")

u = define("u", (i, j), exp(a * x[i] * x[j]))
P = define("P", (i, j), u[i, j] / sum(u[i, k], k))
f = define("f", i, sum(P[i, j] * x[j], j))
v = define("v", i, sum(P[i, j] * (x[j] - f[i]) ** 2, j))

derivation = Derivation(
    __doc__,
    given=(x, a.tensor, t.tensor, "tokens x are single numbers, a is the product of the weights of queries and keys, values are the tokens themselves; t is any positive number"),
    where=(u, P, f, v),
    calc=(
        begin(diff(f[i], x[l]), "how the output of token i changes with token l", "The derivative"),
        (
            P[i, l] + a * P[i, l] * x[i] * (x[l] - f[i]) + delta(i, l) * a * (sum(P[i, j] * x[j] ** 2, j) - f[i] ** 2),
            "product rule: as a value, as a key, and, where it is the token itself, as a query",
        ),
        wrong(P[i, l], "with the attention weights held fixed"),
        (P[i, l] + a * P[i, l] * x[i] * (x[l] - f[i]) + delta(i, l) * a * v[i], "a mean of squares minus a squared mean: the variance"),
        begin(v[i], "the variance", "The query"),
        ge(0, "a sum of squares with positive weights"),
        begin(((-t) ** 2 + t**2) / 3, "the variance of the tokens −t, 0 and t with equal weights: the token 0 gives them, since all its scores are 0", "Without bound"),
        (2 * t**2 / 3, "larger than any bound, for large t"),
    ),
    reference=("Kim, Papamakarios & Mnih 2020, arXiv:2006.04710, theorem 3.1. Matrices of queries and keys: ", see("query-jacobian"), "."),
    example={"x": [1, 0, 2], "a": 1, "t": 2},
)  # fmt: skip
