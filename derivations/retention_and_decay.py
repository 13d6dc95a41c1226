"""Retention, and the decay of Mamba-2.

Retention is linear attention that forgets: the state is multiplied by γ before each new token, so that the weight of a key is multiplied by γ at each step of its age. In Mamba-2 the factor differs from token to token and is read from the token itself; products of factors are then exponentials of differences
of running sums. Both have a recurrent form, for decoding, and one with a matrix of scores, for training.
"""

from symformer import Curves, Derivation, begin, define, exp, indices, log, scalar, sizes, sum, tensor, wrong

n, d = sizes("n d")
j, c = indices("j c")
K, V, A = tensor("K", n, d), tensor("V", n), tensor("A", n)
q, k, v = tensor("q", d), tensor("k", d), scalar("v")
gamma, a, B = scalar("gamma", kind="unit"), scalar("a"), scalar("B")
r = tensor("r", n)

S = define("S", c, sum(exp(r[j] * log(gamma)) * K[j, c] * V[j], j))
T = define("T", c, gamma * S[c] + k[c] * v)
H = define("H", c, sum(exp(B - A[j]) * K[j, c] * V[j], j))
G = define("G", c, exp(a) * H[c] + k[c] * v)

derivation = Derivation(
    __doc__,
    given=(
        K, V, q, k, v.tensor, gamma.tensor, r, A, B.tensor, a.tensor,
        "K and V are the earlier keys and values, of one column; q, k and v belong to the new token; r says how many steps old a key was before it",
        "in Mamba-2 a is the logarithm of the new factor, A the running sum of these logarithms at each earlier token, and B that at the last of them",
    ),
    where=(S, T, H, G),
    calc=(
        begin(sum(q[c] * T[c], c), "the output from the new state", "Retention"),
        (gamma * sum(q[c] * S[c], c) + sum(q[c] * k[c], c) * v, "definition of T"),
        (
            sum(gamma * exp(r[j] * log(gamma)) * sum(q[c] * K[j, c], c) * V[j], j) + sum(q[c] * k[c], c) * v,
            "definition of S; exchange the sums",
        ),
        wrong(sum(exp(r[j] * log(gamma)) * sum(q[c] * K[j, c], c) * V[j], j) + sum(q[c] * k[c], c) * v, "with keys that have not grown older"),
        (
            sum(exp((r[j] + 1) * log(gamma)) * sum(q[c] * K[j, c], c) * V[j], j) + sum(q[c] * k[c], c) * v,
            "one more power of γ for each earlier key; the new one has none",
        ),
        begin(sum(q[c] * G[c], c), "the output from the new state", "Mamba-2"),
        (exp(a) * sum(q[c] * H[c], c) + sum(q[c] * k[c], c) * v, "definition of G"),
        (
            sum(exp(B + a - A[j]) * sum(q[c] * K[j, c], c) * V[j], j) + exp((B + a) - (B + a)) * sum(q[c] * k[c], c) * v,
            "definition of H: the running sum is now B + a, and each weight is the exponential of a difference of running sums",
        ),
        begin(exp(3 * log(gamma) - 1 * log(gamma)), "with all factors equal: running sums are multiples of log γ", "One from the other"),
        (gamma**2, "retention is the case of one factor for all tokens"),
    ),
    reference="Sun et al. 2023 (RetNet), arXiv:2307.08621, equations 5 and 6; Dao & Gu 2024 (Mamba-2), arXiv:2405.21060, section 3.",
    example={"K": [[1, 0], [1, 1]], "V": [1, 2], "q": [1, 1], "k": [0, 1], "v": 3, "gamma": "1/2", "r": [1, 0], "A": [-1, -2], "B": -2, "a": -1},
    pictures=(Curves(T, "What is read after the decay γ", "gamma", ("1/50", "49/50"), "decay γ", "entry of T"),),
)  # fmt: skip
