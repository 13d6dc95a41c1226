"""Counts that were printed wrong.

Papers and calculators on the cost of transformers contain slips that are copied on. Each is shown here next to what its own premises give: selective recomputation, which adds one forward pass of two products and is charged for three; sizes of GPT-3 that are not heads times
width; exponents that do not follow from the printed constants; a parameter count without positions.
"""

from symformer import Derivation, begin, indices, lift, see, sizes, sum, wrong

b, n, d, L = sizes("b n d L")
t = indices("t")
base = 72 * lift(b) * L * n * lift(d) ** 2

derivation = Derivation(
    __doc__,
    given=("b sequences of n tokens, L layers of width d; the logits are left out",),
    calc=(
        begin(base * (1 + n / (6 * lift(d))) + 4 * lift(b) * L * lift(n) ** 2 * d, "a step of training, where the scores and the average of the values are computed once more: 4 b n² d for each layer", "Selective recomputation"),
        wrong(base * (1 + n / (3 * lift(d))), "as printed: equation 9 of Korthikanti et al."),
        (base * (1 + 2 * lift(n) / (9 * lift(d))), "collect: the overhead is n/(18 d), 0.9 % for GPT-3 instead of 2.7 %"),
        begin(lift(40) * 128, "the width of GPT-3 13B: 40 heads of 128", "Widths of GPT-3"),
        wrong(5140, "as printed in table 2.1"),
        (5120, "the product"),
        begin(lift(24) * 128, "the columns of all heads of GPT-3 XL: 24 heads of 128", "Heads of GPT-3 XL"),
        wrong(2048, "the printed width"),
        (3072, "the product: half more than the width, so that one of the three numbers is misprinted"),
        begin(lift(28) / (34 + 28), "the exponent of the best model size in the compute, from the printed constants α = 0.34 and β = 0.28: β/(α + β)", "Exponents of Chinchilla"),
        wrong(lift(46) / 100, "as printed"),
        (lift(14) / 31, "0.452: the constants are rounded more than the exponents can bear"),
        begin(lift(50257) * 768 + 1024 * lift(768) + 12 * (12 * lift(768) ** 2 + 13 * lift(768)) + 2 * lift(768), ("the parameters of GPT-2: ", see("parameter-count")), "Parameters of GPT-2"),
        wrong(123653376, "as computed in a notebook of nanoGPT, which calls it a match"),
        (123653376 + lift(1024) * 768, "without the positions it is that number"),
        (124439808, "add up"),
        begin(sum(4 * lift(t) * d, (t, n)), "FLOPs of scores and averages in a layer, where each token sees only those up to its own", "Full square or half"),
        wrong(4 * lift(n) ** 2 * d, "the full square, as counted for PaLM, Chinchilla and Megatron"),
        (2 * lift(n) * (lift(n) + 1) * d, "1 + 2 + … + n: nearly 2 n² d, as Kaplan et al. count"),
    ),
    reference="Korthikanti et al. 2022, arXiv:2205.05198, equations 8 and 9; Brown et al. 2020, arXiv:2005.14165, table 2.1; Hoffmann et al. 2022, arXiv:2203.15556, section 3.3; nanoGPT, scaling_laws.ipynb; Kaplan et al. 2020, arXiv:2001.08361.",
)  # fmt: skip
