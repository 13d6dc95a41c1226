"""The optimum of a reward with a KL penalty.

Fine-tuning asks for a policy with a high reward that stays near a reference policy: reward minus β times the KL divergence from the reference. The optimum
is known in closed form. It is the reference, with every answer weighted by the exponential of its reward over β; and its value is β times the logarithm
of the normaliser. Turned round, the optimum gives the reward away, which is where direct preference optimisation begins.
"""

from symformer import Bars, Derivation, begin, define, exp, indices, log, scalar, see, sizes, sum, tensor, wrong

n = sizes("n")
i, k = indices("i k")
r = tensor("r", n)
q, w = tensor("q", n, kind="simplex"), tensor("w", n, kind="simplex")
beta = scalar("beta", kind="positive")

Z = define("Z", (), sum(w[k] * exp(r[k] / beta), k))
p = define("p", i, w[i] * exp(r[i] / beta) / Z[()])
J = define("J", (), sum(q[i] * r[i], i) - beta * sum(q[i] * log(q[i] / w[i]), i))
D = define("D", (), sum(q[i] * log(q[i] / p[i]), i))

derivation = Derivation(
    __doc__,
    given=(r, w, q, beta.tensor, "n answers to one prompt: r are their rewards, w their probabilities under the reference, q under any policy"),
    where=(Z, p, J, D),
    calc=(
        begin(J[()], "the objective: average reward, minus β times the KL divergence from the reference", "Any policy"),
        (-beta * sum(q[i] * (log(q[i] / w[i]) - r[i] / beta), i), "factor out −β"),
        (-beta * sum(q[i] * (log(q[i] / p[i]) - log(Z[()])), i), ("the logarithm of ", p[i], " is that of ", w[i], ", plus ", r[i] / beta, ", minus that of Z")),
        (beta * log(Z[()]) - beta * D[()], "probabilities sum to 1; definition of D: never above β log Z"),
        begin(sum(p[i] * r[i], i) - beta * sum(p[i] * log(p[i] / w[i]), i), "the objective of p", "The optimum"),
        (sum(p[i] * r[i], i) - beta * sum(p[i] * (r[i] / beta - log(Z[()])), i), "definition of p: w cancels"),
        (beta * log(Z[()]), "the rewards cancel, and probabilities sum to 1: p is optimal"),
        begin(beta * log(p[i] / w[i]), "the reward that the optimum implies", "Turned round"),
        wrong(r[i], "as if the normaliser were 1"),
        (r[i] - beta * log(Z[()]), "definition of p: the reward, up to a number that is the same for all answers to the prompt"),
    ),
    reference=("Rafailov et al. 2023, arXiv:2305.18290, equations 4 and 5, appendix A.1. It is ", see("gibbs-variational-principle"), " with a reference that is not uniform."),
    pictures=(Bars((q, p), "The reference q and the optimum p, which leans to the higher reward", "answer"),),
    example={"r": [1, 0], "w": ["1/2", "1/2"], "q": ["1/4", "3/4"], "beta": 1},
)  # fmt: skip
