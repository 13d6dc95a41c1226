"""A gate on the output of attention.

A sigmoid gate multiplies each entry of the output by a number between 0 and 1 that is computed from the query's own token. As a sink
does, it lets a head say nothing; unlike a sink it decides column by column. Backwards the gate scales the gradient of the output, and
its own gradient is the output times the gate times what the gate leaves out.
"""

from symformer import Derivation, HeatMap, begin, define, diff, indices, see, sigmoid, sizes, sum, tensor, wrong

n, d, d_v = sizes("n d d_v")
i, a, f = indices("i a f")
X, W, O, dY = tensor("X", n, d), tensor("W", d, d_v), tensor("O", n, d_v), tensor("dY", n, d_v)

A = define("A", (i, f), sum(X[i, a] * W[a, f], a))
G = define("G", (i, f), sigmoid(A[i, f]))
Y = define("Y", (i, f), G[i, f] * O[i, f])
phi = define("phi", (), sum(sum(dY[i, f] * Y[i, f], f), i))
dA = define("dA", (i, f), dY[i, f] * Y[i, f] * (1 - G[i, f]))

derivation = Derivation(
    __doc__,
    given=(X, W, O, dY, "O is the output of attention, X the tokens from which the gate is made; φ stands for the loss, linear in Y with the gradient dY"),
    where=(A, G, Y, phi, dA),
    calc=(
        begin(diff(phi[()], O[i, f]), "the gradient of the output of attention", "dO"),
        (dY[i, f] * G[i, f], "Y is linear in O"),
        begin(diff(phi[()], A[i, f]), "the gradient of what goes into the gate", "The gate"),
        (dY[i, f] * O[i, f] * diff(G[i, f], A[i, f]), "chain rule"),
        (dY[i, f] * O[i, f] * G[i, f] * (1 - G[i, f]), "the derivative of the sigmoid"),
        wrong(dY[i, f] * Y[i, f] * G[i, f], "with G in place of what it leaves out"),
        (dA[i, f], "definitions of Y and dA: from the gated output, which is kept anyway"),
        begin(diff(phi[()], W[a, f]), "the gradient of the matrix of the gate", "dW"),
        (sum(X[i, a] * dA[i, f], i), (see("linear-backward"),)),
        begin(diff(phi[()], X[i, a]), "the gradient of the tokens, through the gate alone", "dX"),
        (sum(dA[i, f] * W[a, f], f), "in the same way"),
    ),
    reference=("Qiu et al. 2025, Gated Attention for Large Language Models, arXiv:2505.06708. One number for a whole row is ", see("attention-sink"), "."),
    pictures=(HeatMap(G, "The gate G: what it lets through of each entry", "token", "feature"),),
    example={"X": [[1, 0], [1, 1]], "W": [[1, 0], [0, 1]], "O": [[1, 2], [3, 4]], "dY": [[1, 0], [0, 1]]},
)  # fmt: skip
