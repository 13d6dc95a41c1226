"""The backward pass of a linear layer.

Every other backward pass is built from three rules. The gradient of the input is the gradient of the output times the
transposed weights; the gradient of the weights is the transposed input times the gradient of the output, summed over the
tokens that share the weights; and the gradient of the bias, which is added to every token, sums over all tokens.

Each rule is derived by hand, and the last line of its chain compares it with what reverse mode derives from the definition of
Y: dX, dW and db, as they stand among the definitions. Shapes catch most mistakes, but not where a matrix is square: there a sum over
the wrong axis has the right shape, and is refuted.
"""

from symformer import Derivation, HeatMap, begin, define, delta, diff, gradient, indices, sizes, sum, tensor, wrong

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
    given=(X, W, b, dY, S, u, dT, "L and M stand for losses: they are linear in Y and T, with the gradients dY and dT"),
    where=(Y, L, T, M, dX, dW, db, du),
    calc=(
        begin(diff(L[()], X[j, e]), "the gradient of the input, which enters through Y = X W + b", "dX"),
        (sum(sum(dY[i, f] * diff(Y[i, f], X[j, e]), f), i), "chain rule over all entries of Y"),
        (sum(sum(dY[i, f] * delta(i, j) * W[e, f], f), i), "differentiate: row i of Y is linear in row i of X"),
        (sum(dY[j, f] * W[e, f], f), "only the terms i = j remain: dX = dY Wᵀ"),
        (dX[j, e], "what reverse mode derives"),
        begin(diff(L[()], W[e, c]), "the gradient of the weights, which enter through Y = X W + b", "dW"),
        (sum(sum(dY[i, f] * diff(Y[i, f], W[e, c]), f), i), "chain rule over all entries of Y"),
        (sum(sum(dY[i, f] * X[i, e] * delta(f, c), f), i), "differentiate: column f of Y is linear in column f of W"),
        (sum(X[i, e] * dY[i, c], i), "only the terms f = c remain: dW = Xᵀ dY"),
        (dW[e, c], "what reverse mode derives"),
        begin(diff(L[()], b[c]), "the gradient of the bias, which is added to every row", "db"),
        (sum(sum(dY[i, f] * delta(f, c), f), i), ("chain rule; the derivative of ", Y[i, f], " is ", delta(f, c)),
         "chain rule: db sums over the tokens"),
        (sum(dY[i, c], i), "only the terms f = c remain: db sums over the tokens"),
        (db[c], "what reverse mode derives"),
        begin(diff(M[()], u[k]), "the gradient of a bias on n × n scores, one number for each column", "Where shapes say nothing"),
        (sum(sum(dT[i, j] * delta(j, k), j), i), ("chain rule; the derivative of ", T[i, j], " is ", delta(j, k)),
         "chain rule: the sum down each column"),
        wrong(sum(dT[k, j], j), "the sum along a row: the wrong axis, with the right shape"),
        (sum(dT[i, k], i), "only the terms j = k remain: the sum down a column"),
        (du[k], "what reverse mode derives"),
    ),
    compiled=found,
    reference="Goodfellow, Bengio & Courville 2016, Deep Learning, section 6.5.6.",
    example={
        "X": [[1, 2], [0, 1]], "W": [[1, 0], [2, 1]], "b": [1, 1], "dY": [[1, 0], [2, 3]],
        "S": [[1, 2], [0, 1]], "u": [1, 0], "dT": [[1, 2], [0, 1]],
    },
    pictures=(HeatMap(dW, "The gradient of the weights", "input", "output"),),
)  # fmt: skip
