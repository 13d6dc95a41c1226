"""Attention on a line becomes Boolean.

Without a norm, tokens that are single numbers grow apart exponentially, and in scaled coordinates their scores are multiplied by a factor that grows. Then a token with a positive coordinate gives all its weight to the largest token, one with a negative coordinate to the smallest: the matrix of
attention weights tends to one of zeros and ones with at most two different rows.
"""

from symformer import Curves, Derivation, begin, define, exp, scalar, tends, wrong

z, g, h, c = (scalar(name, kind="positive") for name in ("z", "g", "h", "c"))
x = scalar("x")

p = define("p", (), exp(c * z * x) / (exp(c * z * x) + exp(c * z * (x + g))))
q = define("q", (), exp(-c * z * x) / (exp(-c * z * x) + exp(-c * z * (x + g))))

derivation = Derivation(
    __doc__,
    given=(
        z.tensor, x.tensor, g.tensor, h.tensor, c.tensor,
        "a token at z > 0 attends to two tokens, at x and at x + g with g > 0; c is the factor, exp(2t) with all weights 1; p is the weight of the smaller, and q its weight where the token is at −z",
    ),
    where=(p, q),
    calc=(
        begin(p[()], "the weight of the smaller token, from a positive coordinate", "A ratio"),
        (1 / (1 + exp(c * z * g)), ("divide numerator and denominator by ", exp(c * z * x), ": only the gap counts")),
        begin(h / (h + 1), "the same, with h for exp(−c z g), which tends to 0 as c grows", "The limit"),
        tends(0, "all weight goes to the larger: with more tokens, to the largest", to=(h, 0)),
        begin(q[()], "the weight of the smaller token, from a negative coordinate", "From the other side"),
        wrong(p[()], "as if the sign did not matter"),
        (1 - p[()], "the roles of the two are reversed: all weight goes to the smaller"),
    ),
    notes=(
        "That tokens keep their order and that no two of them meet is part of the theorem and is not shown here; neither is the rate.",
        "With weights 1 and start (−1.2, −0.3, 0.4, 0.9, 2) the rows tend to e₁, e₁, e₅, e₅, e₅: rank 2.",
    ),
    reference="Geshkovski, Letrouit, Polyanskiy & Rigollet 2023, arXiv:2305.05465, theorem 2.1.",
    example={"z": 1, "x": 1, "g": 1, "h": 2, "c": 2},
    pictures=(Curves((p, q), "As the factor of the scores grows, the weight of the token in front tends to 0 or 1", "c", ("1/10", "6"), "factor c", "weight"),),
)  # fmt: skip
