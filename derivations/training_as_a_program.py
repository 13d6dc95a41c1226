"""Training as a program.

Algorithms 11, 12 and 13 of Phuong and Hutter train their three transformers in the same way: for each text compute the loss, and move all parameters a step against its gradient. They differ in which positions count. As a program this is a loop whose state is the parameters. Here the
transformer is the smallest there is, one column of logits for each token, so that its gradient can be written out.
"""

from symformer import (
    Derivation,
    begin,
    define,
    delta,
    diff,
    exp,
    indices,
    log,
    program,
    scalar,
    scan,
    see,
    sizes,
    sum,
    tensor,
    wrong,
)

N, T, K = sizes("N T K")
a, b, c, t, s = indices("a b c t s")
W, eta = tensor("W", N, N), scalar("eta", kind="positive")
x, y = tensor("x", T, kind="integer", upper=N), tensor("y", T, kind="integer", upper=N)
M = tensor("M", T, kind="mask")
X, Y = tensor("X", K, T, kind="integer", upper=N), tensor("Y", K, T, kind="integer", upper=N)
B = tensor("B", K, T, kind="mask")

P = define("P", (a, t), exp(W[a, x[t]]) / sum(exp(W[c, x[t]]), c))
L = define("L", (), sum(M[t] * (log(sum(exp(W[c, x[t]]), c)) - W[y[t], x[t]]), t))
G = define("G", (a, (b, N)), sum(M[t] * (P[a, t] - delta(y[t], a)) * delta(x[t], b), t))
W_new = define("W_new", (a, b), W[a, b] - eta * G[a, b])
losses = scan(
    {W: W_new}, over=(s, K), start={W: tensor("W_start", N, N)}, each={x: X, y: Y, M: B}, out=L, name="losses"
)

derivation = Derivation(
    __doc__,
    given=(
        W, x, y, M, eta.tensor,
        "x are the T tokens of a text and y what is to be predicted at each: the next token in algorithms 11 and 13, the token that was masked in 12",
        "M is 1 where a position counts: everywhere in 11 and 13, at the masked tokens in 12",
        "the program has K texts X, targets Y and masks B, one for each step: SGD with learning rate η",
    ),
    where=(P, L, G, W_new, *program(losses).statements),
    calc=(
        begin(diff(L[()], W[a, b]), "the gradient of the loss of a text in a parameter", "The gradient"),
        (
            sum(M[t] * (delta(x[t], b) * exp(W[a, b]) / sum(exp(W[c, b]), c) - delta(y[t], a) * delta(x[t], b)), t),
            "differentiate: only positions where the text has token b count",
        ),
        wrong(sum((P[a, t] - delta(y[t], a)) * delta(x[t], b), t), "as if every position counted, also under a mask"),
        (G[a, b], (see("cross-entropy-gradient"), ": probabilities minus 1 for the right token; definition of G")),
        begin(sum(sum(G[a, b] * (W_new[a, b] - W[a, b]), b), a), "the first-order change of the loss in one step: gradient times change of the parameters", "A step"),
        (-eta * sum(sum(G[a, b] ** 2, b), a), "definition of the step: minus a sum of squares, so that for a small enough learning rate the loss falls"),
    ),
    notes=(
        "In algorithm 11 the probabilities also depend on a second text, the source, and in all three a transformer stands where this page has a column of W: the loss, and the step, are the same.",
        "Phuong and Hutter write −log of each probability; here it is the log-sum-exp minus the right logit, which is the same number.",
    ),
    reference=("Phuong & Hutter 2022, arXiv:2207.09238, algorithms 11, 12 and 13. The transformers: ", see("three-transformers"), "."),
)  # fmt: skip
