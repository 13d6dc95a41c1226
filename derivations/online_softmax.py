"""Online softmax.

A softmax average of values needs only one pass over the keys. Carry three numbers: a shift m, the sum ℓ of the shifted
exponentials, and the weighted sum o of the values. A new key updates all three at once, and o/ℓ is the softmax average of all
keys so far, whatever the shifts are. With the largest score so far as the shift, no exponential overflows.
"""

from symformer import Derivation, begin, define, exp, indices, scalar, sizes, sum, tensor

n = sizes("n")
j = indices("j")
a, v = tensor("a", n), tensor("v", n)
b, w = scalar("b"), scalar("w")
m, r = scalar("m"), scalar("r")

ell = define("ell", (), sum(exp(a[j] - m), j))
o = define("o", (), sum(exp(a[j] - m) * v[j], j))
new_ell = define("ell_new", (), ell[()] * exp(m - r) + exp(b - r))
new_o = define("o_new", (), o[()] * exp(m - r) + exp(b - r) * w)

derivation = Derivation(
    __doc__,
    given=(
        a, v, b.tensor, w.tensor, m.tensor, r.tensor,
        "a are the scores seen so far and v their values; b is the next score and w its value",
        "m is the shift so far and r the next one; in practice the largest score so far, and the larger of m and b",
    ),
    where=(ell, o, new_ell, new_o),
    calc=(
        begin(new_ell[()], "the updated sum of exponentials", "The sum keeps its meaning"),
        (sum(exp(a[j] - m) * exp(m - r), j) + exp(b - r), "substitute the definitions, and bring the factor into the sum"),
        (sum(exp(a[j] - r), j) + exp(b - r), "m cancels in the exponent: all exponentials are now shifted by r"),
        begin(new_o[()], "the updated weighted sum", "The weighted sum keeps its meaning"),
        (sum(exp(a[j] - m) * exp(m - r) * v[j], j) + exp(b - r) * w, "substitute the definitions, and bring the factor into the sum"),
        (sum(exp(a[j] - r) * v[j], j) + exp(b - r) * w, "m cancels in the exponent"),
        begin(new_o[()] / new_ell[()], "the average after the new key", "The average is that of all keys"),
        (
            (sum(exp(a[j] - r) * v[j], j) + exp(b - r) * w) / (sum(exp(a[j] - r), j) + exp(b - r)),
            "both sums, by the chains above",
        ),
        (
            exp(-r) * (sum(exp(a[j]) * v[j], j) + exp(b) * w) / (exp(-r) * (sum(exp(a[j]), j) + exp(b))),
            ("factor out ", exp(-r)),
        ),
        (
            (sum(exp(a[j]) * v[j], j) + exp(b) * w) / (sum(exp(a[j]), j) + exp(b)),
            "the factor cancels: no shift is left, and this is the softmax average over all keys",
        ),
    ),
    reference="Milakov & Gimelshein 2018, arXiv:1805.02867; Dao et al. 2022, FlashAttention, arXiv:2205.14135.",
    example={"a": [1, 3], "v": [1, 2], "b": 4, "w": 5, "m": 3, "r": 4},
)  # fmt: skip
