"""Where FLOPs and memory go.

As sequences grow, attention takes over: first in the memory of training, later in the FLOPs. Both curves are for one layer of
a GPT of the width in the example, with nothing recomputed.
"""

from symformer import Curves, Derivation, begin, define, delta, indices, lift, scalar, see, tends

k = indices("k")
n, d, H = (scalar(name, kind="positive") for name in ("n", "d", "H"))

p = define("p", ((k, 2),), (delta(k, 1) * 24 * n * d**2 + delta(k, 2) * 4 * n**2 * d) / (24 * n * d**2 + 4 * n**2 * d))
q = define("q", ((k, 3),), (delta(k, 1) * 192 * d**2 + delta(k, 2) * 34 * n * d + delta(k, 3) * 5 * H * n**2)
           / (192 * d**2 + 34 * n * d + 5 * H * n**2))  # fmt: skip

derivation = Derivation(
    __doc__,
    given=(n.tensor, d.tensor, H.tensor, "tokens, width and heads, as positive numbers"),
    where=(p, q),
    calc=(
        begin(p[2], ("the fraction of the FLOPs that attention takes, of ", see("layer-flops")), "Computed"),
        (n / (6 * d + n), "divide numerator and denominator by 4 n d"),
        tends(1, "in long sequences the term with n dominates", to=(n, "oo")),
        begin(q[3], ("the fraction of the memory that scores take in training, with 16 bytes for each of 12 d² parameters and the activations of ",
                     see("activation-memory")), "Kept"),
        (5 * H * n**2 / (192 * d**2 + 34 * n * d + 5 * H * n**2), "only the third term remains"),
        tends(1, "in long sequences the term with n dominates", to=(n, "oo")),
        begin(6 * d / (6 * d + 6 * d), "the fraction of the FLOPs that attention takes at n = 6 d", "At six widths"),
        (lift(1) / 2, "a half"),
    ),
    example={"n": 2048, "d": 1024, "H": 16},
    pictures=(
        Curves(p, "FLOPs: weights (p₁) and attention (p₂), d = 1024", "n",
               [128, 512, 1024, 2048, 4096, 6144, 8192, 12288, 16384], "tokens n", "fraction"),
        Curves(q, "Bytes in training: parameters and optimizer (q₁), activations (q₂), scores (q₃)", "n",
               [128, 256, 512, 1024, 2048, 3072, 4096], "tokens n, one sequence", "fraction"),
    ),
    reference="Korthikanti et al. 2022, arXiv:2205.05198.",
)  # fmt: skip
