"""The limit of distillation.

A student that imitates a teacher at temperature T has the gradient of a cross-entropy with soft targets, divided by T. Gradients therefore shrink like 1/T², which
is why the loss is multiplied by T². And for high temperatures distillation becomes matching of logits: the gradient is the difference of the logits,
each minus its mean.
"""

from symformer import (
    Curves,
    Derivation,
    begin,
    define,
    diff,
    exp,
    indices,
    log,
    mean,
    scalar,
    see,
    sizes,
    sum,
    tends,
    tensor,
    wrong,
)

n = sizes("n")
i, j, k = indices("i j k")
z, v, T = tensor("z", n), tensor("v", n), scalar("T", kind="positive")

p = define("p", i, exp(v[i] / T) / sum(exp(v[k] / T), k))
q = define("q", i, exp(z[i] / T) / sum(exp(z[k] / T), k))
L = define("L", (), -sum(p[i] * log(q[i]), i))

derivation = Derivation(
    __doc__,
    given=(z, v, T.tensor, "z are the logits of the student, v those of the teacher; both are divided by the temperature T"),
    where=(p, q, L),
    calc=(
        begin(diff(L[()], z[j]), "the gradient of a logit of the student", "Soft targets"),
        (q[j] / T * sum(p[i], i) - p[j] / T, (see("cross-entropy-gradient"), ": the logit enters divided by T")),
        (1 / T * (q[j] - p[j]), "probabilities sum to 1"),
        begin(T * (q[j] - p[j]), "the same gradient, times T²", "High temperature"),
        wrong(z[j] - v[j], "as if probabilities were logits"),
        (
            T * (exp(z[j] / T) * sum(exp(v[k] / T), k) - exp(v[j] / T) * sum(exp(z[k] / T), k))
            / (sum(exp(z[k] / T), k) * sum(exp(v[k] / T), k)),
            "over a common denominator",
        ),
        (
            sum(T * (exp((z[j] + v[k]) / T) - exp((v[j] + z[k]) / T)), k) / (sum(exp(z[k] / T), k) * sum(exp(v[k] / T), k)),
            "exponents add up",
        ),
        begin(T * (exp((z[j] + v[k]) / T) - exp((v[j] + z[k]) / T)), "one term of the numerator", "Its numerator"),
        tends((z[j] + v[k]) - (v[j] + z[k]), "the exponential of a small number is 1 plus that number, up to its square", to=(T, "oo")),
        begin(sum(exp(z[k] / T), k) * sum(exp(v[k] / T), k), "the denominator", "Its denominator"),
        tends(sum(exp(0 * z[k]), k) * sum(exp(0 * v[k]), k), "exp is continuous", to=(T, "oo")),
        (n**2, "exp(0) is 1, and n ones add up to n"),
        begin(sum((z[j] + v[k]) - (v[j] + z[k]), k) / n**2, "the limit of the numerator over that of the denominator", "Matching logits"),
        (1 / n * ((z[j] - mean(z[k], k)) - (v[j] - mean(v[k], k))), "split the sum: the difference of the centred logits, over n"),
    ),
    reference="Hinton, Vinyals & Dean 2015, arXiv:1503.02531, equations 2 to 4.",
    pictures=(Curves(p, "The targets p as the temperature rises: all approach one value", "T", ("1/2", 8), "temperature T", "probabilities"),),
    example={"z": [1, 2, 0], "v": [2, 2, -1], "T": 4},
)  # fmt: skip
