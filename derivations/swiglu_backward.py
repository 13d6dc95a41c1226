"""SiLU and SwiGLU, backwards.

SiLU is its input times a sigmoid, so by the product rule its derivative is the sigmoid plus the input times the derivative
of the sigmoid. SwiGLU multiplies the SiLU of one projection, the gate, by another projection, entry by entry. The gradient
of each factor is the gradient of the product times the other factor; for the gate, also times the derivative of SiLU. With
three matrices instead of two, it has as many weights as the usual layer if it is two thirds as wide.
"""

from symformer import (
    Derivation,
    HeatMap,
    begin,
    define,
    diff,
    exp,
    indices,
    lift,
    scalar,
    see,
    sigmoid,
    silu,
    sizes,
    sum,
    tensor,
    wrong,
)

n, d, m = sizes("n d m")
i, b, c, f = indices("i b c f")
x = scalar("x")
X, W, V, dH = tensor("X", n, d), tensor("W", d, m), tensor("V", d, m), tensor("dH", n, m)

s = define("s", (), 1 / (1 + exp(-x)))
A = define("A", (i, f), sum(X[i, b] * W[b, f], b))
B = define("B", (i, f), sum(X[i, b] * V[b, f], b))
S = define("S", (i, f), sigmoid(A[i, f]))
H = define("H", (i, f), A[i, f] * S[i, f] * B[i, f])
L = define("L", (), sum(sum(dH[i, f] * H[i, f], f), i))
dA = define("dA", (i, f), dH[i, f] * B[i, f] * S[i, f] * (1 + A[i, f] * (1 - S[i, f])))
dB = define("dB", (i, f), dH[i, f] * A[i, f] * S[i, f])

derivation = Derivation(
    __doc__,
    given=(x.tensor, X, W, V, dH, "L stands for the loss: it is linear in H, with the gradient dH"),
    where=(s, A, B, S, H, L, dA, dB),
    calc=(
        begin(diff(s[()], x), "the derivative of the sigmoid", "SiLU"),
        (exp(-x) * s[()] ** 2, "chain rule"),
        (s[()] * (1 - s[()]), (1 - s[()], " is ", exp(-x) * s[()])),
        begin(diff(silu(x), x), "the derivative of SiLU"),
        (s[()] + x * diff(s[()], x), "product rule"),
        (s[()] * (1 + x * (1 - s[()])), "the chain above; factor out s"),
        begin(diff(L[()], B[i, f]), "the gradient of the linear branch", "SwiGLU"),
        (dH[i, f] * A[i, f] * S[i, f], "H is linear in B"),
        (dB[i, f], "definition of dB"),
        begin(diff(L[()], A[i, f]), "the gradient of the gate"),
        (dH[i, f] * B[i, f] * diff(A[i, f] * S[i, f], A[i, f]), "chain rule; B does not depend on A"),
        wrong(dH[i, f] * B[i, f] * S[i, f], "as if the sigmoid were a constant"),
        (dA[i, f], "the derivative of SiLU"),
        begin(diff(L[()], W[b, f]), "the gradient of W, which enters through A = X W", "The matrices"),
        (sum(X[i, b] * dA[i, f], i), (see("linear-backward"),)),
        begin(diff(L[()], V[b, f]), "the gradient of V, which enters through B = X V"),
        (sum(X[i, b] * dB[i, f], i), "in the same way"),
        begin(diff(L[()], X[i, b]), "the gradient of X, which enters through both"),
        (sum(dA[i, f] * W[b, f], f) + sum(dB[i, f] * V[b, f], f), "the two contributions add up: dX = dA Wᵀ + dB Vᵀ"),
        begin(3 * lift(d) * (lift(8) / 3 * d), "weights of SwiGLU at a width of 8d/3", "As many weights"),
        (8 * lift(d) ** 2, "3 cancels"),
        (2 * lift(d) * (4 * lift(d)), "as many as two matrices have at the usual width of 4d"),
    ),
    reference="Shazeer 2020, arXiv:2002.05202; Elfwing, Uchibe & Doya 2017, arXiv:1702.03118.",
    example={
        "x": 1, "X": [[1, 2], [0, 1]], "W": [[1, 0], [0, 1]], "V": [[1, 1], [0, 1]], "dH": [[1, 0], [0, 1]],
    },
    pictures=(HeatMap(H, "The hidden layer", "token", "feature"),),
)  # fmt: skip
