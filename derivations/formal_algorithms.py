"""Formal algorithms for transformers, and where papers differ.

Algorithms 1 to 7 and 14 of Phuong and Hutter, in the paper's conventions: tokens are columns, a weight is (out, in), and layer
norm has no ε. Other papers have tokens as rows, ε under the root or beside it, the sample variance, or a large number in place
of −∞. How much each of these differences matters is derived below.
"""

from symformer import Derivation, begin, define, exp, indices, models, scalar, sizes, sqrt, sum, tends, tensor

d, d_k, n = sizes("d d_k n")
a, c, g, i, j, k = indices("a c g i j k")
conventions = models.Conventions(layout="column", eps="none", norm="post")
WORDS = {
    1: "Algorithm 1: the embedding of the token v.",
    2: "Algorithm 2: the embedding of the position l.",
    3: "Algorithm 3: attention of a single token x to the columns of X.",
    5: "Algorithms 4 and 5: attention of all columns of X to those of Z where the mask is 1, with H heads.",
    6: "Algorithm 6: layer norm.",
    7: "Algorithm 7: from a column to the probabilities of the tokens.",
    14: "Algorithm 14: the probabilities of the next token at temperature τ, from the last column of P_out.",
}
# The paper has e for a token and for a power, v for a token, its value and a variance, q for a query and a probability.
LETTERS = {
    1: {"e": "x_v", "V": "N_V"},
    2: {"e_p": "x_l"},
    3: {"e": "x", "E": "X", "q": "q_x", "k": "K_X", "v": "V_X"},
    6: {"m": "mu", "v": "var"},
    7: {"e": "x", "V": "N_V"},
    14: {"P": "P_out", "p": "p_last", "q": "p_tau", "V": "N_V"},
}
programs = {number: models.algorithm(number, conventions).renamed(LETTERS.get(number, {})) for number in WORDS}
shown = [part for number, words in WORDS.items() for part in (words, *programs[number])]

X, mu = programs[6]["X"], programs[6]["mu"]
W = tensor("W", d_k, d)
X_T, W_T = define("X_T", (i, a), X[a, i]), define("W_T", (a, c), W[c, a])
sigma, epsilon = scalar("sigma", kind="positive"), scalar("epsilon", kind="positive")
u, M, large = tensor("u", n), tensor("M", n, kind="mask"), scalar("C", kind="positive")

derivation = Derivation(
    __doc__,
    given=(
        W, u, M, large.tensor, sigma.tensor, epsilon.tensor,
        "u are the scores of one query, and M is 1 where it sees a key",
        "layer norm without ε is defined where the entries of a token are not all the same; then their standard deviation, σ, is positive",
    ),
    where=(*shown, "Below: X and a weight W, transposed.", X_T, W_T),
    calc=(
        begin(sum(W[c, a] * X[a, i], a), "tokens as columns, weights from the left", "Rows or columns"),
        (sum(X_T[i, a] * W_T[a, c], a), "tokens as rows, weights from the right: each product is the transpose of the other"),
        begin(sum((X[g, i] - mu[i]) ** 2, g) / (d - 1), "the sample variance, as in the Annotated Transformer", "Biased or unbiased"),
        (d / (d - 1) * (sum((X[g, i] - mu[i]) ** 2, g) / d), "d/(d − 1) times the population variance: the output of layer norm is smaller by the factor √((d − 1)/d)"),
        begin(1 / sqrt(sigma**2 + epsilon) - 1 / (sigma + epsilon), "one over σ with ε under the root, minus one over σ with ε beside it", "Where ε stands"),
        tends(0, "both tend to one over σ without ε, where ε is small against the variance", to=(epsilon, 0)),
        begin(
            exp(u[j] - large * (1 - M[j])) / sum(exp(u[k] - large * (1 - M[k])), k),
            "attention weights where hidden scores are lowered by a large number C, in practice 10⁹", "A large number for −∞",
        ),
        (
            exp(u[j]) * (M[j] + (1 - M[j]) * exp(-large)) / sum(exp(u[k]) * (M[k] + (1 - M[k]) * exp(-large)), k),
            "M is 0 or 1: a hidden exponential is not 0, but exp(−C) times what it was",
        ),
    ),
    notes=(
        "With C = 10⁹ a hidden weight is 0 in float32, unless a row sees nothing. Then −∞ gives 0/0, and C gives the softmax of the "
        "hidden scores, as if nothing were masked; in float32 it gives equal weights, since u − 10⁹ loses u to rounding.",
        "A popular implementation of algorithm 6 normalises over all axes at once, and with the sample variance.",
        "Letters are the paper's where one letter keeps one meaning. The paper also writes e for the vector of a token, v for values and for a "
        "variance, m for a mean, and q for the probabilities at a temperature.",
        "Algorithms 8, 9 and 10 are on the next page; 11 to 13 train them.",
    ),
    reference="Phuong & Hutter 2022, arXiv:2207.09238, algorithms 1 to 7 and 14; Rush 2018, The Annotated Transformer.",
)  # fmt: skip
