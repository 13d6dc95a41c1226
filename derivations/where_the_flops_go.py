"""Where FLOPs and memory go.

As sequences grow, attention takes over: first what is kept of it, later what is computed. Both curves are those of a
layer of a GPT at the width of the example, with nothing recomputed.
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
        begin(p[2], ("attention's share of the FLOPs of ", see("layer-flops")), "Computed"),
        (n / (6 * d + n), "divided by 4 n d"),
        tends(1, "long sequences", to=(n, "oo")),
        begin(q[3], ("its share of the bytes that training holds for a layer: 16 for each of 12 d² parameters, beside ",
                     see("activation-memory")), "Kept"),
        (5 * H * n**2 / (192 * d**2 + 34 * n * d + 5 * H * n**2), "the delta keeps the third"),
        tends(1, "long sequences", to=(n, "oo")),
        begin(6 * d / (6 * d + 6 * d), "attention's share of the FLOPs, when n is 6 d", "At six widths"),
        (lift(1) / 2, "a half"),
    ),
    example={"n": 2048, "d": 1024, "H": 16},
    pictures=(
        Curves(p, "FLOPs: weights (p₁) and attention (p₂), d = 1024", "n",
               [128, 512, 1024, 2048, 4096, 6144, 8192, 12288, 16384], "tokens n", "share"),
        Curves(q, "Bytes in training: parameters and optimizer (q₁), activations (q₂), scores (q₃)", "n",
               [128, 256, 512, 1024, 2048, 3072, 4096], "tokens n, one sequence", "share"),
    ),
    reference="Korthikanti et al. 2022, arXiv:2205.05198.",
)  # fmt: skip
