"""Formal algorithms for transformers, and where papers differ.

Algorithms 1 to 7 and 14 of Phuong and Hutter, as the paper has them: tokens are columns, a weight is (out, in), layer
norm has no ε. Other papers write the same with tokens as rows, with ε under the root or beside it, with the deviation of
a sample, with a large number where this has −∞. What these differences amount to is derived below.
"""

from symformer import Derivation, begin, define, exp, indices, models, scalar, sizes, sqrt, sum, tends, tensor

n, d, d_k = sizes("n d d_k")
a, b, c, i, j, k = indices("a b c i j k")
conventions = models.Conventions(layout="column", eps="none", norm="post")
WORDS = {
    1: "Algorithm 1: the embedding of the token v.",
    2: "Algorithm 2: the embedding of the place l.",
    3: "Algorithm 3: what a single query finds in the columns of E.",
    5: "Algorithms 4 and 5: attention of all columns of X to those of Z, head by head, where a mask lets them.",
    6: "Algorithm 6: layer norm.",
    7: "Algorithm 7: from a column to the words that may come next.",
    14: "Algorithm 14: the same at temperature τ, when a text is continued.",
}
shown = [part for number, words in WORDS.items() for part in (words, *models.algorithm(number, conventions))]

X, W = tensor("X", n, d), tensor("W", d, d_k)
X_T, W_T = define("X_T", (a, i), X[i, a]), define("W_T", (c, a), W[a, c])
v = scalar("v", kind="positive")
epsilon = scalar("epsilon", kind="positive")
s, M, mass = tensor("s", n), tensor("M", n, kind="mask"), scalar("c", kind="positive")
x = tensor("x", d)
mu = define("mu", (), sum(x[b], b) / d)

derivation = Derivation(
    __doc__,
    given=(
        X, W, x, s, M, mass.tensor, v.tensor, epsilon.tensor,
        "for layer norm without ε, a row whose entries are not all the same",
    ),
    where=(*shown, "Below: X and W transposed, and the mean of a row.", X_T, W_T, mu),
    calc=(
        begin(sum(W_T[c, a] * X_T[a, i], a), "weights from the left, tokens as columns", "Rows or columns"),
        (sum(X[i, a] * W[a, c], a), "tokens as rows, weights from the right: one is the other transposed"),
        begin(sum((x[a] - mu[()]) ** 2, a) / (d - 1), "the variance of a sample, as in the Annotated Transformer", "Biased or unbiased"),
        (d / (d - 1) * (sum((x[a] - mu[()]) ** 2, a) / d), "a little larger than the population's: the output is smaller by √((d − 1)/d)"),
        begin(1 / sqrt(v + epsilon) - 1 / (sqrt(v) + epsilon), "ε under the root, and beside it", "Where ε stands"),
        tends(0, "both are the form without ε once ε is small against the variance", to=(epsilon, 0)),
        begin(
            exp(s[j] - mass * (1 - M[j])) / sum(exp(s[k] - mass * (1 - M[k])), k),
            "hidden scores lowered by a large number c, in practice 10⁹", "A large number for −∞",
        ),
        (
            exp(s[j]) * (M[j] + (1 - M[j]) * exp(-mass)) / sum(exp(s[k]) * (M[k] + (1 - M[k]) * exp(-mass)), k),
            "M is 0 or 1: a hidden weight is not 0, but exp(−c) of what it was",
        ),
    ),
    notes=(
        "With c = 10⁹ the hidden weight is below what float32 can hold, unless a row sees nothing: then −∞ gives 0/0 and c "
        "gives the softmax of the hidden scores, as if nothing were masked.",
        "A popular implementation of algorithm 6 normalises over all axes at once, and with the deviation of a sample.",
        "Algorithms 8, 9 and 10 are on the next page; 11 to 13 train them.",
    ),
    reference="Phuong & Hutter 2022, arXiv:2207.09238, algorithms 1 to 7 and 14; Rush 2018, The Annotated Transformer.",
)  # fmt: skip
