"""The backward pass of an embedding, and tied weights.

An embedding looks up a row of a matrix for each token. Backwards each row collects the gradients of all places where its token stands:
a scatter-add, in which repeated tokens add up. Where the same matrix also turns the last states into logits, its gradient is the sum of
both uses, one sparse and one dense.
"""

from symformer import Derivation, begin, define, delta, diff, exp, indices, log, see, sizes, sum, tensor, wrong

n, N, d = sizes("n N d")
i, a, b, c = indices("i a b c")
E, dX, H = tensor("E", N, d), tensor("dX", n, d), tensor("H", n, d)
x, y = tensor("x", n, kind="integer", upper=N), tensor("y", n, kind="integer", upper=N)

X = define("X", (i, c), E[x[i], c])
phi = define("phi", (), sum(sum(dX[i, c] * X[i, c], c), i))
Z = define("Z", (i, a), sum(H[i, c] * E[a, c], c))
P = define("P", (i, a), exp(Z[i, a]) / sum(exp(Z[i, b]), b))
L = define("L", (), sum(log(sum(exp(Z[i, b]), b)) - Z[i, y[i]], i))

derivation = Derivation(
    __doc__,
    given=(
        E, x, dX, H, y,
        "x are the tokens of a text and y those that follow; E has a row for each token of the vocabulary; H are the last states",
        "φ stands for the loss as far as it depends on the embedded tokens X, linear with the gradient dX; L is the cross-entropy of the logits Z",
    ),
    where=(X, phi, Z, P, L),
    calc=(
        begin(diff(phi[()], E[a, c]), "the gradient of the embedding", "Looking up"),
        wrong(sum(dX[i, c], i), "as if each row were used in every place"),
        (sum(dX[i, c] * delta(x[i], a), i), "only the places i where token a stands count: a scatter-add"),
        begin(diff(L[()], E[a, c]), "the gradient of the same matrix, used as the last layer", "The last layer"),
        (sum(H[i, c] * (P[i, a] - delta(y[i], a)), i), (see("cross-entropy-gradient"), ": a logit has the gradient P minus 1 for the right token")),
        begin(diff(phi[()] + L[()], E[a, c]), "the gradient where both are one matrix", "Tied weights"),
        (sum(dX[i, c] * delta(x[i], a), i) + sum(H[i, c] * (P[i, a] - delta(y[i], a)), i), "the two add up: few rows have the first term, all have the second"),
    ),
    reference="Press & Wolf 2016, Using the Output Embedding to Improve Language Models, arXiv:1608.05859.",
    example={"E": [[1, 0], [0, 1], [1, 1]], "x": [1, 3], "y": [3, 1], "dX": [[1, 2], [0, 1]], "H": [[1, 0], [1, 1]]},
)  # fmt: skip
