"""A bias on the keys does nothing.

Adding one vector to every key adds, in each row of scores, the same number to all of them; and softmax does not see a
shift. So a model can drop the bias of its key projection, and lose nothing.
"""

from symformer import Derivation, define, exp, indices, see, sizes, sum, tensor

n, m, d = sizes("n m d")
i, j, k, c = indices("i j k c")
Q, K, b = tensor("Q", n, d), tensor("K", m, d), tensor("b", d)

S = define("S", (i, j), sum(Q[i, c] * K[j, c], c))
r = define("r", i, sum(Q[i, c] * b[c], c))
T = define("T", (i, j), sum(Q[i, c] * (K[j, c] + b[c]), c))

derivation = Derivation(
    __doc__,
    given=(Q, K, b),
    where=(S, r, T),
    calc=(
        (exp(T[i, j]) / sum(exp(T[i, k]), k), "the weights with the bias"),
        (exp(S[i, j] + r[i]) / sum(exp(S[i, k] + r[i]), k), ("the sum splits: ", r[i], " is the same for all keys")),
        (exp(S[i, j]) / sum(exp(S[i, k]), k), (see("softmax-shift-invariance"),)),
    ),
    reference="Follows from shift invariance; some models leave the key bias out for this reason.",
    example={"Q": [[1, 0], [0, 1]], "K": [[1, 1], [0, 1]], "b": [3, 4]},
)
