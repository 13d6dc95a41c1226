"""Parameters of GPT-2.

The number of parameters is the sum over all tensors of the product of their sizes. For GPT-2 that is a polynomial in the width
d, the number of layers L, the vocabulary V and the context length n_ctx; for a wide model one term dominates, and the rule of
thumb is left: twelve times the layers times the width squared.
"""

from symformer import Derivation, FormulaCurves, approx, begin, lift, models, sizes, wrong

gpt2 = models.from_config({"model_type": "gpt2", "vocab_size": 50257, "n_embd": 768, "n_layer": 12, "n_head": 12})
d, L, V, n_ctx, H, d_k, d_ff = sizes("d L V n_ctx H d_k d_ff")
P = gpt2.parameter_formula


def at(formula, **numbers):
    """A formula at GPT-2's sizes, or others, with commas."""
    given = {"d": 768, "L": 12, "V": 50257, "n_ctx": 1024} | numbers
    return f"{int(formula.subs({size: given[size.name] for size in formula.free_symbols})):,}"


derivation = Derivation(
    __doc__,
    given=(
        *gpt2.inputs("gamma_1", "beta_1", "W_Q", "b_Q", "W_K", "W_V", "W_O", "W_1", "b_1", "W_2", "b_2"),
        "and so on: every tensor of the file, with d = H d_k and d_ff = 4 d, since the configuration leaves both to the "
        "architecture",
    ),
    calc=(
        begin(
            lift(V) * d + lift(n_ctx) * d
            + lift(L) * (4 * lift(d) + 3 * (lift(d) ** 2 + d) + (lift(d) ** 2 + d) + (4 * lift(d) ** 2 + 4 * lift(d)) + (4 * lift(d) ** 2 + d))
            + 2 * lift(d),
            "tensor by tensor: token and position embeddings; in each layer two norms, the projections of queries, keys and values and "
            "that of the output, and two layers of the feed-forward block; the last norm. The output layer is the embedding, transposed",
            "Every tensor",
        ),
        (P, "add up; the table of parameters gives the same count, and so does the library `transformers`"),
        approx(
            12 * lift(L) * lift(d) ** 2, "in a wide model the term with d² dominates", to=(d, "oo"),
            dropped=13 * lift(L) * d + lift(V) * d + lift(n_ctx) * d + 2 * lift(d),
        ),
        begin(P, "the same count", "A printed formula that falls short"),
        wrong(
            lift(V) * d + lift(n_ctx) * d + 12 * lift(L) * lift(d) ** 2 + 8 * lift(L) * d + 2 * lift(d),
            "a calculator in wide use counts 8 d for the norms of each layer and leaves out the biases",
        ),
        (
            lift(V) * d + lift(n_ctx) * d + 12 * lift(L) * lift(d) ** 2 + 13 * lift(L) * d + 2 * lift(d),
            "each layer has 4 d in its norms and 9 d in its biases",
        ),
        begin(2 * lift(d) * L * (2 * lift(d) + 4 * lift(d)), "Kaplan's non-embedding parameters, with attention as wide as the residual stream and d_ff = 4 d", "Kaplan's N"),
        (12 * lift(L) * lift(d) ** 2, "expand: the term that dominates above"),
    ),
    notes=(
        f"At GPT-2's sizes, V = 50,257, d = 768, L = 12, with 1,024 positions: {at(P)}. The rule of thumb gives "
        f"{at(12 * L * d**2)}, far less, since a small model is not wide.",
        f"The calculator's formula is {at(5 * L * d)} short there: 5 L d. (EleutherAI cookbook, calc_transformer_params.py.)",
        f"Without biases, and norms without shifts, it is {at(12 * L * d**2 + 2 * L * d + V * d + n_ctx * d + d)}, as the "
        "notebook transformer_sizing of nanoGPT prints. Its notebook scaling_laws calls 123,653,376 a match: that counts "
        "the output layer and leaves out the embeddings, which is another number.",
        f"Carol Chen's example of 52 billion, d = 8192 and L = 64, is {at(12 * L * d**2, d=8192, L=64)}, and with 65,536 "
        f"words {at(12 * L * d**2 + V * d, d=8192, L=64, V=65536)}. (LLM Parameter Counting, 2022; it writes W_1 as 4 × d, "
        "which should be d × 4d.)",
        "Table 2.1 of Brown et al. 2020 gives the 13B model a width of 5140; 40 heads of 128 are 5120, and only that "
        "reproduces its 12,850 million. Its XL model has 24 heads of 128 at a width of 2048, and 24 · 128 is 3072.",
    ),
    reference="Radford et al. 2019; Kaplan et al. 2020, arXiv:2001.08361, equation 2.1.",
    pictures=(FormulaCurves({"all": P, "12 L d²": 12 * lift(L) * lift(d) ** 2}, "Parameters of a GPT-2 of 12 layers, by width", "d", (64, 2048), "width d", "parameters", {"L": 12, "V": 50257, "n_ctx": 1024}),),
)  # fmt: skip
