"""Encoder-decoder, encoder, decoder.

The three transformers of Phuong and Hutter, each with one layer written out and repeated L times: the encoder-decoder of
Vaswani et al., for translation; the encoder of BERT, which reads a text in both directions; and the decoder of GPT, which
continues one. Layer norm and attention are called by name; the previous page has their definitions.
"""

from symformer import Derivation, models, see

both, reads, writes = (models.algorithm(number) for number in (8, 9, 10))

derivation = Derivation(
    __doc__,
    given=(
        ("layer norm and attention as in ", see("formal-algorithms")),
        "FFN maps each column x to W_2 f(W_1 x + b_1) + b_2, where f is the activation",
    ),
    where=(
        "Algorithm 8: encoder and decoder, from two texts to the probabilities of the next token of the second.", *both,
        "Algorithm 9: an encoder, from a text with masked tokens to the probabilities at each position.", *reads,
        "Algorithm 10: a decoder, from a text to the probabilities of the next token after each prefix.", *writes,
    ),
    notes=(
        "The layers of 8 and 9 normalise after each residual sum (post-norm), those of 10 before each block (pre-norm).",
        "The feed-forward blocks have ReLU in 8, GELU in 9 and 10.",
    ),
    reference="Phuong & Hutter 2022, arXiv:2207.09238, algorithms 8, 9 and 10.",
)  # fmt: skip
