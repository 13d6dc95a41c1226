"""The backward pass of rotary positions.

Rotary positions turn each pair of features by an angle that grows with the position. A rotation has its transpose as its inverse, so the
gradient is turned back by the same angle: the backward pass is the forward pass with the sign of the sine reversed, and keeps no
activation at all.
"""

from symformer import Derivation, HeatMap, begin, cos, define, diff, indices, see, sin, sizes, sum, tensor, wrong

n, p = sizes("n p")
i, k, a = indices("i k a")
x, y = tensor("x", n, p), tensor("y", n, p)
du, dv = tensor("du", n, p), tensor("dv", n, p)
t, omega = tensor("t", n), tensor("omega", p)

theta = define("theta", (i, a), t[i] * omega[a])
u = define("u", (i, a), x[i, a] * cos(theta[i, a]) - y[i, a] * sin(theta[i, a]))
v = define("v", (i, a), x[i, a] * sin(theta[i, a]) + y[i, a] * cos(theta[i, a]))
phi = define("phi", (), sum(sum(du[i, a] * u[i, a] + dv[i, a] * v[i, a], a), i))
dx = define("dx", (i, a), du[i, a] * cos(theta[i, a]) + dv[i, a] * sin(theta[i, a]))
dy = define("dy", (i, a), -du[i, a] * sin(theta[i, a]) + dv[i, a] * cos(theta[i, a]))

derivation = Derivation(
    __doc__,
    given=(
        x, y, t, omega, du, dv,
        "x and y are the first and second features of p pairs, u and v what they are turned to, t the positions",
        "φ stands for the loss, linear in u and v with the gradients du and dv",
    ),
    where=(theta, u, v, phi, dx, dy),
    calc=(
        begin(diff(phi[()], x[i, a]), "the gradient of the first feature of a pair", "The first feature"),
        wrong(du[i, a] * cos(theta[i, a]) - dv[i, a] * sin(theta[i, a]), "turned forward once more, as if the gradient were a feature"),
        (dx[i, a], "u and v are linear in x; definition of dx"),
        begin(diff(phi[()], y[i, a]), "the gradient of the second feature", "The second feature"),
        (dy[i, a], "u and v are linear in y; definition of dy"),
        begin(dx[i, a] * cos(theta[i, a]) - dy[i, a] * sin(theta[i, a]), "the gradient turned forward again: its first feature", "The inverse"),
        (du[i, a] * (cos(theta[i, a]) ** 2 + sin(theta[i, a]) ** 2), "expand: the terms with dv cancel"),
        (du[i, a], "cos² + sin² is 1"),
        begin(dx[i, a] ** 2 + dy[i, a] ** 2, "the squared length of the gradient of a pair", "Lengths"),
        (du[i, a] ** 2 + dv[i, a] ** 2, "a rotation keeps lengths: gradients neither grow nor shrink"),
        begin(diff(phi[()], omega[a]), "the gradient of a frequency, where frequencies are learned", "Frequencies"),
        (sum(t[i] * (dv[i, a] * u[i, a] - du[i, a] * v[i, a]), i), "chain rule: the derivative of a rotation is the rotation by a further quarter turn"),
    ),
    reference=("Su et al. 2021, arXiv:2104.09864. Forward: ", see("rotary-positions"), "."),
    example={"x": [[1, 0], [2, 1]], "y": [[0, 1], [1, 1]], "t": [0, 1], "omega": [1, "1/2"], "du": [[1, 0], [0, 1]], "dv": [[0, 1], [1, 0]]},
    pictures=(HeatMap(dx, "The gradient of the first entries of the pairs, turned back", "token", "pair"),),
)  # fmt: skip
