"""Encoder-decoder, encoder, decoder.

The three shapes of a transformer as Phuong and Hutter give them, each with its layers written once and meant L times:
the one of Vaswani et al. that translates, the one of BERT that reads in both directions, and the one of GPT that goes on
with a text. Layer norm and attention are called by name; they are opened on the page before.
"""

from symformer import Derivation, models, see

both, reads, writes = (models.algorithm(number) for number in (8, 9, 10))

derivation = Derivation(
    __doc__,
    given=(
        ("layer norm and attention as in ", see("formal-algorithms")),
        "FFN takes N to W_1 N + b_1 in every column, through the activation, and then to W_2 times that, plus b_2",
    ),
    where=(
        "Algorithm 8: encoder and decoder, from two texts to the words that may come next.", *both,
        "Algorithm 9: an encoder alone, from a text with gaps to what may stand in each place.", *reads,
        "Algorithm 10: a decoder alone, from a text to what may follow each of its beginnings.", *writes,
    ),
    notes=(
        "Layers of 8 and 9 normalise what comes out of each sum, those of 10 what goes into each block.",
        "The feed-forward blocks have ReLU in 8, GELU in 9 and 10.",
    ),
    reference="Phuong & Hutter 2022, arXiv:2207.09238, algorithms 8, 9 and 10.",
)  # fmt: skip
