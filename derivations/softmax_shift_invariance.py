"""Softmax is shift-invariant.

Adding one number to every score changes nothing: every exponential is multiplied by the same factor, in the numerator and
in the denominator, and the factor cancels. So a program may subtract the largest score first, and no exponential overflows.
"""

from symformer import Curves, Derivation, begin, define, exp, indices, max, scalar, sizes, sum, tensor

n = sizes("n")
i, k = indices("i k")
x = tensor("x", n)
c = scalar("c")

m = define("m", (), max(x[k], k))

derivation = Derivation(
    __doc__,
    given=(x, c.tensor),
    where=(m,),
    calc=(
        begin(exp(x[i] + c) / sum(exp(x[k] + c), k), "softmax of the shifted scores", "Any shift"),
        (exp(x[i]) * exp(c) / sum(exp(x[k]) * exp(c), k), "the exponential of a sum is a product"),
        (
            exp(x[i]) * exp(c) / (exp(c) * sum(exp(x[k]), k)),
            ("factor ", exp(c), " out of the sum: it does not depend on k"),
        ),
        (exp(x[i]) / sum(exp(x[k]), k), ("cancel ", exp(c), ", which is never 0")),
        begin(
            exp(x[i] - m[()]) / sum(exp(x[k] - m[()]), k), "softmax as it is computed", "The shift that programs use"
        ),
        (exp(x[i]) / sum(exp(x[k]), k), "the chain above with c = −m; every exponent is at most 0"),
    ),
    reference="Boyd & Vandenberghe, Convex Optimization, section 3.1.5; used by every implementation of softmax.",
    example={"x": [1, 2, 3], "c": 10},
    pictures=(
        Curves(
            define("p", i, exp(x[i] + c) / sum(exp(x[k] + c), k)),
            "The probabilities as all scores are shifted by c: nothing moves",
            "c",
            ("-5", "5"),
            "shift c",
            "probability",
        ),
    ),
)
