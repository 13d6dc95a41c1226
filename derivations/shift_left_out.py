"""Softmax without the shift.

Softmax subtracts the largest score of a row so that no exponential overflows. In attention a score is an inner product, and
the largest lengths of a query and of a key bound all scores at once. Where that bound is small, every exponential has an
ordinary size, so the shift may be left out, and with it a pass over all scores. The bound need not even be computed: the sums
of the exponentials, which are needed anyway, tell afterwards whether all was well.
"""

from symformer import Derivation, begin, define, exp, ge, indices, le, max, scalar, see, sizes, sqrt, sum, tensor

n, m, d, d_v = sizes("n m d d_v")
i, j, c, k, f = indices("i j c k f")
Q, K, V = tensor("Q", n, d), tensor("K", m, d), tensor("V", m, d_v)
alpha, M = scalar("alpha"), tensor("M", n)

S = define("S", (i, j), alpha * sum(Q[i, c] * K[j, c], c))
rho_Q = define("rho_Q", (), max(sum(Q[i, c] ** 2, c), i))
rho_K = define("rho_K", (), max(sum(K[j, c] ** 2, c), j))
rho_V = define("rho_V", (), max(sum(V[j, f] ** 2, f), j))
b = define("b", (), sqrt(alpha**2 * rho_Q[()] * rho_K[()]))
Z = define("Z", i, sum(exp(S[i, j]), j))
O = define("O", (i, f), sum(exp(S[i, j]) * V[j, f], j))

derivation = Derivation(
    __doc__,
    given=(
        Q, K, V, alpha.tensor, M,
        "M is any shift of the rows, in practice the largest score of each",
    ),
    where=(S, rho_Q, rho_K, rho_V, b, Z, O),
    calc=(
        begin(S[i, j] ** 2, "a score, squared", "Cauchy–Schwarz"),
        (
            alpha**2 * (sum(Q[i, c] ** 2, c) * sum(K[j, c] ** 2, c)
                        - sum(sum((Q[i, c] * K[j, k] - Q[i, k] * K[j, c]) ** 2, k), c) / 2),
            "Lagrange's identity",
        ),
        le(alpha**2 * sum(Q[i, c] ** 2, c) * sum(K[j, c] ** 2, c), "drop the subtracted sum of squares, which is never negative"),
        le(alpha**2 * rho_Q[()] * rho_K[()], "no query and no key is longer than the longest"),
        begin(exp(S[i, j]), "the exponential of a score, without a shift", "No exponential is too large"),
        le(exp(sqrt(S[i, j] ** 2)), "a number is at most its absolute value"),
        le(exp(b[()]), "the bound above; exp is increasing"),
        begin(exp(S[i, j]), "the same exponential", "None is too small"),
        ge(exp(-sqrt(S[i, j] ** 2)), "a number is at least minus its absolute value"),
        ge(exp(-b[()]), "the bound above; exp is increasing"),
        begin(Z[i], "the sum of a row", "The sums"),
        ge(sum(exp(-b[()]), (j, m)), "each term is at least exp(−b), by the chain above"),
        (m * exp(-b[()]), "m equal terms: the denominator is not 0"),
        begin(O[i, f] ** 2, "the weighted sum of the values, squared", "The weighted sums"),
        le(sum(exp(S[i, j]), j) * sum(exp(S[i, j]) * V[j, f] ** 2, j), "Cauchy–Schwarz, with the roots of the exponentials as one factor"),
        le(Z[i] ** 2 * rho_V[()], "no entry of a value is larger than the length of the longest value"),
        le((m * exp(b[()])) ** 2 * rho_V[()], "each term of Z is at most exp(b)"),
        begin(
            exp(18) * exp(30) * exp(35),
            "m exp(b) times the length of a value: e¹⁸ keys, b = 30, values of length e³⁵, which is above 10¹⁵",
            "In single precision",
        ),
        (exp(83), "the exponents add up"),
        le(exp(88), "nothing overflows: the largest number, 3.4 · 10³⁸, is above e⁸⁸"),
        begin(exp(18) * exp(30) / exp(-30), "m exp(b) / exp(−b): one over the least weight that a key may have"),
        (exp(78), "the exponents add up"),
        le(exp(87), "nothing underflows: the smallest normal number, 1.2 · 10⁻³⁸, is below e⁻⁸⁷"),
        begin(exp(S[i, j]), "one exponential of a row", "The sums tell afterwards"),
        le(Z[i], "it is a term of a sum of positive terms: where Z is at most 2⁴² in single precision, so is each exponential"),
        begin(Z[i], "the sum of a row, once more", "In the other direction"),
        le(
            m * exp(max(S[i, j], j)),
            "no term is above the largest: where Z is at least 2⁻²¹, the largest of 2²⁶ terms is at least 2⁻⁴⁷, far above the smallest "
            "normal number, 2⁻¹²⁶",
        ),
        begin(O[i, f] / Z[i], "the output, computed without a shift", "The same output"),
        (
            sum(exp(S[i, j] - M[i]) * V[j, f], j) / sum(exp(S[i, j] - M[i]), j),
            (see("softmax-shift-invariance"), ": any shift of the row gives the same output"),
        ),
    ),
    reference=(
        "Steele 2004, The Cauchy–Schwarz Master Class, chapters 1 and 3. Where a sum is out of bounds, its rows are computed again with the shift: ",
        see("stable-forms"),
        ".",
    ),
    example={"Q": [[1, 0], [1, 2]], "K": [[1, 1], [0, 2]], "V": [[1], [3]], "alpha": "1/2", "M": [0, 2]},
)  # fmt: skip
