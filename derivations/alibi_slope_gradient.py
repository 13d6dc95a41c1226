"""The gradient of a learned slope of ALiBi.

ALiBi subtracts from each score the distance of query and key times a factor of the head. The factors are usually fixed; where they are learned,
each has one gradient for the whole head: minus the sum of dS times the distances. Since the rows of dS sum to 0, the position of
the query drops out, and only that of the key is needed.
"""

from symformer import (
    Derivation,
    HeatMap,
    begin,
    define,
    diff,
    exp,
    indicator,
    indices,
    lift,
    scalar,
    see,
    sizes,
    sum,
    tensor,
    wrong,
)

n, d_v = sizes("n d_v")
i, j, k, f = indices("i j k f")
T, V, dO, s = tensor("T", n, n), tensor("V", n, d_v), tensor("dO", n, d_v), scalar("s")

S = define("S", (i, j), T[i, j] - s * (lift(i) - lift(j)))
Z = define("Z", i, sum(indicator(k, "≤", i) * exp(S[i, k]), k))
P = define("P", (i, j), indicator(j, "≤", i) * exp(S[i, j]) / Z[i])
phi = define("phi", (), sum(sum(dO[i, f] * sum(P[i, j] * V[j, f], j), f), i))
dP = define("dP", (i, j), sum(dO[i, f] * V[j, f], f))
D = define("D", i, sum(P[i, j] * dP[i, j], j))
dS = define("dS", (i, j), P[i, j] * (dP[i, j] - D[i]))

derivation = Derivation(
    __doc__,
    given=(T, V, dO, s.tensor, "T are the scores without a bias, s is the slope of a head; a query sees the keys up to its own; φ stands for the loss"),
    where=(S, Z, P, phi, dP, D, dS),
    calc=(
        begin(sum(dS[i, j], j), "the sum of a row of dS", "Rows"),
        (D[i] - D[i] * sum(P[i, j], j), "definitions of dS and D"),
        (0, "weights sum to 1"),
        begin(diff(phi[()], s), "the gradient of the slope of a head", "One number for a head"),
        (-sum(sum(dS[i, j] * (lift(i) - lift(j)), j), i), ("s enters every score, times minus the distance: ", see("learned-attention-bias"))),
        (sum(sum(dS[i, j] * lift(j), j), i) - sum(lift(i) * sum(dS[i, j], j), (i, n)), "split the sum"),
        wrong(sum(lift(i) * sum(dS[i, j], j), (i, n)), "the position of the query kept, that of the key dropped"),
        (sum(sum(dS[i, j] * lift(j), j), i), "the rows of dS sum to 0"),
    ),
    reference=("Press, Smith & Lewis 2021, arXiv:2108.12409, section 3; with s fixed: ", see("alibi"), "."),
    pictures=(HeatMap(P, "The attention weights P"), HeatMap(dS, "The gradient dS of the scores"),),
    example={"T": [[1, 2], [0, 1]], "V": [[1, 2], [3, 4]], "dO": [[1, 0], [0, 1]], "s": "1/2"},
)  # fmt: skip
