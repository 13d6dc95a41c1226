"""Products of sinusoidal positions see distances alone.

The product of two encodings is a sum of cosines of the distance, one for each frequency. It does not matter where the two
positions are, nor which comes first; and every encoding has the same length.
"""

from symformer import Derivation, begin, cos, define, delta, indices, scalar, sin, sizes, sum, tensor

d = sizes("d")
P = sizes("P")
i, t = indices("i t")
w = tensor("omega", P)
p, q = scalar("p"), scalar("q")

E_p = define("E_p", (i, (t, 2)), delta(t, 1) * sin(w[i] * p) + delta(t, 2) * cos(w[i] * p))
E_q = define("E_q", (i, (t, 2)), delta(t, 1) * sin(w[i] * q) + delta(t, 2) * cos(w[i] * q))

derivation = Derivation(
    __doc__,
    given=(w, p.tensor, q.tensor, "P pairs of features, so d is 2 P"),
    where=(E_p, E_q),
    calc=(
        begin(sum(sum(E_p[i, t] * E_q[i, t], t), i), "the product of two encodings", "The product"),
        (sum(sin(w[i] * p) * sin(w[i] * q) + cos(w[i] * p) * cos(w[i] * q), i), "the two entries of each pair"),
        (sum(cos(w[i] * p - w[i] * q), i), "addition theorem"),
        (sum(cos(w[i] * (p - q)), i), "the distance alone"),
        (sum(cos(w[i] * (q - p)), i), "the cosine is even: the order does not matter"),
        begin(sum(sum(E_p[i, t] ** 2, t), i), "the squared length of one encoding", "The length"),
        (sum(sin(w[i] * p) ** 2 + cos(w[i] * p) ** 2, i), "the two entries of each pair"),
        (P, "1 for each pair: half of d, whatever the position"),
    ),
    reference="Vaswani et al. 2017, arXiv:1706.03762, section 3.5.",
)  # fmt: skip
