"""Low-rank adaptation.

LoRA leaves a weight as it is and learns what is added to it as a product of two thin matrices. Its gradients are those of the whole weight, multiplied by the other factor. B starts at 0,
so the model starts unchanged; then A has no gradient in the first step, and B has one. After training the product can be merged, and costs nothing.
"""

from symformer import Derivation, HeatMap, begin, define, diff, indices, lift, scalar, sizes, sum, tensor, wrong

n, d, m, R = sizes("n d m R")
i, c, f, k = indices("i c f k")
x, W, A, B = tensor("x", n, d), tensor("W", d, m), tensor("A", d, R), tensor("B", R, m)
dY, s = tensor("dY", n, m), scalar("s", kind="positive")

H = define("H", (i, k), sum(x[i, c] * A[c, k], c))
Y = define("Y", (i, f), sum(x[i, c] * W[c, f], c) + s * sum(H[i, k] * B[k, f], k))
phi = define("phi", (), sum(sum(dY[i, f] * Y[i, f], f), i))
G = define("G", (c, f), sum(x[i, c] * dY[i, f], i))

derivation = Derivation(
    __doc__,
    given=(x, W, A, B, dY, s.tensor, "R is the rank and s the scale, α/R; G is the gradient that the whole weight would have; φ stands for the loss, linear in Y with the gradient dY"),
    where=(H, Y, phi, G),
    calc=(
        begin(Y[i, f], "an output", "Merging"),
        (sum(x[i, c] * (W[c, f] + s * sum(A[c, k] * B[k, f], k)), c), "exchange the sums: one weight"),
        begin(diff(phi[()], B[k, f]), "the gradient of B", "B"),
        (s * sum(H[i, k] * dY[i, f], i), "Y is linear in B"),
        (s * sum(A[c, k] * G[c, f], c), "exchange the sums: Aᵀ G"),
        begin(diff(phi[()], A[c, k]), "the gradient of A", "A"),
        wrong(s * sum(G[c, f] * A[c, k], f), "with A in place of B"),
        (s * sum(G[c, f] * B[k, f], f), "G Bᵀ: it is 0 where B is"),
        begin(R * (lift(d) + m) / (lift(d) * m), "learned numbers, over those of the weight", "How few"),
        (R / lift(m) + R / lift(d), "split: one in 256 where d = m = 4096 and R = 8"),
    ),
    reference="Hu et al. 2021, arXiv:2106.09685, equation 3; weights stand to the right of tokens here, so A and B have changed places with the paper's.",
    example={"x": [[1, 2], [0, 1]], "W": [[1, 0], [0, 1]], "A": [[1], [1]], "B": [[0, 0]], "dY": [[1, 0], [0, 1]], "s": 2},
    pictures=(HeatMap(Y, "The output with the adaptation", "token", "feature"),),
)  # fmt: skip
