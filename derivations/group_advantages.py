"""Advantages relative to a group.

GRPO needs no model of values: it draws several answers to a prompt, and the advantage of each is its reward minus the mean of the group, divided by the standard
deviation. Advantages of a group sum to 0 and have mean square 1, and neither shifting nor scaling the rewards changes them. The division also has
a price: where nearly all answers are right, or nearly all wrong, the deviation is small, and the few exceptions get large advantages.
"""

from symformer import Bars, Derivation, begin, define, diff, exp, indices, mean, scalar, sizes, sqrt, sum, tensor, wrong

n = sizes("n")
i, k = indices("i k")
r, a, b = tensor("r", n), scalar("a", kind="positive"), scalar("b")
p = tensor("p", n)

mu = define("mu", (), mean(r[k], k))
s = define("s", (), sqrt(mean((r[k] - mu[()]) ** 2, k)))
A = define("A", i, (r[i] - mu[()]) / s[()])
J = define("J", (), sum(A[i] * exp(p[i]), i))
t = define("t", i, a * r[i] + b)

derivation = Derivation(
    __doc__,
    given=(r, a.tensor, b.tensor, p, "r are the rewards of n answers to one prompt, not all the same, a and b any scale and shift of them; p are log-ratios of new and old probabilities"),
    where=(mu, s, A, t, J),
    calc=(
        begin(sum(A[i], i), "the sum of the advantages of a group", "Sum"),
        (0, "the deviations from a mean sum to 0"),
        begin(mean(A[i] ** 2, i), "their mean square", "Size"),
        (1, "it is the variance, over the variance"),
        begin((t[i] - mean(t[k], k)) / sqrt(mean((t[k] - a * mu[()] - b) ** 2, k)), "the advantage with other rewards", "Scale and shift"),
        (a * (r[i] - mu[()]) / (a * s[()]), "b cancels; the positive factor a leaves the root"),
        wrong(a * A[i], "as if a larger reward made larger steps"),
        (A[i], "a cancels"),
        begin(diff(J[()], p[i]), "the gradient of the objective, without its clip, in a log-ratio", "The gradient"),
        (A[i] * exp(p[i]), "exp is its own derivative: at the first step, where p is 0, the advantage itself"),
    ),
    reference="Shao et al. 2024, DeepSeekMath, arXiv:2402.03300, section 4.1; Liu et al. 2025 (Dr. GRPO), arXiv:2503.20783, on what the division does.",
    pictures=(Bars((r, A), "Rewards r and advantages A, which sum to 0", "answer"),),
    example={"r": [1, 0, 1, 0], "a": 2, "b": 1, "p": [0, 0, 0, 0]},
)  # fmt: skip
