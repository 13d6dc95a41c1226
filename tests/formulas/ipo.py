"""Identity preference optimisation. Azar et al. 2023, arXiv:2310.12036, equation 17."""

import symformer as sf

n = sf.sizes("n")
i = sf.indices("i")
w, l, w_ref, l_ref = (sf.tensor(name, n) for name in ("w", "l", "w_ref", "l_ref"))
tau = sf.scalar("tau", kind="positive")
h = sf.define("h", i, w[i] - l[i] - (w_ref[i] - l_ref[i]))
PROGRAM = sf.program(sf.define("L", (), sf.mean((h[i] - 1 / (2 * tau)) ** 2, i)), inputs=(w, l, w_ref, l_ref, tau))
PRINTED = "L = 1/n Σ_i (h_i − 1/(2 τ))^2"
LARGE = True


def reference(w, l, w_ref, l_ref, tau):
    gaps = [a - b - (c - d) for a, b, c, d in zip(w, l, w_ref, l_ref, strict=True)]
    return sum((gap - 1 / (2 * tau)) ** 2 for gap in gaps) / len(gaps)


term = (h[i] - 1 / (2 * tau)) ** 2
STATEMENTS = [
    (sf.diff(term, h[i]), 2 * (h[i] - 1 / (2 * tau)), "proved"),
    (term, h[i] ** 2 - h[i] / tau + 1 / (4 * tau**2), "proved"),
    (sf.diff(term, h[i]), 2 * h[i], "refuted"),
]
