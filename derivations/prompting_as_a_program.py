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

N, K = sizes("N K")
a, b, t = indices("a b t")
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

derivation = Derivation(
    __doc__,
    given=(
        z, tau.tensor, w.tensor, W, u,
        "z are the logits of the next token, τ the temperature; q are the probabilities p to the power 1/τ, normalised",
        "W holds the logits of the next token after each token, the smallest model there is; u is Gumbel noise, new in each of K steps; x is 1 at the last token and 0 elsewhere, at first that of the prompt",
    ),
    where=(p, q, s, k, x_new, y),
    calc=(
        begin(q[a], "the probability of a token at temperature τ", "Powers of probabilities"),
        wrong(exp(z[a]) / sum(exp(z[b] / tau), b), "with the temperature in the denominator alone"),
        (exp(z[a] / tau) / sum(exp(z[b] / tau), b), "the log-sum-exp is the same for all tokens and cancels: the softmax of the logits over τ"),
        begin(1 / (1 + w), "the probability of the larger of two tokens, with w for the exponential of minus the difference of their logits over τ", "Cold"),
        tends(1, "w tends to 0 as τ does: the larger wins, which is greedy decoding", to=(w, 0)),
    ),
    notes=(
        "Algorithm 15 is the same with the encoded source as a further input of the model, and stops where it draws the token for the end.",
        "A drawn token is the position of the largest of W/τ + u, which has the probabilities q: see the page on the Gumbel-max trick.",
    ),
    reference=("Phuong & Hutter 2022, arXiv:2207.09238, algorithms 14 and 15; ", see("gumbel-max"), "; ", see("temperature"), "."),
)  # fmt: skip
