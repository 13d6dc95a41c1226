"""Attention is all you need, on one page.

The original Transformer: an encoder reads one sentence, and a decoder writes another and attends to the output of the encoder.
Embeddings are scaled by the root of their width, positions are sines and cosines, and layer norm comes after each residual
sum. The base model has six layers on each side.
"""

from symformer import Derivation, begin, lift, models, see

whole = models.transformer()
positions = models.sinusoidal(models.Conventions())
base = models.VASWANI

derivation = Derivation(
    __doc__,
    given=(
        f"the base model: d = {base['d']}, H = {base['H']}, d_k = d_v = {base['d_k']}, d_ff = {base['d_ff']}, "
        f"L_enc = L_dec = {base['L_enc']}; a vocabulary of 37000 tokens, shared by both languages",
        "PE_src and PE_tgt are PE with its pairs concatenated: feature 2p − 1 is the sine of pair p, feature 2p its cosine",
        ("layer norm and attention as in ", see("formal-algorithms"), ", but with tokens as rows; FFN is a linear layer, ReLU, and "
         "a second linear layer"),
    ),
    where=(*positions, *whole),
    calc=(
        begin(4 * lift(512) * (lift(8) * 64), "entries in the four matrices of one attention, without biases", "Parameters"),
        (4 * lift(512) ** 2, "H d_k is d"),
        (lift(1048576), "with d = 512; there are 6 + 2 · 6 = 18 attentions"),
        begin(18 * lift(1048576) + 12 * (2 * lift(512) * 2048) + 37000 * lift(512), "all attentions, all feed-forward blocks, and one shared embedding"),
        (lift(62984192), "add up. Table 3 gives 65 million: biases and layer norms add 0.1 million, and a vocabulary of “about 37000” leaves the rest open"),
    ),
    notes=(
        "Training: Adam with β_1 = 0.9, β_2 = 0.98, ε = 10⁻⁹; the learning rate of step t is 1/√d times the smaller of 1/√t and t/√w³, with "
        "w = 4000; dropout 0.1 and label smoothing 0.1.",
        "The matrix of the last linear layer is the embedding transposed; here it has a name of its own, W_U.",
        "The equations of the paper have no biases in the projections of attention, and the code of the authors had none.",
    ),
    reference="Vaswani et al. 2017, arXiv:1706.03762, equations 1 to 3, sections 3.2 to 3.5, table 3.",
)  # fmt: skip
