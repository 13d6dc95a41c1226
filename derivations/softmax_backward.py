"""The backward pass of softmax and of its logarithm.

Given dp, the gradient of the loss in the probabilities, that of the scores is p times dp minus an average: the average of dp with the
weights p. For the logarithm it is the gradient minus p times its sum. Both read only what the forward pass has computed, and both sum
to 0, because a shift of all scores changes no probability.
"""

from symformer import Bars, Derivation, begin, define, diff, exp, indices, log, see, sizes, sum, tensor, wrong

n = sizes("n")
i, j, k = indices("i j k")
x, dp, dy = tensor("x", n), tensor("dp", n), tensor("dy", n)

p = define("p", i, exp(x[i]) / sum(exp(x[k]), k))
y = define("y", i, x[i] - log(sum(exp(x[k]), k)))
phi = define("phi", (), sum(dp[i] * p[i], i))
psi = define("psi", (), sum(dy[i] * y[i], i))
a = define("a", (), sum(p[k] * dp[k], k))

derivation = Derivation(
    __doc__,
    given=(x, dp, dy, "φ and ψ stand for losses: one linear in p with the gradient dp, the other linear in y with the gradient dy"),
    where=(p, y, phi, psi, a),
    calc=(
        begin(diff(phi[()], x[j]), "the gradient of a score", "Softmax"),
        (sum(dp[i] * diff(p[i], x[j]), i), "chain rule"),
        (p[j] * dp[j] - p[j] * sum(p[k] * dp[k], k), (see("softmax-jacobian"),)),
        wrong(p[j] * dp[j] * (1 - p[j]), "the entries off the diagonal of the Jacobian left out, as if each score changed its own probability alone"),
        (p[j] * (dp[j] - a[()]), "definition of a; factor out p"),
        begin(sum(p[j] * (dp[j] - a[()]), j), "the sum of these gradients", "Softmax: the sum"),
        (0, "probabilities sum to 1"),
        begin(diff(psi[()], x[j]), "the gradient of a score", "Log-softmax"),
        (sum(dy[i] * diff(y[i], x[j]), i), "chain rule"),
        (dy[j] - p[j] * sum(dy[i], i), (see("log-sum-exp-gradient"), ": the log-sum-exp is subtracted from every score")),
        begin(sum(dy[j] - p[j] * sum(dy[i], i), j), "the sum of these gradients", "Log-softmax: the sum"),
        (0, "probabilities sum to 1"),
    ),
    reference="Dao et al. 2022, arXiv:2205.14135, appendix B; in PyTorch these are _softmax_backward_data and _log_softmax_backward_data.",
    example={"x": [1, 2, 3], "dp": [1, 0, 2], "dy": [0, 0, 1]},
    pictures=(Bars((p, y), "Probabilities and their logarithms", "entry"),),
)  # fmt: skip
