"""Temperature.

Dividing the scores by a temperature T before the softmax concentrates the probabilities on the largest scores when T is
small, and evens them out when T is large. The derivative of a probability in T is the probability times (m − x)/T²,
where x is its score and m the average score: cooling raises the probability of every score above the average and lowers
that of every score below it, and the total stays 1.
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
        begin(diff(p[i], T), "how a probability changes with the temperature", "One probability"),
        (diff(u[i], T) / Z[()] - u[i] * diff(Z[()], T) / Z[()] ** 2, "quotient rule"),
        (-u[i] * x[i] / T**2 / Z[()] + u[i] * sum(u[k] * x[k], k) / T**2 / Z[()] ** 2,
         ("chain rule: ", diff(u[k], T), " is ", -u[k] * x[k] / T**2)),
        (-p[i] * x[i] / T**2 + p[i] * sum(p[k] * x[k], k) / T**2, "definition of p"),
        (p[i] / T**2 * (m[()] - x[i]), ("m is the average score; factor out ", p[i] / T**2)),
        begin(sum(diff(p[i], T), i), "the sum of these derivatives", "The total"),
        (sum(p[i] / T**2 * (m[()] - x[i]), i), "the chain above"),
        (m[()] / T**2 * sum(p[i], i) - m[()] / T**2, "expand; the second sum is the average score m"),
        (0, "probabilities sum to 1"),
        begin(u[i] / Z[()], "a probability, as T grows without bound", "The limit of high temperature"),
        tends(exp(0 * x[i]) / sum(exp(0 * x[k]), k), "every score over T tends to 0, and exp is continuous", to=(T, "oo")),
        (1 / n, "exp(0) is 1, and n ones add up to n: all probabilities are equal"),
    ),
    reference=("Hinton, Vinyals & Dean 2015, arXiv:1503.02531, section 2. That only differences of scores count is in ",
               see("softmax-shift-invariance"), "."),
    example={"x": [1, 2, 3], "T": 1},
    temperature=T.tensor,
    pictures=(
        Curves(p, "Probabilities of three scores as the temperature rises", "T",
               ["1/5", "1/4", "1/3", "1/2", "2/3", "3/4", 1, "5/4", "3/2", 2, "5/2", 3, "7/2", 4], "temperature T", "probability"),
    ),
)  # fmt: skip
