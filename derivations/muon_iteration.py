"""Muon's iteration acts on singular values.

Muon replaces the gradient of a matrix by the nearest orthogonal one, found with a few products of matrices. Each step keeps the singular vectors and passes every singular value through one polynomial. The cubic one has
1 as a fixed point with derivative 0, so it converges. The quintic that Muon uses has no fixed point at 1: it is steeper at 0, and brings singular values into a band around
1 instead.
"""

from symformer import Curves, Derivation, begin, define, diff, indices, lift, scalar, sizes, sqrt, sum, tensor, wrong

n, m = sizes("n m")
i, j, k, p = indices("i j k p")
y, z, s = tensor("y", n), tensor("z", m), scalar("s", kind="positive")
a, b, c = scalar("a"), scalar("b"), scalar("c")

u = define("u", i, y[i] / sqrt(sum(y[k] ** 2, k)))
v = define("v", j, z[j] / sqrt(sum(z[p] ** 2, p)))
X = define("X", (i, j), s * u[i] * v[j])
A = define("A", (i, k), sum(X[i, j] * X[k, j], j))
f = define("f", (), lift(3) / 2 * s - s**3 / 2)
g = define("g", (), a * s + b * s**3 + c * s**5)

derivation = Derivation(
    __doc__,
    given=(y, z, s.tensor, a.tensor, b.tensor, c.tensor, "u and v are directions, X a matrix with the one singular value s; a matrix with more of them is a sum of such matrices that are orthogonal to each other"),
    where=(u, v, X, A, f, g),
    calc=(
        begin(A[i, k], "X Xᵀ", "Powers of a matrix"),
        (s**2 * u[i] * u[k], "v has length 1"),
        begin(sum(A[i, k] * X[k, j], k), "X Xᵀ X", "The third power"),
        (s**3 * u[i] * v[j], "u has length 1: the singular value is cubed"),
        begin(sum(A[i, k] * sum(A[k, p] * X[p, j], (p, n)), k), "X Xᵀ X Xᵀ X", "The fifth power"),
        (s**5 * u[i] * v[j], "once more"),
        begin(
            a * X[i, j] + b * sum(A[i, k] * X[k, j], k) + c * sum(A[i, k] * sum(A[k, p] * X[p, j], (p, n)), k),
            "a step of the iteration", "One step",
        ),
        (g[()] * u[i] * v[j], "collect: the polynomial acts on the singular value alone"),
        begin(diff(f[()], s), "the derivative of the cubic polynomial", "The cubic"),
        (lift(3) / 2 * (1 - s) * (1 + s), "0 at s = 1, where the polynomial is 1: errors are squared in every step"),
        begin(lift(34445) / 10000 - lift(47750) / 10000 + lift(20315) / 10000, "the quintic of Muon at s = 1: the sum of its coefficients", "The quintic"),
        wrong(1, "as a fixed point would have it"),
        (lift(701) / 1000, "add up: not a fixed point"),
    ),
    reference="Jordan et al. 2024, Muon; Bernstein & Newhouse 2024, arXiv:2409.20325; Higham, Functions of Matrices, chapter 8.",
    pictures=(Curves(f, "One step of the cubic on a singular value: flat at 1, so that small errors are squared", "s", ("1/16", "5/4"), "singular value s", "after one step"),),
    example={"y": [3, 4], "z": [1, 0], "s": "1/2", "a": "3/2", "b": "-1/2", "c": 0},
)  # fmt: skip
