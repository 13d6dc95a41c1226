"""A shift of sinusoidal positions is a rotation.

Each pair of a sinusoidal encoding is the sine and the cosine of one frequency times the position. Going k positions further
turns each pair by an angle that depends on its frequency and on k, but not on the position: one linear map looks k positions
back, wherever it starts.
"""

from symformer import Derivation, FormulaCurves, begin, cos, define, delta, indices, scalar, sin, sizes, sum, tensor

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
        begin(sum(R[i, t, s] * E[i, s], s), "the encoding of position p, multiplied by R", "A linear map"),
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
        (delta(t, 1) * sin(w[i] * p + w[i] * k) + delta(t, 2) * cos(w[i] * p + w[i] * k), "the addition theorems of sine and cosine"),
        (E_k[i, t], "definition of the encoding at p + k"),
        begin(sum(R[i, t, 1] ** 2, (t, 2)), "the squared length of the first column of R", "The map is a rotation"),
        (cos(w[i] * k) ** 2 + sin(w[i] * k) ** 2, "the two entries of the column"),
        (1, "sine and cosine of one angle"),
        begin(sum(R[i, t, 1] * R[i, t, 2], (t, 2)), "the inner product of the two columns"),
        (cos(w[i] * k) * sin(w[i] * k) - sin(w[i] * k) * cos(w[i] * k), "the two entries of each column"),
        (0, "they cancel: the columns are orthogonal"),
        begin(R[i, 1, 1] * R[i, 2, 2] - R[i, 1, 2] * R[i, 2, 1], "the determinant of R"),
        (1, "cos² + sin² is 1: R is a rotation"),
    ),
    reference="Vaswani et al. 2017, arXiv:1706.03762, section 3.5.",
    pictures=(FormulaCurves({"ω = 1": sin(p), "ω = 1/3": sin(p / 3), "ω = 1/9": sin(p / 9)}, "The first entries of three pairs: a shift turns each by an angle of its own", "p", (0, 24), "position p", "entry"),),
)  # fmt: skip
