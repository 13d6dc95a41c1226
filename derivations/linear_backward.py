"""The backward pass of a linear layer.

Three rules that every other backward pass is built from. The input's cotangent goes back through the transposed
weights; the weights' cotangent is inputs times cotangents, summed over the tokens that share the weights; and the
bias, added to each token, collects the cotangents of all tokens. Each is derived twice: by hand, and by reverse mode,
which read the definition of Y and wrote dX, dW and db as they stand under “where”; the last line of each chain says that
the two agree. Shapes catch most mistakes here, but not where a
matrix is square: there a sum over the wrong axis looks right, and is refuted.
"""

from symformer import Derivation, begin, define, delta, diff, gradient, indices, sizes, sum, tensor, wrong

n, d, m = sizes("n d m")
i, j, k, a, c, e, f = indices("i j k a c e f")
X, W, b, dY = tensor("X", n, d), tensor("W", d, m), tensor("b", m), tensor("dY", n, m)
S, u, dT = tensor("S", n, n), tensor("u", n), tensor("dT", n, n)

Y = define("Y", (i, f), sum(X[i, a] * W[a, f], a) + b[f])
L = define("L", (), sum(sum(dY[i, f] * Y[i, f], f), i))
T = define("T", (i, j), S[i, j] + u[j])
M = define("M", (), sum(sum(dT[i, j] * T[i, j], j), i))
found = gradient(Y, [X, W, b], dY)
dX, dW, db = found.outputs
(du,) = gradient(T, u, dT).outputs

derivation = Derivation(
    __doc__,
    given=(X, W, b, dY, S, u, dT, "L and M are losses up to first order: their slopes in Y and T are dY and dT"),
    where=(Y, L, T, M, dX, dW, db, du),
    calc=(
        begin(diff(L[()], X[j, e]), "X enters through Y = X W + b", "dX"),
        (sum(sum(dY[i, f] * diff(Y[i, f], X[j, e]), f), i), "chain rule over all outputs"),
        (sum(sum(dY[i, f] * delta(i, j) * W[e, f], f), i), "an output is linear in its own row of the input"),
        (sum(dY[j, f] * W[e, f], f), "the delta keeps the row i = j: dX = dY Wᵀ"),
        (dX[j, e], "what reverse mode finds"),
        begin(diff(L[()], W[e, c]), "W enters through Y = X W + b", "dW"),
        (sum(sum(dY[i, f] * diff(Y[i, f], W[e, c]), f), i), "chain rule over all outputs"),
        (sum(sum(dY[i, f] * X[i, e] * delta(f, c), f), i), "an output is linear in its own column of the weights"),
        (sum(X[i, e] * dY[i, c], i), "the delta keeps the column f = c: dW = Xᵀ dY"),
        (dW[e, c], "what reverse mode finds"),
        begin(diff(L[()], b[c]), "b is added to every row", "db"),
        (sum(sum(dY[i, f] * delta(f, c), f), i), "an output moves with its own entry of the bias, by 1"),
        (sum(dY[i, c], i), "the delta keeps the column f = c: db sums over the tokens"),
        (db[c], "what reverse mode finds"),
        begin(diff(M[()], u[k]), "a bias on n by n scores, one number for each column", "Where shapes say nothing"),
        (sum(sum(dT[i, j] * delta(j, k), j), i), "a score moves with the bias of its own column, by 1"),
        wrong(sum(dT[k, j], j), "summed along the row: the wrong axis, and of the right shape"),
        (sum(dT[i, k], i), "the delta keeps the column j = k: summed down the column"),
        (du[k], "what reverse mode finds"),
    ),
    compiled=found,
    reference="Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.5.6.",
    example={
        "X": [[1, 2], [0, 1]], "W": [[1, 0], [2, 1]], "b": [1, 1], "dY": [[1, 0], [2, 3]],
        "S": [[1, 2], [0, 1]], "u": [1, 0], "dT": [[1, 2], [0, 1]],
    },
)  # fmt: skip
