"""Arithmetic intensity, and when decoding waits for memory.

A device that computes A operations a second and moves B bytes a second is busy only if it does A/B operations for each
byte. A product with weights does as many as there are rows: one token at a time, that is one. Batches help the weights,
but not the cache, of which every sequence has its own: there only shared keys help.
"""

from symformer import Derivation, approx, begin, lift, scalar, sizes, tends

b, k, m, n, L, R, G, d_k = sizes("b k m n L R G d_k")
P = sizes("P")
A, B = scalar("A", kind="positive"), scalar("B", kind="positive")

derivation = Derivation(
    __doc__,
    given=(A.tensor, B.tensor, "A is what a device computes in a second, B what it moves; two bytes a number, P parameters"),
    calc=(
        begin(2 * lift(b) * k * m / (2 * (lift(b) * k + lift(k) * m + lift(b) * m)),
              "operations over bytes of a product of (b, k) and (k, m)", "A product"),
        (1 / (1 / lift(b) + 1 / lift(k) + 1 / lift(m)), "a third of the harmonic mean of the three sizes"),
        tends(1 / (1 / lift(b) + 1 / lift(k)), "many columns", to=(m, "oo")),
        begin(1 / (1 / lift(b) + 1 / lift(k)), "a wide layer", "A wide layer"),
        tends(b, "as many as there are rows: in decoding, sequences", to=(k, "oo")),
        begin((2 * lift(P) * b / A) / (2 * lift(P) / B), "a step: time to compute over time to read the parameters", "Weights"),
        (lift(b) * (B / A), "cancelled: below b = A/B the step waits for memory"),
        begin(2 * lift(P) * (A / B) / A, "the step at b = A/B", "At the balance"),
        (2 * lift(P) / B, "takes as long to compute as to read"),
        begin(4 * lift(b) * L * G * R * n * d_k / (4 * lift(b) * L * G * n * d_k),
              "attention's operations over the bytes of the cache, with R heads to a group", "The cache"),
        (R, "as many as share a key: no batch changes that"),
        begin((2 * lift(P) * b + 4 * lift(b) * L * G * R * n * d_k) / (2 * lift(P) + 4 * lift(b) * L * G * n * d_k),
              "both together", "Weights and cache"),
        tends(R, "long sequences", to=(n, "oo")),
        begin((2 * lift(P) * b + 4 * lift(b) * L * G * R * n * d_k) / (2 * lift(P) + 4 * lift(b) * L * G * n * d_k),
              "the same", "Large batches"),
        tends(R + lift(P) / (2 * lift(L) * G * n * d_k), "large batches: not beyond this", to=(b, "oo")),
        begin(2 * lift(P) + 4 * lift(b) * L * G * n * d_k, "what a step reads", "Short sequences"),
        approx(2 * lift(P), "many parameters", to=(P, "oo"), dropped=4 * lift(b) * L * G * n * d_k),
    ),
    notes=(
        "An A100 computes 312e12 operations of two bytes a second and moves 1.5e12 bytes: A/B = 208 (at 300e9 bytes a second "
        "between devices, 1040).",
        "Chen (Transformer Inference Arithmetic, 2022): 13 billion parameters on one such device, 12 · 40 · 5120² of them, "
        "take 16.8 ms a step; 260 billion on 16 of them 21.7 ms; at a batch of 512, 53.3 ms (one sentence there has 62) "
        "beside 17.9 ms of communication. One line there has 52e12 bytes for 52e9, and one line of communication writes "
        "2 · 4 · n layers and puts in 4 · 80.",
    ),
    reference=(
        "Williams, Waterman & Patterson 2009, Roofline; Chen 2022, Transformer Inference Arithmetic; Shazeer 2019, "
        "arXiv:1911.02150."
    ),
)  # fmt: skip
