"""The delta rule.

Linear attention only ever adds to its state, so that two values stored under similar keys run into each other. The delta rule first reads what the state holds under the key and adds only the difference to the new value. That is a step of gradient descent on the squared error of recall. With the right step
the new value replaces the old one exactly, and what is stored under orthogonal keys stays untouched.
"""

from symformer import (
    Derivation,
    HeatMap,
    begin,
    define,
    delta,
    diff,
    indices,
    scalar,
    see,
    sizes,
    sqrt,
    sum,
    tensor,
    wrong,
)

m, d = sizes("m d")
f, c, g = indices("f c g")
S, v, beta = tensor("S", m, d), tensor("v", m), scalar("beta")
z, y = tensor("z", d), tensor("y", d)

k = define("k", c, z[c] / sqrt(sum(z[g] ** 2, g)))
q = define("q", c, y[c] - sum(y[g] * k[g], g) * k[c])
e_f = define("r", f, v[f] - sum(S[f, g] * k[g], g))
E = define("E", (), sum(e_f[f] ** 2, f) / 2)
N = define("N", (f, c), S[f, c] + beta * e_f[f] * k[c])

derivation = Derivation(
    __doc__,
    given=(S, v, z, y, beta.tensor, "S is the state, k a key of length 1, v the value to be stored under it, β the step; q is a query that is orthogonal to k"),
    where=(k, q, e_f, E, N),
    calc=(
        begin(diff(E[()], S[f, c]), "the gradient of the squared error of recall", "A gradient step"),
        (e_f[f] * diff(e_f[f], S[f, c]), "chain rule; 2 cancels"),
        (-e_f[f] * k[c], "what is read is linear in the state"),
        begin(S[f, c] - beta * diff(E[()], S[f, c]), "a step of gradient descent", "The delta rule"),
        (N[f, c], "the chain above; definition of N"),
        wrong(S[f, c] + beta * v[f] * k[c], "the additive rule of linear attention"),
        (sum(S[f, g] * (delta(g, c) - beta * k[g] * k[c]), g) + beta * v[f] * k[c], "collect S: what was stored along the key fades, and the new value is added"),
        begin(sum(N[f, c] * k[c], c), "what is read back under the key", "Reading back"),
        ((1 - beta) * sum(S[f, g] * k[g], g) + beta * v[f], "the key has length 1: a mixture of old and new, and with β = 1 the new value alone"),
        begin(sum(N[f, c] * q[c], c), "what is read under an orthogonal query", "No interference"),
        (sum(S[f, c] * q[c], c), "as before"),
    ),
    reference=("Schlag, Irie & Schmidhuber 2021, arXiv:2102.11174; Yang et al. 2024 (DeltaNet), arXiv:2406.06484, equation 3. The additive rule: ", see("linear-attention"), "."),
    example={"S": [[1, 0], [0, 1]], "v": [2, 3], "z": [3, 4], "y": [1, 0], "beta": 1},
    pictures=(HeatMap(N, "The state after the step", "feature of v", "feature of k"),),
)  # fmt: skip
