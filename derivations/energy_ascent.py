"""Attention climbs an energy.

Tokens on the sphere have an interaction energy that is largest where all of them coincide. The unnormalised dynamics (USA) is
its gradient flow, and softmax attention (SA) climbs it too: it moves each token in the same direction, at another speed. The
rate of ascent is exact in both: a sum of squares with positive weights, so the energy never falls.
"""

from symformer import Derivation, begin, define, diff, dynamics, exp, ge, indices, scalar, see, sizes, sum, tensor

n, d = sizes("n d")
i, j, k, c, f = indices("i j k c f")
x, beta = tensor("x", n, d), scalar("beta", kind="positive")

u = define("u", (i, j), exp(beta * sum(x[i, c] * x[j, c], c)))
E = define("E", (), sum(u[i, j], i, j) / (2 * beta * n**2))
A = define("A", (i, c), sum(u[i, j] * x[j, c], j) / n)
v = define("v", (i, c), A[i, c] - sum(x[i, f] * A[i, f], f) * x[i, c] / sum(x[i, f] ** 2, f))
Z = define("Z", i, sum(u[i, j], j))
B = define("B", (i, c), sum(u[i, j] * x[j, c], j) / Z[i])
w = define("w", (i, c), B[i, c] - sum(x[i, f] * B[i, f], f) * x[i, c] / sum(x[i, f] ** 2, f))

derivation = Derivation(
    __doc__,
    given=(
        x,
        beta.tensor,
        "v is the velocity of USA and w that of SA; a function of x changes at the rate Σ v ∂/∂x, or Σ w ∂/∂x. On the sphere a "
        "token has length 1, and the projection is written so that it holds at any other length too",
    ),
    where=(u, E, A, v, Z, B, w),
    calc=(
        begin(diff(E[()], x[k, c]), "the gradient of the energy in token k", "USA is the gradient flow"),
        (sum(diff(u[i, j], x[k, c]), i, j) / (2 * beta * n**2), "differentiate each term"),
        (
            (sum(beta * u[i, k] * x[i, c], i) + sum(beta * u[k, j] * x[j, c], j)) / (2 * beta * n**2),
            "token k occurs twice: as j in a column of u, and as i in a row",
        ),
        (A[k, c] / n, "u is symmetric, so the two sums are equal; β cancels"),
        begin(
            n * (diff(E[()], x[k, c]) - sum(x[k, f] * diff(E[()], x[k, f]), f) * x[k, c] / sum(x[k, f] ** 2, f)),
            "n times the gradient, projected onto the sphere",
            "Along the sphere",
        ),
        (v[k, c], "the gradient above; definition of v"),
        begin(sum(diff(E[()], x[k, c]) * v[k, c], k, c), "the rate at which the energy changes", "USA climbs"),
        (sum(A[k, c] * v[k, c], k, c) / n, "the gradient above"),
        (sum(v[k, c] ** 2, k, c) / n,
         ("A is v plus a multiple of the token, to which v is orthogonal: ", see("sphere-invariance"))),
        ge(0, "a sum of squares"),
        begin(w[i, c], "the velocity under softmax attention", "SA is USA at other speeds"),
        (n / Z[i] * v[i, c], ("B is A times ", n / Z[i], ", and the projection is linear")),
        begin(sum(diff(E[()], x[k, c]) * w[k, c], c), "what token k contributes to the rate", "SA climbs"),
        (sum(A[k, c] * w[k, c], c) / n, "the gradient above"),
        (Z[k] / n * sum(B[k, c] * w[k, c], c) / n, ("A is B times ", Z[k] / n)),
        (Z[k] / n * sum(w[k, c] ** 2, c) / n, "as for USA: B is w plus a multiple of the token, to which w is orthogonal"),
        ge(0, "a sum of squares with a positive weight; so the sum over all tokens is not negative either"),
    ),
    reference="Geshkovski, Letrouit, Polyanskiy & Rigollet 2023, arXiv:2312.10794, (3.5), (3.6), (3.11), Lemma 3.7.",
    example={"x": [["3/5", "4/5"], [1, 0]], "beta": 1},
    pictures=(dynamics.EnergyPicture("The energy of 32 tokens on the circle, β = 9: a stair where clusters merge", 9.0,
                                     d=2, until=60.0, seed=3),),
)  # fmt: skip
