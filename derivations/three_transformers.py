"""Encoder-decoder, encoder, decoder.

The three shapes of a transformer as Phuong and Hutter give them, each with its layers written once and meant L times:
the one of Vaswani et al. that translates, the one of BERT that reads in both directions, and the one of GPT that goes on
with a text. Layer norm, attention and the feed-forward block are called by name; they are opened on the page before.
"""

from symformer import Derivation, models, see

both, reads, writes = (models.algorithm(number) for number in (8, 9, 10))

derivation = Derivation(
    __doc__,
    given=(
        "algorithm 8: Z_0 to P, with the layers X_enc and X_dec, whose statements follow",
        ("algorithm 9 has one such stack, then W_f, GELU, layer norm; algorithm 10 another. See ", see("formal-algorithms")),
    ),
    where=(
        *both, *models.layer_statements(both, "X_enc"), *models.layer_statements(both, "X_dec"),
        *reads, *models.layer_statements(reads, "X_enc"),
        *writes, *models.layer_statements(writes, "X_dec"),
    ),
    notes=(
        "Layers of 8 and 9 normalise what comes out of each sum, those of 10 what goes into each block.",
        "The feed-forward blocks have ReLU in 8, GELU in 9 and 10.",
    ),
    reference="Phuong & Hutter 2022, arXiv:2207.09238, algorithms 8, 9 and 10.",
)  # fmt: skip
