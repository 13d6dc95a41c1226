"""The proof of FlashAttention, with its misprint.

That the outputs of FlashAttention are right after every block is proved by induction: if O is attention to the keys seen so far,
then O after the next block is attention to one block more. The published proof inverts one diagonal matrix too few, and half a
dozen readers have stumbled over it. With the inverse in its place the old sum cancels, which is the whole point of the step.
"""

from symformer import Derivation, begin, define, exp, indices, scalar, see, sizes, sum, tensor, wrong

n, p = sizes("n p")
j, k = indices("j k")
a, v = tensor("a", n), tensor("v", n)
b, w = tensor("b", p), tensor("w", p)
m, r, s = scalar("m"), scalar("r"), scalar("s")

l = define("ell", (), sum(exp(a[j] - m), j))
O = define("O", (), sum(exp(a[j] - m) * v[j], j) / l[()])
t = define("t", (), sum(exp(b[k] - s), k))
l_new = define("ell_new", (), exp(m - r) * l[()] + exp(s - r) * t[()])
N = define("N", (), exp(s - r) * sum(exp(b[k] - s) * w[k], k))
O_new = define("O_new", (), (l[()] * exp(m - r) * O[()] + N[()]) / l_new[()])

derivation = Derivation(
    __doc__,
    given=(
        a, v, b, w, m.tensor, r.tensor, s.tensor,
        "a and v are scores and values of all keys so far, b and w those of the next block",
        "m is the largest score so far, s the largest of the block, r the larger of the two; the proof holds whatever they are",
    ),
    where=(l, O, t, l_new, N, O_new),
    calc=(
        begin(sum(exp(a[j]) * v[j], j) / sum(exp(a[j]), j), "attention to the keys so far: what the induction assumes O to be", "The assumption"),
        wrong(l[()] * sum(exp(a[j] - m) * v[j], j), "as printed in appendix C: multiplied by the sum of exponentials"),
        (1 / l[()] * sum(exp(a[j] - m) * v[j], j), "divided by it: the shift cancels"),
        (O[()], "definition of O"),
        begin(l_new[()], "the new sum", "The sum"),
        (sum(exp(a[j] - r), j) + sum(exp(b[k] - r), k), "both old shifts cancel"),
        begin(O_new[()], "the new output", "The step"),
        wrong(
            (l[()] * exp(m - r) * (l[()] * sum(exp(a[j] - m) * v[j], j)) + N[()]) / l_new[()],
            "as printed in the third line of the proof: with the sum twice, where the second should be inverted",
        ),
        ((l[()] * exp(m - r) * (1 / l[()] * sum(exp(a[j] - m) * v[j], j)) + N[()]) / l_new[()], "what the induction assumes"),
        ((exp(m - r) * sum(exp(a[j] - m) * v[j], j) + N[()]) / l_new[()], "the old sum cancels"),
        ((sum(exp(a[j] - r) * v[j], j) + sum(exp(b[k] - r) * w[k], k)) / l_new[()], "both old shifts cancel"),
        (
            (sum(exp(a[j]) * v[j], j) + sum(exp(b[k]) * w[k], k)) / (sum(exp(a[j]), j) + sum(exp(b[k]), k)),
            "the new shift cancels: attention to one block more",
        ),
    ),
    reference=(
        "Dao et al. 2022, FlashAttention, arXiv:2205.14135, algorithm 1 and appendix C. Reports: Dao-AILab/flash-attention issues 273, 301, 439 "
        "and 627. Without the induction: ", see("split-kv-merge"), ".",
    ),
    example={"a": [1, 3], "v": [1, 2], "b": [4, 2], "w": [5, 6], "m": 3, "r": 4, "s": 4},
)  # fmt: skip
