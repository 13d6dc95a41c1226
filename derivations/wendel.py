"""How often tokens lie in one hemisphere.

Tokens that lie in one hemisphere come together, so it matters how often random ones do. Each token cuts the sphere of all directions by the plane of those orthogonal to it, and n planes in general position cut it into a number of regions that can be counted. Of the 2ⁿ choices of a sign for each token just as many are
good as there are regions; and signs do not matter for random tokens.
"""

from symformer import Derivation, begin, define, lift, scalar, wrong

n = scalar("n", kind="positive")

R_2 = define("R_2", (), 2 * n)
R_3 = define("R_3", (), n**2 - n + 2)
B_2 = define("B_2", (), 2 * (1 + (n - 1)))
B_3 = define("B_3", (), 2 * (1 + (n - 1) + (n - 1) * (n - 2) / 2))

derivation = Derivation(
    __doc__,
    given=(
        n.tensor,
        "n counts tokens, in general position; R are the numbers of regions in two and in three dimensions, B the same by Wendel's formula, twice the sum of the first d binomial coefficients of n − 1",
    ),
    where=(R_2, R_3, B_2, B_3),
    calc=(
        begin(B_2[()], "Wendel's formula on the circle", "Two dimensions"),
        (R_2[()], "two new regions for each new token: a line through the centre cuts two of the old"),
        begin(B_3[()], "Wendel's formula on the sphere", "Three dimensions"),
        (R_3[()], "expand the binomial coefficient"),
        begin(R_3[()] - ((n - 1) ** 2 - (n - 1) + 2), "how many regions the token number n adds", "Cutting by one more plane"),
        wrong(2 * n, "as many as there are on the circle with n tokens"),
        (2 * (n - 1), "as many as the n − 1 older planes cut its own circle into"),
        begin((lift(3) ** 2 - 3 + 2) / lift(2) ** 3, "the probability for three tokens in three dimensions: regions over choices of signs", "As many tokens as dimensions"),
        (1, "always in one hemisphere: where d is at least n, all tokens come together from almost every start"),
        begin((lift(4) ** 2 - 4 + 2) / lift(2) ** 4, "for four tokens in three dimensions", "One more"),
        (lift(7) / 8, "seven times in eight"),
    ),
    notes=("That random points are in general position, and that the count does not depend on where they are, is geometry that index notation cannot say; the page shows the count.",),
    reference="Wendel 1962, A Problem in Geometric Probability; Geshkovski, Letrouit, Polyanskiy & Rigollet 2023, arXiv:2312.10794, theorem 6.7.",
    example={"n": 4},
)  # fmt: skip
