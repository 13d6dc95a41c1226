"""The transformer in twelve equations.

The first twelve equations of John Thickstun's note are a whole transformer block: heads, softmax, values, residual sums with
layer norm after them, a ReLU network for each token, the output probabilities, and three ways to encode positions. There are
no biases, and nothing is added to a variance. All of it is here, with small numbers in it.
"""

from symformer import Derivation, cos, define, delta, exp, indices, mean, relu, sin, sizes, sqrt, sum, tensor

n, d, k_, m, H, o, P = sizes("n d k m H o P")
h, i, j, l, a, b, c, f, p, t = indices("h i j l a b c f p t")
x = tensor("x", n, d)
W_q, W_k, W_v, W_c = (
    tensor(f"W_{name}", H, *shape) for name, shape in (("q", (d, k_)), ("k", (d, k_)), ("v", (d, k_)), ("c", (k_, d)))
)
W_1, W_2, W_o = tensor("W_1", d, m), tensor("W_2", m, d), tensor("W_o", d, o)
gamma_1, beta_1, gamma_2, beta_2 = (tensor(name, d) for name in ("gamma_1", "beta_1", "gamma_2", "beta_2"))
E_c, E_w, E_p = tensor("E_c", o, n, d), tensor("E_w", o, d), tensor("E_p", n, d)
w = tensor("w", n, kind="integer", upper=o)

Q = define("Q", (h, i, c), sum(W_q[h, a, c] * x[i, a], a))
K = define("K", (h, i, c), sum(W_k[h, a, c] * x[i, a], a))
V = define("V", (h, i, c), sum(W_v[h, a, c] * x[i, a], a))
S = define("S", (h, i, j), sum(Q[h, i, c] * K[h, j, c], c) / sqrt(k_))
alpha = define("alpha", (h, i, j), exp(S[h, i, j]) / sum(exp(S[h, i, l]), l))
u_prime = define("u'", (i, a), sum(sum(W_c[h, c, a] * sum(alpha[h, i, j] * V[h, j, c], j), c), h))


def normed(name, number, z, gamma, beta):
    """Equations 7 and 8: layer norm without ε."""
    mu = define(f"mu_{number}", i, mean(z[i, b], b))
    sigma = define(f"sigma_{number}", i, sqrt(mean((z[i, b] - mu[i]) ** 2, b)))
    return mu, sigma, define(name, (i, a), gamma[a] * (z[i, a] - mu[i]) / sigma[i] + beta[a])


r = define("r", (i, a), x[i, a] + u_prime[i, a])
mu_1, sigma_1, u = normed("u", 1, r, gamma_1, beta_1)
z_prime = define("z'", (i, a), sum(W_2[f, a] * relu(sum(W_1[b, f] * u[i, b], b)), f))
q = define("q", (i, a), u[i, a] + z_prime[i, a])
mu_2, sigma_2, z = normed("z", 2, q, gamma_2, beta_2)
y = define("y", (i, l), exp(sum(W_o[a, l] * z[i, a], a)) / sum(exp(sum(W_o[a, j] * z[i, a], a)), j))
x_c = define("x_c", (i, a), E_c[w[i], i, a])
x_s = define("x_s", (i, a), E_w[w[i], a] + E_p[i, a])
x_w = define(
    "x_w", ((i, n), (p, P), (t, 2)), delta(t, 1) * sin(i / 10000 ** (p / P)) + delta(t, 2) * cos(i / 10000 ** (p / P))
)

derivation = Derivation(
    __doc__,
    given=(
        x, W_q, W_k, W_v, W_c, W_1, W_2, gamma_1, beta_1, gamma_2, beta_2, W_o, E_c, E_w, E_p, w,
    ),
    where=(
        "Equation 1: queries, keys and values of each head.", Q, K, V,
        "Equation 2: the attention weights of each head.", S, alpha,
        "Equation 3: the sum of the outputs of all heads.", u_prime,
        "Equation 4, with 7 and 8: the residual sum, normalised.", r, mu_1, sigma_1, u,
        "Equation 5: the feed-forward network.", z_prime,
        "Equation 6, with 7 and 8: the second residual sum, normalised.", q, mu_2, sigma_2, z,
        "Equation 9: the probabilities of the output.", y,
        "Equation 10: an embedding for each word at each position.", x_c,
        "Equation 11: an embedding of the word plus one of the position.", x_s,
        "Equation 12: sines and cosines of the position.", x_w,
    ),
    example={
        "x": [[1, 0], [0, 2]],
        "W_q": [[[1], [0]], [[0], [1]]], "W_k": [[[1], [1]], [[0], [1]]], "W_v": [[[1], [0]], [[1], [1]]],
        "W_c": [[[1, 0]], [[0, 1]]],
        "W_1": [[1, 0, 1], [0, 1, -1]], "W_2": [[1, 0], [0, 1], [1, 1]], "W_o": [[1, 0, 1], [0, 1, 1]],
        "gamma_1": [1, 1], "beta_1": [0, 0], "gamma_2": [1, 1], "beta_2": [0, 0],
        "E_c": [[[1, 0], [0, 1]], [[2, 0], [0, 2]], [[1, 1], [2, 2]]],
        "E_w": [[1, 0], [0, 1], [1, 1]], "E_p": [[0, 1], [1, 0]], "w": [1, 3],
        "P": 1,
    },
    notes=(
        "The note has d = 512, k = 64, m = 2048, H = 8, and six such blocks one after the other.",
        "Slips of the note: a d-dimensional vector indexed by j under equation 2 has n entries; the sum of equation 9 runs to o and "
        "not to m; equation 12 has x_1 for x_k.",
    ),
    reference="Thickstun, The Transformer Model in Equations, equations 1 to 12.",
)  # fmt: skip
