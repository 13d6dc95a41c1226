"""A causal mask hides the future.

With a causal mask, position i gives weight to positions up to i and to no later one. So nothing later can change its output:
every derivative in a later key or value is zero. That is why a decoder can be trained on all positions at once, and can keep
its keys and values from one step to the next.
"""

from symformer import (
    Derivation,
    HeatMap,
    MaskPicture,
    begin,
    define,
    delta,
    diff,
    exp,
    indicator,
    indices,
    see,
    sizes,
    sqrt,
    sum,
    tensor,
)

n, d_k, d_v = sizes("n d_k d_v")
i, j, k, c, f, g = indices("i j k c f g")
Q, K, V = tensor("Q", n, d_k), tensor("K", n, d_k), tensor("V", n, d_v)

S = define("S", (i, j), sum(Q[i, c] * K[j, c], c) / sqrt(d_k))
P = define("P", (i, j), indicator(j, "≤", i) * exp(S[i, j]) / sum(indicator(k, "≤", i) * exp(S[i, k]), k))
O = define("O", (i, f), sum(P[i, j] * V[j, f], j))
visible = define("C", ((i, n), (j, n)), indicator(j, "≤", i))
later = indicator(j, ">", i)

derivation = Derivation(
    __doc__,
    given=(Q, K, V, "each row sees at least its own position, so no denominator is 0"),
    where=(S, P, O),
    calc=(
        begin(later * P[i, j], "the attention weight of a later position, and 0 for the others", "Weights"),
        (later * indicator(j, "≤", i) * exp(S[i, j]) / sum(indicator(k, "≤", i) * exp(S[i, k]), k), "definition of P"),
        (0, "j > i and j ≤ i exclude each other"),
        begin(later * diff(O[i, f], V[j, g]), "how the output changes with a later value", "Values"),
        (later * P[i, j] * delta(f, g), "the output is linear in the values"),
        (0, "the attention weight of a later position is 0: the first chain"),
        begin(later * diff(O[i, f], K[j, c]), "how the output changes with a later key", "Keys"),
        (later * sum(diff(O[i, f], S[i, k]) * diff(S[i, k], K[j, c]), k), "chain rule: output i depends on the keys through row i of the scores alone"),
        (later * diff(O[i, f], S[i, j]) * Q[i, c] / sqrt(d_k), ("in row i only ", S[i, j], " depends on key j")),
        (later * P[i, j] * (V[j, f] - O[i, f]) * Q[i, c] / sqrt(d_k),
         ("the Jacobian of the softmax holds with a mask, too: ", see("softmax-jacobian"))),
        (0, "the attention weight of a later position is 0: the first chain"),
    ),
    reference="Phuong & Hutter 2022, arXiv:2207.09238, algorithms 4 and 10.",
    example={"Q": [[1, 0], [0, 1], [1, 1]], "K": [[1, 1], [0, 1], [1, 0]], "V": [[1, 2], [3, 4], [5, 6]]},
    pictures=(MaskPicture(visible, "Which keys (columns) each query (row) sees"), HeatMap(P, "The attention weights P under the mask")),
)  # fmt: skip
