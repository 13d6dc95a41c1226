"""Training a transformer, attention and all.

Algorithms 11, 12 and 13 of Phuong and Hutter on transformers with one head: a decoder that predicts the next token, an encoder that fills in masked ones, which differs from it in two masks alone, and a decoder that also attends to a source. The gradients are those of reverse mode, and a step of SGD
subtracts them from all parameters. The whole is a loop over texts whose state is the parameters.
"""

from symformer import (
    Derivation,
    begin,
    define,
    delta,
    diff,
    exp,
    gradient,
    indices,
    log,
    scalar,
    scan,
    see,
    sizes,
    sum,
    tensor,
    wrong,
)

N, T, R, K, d = sizes("N T R K d")
a, b, c, g, t, u, s, r, k = indices("a b c g t u s r k")
E, U, Q, V = tensor("E", N, d), tensor("U", N, d), tensor("W_QK", d, d), tensor("W_VO", d, d)
C, F = tensor("W_QK_X", d, d), tensor("W_VO_X", d, d)
x, y = tensor("x", T, kind="integer", upper=N), tensor("y", T, kind="integer", upper=N)
z = tensor("z", R, kind="integer", upper=N)
A, M = tensor("A", T, T, kind="mask", sees=True), tensor("M", T, kind="mask")
h, eta = tensor("h", T, d), scalar("eta", kind="positive")

S = define("S", (t, u), sum(sum(E[x[t], c] * Q[c, g], c) * E[x[u], g], g))
P = define("P", (t, u), A[t, u] * exp(S[t, u]) / sum(A[t, s] * exp(S[t, s]), s))
H = define("H", (t, g), E[x[t], g] + sum(P[t, u] * sum(E[x[u], c] * V[c, g], c), u))
S_X = define("S_X", (t, r), sum(sum(H[t, c] * C[c, g], c) * E[z[r], g], g))
P_X = define("P_X", (t, r), exp(S_X[t, r]) / sum(exp(S_X[t, s]), (s, R)))
H_X = define("H_X", (t, g), H[t, g] + sum(P_X[t, r] * sum(E[z[r], c] * F[c, g], c), r))


def loss(name, state):
    """Logits and the loss of the positions that count, from the last states."""
    logits = define(f"Z{name}", (t, a), sum(state[t, c] * U[a, c], c))
    terms = log(sum(exp(logits[t, b]), b)) - logits[t, y[t]]
    return logits, define(f"L{name}", (), sum(M[t] * terms, t))


def trained(name, found, weights):
    """A step of SGD on these parameters, and the loop over K texts."""
    slopes = gradient(found, list(weights)).outputs
    new = {
        one: define(f"{one.name}_new{name}", (a, b), one[a, b] - eta * slope[a, b])
        for one, slope in zip(weights, slopes, strict=True)
    }
    texts = {
        x: tensor("X", K, T, kind="integer", upper=N), y: tensor("Y", K, T, kind="integer", upper=N),
        A: tensor("A_all", K, T, T, kind="mask", sees=True), M: tensor("M_all", K, T, kind="mask"),
    }  # fmt: skip
    texts |= {z: tensor("Z_all", K, R, kind="integer", upper=N)} if name else {}
    start = {one: tensor(f"{one.name}_start", *one.shape) for one in weights}
    return scan(new, over=(k, K), start=start, each=texts, out=found, name=f"losses{name}")


Z, L = loss("", H)
Z_X, L_X = loss("_X", H_X)
losses = trained("", L, (E, Q, V, U))
losses_X = trained("_X", L_X, (E, Q, V, C, F, U))
Z_h, L_h = loss("_h", h)
p = define("p", (t, a), exp(Z_h[t, a]) / sum(exp(Z_h[t, b]), b))

derivation = Derivation(
    __doc__,
    given=(
        E, U, Q, V, C, F, x, y, z, A, M, h, eta.tensor,
        "E holds the embeddings of N tokens and U the rows that give logits; W_QK and W_VO are the products of a head's matrices, with X those of its attention to the source",
        "x are the T tokens of a text, y what is to be predicted at each, z the R tokens of a source; A is 1 where position t sees position u, M where the loss counts position t",
        "algorithm 13: y is the next token, A the causal mask, and M is 1; algorithm 12: y is the token that was masked in x, A is 1 everywhere, and M is 1 at the masked tokens; algorithm 11: as 13, with a source",
        "the programs have K texts, one for each step of SGD with learning rate η",
    ),
    where=(
        "attention, logits and loss: algorithms 12 and 13.", S, P, H, Z, L, losses,
        "the same with attention to a source: algorithm 11.", S_X, P_X, H_X, Z_X, L_X, losses_X,
        "The last layer by itself.", Z_h, L_h, p,
    ),
    calc=(
        begin(diff(L_h[()], U[a, c]), "the gradient of the loss in the last matrix, with h for the last states, whatever layers gave them", "One of the gradients"),
        wrong(sum((p[t, a] - delta(y[t], a)) * h[t, c], t), "as if every position counted"),
        (sum(M[t] * (p[t, a] - delta(y[t], a)) * h[t, c], t), (see("cross-entropy-gradient"), ": probabilities minus 1 for the right token, times the last states")),
        begin(sum(diff(L_h[()], U[a, c]), a), "added up over all tokens", "All tokens together"),
        (sum(M[t] * (sum(p[t, a], a) - 1) * h[t, c], t), "the chain above; only one token is right"),
        (0, "the probabilities sum to 1: what one row of U gains, others lose"),
    ),
    notes=(
        "Phuong and Hutter train transformers of many layers and heads, with layer norm, feed-forward networks and positions; the loss and the step are these. A layer more is a layer more in the program: reverse mode writes its gradient.",
        "The encoder here encodes a source token as its embedding alone.",
    ),
    reference=("Phuong & Hutter 2022, arXiv:2207.09238, algorithms 11, 12 and 13. The smallest case: ", see("training-as-a-program"), "; the whole architectures: ", see("three-transformers"), "."),
)  # fmt: skip
