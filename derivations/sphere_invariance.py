"""Tokens stay on the sphere.

Layer norm keeps each token at length 1. In continuous depth that is a projection: whatever attention reads, only the
part of it that is orthogonal to the token moves it, and so its length never changes. This holds for any field: for
softmax attention, for the unnormalised one, and for many heads added together.
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
        "tokens x move with velocity v, so that a function of x changes at the rate Σ ∂/∂x v; on the sphere a token "
        "has length 1, and the projection is written so that it holds at any other length too",
    ),
    where=(v,),
    calc=(
        (sum(diff(sum(x[i, f] ** 2, f), x[k, c]) * v[k, c], k, c), "how fast the squared length of token i changes"),
        (sum(2 * x[i, c] * v[i, c], c), "only token i itself is in its length"),
        (
            2 * sum(x[i, c] * A[i, c], c) - 2 * sum(x[i, c] ** 2, c) * sum(x[i, f] * A[i, f], f) / sum(x[i, f] ** 2, f),
            "definition of v",
        ),
        (0, "the two are the same"),
    ),
    reference="Geshkovski, Letrouit, Polyanskiy & Rigollet 2023, arXiv:2312.10794, section 2.2.",
    example={"x": [["3/5", "4/5"], [1, 0]], "A": [[1, 2], [1, "1/2"]]},
    pictures=(dynamics.ParticlePicture("32 tokens on the sphere, moved by softmax attention with β = 4", 4.0, seed=3),),
)
