"""Formal algorithms for transformers, and where papers differ.

Algorithms 1 to 7 and 14 of Phuong and Hutter, in the paper's conventions: tokens are columns, a weight is (out, in), and layer
norm has no ε. Other papers have tokens as rows, ε under the root or beside it, the sample variance, or a large number in place
of −∞. How much each of these differences matters is derived below.
"""

from symformer import Derivation, begin, define, exp, indices, models, scalar, sizes, sqrt, sum, tends, tensor

n, d, d_k = sizes("n d d_k")
a, b, c, i, j, k = indices("a b c i j k")
conventions = models.Conventions(layout="column", eps="none", norm="post")
WORDS = {
    1: "Algorithm 1: the embedding of the token v.",
    2: "Algorithm 2: the embedding of the position l.",
    3: "Algorithm 3: attention of a single token e to the columns of E.",
    5: "Algorithms 4 and 5: attention of all columns of X to those of Z where the mask is 1, with H heads.",
    6: "Algorithm 6: layer norm.",
    7: "Algorithm 7: from a column to the probabilities of the tokens.",
    14: "Algorithm 14: the probabilities of the next token at temperature τ, from the last column of P.",
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
        "layer norm without ε is defined where the entries of a token are not all the same; then its variance v, the square of σ, is positive",
    ),
    where=(*shown, "Below: X and W transposed, and the mean of a row.", X_T, W_T, mu),
    calc=(
        begin(sum(W_T[c, a] * X_T[a, i], a), "tokens as columns, weights from the left", "Rows or columns"),
        (sum(X[i, a] * W[a, c], a), "tokens as rows, weights from the right: each product is the transpose of the other"),
        begin(sum((x[a] - mu[()]) ** 2, a) / (d - 1), "the sample variance, as in the Annotated Transformer", "Biased or unbiased"),
        (d / (d - 1) * (sum((x[a] - mu[()]) ** 2, a) / d), "d/(d − 1) times the population variance: the output of layer norm is smaller by the factor √((d − 1)/d)"),
        begin(1 / sqrt(v + epsilon) - 1 / (sqrt(v) + epsilon), "one over σ with ε under the root, minus one over σ with ε beside it", "Where ε stands"),
        tends(0, "both tend to one over σ without ε, where ε is small against the variance", to=(epsilon, 0)),
        begin(
            exp(s[j] - mass * (1 - M[j])) / sum(exp(s[k] - mass * (1 - M[k])), k),
            "attention weights where hidden scores are lowered by a large number c, in practice 10⁹", "A large number for −∞",
        ),
        (
            exp(s[j]) * (M[j] + (1 - M[j]) * exp(-mass)) / sum(exp(s[k]) * (M[k] + (1 - M[k]) * exp(-mass)), k),
            "M is 0 or 1: a hidden exponential is not 0, but exp(−c) times what it was",
        ),
    ),
    notes=(
        "With c = 10⁹ a hidden weight is 0 in float32, unless a row sees nothing. Then −∞ gives 0/0, and c gives the softmax of the "
        "hidden scores, as if nothing were masked; in float32 it gives equal weights, since s − 10⁹ loses s to rounding.",
        "A popular implementation of algorithm 6 normalises over all axes at once, and with the sample variance.",
        "Algorithms 8, 9 and 10 are on the next page; 11 to 13 train them.",
    ),
    reference="Phuong & Hutter 2022, arXiv:2207.09238, algorithms 1 to 7 and 14; Rush 2018, The Annotated Transformer.",
)  # fmt: skip
