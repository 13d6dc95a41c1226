"""ALiBi needs no distances.

ALiBi subtracts a multiple of the distance i − j from the score of every key up to the query's own. The position of the query is the same for all keys of a
row, so the softmax does not see it: adding the same multiple of the position of the key has the same effect.
"""

from symformer import Derivation, HeatMap, define, exp, indicator, indices, lift, scalar, see, sizes, sum, tensor

n, h, H = sizes("n h H")
i, j, k = indices("i j k")
S = tensor("S", n, n)
m = scalar("m")

A = define("A", (i, j), S[i, j] - m * (i - j))
P = define("P", (i, j), indicator(j, "≤", i) * exp(A[i, j]) / sum(indicator(k, "≤", i) * exp(A[i, k]), k))

derivation = Derivation(
    __doc__,
    given=(S, m.tensor, ("m is the slope of a head: ", 2 ** (-8 * lift(h) / H), " for head h of H, where H is a power of two"), "a query sees the keys up to its own"),
    where=(A, P),
    calc=(
        (P[i, j], "the attention weights with a penalty proportional to the distance"),
        (
            indicator(j, "≤", i) * exp(S[i, j] - m * i + m * j)
            / sum(indicator(k, "≤", i) * exp(S[i, k] - m * i + m * k), k),
            "definitions of A and P",
        ),
        (
            indicator(j, "≤", i) * exp(-m * i) * exp(S[i, j] + m * j)
            / (exp(-m * i) * sum(indicator(k, "≤", i) * exp(S[i, k] + m * k), k)),
            ("factor out ", exp(-m * i), ", which does not depend on k"),
        ),
        (
            indicator(j, "≤", i) * exp(S[i, j] + m * j) / sum(indicator(k, "≤", i) * exp(S[i, k] + m * k), k),
            ("the factor cancels, as in ", see("softmax-shift-invariance")),
        ),
    ),
    reference="Press, Smith & Lewis 2021, arXiv:2108.12409, section 3.",
    pictures=(HeatMap(P, "The attention weights P: row 3 has equal scores, and weights that fall with the distance"),),
    example={"S": [[1, 2, 0], [3, 1, 1], [1, 1, 1]], "m": "1/2"},
)  # fmt: skip
