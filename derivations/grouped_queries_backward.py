"""The backward pass of grouped queries.

With grouped queries several query heads read the same keys and values. Nothing changes for the gradient of a query; those of a key and a
value are summed over the query heads of their group. An implementation that repeats the keys forward has to sum over the copies
backwards: repetition and summation are transposes of each other.
"""

from symformer import Derivation, begin, define, diff, indices, see, sizes, sum, tensor, wrong

R, n, m, d_k, d_v = sizes("R n m d_k d_v")
r, i, j, c, f = indices("r i j c f")
Q, K = tensor("Q", R, n, d_k), tensor("K", m, d_k)
P, V, dS, dO = tensor("P", R, n, m), tensor("V", m, d_v), tensor("dS", R, n, m), tensor("dO", R, n, d_v)

S = define("S", (r, i, j), sum(Q[r, i, c] * K[j, c], c))
O = define("O", (r, i, f), sum(P[r, i, j] * V[j, f], j))
phi = define("phi", (), sum(sum(sum(dS[r, i, j] * S[r, i, j], j), i), r))
psi = define("psi", (), sum(sum(sum(dO[r, i, f] * O[r, i, f], f), i), r))

derivation = Derivation(
    __doc__,
    given=(
        Q, K, P, V, dS, dO,
        "one group: R query heads, one head of keys and values; other groups have tensors of their own. Scores are shown without their scale",
        "φ is the loss as far as it depends on the scores, ψ as far as it depends on the output for fixed weights P",
    ),
    where=(S, O, phi, psi),
    calc=(
        begin(diff(phi[()], Q[r, i, c]), "the gradient of a query", "Queries"),
        (sum(dS[r, i, j] * K[j, c], j), "each query head has scores of its own"),
        begin(diff(phi[()], K[j, c]), "the gradient of a key", "Keys"),
        wrong(sum(dS[1, i, j] * Q[1, i, c], i), "from the first query head of the group alone"),
        (sum(sum(dS[r, i, j] * Q[r, i, c], i), r), "the key enters the scores of all R query heads of its group"),
        begin(diff(psi[()], V[j, f]), "the gradient of a value", "Values"),
        (sum(sum(P[r, i, j] * dO[r, i, f], i), r), "the value enters the outputs of all R query heads of its group"),
    ),
    reference=("Ainslie et al. 2023, arXiv:2305.13245; Shazeer 2019, arXiv:1911.02150, for a single group. Forward: ", see("grouped-queries"), ", and from the output to dS: ", see("attention-backward"), "."),
    example={
        "Q": [[[1, 0], [0, 1]], [[1, 1], [2, 0]]], "K": [[1, 1], [0, 1]], "P": [[["1/2", "1/2"], [1, 0]], [[0, 1], ["1/4", "3/4"]]],
        "V": [[1, 2], [3, 4]], "dS": [[[1, -1], [0, 0]], [[2, -2], [1, -1]]], "dO": [[[1, 0], [0, 1]], [[1, 1], [0, 0]]],
    },
)  # fmt: skip
