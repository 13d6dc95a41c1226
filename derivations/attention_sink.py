"""The attention sink and softmax off by one.

A sink is one more score in the denominator of the softmax, with no value of its own: a head that has nothing to say gives its
weight to the sink instead of to some token. In gpt-oss it is a learned number b for each head; with b = 0 it is the softmax with
1 added to the denominator. The output is that of plain attention times a sigmoid: that of
the log-sum-exp of the scores minus b.
"""

from symformer import (
    Derivation,
    HeatMap,
    begin,
    define,
    diff,
    exp,
    indices,
    log,
    scalar,
    see,
    sizes,
    sum,
    tends,
    tensor,
    wrong,
)

n, m, d_v = sizes("n m d_v")
i, j, k, f = indices("i j k f")
S, V, b, t = tensor("S", n, m), tensor("V", m, d_v), scalar("b"), scalar("t", kind="positive")
dO, dL = tensor("dO", n, d_v), tensor("dL", n)

Z = define("Z", i, exp(b) + sum(exp(S[i, k]), k))
P = define("P", (i, j), exp(S[i, j]) / Z[i])
p = define("p", i, exp(b) / Z[i])
O = define("O", (i, f), sum(P[i, j] * V[j, f], j))
L = define("L", i, log(Z[i]))
dP = define("dP", (i, j), sum(dO[i, f] * V[j, f], f))
D = define("D", i, sum(P[i, j] * dP[i, j], j))
phi = define("phi", i, sum(dO[i, f] * O[i, f], f) + dL[i] * L[i])

derivation = Derivation(
    __doc__,
    given=(
        S, V, b.tensor, t.tensor, dO, dL,
        "b is the sink of the head, and p is the weight that it takes in each row",
        "φ is what row i adds to the loss: linear in O and in L, the log-sum-exp with the sink, with the gradients dO and dL; where nothing reads L, dL is 0",
    ),
    where=(Z, P, p, O, L, dP, D, phi),
    calc=(
        begin(sum(P[i, j], j), "the weights of all tokens together", "Weights"),
        wrong(1, "as without a sink"),
        (1 - p[i], "what the sink leaves"),
        begin(O[i, f], "the output with a sink", "As a gate"),
        (
            sum(exp(S[i, k]), k) / Z[i] * (sum(exp(S[i, j]) * V[j, f], j) / sum(exp(S[i, k]), k)),
            "multiply and divide by the sum of exponentials",
        ),
        (
            1 / (1 + exp(b) / sum(exp(S[i, k]), k)) * (sum(exp(S[i, j]) * V[j, f], j) / sum(exp(S[i, k]), k)),
            "the sigmoid of the log-sum-exp minus b: any kernel that returns both can be given a sink afterwards",
        ),
        begin(t * exp(S[i, j]) / (1 + sum(t * exp(S[i, k]), k)), "softmax off by one, b = 0, with all scores lowered by log 1/t", "Off by one"),
        tends(0, "the 1 stays: a head can say nothing, where a softmax would not have changed", to=(t, 0)),
        begin(diff(phi[i], S[i, j]), "the gradient of a score", "dS"),
        (sum(dP[i, k] * diff(P[i, k], S[i, j]), k) + dL[i] * P[i, j], "chain rule: through row i of P, and through L"),
        (P[i, j] * (dP[i, j] - D[i] + dL[i]), "as without a sink, except that P and D are those with the sink"),
        begin(diff(P[i, j], b), "how a weight changes with the sink, which is in the denominator alone", "The sink"),
        (-P[i, j] * p[i], "quotient rule"),
        begin(diff(L[i], b), "how the log-sum-exp changes", "Its log-sum-exp"),
        (p[i], "chain rule"),
        begin(diff(phi[i], b), "the gradient of the sink, from row i", "db"),
        (sum(dP[i, j] * diff(P[i, j], b), j) + dL[i] * diff(L[i], b), "chain rule"),
        (-sum(dP[i, j] * P[i, j] * p[i], j) + dL[i] * p[i], "the chains above"),
        wrong(-p[i] * D[i], "the gradient of the log-sum-exp forgotten"),
        (p[i] * (dL[i] - D[i]), "definition of D: the weight of the sink, times what a value of 0 would get; db is the sum over all rows"),
    ),
    reference=(
        "OpenAI 2025, gpt-oss-120b & gpt-oss-20b Model Card, arXiv:2508.10925, section 2.2; Miller 2023, Attention Is Off By One; Xiao et al. 2023, "
        "arXiv:2309.17453. The gradient is asked for in Dao-AILab/flash-attention issues 1797, 1895 and 1973. The term dL is in ",
        see("attention-with-log-sum-exp"), ".",
    ),
    pictures=(HeatMap(P, "The attention weights P: what a row lacks to 1 is taken by the sink"),),
    example={"S": [[1, 2], [0, 1]], "V": [[1, 2], [3, 4]], "b": 1, "t": 1, "dO": [[1, 0], [0, 1]], "dL": [0, 1]},
)  # fmt: skip
