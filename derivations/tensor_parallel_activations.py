"""Activation memory of a layer on several devices.

State which axes of the parameters are cut: heads and hidden features. Which activations that cuts follows from the definitions,
index by index: 24 n b d bytes and the scores are shared by t devices, 10 n b d are not. Those have no head and no hidden feature,
but positions: with sequence parallelism these are cut instead, and everything is shared.
"""

from symformer import (
    Derivation,
    FormulaCurves,
    begin,
    define,
    gelu,
    indices,
    layer_norm,
    lift,
    see,
    shard,
    sizes,
    softmax,
    sqrt,
    sum,
    tensor,
)  # fmt: skip

n, d, H, L, b, t = sizes("n d H L b t")
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

CUT = "tensor"
cuts = {
    "W_Q": (None, CUT, None), "W_K": (None, CUT, None), "W_V": (None, CUT, None), "W_O": (CUT, None, None),
    "W_1": (None, CUT), "W_2": (CUT, None),
}  # fmt: skip
parameters = (W_Q, W_K, W_V, W_O, W_1, W_2, gamma_1, beta_1, gamma_2, beta_2)
layer = shard(X_2, cuts, parameters, batch=b).layer
wide, square = lift(n) * b * d, lift(H) * b * lift(n) ** 2


def kept(recompute, **degrees):
    """Bytes on one device."""
    return layer.activations(recompute).on_device(degrees)


derivation = Derivation(
    __doc__,
    given=(
        X, W_Q, W_K, W_V, W_O, W_1, W_2, gamma_1, beta_1, gamma_2, beta_2, M_P, M_Y, M_F,
        "b sequences of n tokens, two bytes for each number, one for each entry of a dropout mask; on t devices, the axis of "
        "heads of W_Q, W_K, W_V and W_O and that of hidden features of W_1 and W_2 are cut",
    ),
    where=(N_1, Q, K, V, S, P, D, O, Y, X_1, N_2, U, A, F, X_2),
    calc=(
        begin(
            (4 * wide + 2 * wide + 2 * wide + wide + wide) + (4 * wide + 2 * wide + 2 * wide + 8 * wide + 8 * wide) / t + 5 * square / t,
            ("whole on each device: X and ", X_1[i, a], ", N_1, N_2 and the masks of Y and F; cut: Q and K, V, O, U, A, and P, its mask and D"),
            "Heads and hidden features cut",
        ),
        (kept("none", tensor=t), "add up; the count from what is cut and the definitions is the same"),
        (wide * (10 + 24 / lift(t) + 5 * (lift(H) * n / (lift(d) * t))), "factor out n b d: equation 2 of Korthikanti et al."),
        begin(kept("none", tensor=t, sequence=t), "counted with positions cut where neither heads nor hidden features are", "Positions cut too"),
        (wide / t * (34 + 5 * (lift(H) * n / lift(d))), "factor out: equation 4, one part in t of everything"),
        begin(kept("selective", tensor=t), "counted without the tensors that have an entry for each pair of tokens", "Selective recomputation"),
        (wide * (10 + 24 / lift(t)), "factor out"),
        begin(kept("selective", tensor=t, sequence=t), "the same with positions cut", "Selective recomputation, positions cut"),
        (34 * wide / t, "one part in t: equation 6 for one layer"),
        begin(2 * lift(L) * wide, "full recomputation keeps the input of each layer; it is not cut, since it has neither heads nor hidden features", "Full recomputation"),
        (lift(L) * (2 * lift(n) * b * d), "2 n b d bytes for each of L layers, on each device"),
    ),
    notes=(
        "Transformer Math 101 prints the first two for all L layers.",
        "What is exchanged follows too. A tensor that is whole and meets one that is cut (N_1, N_2) has a gradient that is a sum over "
        "devices, and a sum over a cut index (Y, F) is only a part on each: two all-reduces forward and two backward. With positions "
        "cut each is a reduce-scatter and an all-gather.",
    ),
    reference=("Korthikanti et al. 2022, arXiv:2205.05198, equations 2 to 6 and table 2; on one device it is ", see("activation-memory"), "."),
    pictures=(FormulaCurves({"heads and features cut": 10 + 24 / lift(t), "positions cut too": lift(34) / t}, "Bytes kept for each entry of the stream, with selective recomputation", "t", [1, 2, 3, 4, 6, 8], "devices t", "bytes"),),
)  # fmt: skip
