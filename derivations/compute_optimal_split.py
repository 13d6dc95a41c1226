"""The compute-optimal split.

With a loss that falls as a power of the parameters and as a power of the tokens, and a price of six operations for each
parameter and token, one split of a budget is best: its slope vanishes. Both parts grow as powers of the budget, and the
powers add up to one.
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
        "tokens D is c − x",
    ),
    where=(loss, x_best, y_best),
    calc=(
        begin(diff(loss[()], x), "the slope of the loss along a budget", "The slope"),
        (-alpha * A * exp(-alpha * x) + beta * B * exp(-beta * (c - x)), "both powers are exponentials of x"),
        begin(-alpha * A * exp(-alpha * x_best[()]) + beta * B * exp(-beta * (c - x_best[()])), "the slope at x_0", "It vanishes at x_0"),
        (0, ("both terms are equal there: ", exp((alpha + beta) * x_best[()]), " is ", alpha * A / (beta * B) * exp(beta * c))),
        begin(x_best[()] + y_best[()], "the logarithms of parameters and tokens", "The split"),
        (c, "they use the budget up"),
        begin(diff(x_best[()], c), "how the parameters grow with the budget: N is G (C/6) to this power", "The powers"),
        (beta / (alpha + beta), "x_0 is linear in c"),
        begin(diff(y_best[()], c), "how the tokens grow", "The tokens"),
        (alpha / (alpha + beta), "the rest"),
        begin(lift(28) / (34 + lift(28)),
              "with the printed α = 0.34 and β = 0.28", "The parameters' power as printed"),
        wrong(lift(46) / 100, "0.46, as printed"),
        (lift(14) / 31, "0.4516"),
        begin(lift(34) / (34 + lift(28)), "the tokens' power", "The tokens' power as printed"),
        wrong(lift(54) / 100, "0.54, as printed"),
        (lift(17) / 31, "0.5484"),
    ),
    notes=(
        "The published constants are rounded; the authors' own were not. Besiroglu et al. 2024, arXiv:2404.10102, fitted the "
        "data anew.",
        "In the paper's letters N is G times C/6 to the power β/(α + β), and D is C/6 to the power α/(α + β) over G, where G is "
        "α A/(β B) to the power 1/(α + β).",
        "The rule of twenty tokens for a parameter, D = 20 P, is a rule of thumb read off the same paper.",
    ),
    reference=("Hoffmann et al. 2022, arXiv:2203.15556, equation 4 and approach 3; the price is that of ",
               see("training-compute"), "."),
)  # fmt: skip
