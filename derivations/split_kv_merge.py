"""Merging attention over two blocks of keys.

Keys may be split into blocks, and attention to each block computed on its own, on another processor. Its result is the average
y and the logarithm L of the sum of exponentials. Two such results merge into that of both blocks; and since the merge again
gives a y and an L, any number of blocks can be merged, in any order.
"""

from symformer import Derivation, begin, define, exp, indices, log, see, sizes, sum, tensor

n, m = sizes("n m")
j, k = indices("j k")
a, v = tensor("a", n), tensor("v", n)
b, w = tensor("b", m), tensor("w", m)

y_1 = define("y_1", (), sum(exp(a[j]) * v[j], j) / sum(exp(a[j]), j))
L_1 = define("L_1", (), log(sum(exp(a[j]), j)))
y_2 = define("y_2", (), sum(exp(b[k]) * w[k], k) / sum(exp(b[k]), k))
L_2 = define("L_2", (), log(sum(exp(b[k]), k)))
y = define("y", (), (exp(L_1[()]) * y_1[()] + exp(L_2[()]) * y_2[()]) / (exp(L_1[()]) + exp(L_2[()])))
L = define("L", (), log(exp(L_1[()]) + exp(L_2[()])))

derivation = Derivation(
    __doc__,
    given=(a, v, b, w, "a and v are scores and values of the first block, b and w those of the second"),
    where=(y_1, L_1, y_2, L_2, y, L),
    calc=(
        begin(
            exp(L_1[()]) * y_1[()],
            "the average of the first block, times its weight",
            "A weighted average is a sum over its block",
        ),
        (sum(exp(a[j]), j) * y_1[()], "exp undoes log"),
        (sum(exp(a[j]) * v[j], j), "definition of y_1: its denominator cancels"),
        begin(y[()], "the merged average", "The merged average is that of both blocks"),
        (
            (sum(exp(a[j]) * v[j], j) + sum(exp(b[k]) * w[k], k)) / (exp(L_1[()]) + exp(L_2[()])),
            "each weighted average is a sum over its block, by the chain above",
        ),
        (
            (sum(exp(a[j]) * v[j], j) + sum(exp(b[k]) * w[k], k)) / (sum(exp(a[j]), j) + sum(exp(b[k]), k)),
            "exp undoes log: this is the softmax average over all keys",
        ),
        begin(L[()], "the merged logarithm", "And so is the logarithm"),
        (log(sum(exp(a[j]), j) + sum(exp(b[k]), k)), "exp undoes log"),
    ),
    reference=("Dao 2023, FlashAttention-2, arXiv:2307.08691; one key at a time it is ", see("online-softmax"), "."),
    example={"a": [1, 3], "v": [1, 2], "b": [4], "w": [5]},
)
