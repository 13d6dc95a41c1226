"""Prompting as a program.

Algorithms 14 and 15 of Phuong and Hutter continue a text token by token: compute the probabilities of the next token, sharpen or flatten them by a temperature, draw one, and append it. The program here draws by adding Gumbel noise and taking the largest, so that all chance stands in one input. Raising a probability to the power 1/τ is
the same as dividing its logit by τ.
"""

from symformer import (
    Derivation,
    argmax,
    begin,
    define,
    delta,
    exp,
    indices,
    log,
    scalar,
    scan,
    see,
    sizes,
    sum,
    tends,
    tensor,
    wrong,
)

N, K, R, d = sizes("N K R d")
a, b, c, r, j, t = indices("a b c r j t")
W, tau = tensor("W", N, N), scalar("tau", kind="positive")
z, w = tensor("z", N), scalar("w", kind="positive")
x = tensor("x", N)
u = tensor("u", N)

p = define("p", a, exp(z[a]) / sum(exp(z[b]), b))
q = define("q", a, exp(log(p[a]) / tau) / sum(exp(log(p[b]) / tau), b))
s = define("s", a, sum(W[a, b] * x[b], b) / tau + u[a])
k = define("k", (), argmax(s[b], b))
x_new = define("x_new", ((a, N),), delta(k[()], a))
y = scan({x: x_new}, over=(t, K), start={x: tensor("x_start", N)}, each={u: tensor("U", K, N)}, out=k, name="y")

# Algorithm 15: the same with a source z, and token 1, the end, which is never left.
E, V = tensor("E", N, d), tensor("V", N, d)
z_R = tensor("source", R, kind="integer", upper=N)
h = define("h", c, sum(x[b] * E[b, c], b))
v = define("v", r, sum(h[c] * E[z_R[r], c], c))
A = define("A", r, exp(v[r]) / sum(exp(v[j]), (j, R)))
g = define("g", c, h[c] + sum(A[r] * E[z_R[r], c], r))
s_E = define("s_E", a, sum(g[c] * V[a, c], c) / tau + u[a])
k_E = define("k_E", (), argmax(s_E[b], b))
l = tensor("l", kind="integer", upper=N)
x_E = define("x_E", ((a, N),), x[1] * delta(1, a) + (1 - x[1]) * delta(k_E[()], a))
m = define("m", (), x[1] + (1 - x[1]) * k_E[()])
y_E = scan({x: x_E}, over=(t, K), start={x: tensor("x_start", N)}, each={u: tensor("U", K, N)}, out=m, name="y_E")

derivation = Derivation(
    __doc__,
    given=(
        z, tau.tensor, w.tensor, W, u, E, V, z_R, l,
        "z are the logits of the next token, τ the temperature; q are the probabilities p to the power 1/τ, normalised",
        "W holds the logits of the next token after each token, the smallest model there is; u is Gumbel noise, new in each of K steps; x is 1 at the last token and 0 elsewhere, at first that of the prompt",
        "with a source of R tokens: E are embeddings and V the rows that give logits; the last token attends to the source with weights A; token 1 is the end, and after it only ends are written; l stands for any token that is drawn",
    ),
    where=(
        "algorithm 14.", p, q, s, k, x_new, y,
        "algorithm 15: with a source, up to the end.", h, v, A, g, s_E, k_E, x_E, m, y_E,
    ),
    calc=(
        begin(q[a], "the probability of a token at temperature τ", "Powers of probabilities"),
        wrong(exp(z[a]) / sum(exp(z[b] / tau), b), "with the temperature in the denominator alone"),
        (exp(z[a] / tau) / sum(exp(z[b] / tau), b), "the log-sum-exp is the same for all tokens and cancels: the softmax of the logits over τ"),
        begin(1 / (1 + w), "the probability of the larger of two tokens, with w for the exponential of minus the difference of their logits over τ", "Cold"),
        tends(1, "w tends to 0 as τ does: the larger wins, which is greedy decoding", to=(w, 0)),
        begin(sum(x[1] * delta(1, a) + (1 - x[1]) * delta(l[()], a), (a, N)), "the entries of the state after a step of algorithm 15, added up", "One token at a time"),
        (x[1] * sum(delta(1, a), (a, N)) + (1 - x[1]) * sum(delta(l[()], a), (a, N)), "x₁ does not depend on a"),
        (1, "each delta picks one token: the state is always a single one, the end for ever once it was reached"),
    ),
    notes=(
        "Algorithm 15 stops where it draws the end; a loop of a fixed length writes the end again and again, which is the same text. The encoder here encodes a source token as its embedding alone.",
        "A drawn token is the position of the largest of W/τ + u, which has the probabilities q: see the page on the Gumbel-max trick.",
    ),
    reference=("Phuong & Hutter 2022, arXiv:2207.09238, algorithms 14 and 15; ", see("gumbel-max"), "; ", see("temperature"), "."),
)  # fmt: skip
