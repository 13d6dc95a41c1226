"""A bias on the keys cancels.

Adding one vector to every key adds the same number to all scores of a row, and the softmax does not see a shift. So where
scores are inner products of queries and keys, a model can drop the bias of its key projection without changing any output.

Not so with rotary positions: they turn the bias by the position of its key, so that each key gets a number of its own. Nor
where keys are normalised after the bias is added, or scores are capped before the softmax.
"""

from symformer import Derivation, HeatMap, define, exp, indices, see, sizes, sum, tensor

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
        (exp(T[i, j]) / sum(exp(T[i, k]), k), "the attention weights when every key has the bias added"),
        (
            exp(S[i, j] + r[i]) / sum(exp(S[i, k] + r[i]), k),
            ("expand and split the sum: ", r[i], " is the same for all keys"),
        ),
        (exp(S[i, j]) / sum(exp(S[i, k]), k), (see("softmax-shift-invariance"),)),
    ),
    reference="Follows from shift invariance; Whisper, for one, has no bias on its keys.",
    example={"Q": [[1, 0], [0, 1]], "K": [[1, 1], [0, 1]], "b": [3, 4]},
    pictures=(HeatMap(T, "The scores with the bias: in each row, the same number is added"),),
)
