"""The Random Transformer with the paper's positions.

The same two tokens and the same weights, but the positional encoding is the paper's formula, worked out, and the scores
are divided by the root of the head's width and by nothing else. It shows what the post would print without its two
shortcuts.

In the encoding, o is 1 for the second feature of each pair: the first takes the sine of the pair's angle, the second
the cosine, and the pair's frequency is 10000 to the minus (position of the pair's first feature, from 0) over d.
"""

from symformer import Derivation, cos, define, indices, mean, sin, sizes, softmax, sqrt, sum, tensor

n, d, d_k, H = sizes("n d d_k H")
h, i, j, a, b, c = indices("h i j a b c")
E = tensor("E", n, d)
o = tensor("o", d, kind="mask")
W_Q, W_K, W_V = tensor("W_Q", H, d, d_k), tensor("W_K", H, d, d_k), tensor("W_V", H, d, d_k)
W_O = tensor("W_O", H, d_k, d)

w = define("w", a, 1 / 10000 ** ((a - 1 - o[a]) / d))
theta = define("theta", ((i, n), a), (i - 1) * w[a])
PE = define("PE", ((i, n), a), (1 - o[a]) * sin(theta[i, a]) + o[a] * cos(theta[i, a]))
X = define("X", (i, a), E[i, a] + PE[i, a])
Q = define("Q", (h, i, c), sum(X[i, a] * W_Q[h, a, c], a))
K = define("K", (h, i, c), sum(X[i, a] * W_K[h, a, c], a))
V = define("V", (h, i, c), sum(X[i, a] * W_V[h, a, c], a))
S = define("S", (h, i, j), sum(Q[h, i, c] * K[h, j, c], c) / sqrt(d_k))
A = softmax(S, name="A")
O = define("O", (h, i, c), sum(A[h, i, j] * V[h, j, c], j))
Z = define("Z", (i, a), sum(sum(O[h, i, c] * W_O[h, c, a], c), h))
R = define("R", (i, a), X[i, a] + Z[i, a])
mu = define("mu", i, mean(R[i, b], b))
sigma = define("sigma", i, sqrt(mean((R[i, b] - mu[i]) ** 2, b)))
Y = define("Y", (i, a), (R[i, a] - mu[i]) / (sigma[i] + 0.000001))

derivation = Derivation(
    __doc__,
    given=(E, o, W_Q, W_K, W_V, W_O),
    where=(w, theta, PE, X, Q, K, V, S, A, O, Z, R, mu, sigma, Y),
    reference=(
        "Omar Sanseviero, The Random Transformer, 2024; the encoding and the divisor are those of Vaswani et al. 2017, "
        "arXiv:1706.03762, sections 3.2.1 and 3.5."
    ),
    decimals=6,
    example={
        "E": [[1, 2, 3, 4], [2, 3, 4, 5]],
        "o": [0, 1, 0, 1],
        "W_Q": [[[0, 0, 0], [1, 1, 0], [0, 0, 1], [1, 0, 0]], [[1, 0, 1], [0, 1, 0], [1, 0, 0], [0, 1, 1]]],
        "W_K": [[[1, 0, 1], [0, 1, 0], [1, 0, 1], [0, 1, 0]], [[0, 1, 1], [1, 0, 1], [1, 1, 0], [0, 1, 0]]],
        "W_V": [[[0, 1, 1], [1, 0, 0], [1, 0, 1], [0, 1, 0]], [[1, 0, 0], [0, 1, 1], [0, 0, 1], [1, 0, 0]]],
        "W_O": [
            [
                [0.79445237, 0.1081456, 0.27411536, 0.78394531],
                [0.29081936, -0.36187258, -0.32312791, -0.48530339],
                [-0.36702934, -0.76471963, -0.88058366, -1.73713022],
            ],
            [
                [-0.02305587, -0.64315981, -0.68306653, -1.25393866],
                [0.29077448, -0.04121674, 0.01509932, 0.13149906],
                [0.57451867, -0.08895355, 0.02190485, 0.24535932],
            ],
        ],
    },
)
