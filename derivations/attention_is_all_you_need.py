"""Attention is all you need, on one page.

The Transformer that began it: an encoder that reads one sentence, a decoder that writes another and looks back at what
the encoder found. Embeddings are scaled by the root of their width, positions are sines and cosines, layer norm comes
after each sum. The base model has six layers on each side.
"""

from symformer import Derivation, begin, lift, models, see

whole = models.transformer()
positions = models.sinusoidal(models.Conventions())
base = models.VASWANI

derivation = Derivation(
    __doc__,
    given=(
        f"the base model: d = {base['d']}, H = {base['H']}, d_k = d_v = {base['d_k']}, d_ff = {base['d_ff']}, "
        f"L_enc = L_dec = {base['L_enc']}; 37000 words that both languages share",
        "PE_src and PE_tgt are PE, its pairs side by side: feature 2p − 1 is the sine of pair p, 2p its cosine",
        ("layer norm and attention as in ", see("formal-algorithms"), ", but with tokens as rows; FFN is a linear layer, ReLU, and "
         "another linear layer"),
    ),
    where=(*positions, *whole),
    calc=(
        begin(4 * lift(512) * (lift(8) * 64), "the four matrices of one attention, without biases", "Parameters"),
        (4 * lift(512) ** 2, "H d_k is d"),
        (lift(1048576), "for each of the 18 attentions: 6 + 2 · 6"),
        begin(18 * lift(1048576) + 12 * (2 * lift(512) * 2048) + 37000 * lift(512), "attentions, feed-forward blocks, one shared embedding"),
        (lift(62984192), "of the 65 million that table 3 gives; biases and layer norms are the small rest"),
    ),
    notes=(
        "Training: Adam with β_1 = 0.9, β_2 = 0.98, ε = 10⁻⁹; the rate of step t is 1/√d times the smaller of 1/√t and t/√w³, with "
        "w = 4000; dropout 0.1 and label smoothing 0.1.",
        "The matrix of the last linear layer is the embedding transposed; here it is W_U, a letter of its own.",
        "The paper's equation for attention has no biases and says so of no projection; the authors' code had none.",
    ),
    reference="Vaswani et al. 2017, arXiv:1706.03762, equations 1 to 3, sections 3.2 to 3.5, table 3.",
)  # fmt: skip
