"""Why attention divides by the root of d.

The score of a query and a key is a sum of d products. If all entries are independent with mean 0 and variance 1, the score
has mean 0 and variance d: its standard deviation √d grows with the width, and the softmax saturates. Dividing by √d gives
the score variance 1 at every width.
"""

from symformer import Derivation, FormulaCurves, begin, define, delta, expect, indices, lift, sizes, sqrt, sum, tensor

d = sizes("d")
b, c = indices("b c")
q = tensor("q", d, kind="random", moments={1: 0, 2: 1})
k = tensor("k", d, kind="random", moments={1: 0, 2: 1})

s = define("s", (), sum(q[c] * k[c], c))

derivation = Derivation(
    __doc__,
    given=(q, k),
    where=(s,),
    calc=(
        begin(expect(s[()]), "the mean of a score", "The mean"),
        (sum(expect(q[c]) * expect(k[c]), c), "expectation is linear, and the query is independent of the key"),
        (0, "every entry has mean 0"),
        begin(expect(s[()] ** 2), "the variance of a score, since its mean is 0", "The variance"),
        (expect(sum(sum(q[c] * k[c] * q[b] * k[b], b), c)), "the square of a sum is a double sum"),
        (
            sum(sum(expect(q[c] * q[b]) * expect(k[c] * k[b]), b), c),
            "expectation is linear, and the query is independent of the key",
        ),
        (
            sum(sum(delta(c, b) * delta(c, b), (b, d)), (c, d)),
            "different entries are independent with mean 0, and each has variance 1",
        ),
        (sum(1, (c, d)), "only the terms with b = c remain"),
        (d, "a sum of d ones"),
        begin(expect((s[()] / sqrt(d)) ** 2), "the variance of the score over √d", "After the division"),
        (expect(s[()] ** 2) / d, "d is a constant"),
        (1, "the variance of the score is d, by the chain above"),
    ),
    reference="Vaswani et al. 2017, arXiv:1706.03762, section 3.2.1, footnote 4.",
    pictures=(
        FormulaCurves(
            {"q · k": sqrt(d), "divided by √d": lift(1)},
            "The standard deviation of a score, by width",
            "d",
            (1, 128),
            "width d",
            "standard deviation",
        ),
    ),
)
