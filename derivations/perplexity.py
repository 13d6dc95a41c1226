"""Perplexity.

Perplexity is the exponential of the mean loss per token: one over the geometric mean of the probabilities that a model gives to the tokens that occurred. A model that guesses uniformly
among V tokens has perplexity V. To combine the perplexities of several texts, average the losses, each with the length of its text, and never the
perplexities themselves. Two to the power of the loss in bits is the same number.
"""

from symformer import Curves, Derivation, begin, define, exp, indices, log, mean, sizes, sum, tensor, wrong

n, m, V = sizes("n m V")
i, j = indices("i j")
p, q = tensor("p", n, kind="positive"), tensor("q", m, kind="positive")
L = define("L", (), -mean(log(p[i]), i))
M = define("M", (), -mean(log(q[j]), j))
b = define("b", (), L[()] / log(2))

derivation = Derivation(
    __doc__,
    given=(p, q, "p are the probabilities that the model gave to the n tokens of a text, q those for the m tokens of another; V is the size of the vocabulary"),
    where=(L, M, b),
    calc=(
        begin(exp(-mean(log(1 / V), (i, n))), "the perplexity of a uniform guess", "Uniform"),
        (exp(log(V)), "n equal terms, over n"),
        (V, "exp undoes log"),
        begin(exp(log(2) * b[()]), "two to the power of the loss in bits", "Bits"),
        (exp(L[()]), "log 2 cancels"),
        begin(
            exp(-(sum(log(p[i]), i) + sum(log(q[j]), j)) / (n + m)), "the perplexity of both texts together", "Two texts"
        ),
        wrong((n * exp(L[()]) + m * exp(M[()])) / (n + m), "the average of the two perplexities"),
        (exp((n * L[()] + m * M[()]) / (n + m)), "the losses are averaged, each with the length of its text"),
    ),
    reference="Jelinek, Mercer, Bahl & Baker 1977; Jurafsky & Martin, Speech and Language Processing, section 3.2.",
    example={"p": ["1/2", "1/4"], "q": ["1/8"], "V": 10},
    pictures=(Curves(M, "The mean loss, whose exponential is the perplexity, as a token becomes more likely", ("q", 1), ("1/50", "1"), "probability q₁", "mean loss M"),),
)  # fmt: skip
