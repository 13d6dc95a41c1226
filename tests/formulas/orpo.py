"""ORPO's odds ratio. Hong et al. 2024, arXiv:2403.07691, equations 3 to 7."""

import math

import symformer as sf

n, m = sf.sizes("n m")
t = sf.indices("t")
w, v = sf.tensor("w", n), sf.tensor("v", m)  # log probabilities of tokens
lam = sf.scalar("lambda", kind="positive")
a = sf.define("a", (), -sf.mean(sf.exp(w[t]), t))
b = sf.define("b", (), -sf.mean(sf.exp(v[t]), t))
ratio = a[()] - sf.log(1 - sf.exp(a[()])) - b[()] + sf.log(1 - sf.exp(b[()]))
PROGRAM = sf.program(sf.define("L", (), -a[()] - lam * sf.log(1 / (1 + sf.exp(-ratio)))), inputs=(w, v, lam))
PRINTED = "L = −a − λ log(1/(1 + exp(−(a − log(1 − exp(a)) − b + log(1 − exp(b))))))"


def reference(w, v, lam):
    a, b = (-sum(map(math.exp, one)) / len(one) for one in (w, v))
    ratio = a - math.log(1 - math.exp(a)) - b + math.log(1 - math.exp(b))
    return -a + lam * math.log1p(math.exp(-ratio))


odds = sf.exp(a[()]) / (1 - sf.exp(a[()]))
STATEMENTS = [(odds, 1 / (sf.exp(-a[()]) - 1), "proved")]
