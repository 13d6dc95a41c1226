"""SiLU and SwiGLU, backwards.

SiLU is its input times a sigmoid, so its slope is the sigmoid plus what the sigmoid itself gains. SwiGLU multiplies the
SiLU of one projection by another projection, entry by entry; each of the two gets the cotangent times the other one,
and the gate's goes through the slope of SiLU as well. With three matrices instead of two it is as large as the usual
layer if it is two thirds as wide.
"""

from symformer import (
    Derivation,
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

sigma = define("sigma", (), 1 / (1 + exp(-x)))
A = define("A", (i, f), sum(X[i, b] * W[b, f], b))
B = define("B", (i, f), sum(X[i, b] * V[b, f], b))
S = define("S", (i, f), sigmoid(A[i, f]))
H = define("H", (i, f), A[i, f] * S[i, f] * B[i, f])
L = define("L", (), sum(sum(dH[i, f] * H[i, f], f), i))
dA = define("dA", (i, f), dH[i, f] * B[i, f] * S[i, f] * (1 + A[i, f] * (1 - S[i, f])))
dB = define("dB", (i, f), dH[i, f] * A[i, f] * S[i, f])

derivation = Derivation(
    __doc__,
    given=(x.tensor, X, W, V, dH, "L is the loss up to first order: its slope in H is dH"),
    where=(sigma, A, B, S, H, L, dA, dB),
    calc=(
        begin(diff(sigma[()], x), "the slope of the sigmoid", "SiLU"),
        (exp(-x) * sigma[()] ** 2, "chain rule"),
        (sigma[()] * (1 - sigma[()]), ("one minus the sigmoid is ", exp(-x) * sigma[()])),
        begin(diff(silu(x), x), "the slope of SiLU"),
        (sigma[()] + x * diff(sigma[()], x), "product rule"),
        (sigma[()] * (1 + x * (1 - sigma[()])), "the chain above; take out σ"),
        begin(diff(L[()], B[i, f]), "the linear branch", "SwiGLU"),
        (dH[i, f] * A[i, f] * S[i, f], "H is linear in B"),
        (dB[i, f], "definition of dB"),
        begin(diff(L[()], A[i, f]), "the gate"),
        (dH[i, f] * B[i, f] * diff(A[i, f] * S[i, f], A[i, f]), "B does not depend on A"),
        wrong(dH[i, f] * B[i, f] * S[i, f], "the sigmoid taken for a constant"),
        (dA[i, f], "the slope of SiLU"),
        begin(diff(L[()], W[b, f]), "through A = X W", "The matrices"),
        (sum(X[i, b] * dA[i, f], i), (see("linear-backward"),)),
        begin(diff(L[()], V[b, f]), "through B = X V"),
        (sum(X[i, b] * dB[i, f], i), "the same"),
        begin(diff(L[()], X[i, b]), "X enters through both"),
        (sum(dA[i, f] * W[b, f], f) + sum(dB[i, f] * V[b, f], f), "the contributions add up: dX = dA Wᵀ + dB Vᵀ"),
        begin(3 * lift(d) * (lift(8) / 3 * d), "weights of SwiGLU at a width of 8d/3", "As many weights"),
        (8 * lift(d) ** 2, "3 cancels"),
        (2 * lift(d) * (4 * lift(d)), "two matrices at the usual width of 4d"),
    ),
    reference="Shazeer 2020, arXiv:2002.05202; Elfwing, Uchibe & Doya 2017, arXiv:1702.03118.",
    example={
        "x": 1, "X": [[1, 2], [0, 1]], "W": [[1, 0], [0, 1]], "V": [[1, 1], [0, 1]], "dH": [[1, 0], [0, 1]],
    },
)  # fmt: skip
