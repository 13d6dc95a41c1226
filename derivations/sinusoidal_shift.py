"""A shift of sinusoidal positions is a rotation.

Each pair of a sinusoidal encoding is a sine and a cosine of one frequency. Going k positions on turns every pair by an
angle that depends on k alone and not on where it began: a model can learn to look k back with one linear map.
"""

from symformer import Derivation, begin, cos, define, delta, indices, scalar, sin, sizes, sum, tensor

P = sizes("P")
i, s, t = indices("i s t")
w = tensor("omega", P)
p, k = scalar("p"), scalar("k")

E = define("E", (i, (t, 2)), delta(t, 1) * sin(w[i] * p) + delta(t, 2) * cos(w[i] * p))
E_k = define("E_k", (i, (t, 2)), delta(t, 1) * sin(w[i] * (p + k)) + delta(t, 2) * cos(w[i] * (p + k)))
R = define(
    "R", (i, (t, 2), (s, 2)),
    delta(t, s) * cos(w[i] * k) + (delta(t, 1) * delta(s, 2) - delta(t, 2) * delta(s, 1)) * sin(w[i] * k),
)  # fmt: skip

derivation = Derivation(
    __doc__,
    given=(w, p.tensor, k.tensor, "P pairs of features, each with its frequency; E is the encoding of position p, sine first"),
    where=(E, E_k, R),
    calc=(
        begin(sum(R[i, t, s] * E[i, s], s), "the encoding of p, each pair turned", "A rotation"),
        (
            delta(t, 1) * (cos(w[i] * k) * E[i, 1] + sin(w[i] * k) * E[i, 2])
            + delta(t, 2) * (cos(w[i] * k) * E[i, 2] - sin(w[i] * k) * E[i, 1]),
            "the sum over the two entries of a pair, written out",
        ),
        (
            delta(t, 1) * (cos(w[i] * k) * sin(w[i] * p) + sin(w[i] * k) * cos(w[i] * p))
            + delta(t, 2) * (cos(w[i] * k) * cos(w[i] * p) - sin(w[i] * k) * sin(w[i] * p)),
            "definition of E",
        ),
        (delta(t, 1) * sin(w[i] * p + w[i] * k) + delta(t, 2) * cos(w[i] * p + w[i] * k), "addition theorems"),
        (E_k[i, t], "the encoding of p + k"),
        begin(sum(R[i, t, 1] ** 2, (t, 2)), "the length of a column of R", "It keeps lengths"),
        (cos(w[i] * k) ** 2 + sin(w[i] * k) ** 2, "a cosine and a sine"),
        (1, "so R is a rotation"),
    ),
    reference="Vaswani et al. 2017, arXiv:1706.03762, section 3.5.",
)  # fmt: skip
