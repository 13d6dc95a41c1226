"""Temperature.

Dividing the scores by a temperature T before the softmax sharpens the shares when T is small and evens them out when it
is large. How fast a share moves is its distance from the average score, weighted by the share itself and divided by
T²: scores above the average gain from cooling, those below it lose, and nothing is gained or lost in total.
"""

from symformer import Curves, Derivation, begin, define, diff, exp, indices, scalar, see, sizes, sum, tends, tensor

n = sizes("n")
i, k = indices("i k")
x = tensor("x", n)
T = scalar("T", kind="positive")

u = define("u", i, exp(x[i] / T))
Z = define("Z", (), sum(u[k], k))
p = define("p", i, u[i] / Z[()])
m = define("m", (), sum(p[k] * x[k], k))

derivation = Derivation(
    __doc__,
    given=(x, T.tensor),
    where=(u, Z, p, m),
    calc=(
        begin(diff(p[i], T), "how a share moves when it gets warmer", "A share"),
        (diff(u[i], T) / Z[()] - u[i] * diff(Z[()], T) / Z[()] ** 2, "quotient rule"),
        (-u[i] * x[i] / T**2 / Z[()] + u[i] * sum(u[k] * x[k], k) / T**2 / Z[()] ** 2,
         ("chain rule: ", diff(u[k], T), " is ", -u[k] * x[k] / T**2)),
        (-p[i] * x[i] / T**2 + p[i] * sum(p[k] * x[k], k) / T**2, "definition of p"),
        (p[i] / T**2 * (m[()] - x[i]), "m is the average score; take out p / T²"),
        begin(sum(diff(p[i], T), i), "all shares together", "The total"),
        (sum(p[i] / T**2 * (m[()] - x[i]), i), "the chain above"),
        (m[()] / T**2 * sum(p[i], i) - m[()] / T**2, "the second sum is m again"),
        (0, "shares sum to 1"),
        begin(u[i] / Z[()], "a share", "Very hot"),
        tends(exp(0 * x[i]) / sum(exp(0 * x[k]), k), "every score over T goes to 0, and exp is continuous", to=(T, "oo")),
        (1 / n, "exp(0) is 1, and n ones add up to n: all shares are equal"),
    ),
    reference=("Hinton, Vinyals & Dean 2015, arXiv:1503.02531, section 2. That only differences of scores count is in ",
               see("softmax-shift-invariance"), "."),
    example={"x": [1, 2, 3], "T": 1},
    temperature=T.tensor,
    pictures=(
        Curves(p, "Shares of three scores as the temperature rises", "T",
               ["1/5", "1/4", "1/3", "1/2", "2/3", "3/4", 1, "5/4", "3/2", 2, "5/2", 3, "7/2", 4], "temperature T", "share"),
    ),
)  # fmt: skip
