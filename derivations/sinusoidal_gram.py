"""Inner products of sinusoidal positions depend on the distance alone.

The inner product of two encodings is a sum of cosines of the distance, one for each frequency. It depends neither on where
the two positions are nor on which comes first; and all encodings have the same length.
"""

from symformer import Derivation, FormulaCurves, begin, cos, define, delta, indices, scalar, sin, sizes, sum, tensor

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
        begin(sum(sum(E_p[i, t] * E_q[i, t], t), i), "the inner product of the encodings of p and q", "The inner product"),
        (sum(sin(w[i] * p) * sin(w[i] * q) + cos(w[i] * p) * cos(w[i] * q), i), "the two entries of each pair"),
        (sum(cos(w[i] * p - w[i] * q), i), "the addition theorem of the cosine"),
        (sum(cos(w[i] * (p - q)), i), "factor out the frequency: only p − q is left"),
        (sum(cos(w[i] * (q - p)), i), "the cosine is even: the order does not matter"),
        begin(sum(sum(E_p[i, t] ** 2, t), i), "the squared length of the encoding of p", "The length"),
        (sum(sin(w[i] * p) ** 2 + cos(w[i] * p) ** 2, i), "the two entries of each pair"),
        (P, "sin² + cos² is 1, for each of P = d/2 pairs"),
    ),
    reference="Vaswani et al. 2017, arXiv:1706.03762, section 3.5.",
    pictures=(FormulaCurves({"one pair": cos(p - q), "three pairs": cos(p - q) + cos((p - q) / 3) + cos((p - q) / 9)}, "Inner products by the distance: what is near is alike", "p", (0, 24), "distance p − q", "inner product", {"q": 0}),),
)  # fmt: skip
