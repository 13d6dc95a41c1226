"""The Random Transformer, by hand: from two tokens to layer norm.

Two tokens of width 4 go through two attention heads of width 3, are projected back, added to themselves and normalised.
Every matrix is small enough to check on paper. This is the worked example of Omar Sanseviero's post of that name, with
its own numbers; where the post contradicts itself, a note says so.

The scores are first divided by the root of 3, as they should be, and the softmax saturates: each row has all its weight
on one key. The post then divides by 30 to get weights that can be looked at, and goes on with those.
"""

from symformer import Derivation, define, indices, mean, sizes, softmax, sqrt, sum, tensor

n, d, d_k, H = sizes("n d d_k H")
h, i, j, a, b, c = indices("h i j a b c")
E, PE = tensor("E", n, d), tensor("PE", n, d)
W_Q, W_K, W_V = tensor("W_Q", H, d, d_k), tensor("W_K", H, d, d_k), tensor("W_V", H, d, d_k)
W_O = tensor("W_O", H, d_k, d)

X = define("X", (i, a), E[i, a] + PE[i, a])
Q = define("Q", (h, i, c), sum(X[i, a] * W_Q[h, a, c], a))
K = define("K", (h, i, c), sum(X[i, a] * W_K[h, a, c], a))
V = define("V", (h, i, c), sum(X[i, a] * W_V[h, a, c], a))
S = define("S", (h, i, j), sum(Q[h, i, c] * K[h, j, c], c))
T = define("T", (h, i, j), S[h, i, j] / sqrt(d_k))
A = softmax(T, name="A")
O = define("O", (h, i, c), sum(A[h, i, j] * V[h, j, c], j))
T_30 = define("T_30", (h, i, j), S[h, i, j] / 30)
A_30 = softmax(T_30, name="A_30")
O_30 = define("O_30", (h, i, c), sum(A_30[h, i, j] * V[h, j, c], j))
Z = define("Z", (i, a), sum(sum(O_30[h, i, c] * W_O[h, c, a], c), h))
R = define("R", (i, a), X[i, a] + Z[i, a])
mu = define("mu", i, mean(R[i, b], b))
sigma = define("sigma", i, sqrt(mean((R[i, b] - mu[i]) ** 2, b)))
Y = define("Y", (i, a), (R[i, a] - mu[i]) / (sigma[i] + 0.000001))

derivation = Derivation(
    __doc__,
    given=(E, PE, W_Q, W_K, W_V, W_O, "heads are one more index: the post lays its two heads side by side instead, "
           "which is the same sum"),
    where=(X, Q, K, V, S, T, A, O, T_30, A_30, O_30, Z, R, mu, sigma, Y),
    reference=(
        "Omar Sanseviero, The Random Transformer, 2024, "
        "https://osanseviero.github.io/hackerllama/blog/posts/random_transformer/, cells 2 to 67."
    ),
    decimals=8,
    example={
        "E": [[1, 2, 3, 4], [2, 3, 4, 5]],
        "PE": [[0, 1, 0, 1], [0.84, 0.99, 0, 1]],
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
    notes=(
        "Positional encoding: the post quotes the paper's formula but puts the raw index i into its exponent. The paper's "
        "row for position 1 is (0.8415, 0.5403, 0.0100, 0.99995); the post has (0.84, 0.99, 0, 1). The variant page "
        "uses the paper's.",
        "The entry 0.99 is cos(0.01) = 0.99995 cut off; rounded it would be 1.00. The 3.99 in X depends on it.",
        "The typeset W_Q of head 1 ends in the row 1 1 0, the code in 1 0 0; the printed numbers follow the code, and so "
        "do we.",
        "The typeset W_K of head 2 has the third row 1 0 1, the code 1 1 0; the printed numbers follow the code.",
        "The hand expansion of K writes 4 for 3.99 in several products; its result 9.99 is right.",
        "The divisor 30 is 30 itself and not its root. Later cells of the post go back to the root of 3, so Z here is not "
        "what its encoder_block would compute.",
        "In prose, Z and X + Z differ from the code's in the 8th decimal (by up to 4e-8): they come from a run with "
        "unrounded weights.",
        "The post prints 1.718 for the first normalised entry; it is 1.71888, which rounds to 1.719.",
        "Layer norm: the prose has ε = 0.00001 under the root, the code adds 0.000001 to the deviation. The two differ by "
        "about 1e-7; the printed numbers, and ours, are the code's.",
        "The post's softmax does not subtract the maximum; later cells overflow to NaN for that reason.",
    ),
)  # fmt: skip
