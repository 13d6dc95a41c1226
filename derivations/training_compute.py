"""Six FLOPs for each parameter and token.

A forward pass takes two operations for each weight and token, a backward pass four. What remains, attention and embeddings, is
small for a wide model: training on D tokens costs about 6 P D. Recomputing activations adds a forward pass of what is
recomputed; one printed formula adds three times that.
"""

from symformer import Derivation, approx, begin, lift, models, see, sizes, tends, wrong

gpt2 = models.from_config({"model_type": "gpt2", "vocab_size": 50257, "n_embd": 768, "n_layer": 12, "n_head": 12})
d, L, n, b, V, n_ctx = sizes("d L n b V n_ctx")
P = lift(gpt2.parameter_formula)
flops = {kind: gpt2.cost(1, 1024, recompute=kind).flops for kind in ("none", "selective", "full")}
step = flops["none"].forward.formula + flops["none"].backward.formula
weights = lift(b) * L * n * lift(d) ** 2


def attention(weight):
    """What the scores add to the weights' share."""
    return lift(n) / (weight * lift(d))


def words(weight):
    """What the logits add to it."""
    return lift(V) / (weight * lift(d) * L)


derivation = Derivation(
    __doc__,
    given=("b sequences of n tokens, D = b n tokens in all; P parameters, as in GPT-2; C FLOPs in all",),
    calc=(
        begin(step, ("forward and backward: three times the forward pass of ", see("layer-flops")), "A training step"),
        (72 * weights * (1 + attention(6) + words(12)), "factor out the cost of the layers' weights"),
        begin(step / (b * n), "the cost for each token", "Six for each parameter"),
        (72 * lift(L) * lift(d) ** 2 + 12 * lift(L) * n * d + 6 * lift(V) * d, "expand"),
        approx(
            6 * P, "six for each parameter: C ≈ 6 P D", to=(d, "oo"),
            dropped=12 * lift(L) * n * d - 78 * lift(L) * d - 6 * lift(n_ctx) * d - 12 * lift(d),
        ),
        begin((72 * lift(L) * lift(d) ** 2 + 12 * lift(L) * n * d + 6 * lift(V) * d) / P, "operations for each token, over parameters", "The ratio"),
        tends(6, "in a wide model the terms with d² dominate", to=(d, "oo")),
        begin(24 * lift(L) * lift(d) ** 2 + 4 * lift(L) * n * d + 2 * lift(V) * d, "the forward pass alone, for each token", "Forward"),
        approx(2 * P, "C ≈ 2 P D forward, and 4 P D backward", to=(d, "oo"),
               dropped=4 * lift(L) * n * d - 26 * lift(L) * d - 2 * lift(n_ctx) * d - 4 * lift(d)),
        begin(step + flops["selective"].recomputed.formula,
              "with selective recomputation the scores and the weighted values are computed once more, forward only",
              "Selective recomputation"),
        wrong(72 * weights * (1 + attention(3) + words(12)), "as printed: that adds 12 b n² d a layer"),
        (72 * weights * (1 + 2 * attention(9) + words(12)), "it is 4 b n² d"),
        begin(flops["selective"].recomputed.formula / (72 * weights), "the overhead, relative to the cost of the layers' weights", "Its overhead"),
        wrong(attention(6), "as printed: 2.7 % for GPT-3"),
        (attention(18), "0.93 % for GPT-3, with n = 2048 and d = 12288"),
        begin(step + flops["full"].recomputed.formula, "with full recomputation all layers run forward once more", "Full recomputation"),
        (96 * weights * (1 + attention(6) + words(16)), "four forward passes of the layers and three of the logits"),
    ),
    notes=(
        "For GPT-3, 6 P D is 3.1429e23 with its 174,604,259,328 parameters and 300e9 tokens; table D.1 of Brown et al. 2020 "
        "prints 3.14e23, and 3,640 PF-days, which is 3,637.6 of 8.64e19 unrounded.",
        "MT-NLG 530B: the printed overhead is 1.6 %, the corrected one 0.56 %.",
        "PaLM counts 6 N + 12 L H Q T for a token, with heads of Q: the first two terms above without words (Chowdhery et "
        "al. 2022, arXiv:2204.02311, appendix B). With nanoGPT's N, which leaves positions out, GPT-2 on 1,024 tokens comes "
        "to 875,062,886,400.",
        "EleutherAI's calculator multiplies the layers by 3 for forward and backward, but not the embedding and the logits.",
    ),
    reference=(
        "Korthikanti et al. 2022, arXiv:2205.05198, equations 7 to 9; Narayanan et al. 2021, arXiv:2104.04473; Anthony, "
        "Biderman & Schoelkopf 2023, Transformer Math 101."
    ),
)  # fmt: skip
