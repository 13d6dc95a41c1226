"""Rank collapse.

A transformer of attention alone, without skip connections, makes all tokens equal, and at a cubic rate: what a token differs by from the common part is cubed in every layer. The common part of
keys and queries cancels in the softmax, so that the rows of weights differ only by the product of two residuals; and the values contribute a third. A skip connection passes the residual on unchanged.
"""

from symformer import Bars, Derivation, begin, define, diff, exp, ge, indices, scalar, see, sizes, sum, tensor, wrong

n = sizes("n")
j, k = indices("j k")
y = tensor("y", n)
a, r, z, t = (scalar(name) for name in ("a", "r", "z", "t"))

u = define("u", j, exp(a * (r + t * z) * (r + t * y[j])))
p = define("p", j, u[j] / sum(u[k], k))
o = define("o", (), sum(p[j] * (r + t * y[j]), j))
m = define("m", (), sum(p[j] * y[j], j))
v = define("v", (), sum(p[j] * (y[j] - m[()]) ** 2, j))

derivation = Derivation(
    __doc__,
    given=(
        y, a.tensor, r.tensor, z.tensor, t.tensor,
        "tokens are single numbers r + t y: r is their common part, t y their residual, so that t says how large residuals are; a is the product of the weights of queries and keys",
        "the query is the token r + t z; p are its attention weights, o is its output, m and v are the mean and the variance of y under p",
    ),
    where=(u, p, o, m, v),
    calc=(
        begin(p[j], "the weight that the query gives to token j", "What cancels"),
        wrong(exp(a * t**2 * z * y[j]) / sum(exp(a * t**2 * z * y[k]), k), "as if the common part of the query cancelled, too"),
        (
            exp(a * t * r * y[j] + a * t**2 * z * y[j]) / sum(exp(a * t * r * y[k] + a * t**2 * z * y[k]), k),
            ("factors without j cancel, as in ", see("softmax-shift-invariance"), ": z enters only times y, with t²"),
        ),
        begin(o[()], "the output", "The output"),
        (r + t * m[()], "weights sum to 1: the common part passes, and t is a factor of the rest"),
        begin(diff(o[()], z), "how the output changes with the query's own residual", "Three factors"),
        (t * sum(diff(p[j], z) * y[j], j), "the chain above"),
        (t * sum(a * t**2 * p[j] * (y[j] - m[()]) * y[j], j), "the derivative of the softmax of the exponents above"),
        (a * t**3 * v[()], "a mean of squares minus a squared mean: outputs of two tokens differ by an amount that is cubic in t"),
        begin(v[()], "the variance", "Its sign"),
        ge(0, "a sum of squares with positive weights"),
        begin(diff(r + t * z + o[()], z), "the same with a skip connection", "With a skip connection"),
        (t + a * t**3 * v[()], "the chain above: the residual itself remains, and attention changes it little"),
    ),
    notes=(
        "So t becomes a number times t³ in each layer, and after L layers t to the power 3 to the L: with small residuals the tokens become equal doubly exponentially.",
        "Dong et al. prove this for matrices, heads and paths through many layers, with a bound in a mixed norm. Their constant needs inequalities between norms that this book does not have; it is not shown here.",
    ),
    reference="Dong, Cordonnier & Loukas 2021, Attention is not all you need, arXiv:2103.03404, theorem 2.2.",
    pictures=(Bars((y, p), "Residuals y and the weights that they get", "token"),),
    example={"y": [-1, 0, 1], "a": 1, "r": 1, "z": 1, "t": "1/2"},
)  # fmt: skip
