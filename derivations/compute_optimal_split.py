"""The compute-optimal split.

Suppose the loss falls as a power of the number of parameters and as a power of the number of tokens, and each parameter costs
six operations for each token. Then one split of a budget is best: where the derivative of the loss vanishes. Parameters and
tokens both grow as powers of the budget, and the exponents add up to one.
"""

from symformer import Derivation, begin, define, diff, exp, lift, log, scalar, see, wrong

x, c = scalar("x"), scalar("c")
A, B, E, alpha, beta = (scalar(name, kind="positive") for name in ("A", "B", "E", "alpha", "beta"))

loss = define("ell", (), E + A * exp(-alpha * x) + B * exp(-beta * (c - x)))
x_best = define("x_0", (), (log(alpha * A / (beta * B)) + beta * c) / (alpha + beta))
y_best = define("y_0", (), (-log(alpha * A / (beta * B)) + alpha * c) / (alpha + beta))

derivation = Derivation(
    __doc__,
    given=(
        x.tensor, c.tensor, A.tensor, B.tensor, E.tensor, alpha.tensor, beta.tensor,
        "x is the logarithm of the parameters N, and c that of C/6, a sixth of the budget; by C = 6 N D the logarithm of the "
        "tokens D is c − x; G is a number that does not depend on the budget",
    ),
    where=(loss, x_best, y_best),
    calc=(
        begin(diff(loss[()], x), "the derivative of the loss in x, with the budget fixed", "The derivative"),
        (-alpha * A * exp(-alpha * x) + beta * B * exp(-beta * (c - x)), "differentiate each exponential"),
        begin(-alpha * A * exp(-alpha * x_best[()]) + beta * B * exp(-beta * (c - x_best[()])), "the derivative at x_0", "It vanishes at x_0"),
        (0, ("the two terms are equal there: ", exp((alpha + beta) * x_best[()]), " is ", alpha * A / (beta * B) * exp(beta * c))),
        begin(x_best[()] + y_best[()], "the logarithms of parameters and tokens, added", "The split"),
        (c, "they use up the budget"),
        begin(diff(x_best[()], c), "how the parameters grow with the budget: N is G times C/6 to this power", "The exponents"),
        (beta / (alpha + beta), "x_0 is linear in c"),
        begin(diff(y_best[()], c), "how the tokens grow", "The tokens"),
        (alpha / (alpha + beta), "y_0 is linear in c; the two exponents add up to 1"),
        begin(lift(28) / (34 + lift(28)),
              "β/(α + β) with the printed α = 0.34 and β = 0.28", "The exponent of the parameters, as printed"),
        wrong(lift(46) / 100, "0.46, as printed"),
        (lift(14) / 31, "0.4516"),
        begin(lift(34) / (34 + lift(28)), "α/(α + β) with the same", "The exponent of the tokens, as printed"),
        wrong(lift(54) / 100, "0.54, as printed"),
        (lift(17) / 31, "0.5484"),
    ),
    notes=(
        "The published α and β are rounded; the printed exponents come from unrounded ones. Besiroglu et al. 2024, arXiv:2404.10102, "
        "fitted the data anew.",
        "In the paper's letters N is G times C/6 to the power β/(α + β), and D is C/6 to the power α/(α + β) over G, where G is "
        "α A/(β B) to the power 1/(α + β).",
        "Twenty tokens for each parameter, D = 20 P, is a rule of thumb read off the same paper.",
    ),
    reference=("Hoffmann et al. 2022, arXiv:2203.15556, equation 4 and approach 3; the price is that of ",
               see("training-compute"), "."),
)  # fmt: skip
