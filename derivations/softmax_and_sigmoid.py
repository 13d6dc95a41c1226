"""Softmax, sigmoid and tanh.

The three are one function in three forms. Softmax divides a total of 1 among many scores; for two scores the first
probability is a sigmoid of their difference; and tanh is the sigmoid of twice its argument, stretched from (0, 1) to
(−1, 1).
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
        begin(sum(exp(x[i]) / Z[()], i), "the sum of all probabilities", "Probabilities sum to 1"),
        (1 / Z[()] * sum(exp(x[i]), i), "factor 1/Z out of the sum: Z does not depend on i"),
        (1, "the sum is Z, which is positive and cancels"),
        begin(exp(a) / (exp(a) + exp(b)), "the first of two probabilities, with scores a and b", "Two classes"),
        (1 / (1 + exp(b) / exp(a)), "divide numerator and denominator by exp(a), which is positive"),
        (1 / (1 + exp(-(a - b))), "a quotient of exponentials is the exponential of a difference: this is σ(a − b)"),
        begin(1 / (1 + exp(-t)) + 1 / (1 + exp(t)), "σ(t) + σ(−t)", "A sigmoid and its mirror image"),
        (
            exp(t) / (exp(t) + 1) + 1 / (1 + exp(t)),
            "multiply numerator and denominator of the first fraction by exp(t)",
        ),
        (1, "the denominators are equal, and the numerators add up to them"),
        begin(2 / (1 + exp(-2 * t)) - 1, "2 σ(2t) − 1", "Tanh"),
        ((1 - exp(-2 * t)) / (1 + exp(-2 * t)), "over a common denominator"),
        ((exp(t) - exp(-t)) / (exp(t) + exp(-t)), "multiply numerator and denominator by exp(t)"),
        (tanh(t), "definition of tanh"),
    ),
    reference="Goodfellow, Bengio & Courville 2016, Deep Learning, sections 3.10 and 6.2.2.",
    example={"x": [1, 2, 3], "a": 2, "b": 1, "t": "1/2"},
)
