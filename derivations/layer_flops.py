"""FLOPs of a layer.

A matrix product takes two operations for each multiplication and its addition. Counted over the definitions of a layer, n
tokens take 24 n d² for the weights and 4 n² d for the scores and the weighted values: attention itself costs as much as
everything else only when the sequence is six times as long as the model is wide. All scores are counted, although a causal
mask hides half of them, since that is what PyTorch counts and most code computes.
"""

from symformer import Derivation, FormulaCurves, approx, begin, lift, models, see, sizes, wrong

gpt2 = models.from_config({"model_type": "gpt2", "vocab_size": 50257, "n_embd": 768, "n_layer": 12, "n_head": 12})
d, L, n, b, V, N_V = sizes("d L n b V N_V")
flops = gpt2.cost(1, 1024).flops
forward, backward = (getattr(flops, side).formula.subs(V, N_V) for side in ("forward", "backward"))  # V: values here
layer = (forward - 2 * b * n * d * N_V) / L

derivation = Derivation(
    __doc__,
    given=(
        "b sequences of n tokens, out of N_V; d = H d_k",
        "N_1 and N_2 are the inputs of the two blocks, after layer norm; F_2 is F_1 after its activation; M is the mask",
        *gpt2.inputs("W_Q", "W_K", "W_V", "W_O", "W_1", "W_2"),
    ),
    where=gpt2.statements("Q", "K", "V", "O", "Y", "F_1", "F"),
    calc=(
        begin(
            3 * (2 * lift(b) * n * lift(d) ** 2) + 2 * lift(b) * lift(n) ** 2 * d + 2 * lift(b) * lift(n) ** 2 * d
            + 2 * lift(b) * n * lift(d) ** 2 + 8 * lift(b) * n * lift(d) ** 2 + 8 * lift(b) * n * lift(d) ** 2,
            "definition by definition: Q, K and V; the scores; the weighted values; the output projection; the two layers "
            "of the feed-forward block",
            "A layer, forward",
        ),
        (layer.expand(), "add up; the count from the program is the same"),
        (24 * lift(b) * n * lift(d) ** 2 * (1 + lift(n) / (6 * lift(d))), "factor out the cost of the weights"),
        begin(2 * lift(b) * n * lift(d) * N_V + lift(L) * (24 * lift(b) * n * lift(d) ** 2 + 4 * lift(b) * lift(n) ** 2 * d),
              "the logits and all layers", "The model"),
        (forward, "expand: the count from the program"),
        (24 * lift(b) * L * n * lift(d) ** 2 * (1 + lift(n) / (6 * lift(d)) + lift(N_V) / (12 * lift(d) * L)), "factor out the cost of the layers' weights"),
        begin(backward, "counted from the backward pass: each product of the forward pass gives two, one for the gradient of each factor", "Backward"),
        (2 * (2 * lift(b) * n * lift(d) * N_V + lift(L) * (24 * lift(b) * n * lift(d) ** 2 + 4 * lift(b) * lift(n) ** 2 * d)),
         "twice the forward pass"),
        begin(4 * lift(b) * lift(n) ** 2 * d / (24 * lift(b) * n * lift(d) ** 2), "the cost of attention over that of the weights", "Where attention takes over"),
        (lift(n) / (6 * lift(d)), "cancel: it is 1 at n = 6 d"),
        begin(4 * lift(b) * (6 * lift(d)) ** 2 * d, "the cost of attention at n = 6 d", "At the crossover"),
        (24 * lift(b) * lift(d) ** 2 * (6 * lift(d)), "the cost of the weights there"),
        begin((24 * lift(b) * L * n * lift(d) ** 2 + 4 * lift(b) * L * lift(n) ** 2 * d) / (lift(b) * n),
              "the cost of the layers for each token", "Kaplan's count"),
        (24 * lift(L) * lift(d) ** 2 + 4 * lift(L) * n * d,
         ("two for each of the 12 L d² parameters of ", see("parameter-count"), ", and all scores")),
        wrong(24 * lift(L) * lift(d) ** 2 + 2 * lift(L) * n * d, "Kaplan's 2 N + 2 L n d, which is not enough if all scores are computed"),
        begin(24 * lift(L) * lift(d) ** 2 + 4 * lift(L) * d * ((lift(n) + 1) / 2),
              "if only the visible keys are computed, (n + 1)/2 for each token on average", "Kaplan's count, causal"),
        approx(24 * lift(L) * lift(d) ** 2 + 2 * lift(L) * n * d, "long sequences: this is 2 N + 2 L n d", to=(n, "oo"),
               dropped=2 * lift(L) * d),
    ),
    notes=(
        "PyTorch's FlopCounterMode finds the same products, forward and backward, in each of the nineteen architectures "
        "that SymFormer describes; it too counts all scores of causal attention.",
        "nanoGPT's notebook transformer_sizing counts 291,648,307,200 for one sequence of 1,024 in GPT-2: "
        f"this formula gives {int(forward.subs({b: 1, n: 1024, d: 768, L: 12, N_V: 50257})):,}.",
        "Chen (Transformer Inference Arithmetic, 2022) leaves out the 4 n d that attention itself takes for each token and layer.",
        "The tables of Hoffmann et al. 2022 (A4) agree with their own count only if embedding and logits are left out of it.",
    ),
    reference="Korthikanti et al. 2022, arXiv:2205.05198, appendix A; Kaplan et al. 2020, arXiv:2001.08361, table 1.",
    pictures=(FormulaCurves({"weights": 24 * lift(b) * n * lift(d) ** 2, "attention": 4 * lift(b) * lift(n) ** 2 * d}, "FLOPs of a layer of width 1024, forward: attention takes over at six widths", "n", (0, 10240), "tokens n", "FLOPs", {"b": 1, "d": 1024}),),
)  # fmt: skip
