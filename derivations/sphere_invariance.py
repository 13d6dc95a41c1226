"""Tokens stay on the sphere.

In this model layer norm keeps each token at length 1. In continuous depth that is a projection: of what attention adds to a
token, only the part that is orthogonal to the token moves it, and so its length never changes. This is true of any field: of
softmax attention, of the unnormalised one, and of many heads added together.
"""

from symformer import Derivation, define, diff, dynamics, indices, sizes, sum, tensor

n, d = sizes("n d")
i, k, c, f = indices("i k c f")
x, A = tensor("x", n, d), tensor("A", n, d)

v = define("v", (i, c), A[i, c] - sum(x[i, f] * A[i, f], f) * x[i, c] / sum(x[i, f] ** 2, f))

derivation = Derivation(
    __doc__,
    given=(
        x,
        A,
        "A is any field; tokens x move with the velocity v, its projection, so that a function of x changes at the rate Σ v ∂/∂x. On "
        "the sphere a token has length 1, and the projection is written so that it holds at any other length too",
    ),
    where=(v,),
    calc=(
        (sum(diff(sum(x[i, f] ** 2, f), x[k, c]) * v[k, c], k, c), "how fast the squared length of token i changes"),
        (sum(2 * x[i, c] * v[i, c], c), "chain rule: the length of token i depends on token i alone"),
        (
            2 * sum(x[i, c] * A[i, c], c) - 2 * sum(x[i, c] ** 2, c) * sum(x[i, f] * A[i, f], f) / sum(x[i, f] ** 2, f),
            "definition of v; expand",
        ),
        (0, "the squared length cancels, and the two terms are equal"),
    ),
    reference="Geshkovski, Letrouit, Polyanskiy & Rigollet 2023, arXiv:2312.10794, section 2.2.",
    example={"x": [["3/5", "4/5"], [1, 0]], "A": [[1, 2], [1, "1/2"]]},
    pictures=(dynamics.ParticlePicture("32 tokens on the sphere, moved by softmax attention with β = 4", 4.0, seed=3),),
)
