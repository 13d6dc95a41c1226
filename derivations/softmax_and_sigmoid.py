"""Softmax, sigmoid and tanh.

The three squashing functions are one. Softmax shares one whole among many; with two scores its first share is a sigmoid
of their difference; and tanh is a sigmoid stretched from (0, 1) to (−1, 1).
"""

from symformer import Derivation, begin, define, exp, indices, scalar, sizes, sum, tanh, tensor

n = sizes("n")
i, k = indices("i k")
x = tensor("x", n)
a, b, t = scalar("a"), scalar("b"), scalar("t")

Z = define("Z", (), sum(exp(x[k]), k))

derivation = Derivation(
    __doc__,
    given=(x, a.tensor, b.tensor, t.tensor, "σ(t) stands for 1 / (1 + exp(−t))"),
    where=(Z,),
    calc=(
        begin(sum(exp(x[i]) / Z[()], i), "all shares together", "Shares sum to 1"),
        (1 / Z[()] * sum(exp(x[i]), i), "Z does not depend on i, so it leaves the sum"),
        (1, "the sum is Z, which is positive"),
        begin(exp(a) / (exp(a) + exp(b)), "the first share of two scores a and b", "Two classes"),
        (1 / (1 + exp(b) / exp(a)), "divide above and below by exp(a), which is positive"),
        (1 / (1 + exp(-(a - b))), "a quotient of exponentials is the exponential of a difference: this is σ(a − b)"),
        begin(1 / (1 + exp(-t)) + 1 / (1 + exp(t)), "σ(t) and σ(−t)", "A sigmoid and its mirror image"),
        (exp(t) / (exp(t) + 1) + 1 / (1 + exp(t)), "multiply the first fraction above and below by exp(t)"),
        (1, "one denominator, and the numerators add up to it"),
        begin(2 / (1 + exp(-2 * t)) - 1, "2 σ(2t) − 1", "Tanh"),
        ((1 - exp(-2 * t)) / (1 + exp(-2 * t)), "one fraction"),
        ((exp(t) - exp(-t)) / (exp(t) + exp(-t)), "multiply above and below by exp(t)"),
        (tanh(t), "definition of tanh"),
    ),
    reference="Goodfellow, Bengio & Courville 2016, Deep Learning, sections 3.10 and 6.2.2.",
    example={"x": [1, 2, 3], "a": 2, "b": 1, "t": "1/2"},
)
