"""FLOPs of a step with recomputation.

A backward pass costs twice a forward one. Full recomputation does the layers, but not the logits, a second time: Megatron's formula.
Selective recomputation repeats only the products of attention, once. Its formula is printed with them three times.
"""

from symformer import Derivation, FormulaCurves, begin, lift, models, see, sizes, wrong

config = {"model_type": "gpt2", "vocab_size": 50257, "n_embd": 768, "n_layer": 12, "n_head": 12}
gpt2 = models.from_config(config)
d, L, n, b, V, N_V = sizes("d L n b V N_V")


def step(recompute):
    """Forward, backward and what is repeated, counted from the program."""
    flops = gpt2.cost(1, 1024, recompute=recompute).flops
    return sum(part.formula for part in (flops.forward, flops.backward, flops.recomputed)).subs(V, N_V)


layers = lift(L) * (24 * lift(b) * n * lift(d) ** 2 + 4 * lift(b) * lift(n) ** 2 * d)
logits = 2 * lift(b) * n * d * N_V
pairs = 4 * lift(b) * L * lift(n) ** 2 * d
weights = 72 * lift(b) * L * n * lift(d) ** 2
head = lift(N_V) / (12 * lift(d) * L)

derivation = Derivation(
    __doc__,
    given=("b sequences of n tokens out of N_V, L layers of width d",),
    calc=(
        begin(3 * (layers + logits), ("forward and twice that backward, of what ", see("layer-flops"), " counts"), "Nothing recomputed"),
        (step("none"), "expand: the count from the program"),
        (weights * (1 + lift(n) / (6 * lift(d)) + head), "factor out: equation 7 of Korthikanti et al."),
        begin(4 * layers + 3 * logits, "the layers once more", "Full recomputation"),
        (step("full"), "expand: the count from the program"),
        (96 * lift(b) * L * n * lift(d) ** 2 * (1 + lift(n) / (6 * lift(d)) + lift(N_V) / (16 * lift(L) * d)), "factor out: the formula of Megatron-LM"),
        begin(3 * (layers + logits) + pairs, "the scores and the weighted values once more", "Selective recomputation"),
        (step("selective"), "expand: the count from the program"),
        (weights * (1 + 2 * lift(n) / (9 * lift(d)) + head), "factor out"),
        wrong(weights * (1 + lift(n) / (3 * lift(d)) + head), "equation 8 as it is printed: attention three times more, and not once as the text says"),
        begin(pairs / weights, "what selective recomputation adds, to leading order", "What it adds"),
        (lift(n) / (18 * lift(d)), "cancel: 0.93 % for GPT-3, 0.56 % for MT-NLG"),
        wrong(lift(n) / (6 * lift(d)), "as it is printed: 2.7 % and 1.6 %"),
    ),
    reference="Narayanan et al. 2021, arXiv:2104.04473, section 5.1; Korthikanti et al. 2022, arXiv:2205.05198, appendix A.",
    pictures=(FormulaCurves({"full": 4 * layers + 3 * logits, "selective": 3 * (layers + logits) + pairs, "nothing recomputed": 3 * (layers + logits)}, "FLOPs of a training step of GPT-2, for one sequence", "n", (0, 8192), "tokens n", "FLOPs", {"b": 1, "d": 768, "L": 12, "N_V": 50257}),),
)  # fmt: skip
