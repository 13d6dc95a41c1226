"""Path expansion of two attention layers.

With its attention patterns held fixed, a transformer of attention layers alone is linear in its tokens. Multiplied out, two layers are a sum over
paths: straight through, through the first layer, through the second, and through both. The last path acts as a head of its own, a virtual
head, whose pattern is the product of two patterns and whose matrix the product of two matrices.
"""

from symformer import Derivation, begin, define, indices, see, sizes, sum, tensor, wrong

n, d = sizes("n d")
i, j, k, a, b, c = indices("i j k a b c")
X = tensor("X", n, d)
A, B = tensor("A", n, n), tensor("B", n, n)
V, W = tensor("V", d, d), tensor("W", d, d)

Y = define("Y", (i, a), X[i, a] + sum(sum(A[i, j] * X[j, b] * V[b, a], b), j))
Z = define("Z", (i, a), Y[i, a] + sum(sum(B[i, j] * Y[j, b] * W[b, a], b), j))
C = define("C", (i, k), sum(B[i, j] * A[j, k], j))
U = define("U", (c, a), sum(V[c, b] * W[b, a], b))

one = sum(sum(A[i, j] * X[j, b] * V[b, a], b), j)
two = sum(sum(B[i, j] * X[j, b] * W[b, a], b), j)

derivation = Derivation(
    __doc__,
    given=(
        X, A, B, V, W,
        "one head in each layer: A and B are the attention patterns of the first and the second, V and W their matrices, value times output. With more heads each "
        "term is a sum over them, and the last a sum over pairs",
    ),
    where=(Y, Z, C, U),
    calc=(
        begin(Z[i, a], "the residual stream after two layers"),
        wrong(X[i, a] + one + two, "as if the second layer read the tokens as they came in"),
        (X[i, a] + one + sum(sum(B[i, j] * Y[j, b] * W[b, a], b), j), "definition of Y, in the first term"),
        (
            X[i, a] + one + two + sum(sum(B[i, j] * sum(sum(A[j, k] * X[k, c] * V[c, b], c), k) * W[b, a], b), j),
            "definition of Y, in what the second layer reads: the tokens, and what the first layer wrote",
        ),
        (X[i, a] + one + two + sum(sum(C[i, k] * X[k, c] * U[c, a], c), k), "exchange the sums; definitions of C and U: the virtual head"),
    ),
    reference=("Elhage et al. 2021, A Mathematical Framework for Transformer Circuits, section on path expansion. One head is ", see("head-as-tensor-product"), "."),
    example={"X": [[1, 0], [0, 1]], "A": [[1, 0], ["1/2", "1/2"]], "B": [[1, 0], ["1/4", "3/4"]], "V": [[1, 1], [0, 1]], "W": [[0, 1], [1, 0]]},
)  # fmt: skip
