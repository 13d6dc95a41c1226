"""Activations of the first stage.

A pipeline has L/p layers on each of its p stages. In the schedule of one forward, one backward the first stage starts p
micro-batches before the first of them comes back: it keeps L/p layers of p micro-batches, as much as all L layers of one. Later
stages keep less, the last one only one micro-batch. Without that schedule all m micro-batches wait.
"""

from symformer import Derivation, FormulaCurves, begin, lift, see, sizes

n, d, H, L, b, t, p, q, m, N_V = sizes("n d H L b t p q m N_V")
layer = lift(n) * b * d / t * (34 + 5 * (lift(H) * n / lift(d)))
chunks = 2 * (lift(p) - 1) + (lift(q) - 1) * p + 1

derivation = Derivation(
    __doc__,
    given=(
        "b sequences of n tokens in each of m micro-batches, at least p of them; L layers on p stages, each shared by t devices, "
        "positions too; two bytes for each number",
    ),
    calc=(
        begin(p * (lift(L) / p * layer), ("p micro-batches wait in each of L/p layers, which keep what ", see("tensor-parallel-activations"), " counts"), "One forward, one backward"),
        (lift(L) * layer, "p cancels: as if there were no pipeline"),
        (lift(n) * b * d * L / t * (34 + 5 * (lift(H) * n / lift(d))), "equation 5 of Korthikanti et al."),
        begin(1 * (lift(L) / p * layer), "the last stage begins the backward pass of each micro-batch at once", "The last stage"),
        (lift(L) * layer / p, "one part in p of what the first one keeps"),
        begin(m * (lift(L) / p * layer), "all forward passes come first, and all m micro-batches wait on every stage", "All forward first"),
        (lift(m) / p * (lift(L) * layer), "m/p times as much"),
        begin(chunks * (lift(L) / (lift(p) * q) * layer), "with q chunks of layers a stage, counted from the order of its tasks: p − 1 more chunks wait than p q", "Interleaved"),
        (lift(L) * layer * (1 + (lift(p) - 1) / (lift(p) * q)), "a factor of 1 + (p − 1)/(p q)"),
        begin(
            p * (lift(n) * b * d / t) + (2 * (lift(n) * b * d) + 2 * (lift(n) * b * d) + 4 * (lift(n) * b * N_V)) / t,
            "beside the layers, with one stage: a dropout mask after the embedding for each micro-batch that waits, the input of the last norm and of the head, the logits in four bytes",
            "Embedding and head",
        ),
        (lift(n) * b * d * L / t * (lift(p) / L + 4 / lift(L) * (1 + lift(N_V) / lift(d))), "factor out: the term for p = 1 in section 4.3"),
    ),
    notes=(
        "For the 22B model, L = 48, d = 6144, n = 2048, with 64 heads and 51200 words on one stage, embedding and head add 0.57 % to the layers, not “less than 0.01 %”.",
        "That p, 1, m and 2 (p − 1) + (q − 1) p + 1 wait is what a simulation of the schedules counts, task by task (symformer.cluster.order).",
    ),
    reference="Korthikanti et al. 2022, arXiv:2205.05198, section 4.2.3 and 4.3; Narayanan et al. 2021, arXiv:2104.04473, section 2.2.",
    pictures=(FormulaCurves({"interleaved, q = 4": 1 + (lift(p) - 1) / (lift(p) * 4), "one forward, one backward": lift(1), "the last stage": 1 / lift(p)}, "Activations of a stage, in those of the whole model", "p", [1, 2, 3, 4, 6, 8, 12, 16], "stages p", "part"),),
)  # fmt: skip
