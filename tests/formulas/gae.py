"""Generalised advantage estimation, backwards in time. Schulman et al. 2015, arXiv:1506.02438, equation 16.

δ_t = r_t + γ (1 − done_t) V(s_{t+1}) − V(s_t), A_t = δ_t + γ λ (1 − done_t) A_{t+1}, A_{n+1} = 0.
"""

import symformer as sf

n = sf.sizes("n")
t, k = sf.indices("t k")
gamma, lam = sf.scalar("gamma"), sf.scalar("lambda")
r, value, following, A = sf.tensor("r"), sf.tensor("V"), sf.tensor("V'"), sf.tensor("A")
done = sf.tensor("done", kind="mask")
delta = sf.define("delta", (), r[()] + gamma * (1 - done[()]) * following[()] - value[()])
A_new = sf.define("A_new", (), delta[()] + gamma * lam * (1 - done[()]) * A[()])
ADVANTAGE = sf.scan(
    {A: A_new}, (t, n), {A: 0}, each=(r, value, following, done), out=A_new, reverse=True, name="advantage"
)
PROGRAM = sf.program(ADVANTAGE)
PRINTED = "advantage = Scan_[t=n…1] Step(A_[n+1];r_t, V_t, V_t′, done_t;γ, λ)  with A_t"
RECURRENCE = ["δ_t = r_t + γ(1 − done_t) V_t′ − V_t", "A_t = δ_t + γ λ(1 − done_t) A_[t+1]"]


def reference(r, v, following, done, gamma, lam):
    out = []
    for t in range(len(r)):
        total, weight = 0.0, 1.0
        for k in range(t, len(r)):
            total += weight * (r[k] + gamma * (1 - done[k]) * following[k] - v[k])
            weight *= gamma * lam * (1 - done[k])
        out.append(total)
    return out


STATEMENTS = []
