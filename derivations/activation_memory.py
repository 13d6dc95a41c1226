"""Activation memory of a layer.

What the backward pass needs can be read off the derivative of each definition: the other factor of a product, the result of a
softmax, the input of a norm. With dropout and two bytes for each number that comes to n b (34 d + 5 H n) bytes. Only the last
term grows with the square of the sequence length: it is what selective recomputation saves.
"""

from symformer import (
    Derivation,
    FormulaCurves,
    approx,
    begin,
    count,
    define,
    gelu,
    indices,
    layer_norm,
    lift,
    sizes,
    softmax,
    sqrt,
    sum,
    tensor,
)  # fmt: skip

n, d, H, L, b = sizes("n d H L b")
h, i, j, a, c, f = indices("h i j a c f")
X = tensor("X", n, d)
W_Q, W_K, W_V, W_O = *(tensor(f"W_{kind}", d, H, d / H) for kind in "QKV"), tensor("W_O", H, d / H, d)
W_1, W_2 = tensor("W_1", d, 4 * d), tensor("W_2", 4 * d, d)
gamma_1, beta_1, gamma_2, beta_2 = (tensor(name, d) for name in ("gamma_1", "beta_1", "gamma_2", "beta_2"))
M_P = tensor("M_P", H, n, n, kind="mask")
M_Y, M_F = (tensor(name, n, d, kind="mask") for name in ("M_Y", "M_F"))

N_1 = layer_norm(X, gamma_1, beta_1, name="N_1")
Q, K, V = (define(name, (h, i, c), sum(N_1[i, a] * W[a, h, c], a)) for name, W in (("Q", W_Q), ("K", W_K), ("V", W_V)))
S = define("S", (h, i, j), sum(Q[h, i, c] * K[h, j, c], c) / sqrt(d / H))
P = softmax(S, name="P")
D = define("D", (h, i, j), M_P[h, i, j] * P[h, i, j])
O = define("O", (h, i, c), sum(D[h, i, j] * V[h, j, c], j))
Y = define("Y", (i, a), sum(O[h, i, c] * W_O[h, c, a], h, c))
X_1 = define("X_1", (i, a), X[i, a] + M_Y[i, a] * Y[i, a])
N_2 = layer_norm(X_1, gamma_2, beta_2, name="N_2")
U = define("U", (i, f), sum(N_2[i, a] * W_1[a, f], a))
A = gelu(U, name="A")
F = define("F", (i, a), sum(A[i, f] * W_2[f, a], f))
X_2 = define("X_2", (i, a), X_1[i, a] + M_F[i, a] * F[i, a])

counts = count(X_2, (W_Q, W_K, W_V, W_O, W_1, W_2, gamma_1, beta_1, gamma_2, beta_2), batch=b)
wide, square = lift(n) * b * d, lift(H) * b * lift(n) ** 2

derivation = Derivation(
    __doc__,
    given=(
        X, W_Q, W_K, W_V, W_O, W_1, W_2, gamma_1, beta_1, gamma_2, beta_2, M_P, M_Y, M_F,
        "b sequences of n tokens; two bytes for each number, one for each entry of a dropout mask",
    ),
    where=(N_1, Q, K, V, S, P, D, O, Y, X_1, N_2, U, A, F, X_2),
    calc=(
        begin(
            (2 * wide + 4 * wide + 2 * square + square + 2 * square + 2 * wide + 2 * wide + wide)
            + (2 * wide + 8 * wide + 8 * wide + wide) + 4 * wide,
            ("attention keeps ", N_1[i, a], ", Q and K, P, its mask, D, V, O and the mask of Y; the feed-forward block ",
             N_2[i, a], ", U, A and the mask of F; the norms X and ", X_1[i, a]),
            "Nothing recomputed",
        ),
        (counts.activations(), "add up; the count from the definitions above is the same"),
        (wide * (34 + 5 * (lift(H) * n / lift(d))), "factor out n b d: equation 1 of Korthikanti et al."),
        approx(5 * square, "in long sequences the term with n² dominates", to=(n, "oo"), dropped=34 * wide),
        begin(counts.activations("selective"), "counted without the tensors that have an entry for each pair of tokens", "Selective recomputation"),
        (34 * wide, "what is left of the sum above"),
        begin(1 - lift(34) * wide / (wide * (34 + 5 * (lift(H) * n / lift(d)))), "the fraction that is saved", "What it saves"),
        (5 * lift(H) * n / (34 * lift(d) + 5 * lift(H) * n), "over a common denominator: 70 % for GPT-3, where 5 H n / d = 80, and 65 % for MT-NLG, where it is 64"),
        begin(2 * lift(L) * wide, "with full recomputation only the input of each layer is kept", "Full recomputation"),
        (lift(L) * (2 * lift(n) * b * d), "2 n b d bytes for each of L layers; beside it the activations of the one layer that is recomputed"),
    ),
    notes=(
        "The statistics of the norms, two numbers for each token, are left out: they are computed again from the input of the norm.",
        "Korthikanti et al. (section 4.3) say that embedding and output add less than 0.01 % to the 22B model. By their own "
        "formula, with V = 51200, n = 2048, d = 6144 and L = 48, it is 0.57 %.",
        "The 2.73 GB that they name for the boundaries of the 530B model's stages is 2.734375 GiB.",
    ),
    reference="Korthikanti et al. 2022, arXiv:2205.05198, equation 1, table 2 and section 5.",
    pictures=(FormulaCurves({"nothing recomputed": wide * (34 + 5 * (lift(H) * n / lift(d))), "selective": 34 * wide, "full": 2 * wide}, "Bytes that a layer of width 4096 with 32 heads keeps, for one sequence", "n", (0, 8192), "tokens n", "bytes", {"b": 1, "d": 4096, "H": 32}),),
)  # fmt: skip
