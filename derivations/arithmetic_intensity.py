"""Arithmetic intensity, and when decoding waits for memory.

A device that computes A operations and moves B bytes in a second is kept busy only by work with at least A/B operations for
each byte. A product with a matrix of weights does about as many operations for each byte as there are rows: in decoding one
sequence, one. Batching helps with the weights, but not with the cache, which each sequence has for itself: there only shared
keys help.
"""

from symformer import Derivation, FormulaCurves, approx, begin, lift, scalar, sizes, tends

b, k, m, n, L, R, G, d_k = sizes("b k m n L R G d_k")
P = sizes("P")
A, B = scalar("A", kind="positive"), scalar("B", kind="positive")

derivation = Derivation(
    __doc__,
    given=(A.tensor, B.tensor, "A is the number of operations in a second, B the number of bytes moved; two bytes for each number, P parameters"),
    calc=(
        begin(2 * lift(b) * k * m / (2 * (lift(b) * k + lift(k) * m + lift(b) * m)),
              "operations over bytes, for the product of a (b, k) and a (k, m) matrix", "A product"),
        (1 / (1 / lift(b) + 1 / lift(k) + 1 / lift(m)), "divide by 2 b k m: a third of the harmonic mean of the three sizes"),
        tends(1 / (1 / lift(b) + 1 / lift(k)), "many columns of weights", to=(m, "oo")),
        begin(1 / (1 / lift(b) + 1 / lift(k)), "the same for a wide layer", "A wide layer"),
        tends(b, "as many as there are rows: in decoding, the sequences of a batch", to=(k, "oo")),
        begin((2 * lift(P) * b / A) / (2 * lift(P) / B), "one decoding step: the time to compute over the time to read the parameters", "Weights"),
        (lift(b) * (B / A), "cancel: below b = A/B the step waits for memory"),
        begin(2 * lift(P) * (A / B) / A, "the time to compute at b = A/B", "At the balance"),
        (2 * lift(P) / B, "cancel: the time to read the parameters"),
        begin(4 * lift(b) * L * G * R * n * d_k / (4 * lift(b) * L * G * n * d_k),
              "operations of attention over bytes of the cache, with R query heads in each group", "The cache"),
        (R, "as many as heads share a key: no batch size changes that"),
        begin((2 * lift(P) * b + 4 * lift(b) * L * G * R * n * d_k) / (2 * lift(P) + 4 * lift(b) * L * G * n * d_k),
              "operations over bytes, for weights and cache together", "Weights and cache"),
        tends(R, "in long sequences the cache dominates", to=(n, "oo")),
        begin((2 * lift(P) * b + 4 * lift(b) * L * G * R * n * d_k) / (2 * lift(P) + 4 * lift(b) * L * G * n * d_k),
              "the same, for large batches", "Large batches"),
        tends(R + lift(P) / (2 * lift(L) * G * n * d_k), "the terms with b dominate: larger batches do not get beyond this", to=(b, "oo")),
        begin(2 * lift(P) + 4 * lift(b) * L * G * n * d_k, "the bytes that a step reads", "Short sequences"),
        approx(2 * lift(P), "with many parameters the cache is small", to=(P, "oo"), dropped=4 * lift(b) * L * G * n * d_k),
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
    pictures=(FormulaCurves({"wide": lift(b), "k = m = 4096": 1 / (1 / lift(b) + lift(2) / 4096), "k = m = 512": 1 / (1 / lift(b) + lift(2) / 512)}, "Operations for each byte of a product with b rows: at 208 an A100 no longer waits for memory", "b", (1, 512), "rows b", "operations a byte"),),
)  # fmt: skip
