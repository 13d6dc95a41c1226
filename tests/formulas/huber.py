"""Huber's loss. Huber 1964, Robust Estimation of a Location Parameter; by cases."""

import symformer as sf

n = sf.sizes("n")
i = sf.indices("i")
a = sf.tensor("a", n)
delta = sf.scalar("delta", kind="positive")
body = sf.where(abs(a[i]) <= delta, a[i] ** 2 / 2, delta * (abs(a[i]) - delta / 2))
PROGRAM = sf.program(sf.define("L", i, body), inputs=(a, delta))
PRINTED = "L_i = {(a_i^2)/2 if |a_i| ≤ δ; δ(|a_i| − δ/2) otherwise}"
LARGE = True


def reference(a, delta):
    return [x * x / 2 if abs(x) <= delta else delta * (abs(x) - delta / 2) for x in a]


STATEMENTS = [
    (sf.diff(body, a[i]), sf.clip(a[i], -delta, delta), "proved exact checked"),
    (sf.diff(body, a[i]), a[i], "refuted"),
]
