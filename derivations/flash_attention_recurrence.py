"""FlashAttention, which equation is right?

Attention to two blocks of keys, one after the other, has to bring the first block to the shift of the second. The factor is
exp(m_1 − m_2), never its inverse; and an output that has been divided by its sum is first multiplied by it again. The papers on
FlashAttention-2 and 3 print other factors, and their readers have asked about them ever since. Here each printed equation stands
next to the right one, for one query and one column of the values.
"""

from symformer import Derivation, begin, define, exp, indices, scalar, see, sizes, sum, tensor, wrong

n, p = sizes("n p")
j, k = indices("j k")
a, v = tensor("a", n), tensor("v", n)
b, w = tensor("b", p), tensor("w", p)
m_1, m_2 = scalar("m_1"), scalar("m_2")

l_1 = define("ell_1", (), sum(exp(a[j] - m_1), j))
l_2 = define("ell_2", (), exp(m_1 - m_2) * l_1[()] + sum(exp(b[k] - m_2), k))
O_1 = define("O_1", (), sum(exp(a[j] - m_1) * v[j], j) / l_1[()])
U_1 = define("U_1", (), sum(exp(a[j] - m_1) * v[j], j))
P_2 = define("P_2", k, exp(b[k] - m_2) / l_2[()])
both = (sum(exp(a[j]) * v[j], j) + sum(exp(b[k]) * w[k], k)) / (sum(exp(a[j]), j) + sum(exp(b[k]), k))
unscaled = sum(exp(a[j] - m_2) * v[j], j) + sum(exp(b[k] - m_2) * w[k], k)

derivation = Derivation(
    __doc__,
    given=(
        a, v, b, w, m_1.tensor, m_2.tensor,
        "a and v are scores and values of the first block, b and w those of the second; m_1 and m_2 are the shifts after each block, in practice "
        "the largest score so far",
    ),
    where=(l_1, l_2, O_1, U_1, P_2),
    calc=(
        begin(l_2[()], "the sum after the second block", "The sum of exponentials"),
        wrong(l_1[()] / exp(m_1 - m_2) + sum(exp(b[k] - m_2), k), "with the inverse of the factor"),
        (sum(exp(a[j] - m_2), j) + sum(exp(b[k] - m_2), k), "m_1 cancels: all exponentials are now shifted by m_2"),
        begin(both, "attention to both blocks", "When each output is divided by its sum (FlashAttention)"),
        wrong(
            l_2[()] / l_1[()] * O_1[()] + sum(P_2[k] * w[k], k),
            "as printed for O⁽²⁾ where the paper on FlashAttention-2 recalls the first version: the ratio of the sums is upside down, and the factor is missing",
        ),
        wrong(l_1[()] / l_2[()] * O_1[()] + sum(P_2[k] * w[k], k), "with the ratio mended alone: still the first block is at the old shift"),
        wrong(l_2[()] / l_1[()] * exp(m_1 - m_2) * O_1[()] + sum(P_2[k] * w[k], k), "with the factor added alone"),
        (l_1[()] / l_2[()] * exp(m_1 - m_2) * O_1[()] + sum(P_2[k] * w[k], k), "multiply by the old sum, change the shift, divide by the new sum"),
        (sum(exp(a[j] - m_2) * v[j], j) / l_2[()] + sum(exp(b[k] - m_2) * w[k], k) / l_2[()], "the old sum and m_1 cancel"),
        begin(unscaled, "the weighted sum of both blocks, not yet divided", "When only the end divides (FlashAttention-2 and 3)"),
        wrong(
            U_1[()] / exp(m_1 - m_2) + sum(exp(b[k] - m_2) * w[k], k),
            "as printed in line 10 of algorithm 1 of FlashAttention-2, and in the update of O of FlashAttention-3: diag(exp(m_1 − m_2)) to the power −1",
        ),
        wrong(O_1[()] / l_1[()] + sum(exp(b[k] - m_2) * w[k], k), "with the old sum to the power −1 in place of the factor, as a reader had it"),
        (exp(m_1 - m_2) * U_1[()] + sum(exp(b[k] - m_2) * w[k], k), "the factor itself, as in the authors' code"),
        begin((exp(m_1 - m_2) * U_1[()] + sum(exp(b[k] - m_2) * w[k], k)) / l_2[()], "divided at the end", "The end"),
        (both, "the shift m_2 cancels: attention to both blocks"),
    ),
    notes=(
        "The largest score never falls, so exp(m_1 − m_2) is at most 1: the right factor cannot overflow, and its inverse can.",
        "At the first block m_1 is −∞: the right factor is then 0, and its inverse is infinite.",
    ),
    reference=(
        "Dao 2023, arXiv:2307.08691, sections 2.3 and 3.1 and algorithm 1; Shah et al. 2024, arXiv:2407.08608, algorithm 1. Reports: "
        "Dao-AILab/flash-attention issues 411, 897, 991, 1303, 1349 and 2342. One key at a time it is ", see("online-softmax"), ".",
    ),
    example={"a": [1, 3], "v": [1, 2], "b": [4], "w": [5], "m_1": 3, "m_2": 4},
)  # fmt: skip
