"""The sizes of models and the letters of their axes: one meaning each, in every architecture."""

from __future__ import annotations

from sympy import Expr, Symbol

from symformer.notation import indices, sizes

n, m, n_K = sizes("n m n_K")
d, d_ff, V, n_ctx, n_r, L = sizes("d d_ff V n_ctx n_r L")
H, G, R, d_k, d_v = sizes("H G R d_k d_v")
d_E, n_T, n_C, d_P = sizes("d_E n_T n_C d_P")
n_X, k_X, d_X, d_S = sizes("n_X k_X d_X d_S")
d_c, d_q, d_n, d_p = sizes("d_c d_q d_n d_p")
C, P_x, P_y, n_P = sizes("C P_x P_y n_P")
L_D, L_X, n_B, d_ffD, H_D, d_kD = sizes("L_D L_X n_B d_ffD H_D d_kD")
n_S = sizes("n_S")

# Axis letter → size. In a table, `(g r c) a` is an axis of G·R·d_k and one of d.
AXES: dict[str, Expr] = {
    ".": n,  # positions of a sequence
    "a": d,  # features of the residual stream
    "A": d,  # the same, where a matrix goes from the stream to the stream
    "b": d_E,  # features of an embedding that is narrower than the stream
    "c": d_k,  # features of a head's queries and keys
    "e": d_v,  # features of a head's values where they differ from those of its keys
    "f": d_ff,  # hidden features of the feed-forward block
    "y": d_ffD,  # the same in a decoder that differs from its encoder
    "g": G,  # groups of heads that share keys and values
    "h": H,  # heads
    "k": H_D,  # heads of a decoder that differs from its encoder
    "D": d_kD,  # features of such a head
    "r": R,  # heads in a group
    "v": V,  # words
    "p": n_ctx,  # learned positions
    "P": n_r,  # the same, after two rows that nobody uses
    "N": n_P + 1,  # patches of an image, after the one that stands for all of it
    "t": n_T,  # token types
    "l": n_C,  # labels
    "o": d_P,  # features of the pooled output
    "x": n_X,  # experts
    "s": d_X,  # hidden features of an expert
    "z": d_S,  # hidden features of the shared experts together
    "q": d_q,  # the latent of queries
    "u": d_c,  # the latent of keys and values
    "n": d_n,  # features of a head without positions
    "E": k_X,  # experts that a token is sent to
    "K": d_p,  # pairs of features that turn: `2 K` where a pair is half a head apart, `K 2` side by side
    "I": C,  # channels of an image, or of a frame of sound
    "m": m,  # positions of an encoder
    "S": n_S,  # positions of an encoder of sounds
    "Y": P_y,  # rows of a patch
    "X": P_x,  # columns of a patch
    "M": n_P,  # patches of an image
    "d": n_B,  # buckets of relative positions
}

# The index of an axis: a dot is a position of the sequence. What is there twice in one formula has another letter.
INDEX: dict[str, Symbol] = {
    ".": indices("i"),
    ":": indices("j"),
    "2": indices("t"),
    "3": indices("w"),
    "m": indices("i"),
    "K": indices("p"),
    "A": indices("b"),
    "n": indices("c"),
    "E": indices("l"),
    "e": indices("f"),
    "k": indices("h"),
    "D": indices("c"),
    **{letter: indices(letter) for letter in "acfghrvlosxzuqybIYXM"},
}
