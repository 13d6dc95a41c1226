"""Jacobian of attention in its query.

The Jacobian of an output of attention in its query is a covariance over √d_k: that of values and keys, drawn with the
attention weights. Where one key has all the weight nothing varies, and the query gets no gradient. The same is true where all
keys with weight are equal. J is derived by machine from the definition of o alone; the chain by hand arrives at it.
"""

from symformer import (
    Bars,
    Derivation,
    begin,
    define,
    diff,
    exp,
    indices,
    jacobian,
    see,
    sizes,
    sqrt,
    sum,
    tensor,
    wrong,
)

m, d_k, d_v = sizes("m d_k d_v")
j, l, a, c, f = indices("j l a c f")
q, K, V = tensor("q", d_k), tensor("K", m, d_k), tensor("V", m, d_v)

s = define("s", j, sum(q[a] * K[j, a], a) / sqrt(d_k))
p = define("p", j, exp(s[j]) / sum(exp(s[l]), l))
o = define("o", f, sum(p[j] * V[j, f], j))
k = define("k", c, sum(p[j] * K[j, c], j))
(J,) = jacobian(o, q).outputs

derivation = Derivation(
    __doc__,
    given=(q, K, V, "one query q; k is the average of the keys under the attention weights p"),
    where=(s, p, o, k, J),
    calc=(
        begin(diff(p[j], q[c]), "how an attention weight changes with the query", "One weight"),
        (sum(diff(p[j], s[l]) * diff(s[l], q[c]), l), "chain rule over the row of scores"),
        (sum(diff(p[j], s[l]) * K[l, c], l) / sqrt(d_k), "differentiate: a score is linear in the query"),
        (
            p[j] * (K[j, c] - sum(p[l] * K[l, c], l)) / sqrt(d_k),
            (see("softmax-jacobian"), "; of its delta only the term l = j remains"),
        ),
        (p[j] * (K[j, c] - k[c]) / sqrt(d_k), "definition of k"),
        begin(diff(o[f], q[c]), "how the output changes with the query", "The Jacobian"),
        (sum(diff(p[j], q[c]) * V[j, f], j), "differentiate each term: the values do not depend on the query"),
        (sum(p[j] * V[j, f] * (K[j, c] - k[c]), j) / sqrt(d_k), "the chain above"),
        (
            (sum(p[j] * V[j, f] * K[j, c], j) - o[f] * k[c]) / sqrt(d_k),
            ("expand; factor ", k[c], " out of the second sum, which is ", o[f]),
        ),
        wrong(sum(p[j] * V[j, f] * K[j, c], j) / sqrt(d_k), "the second moment, without the product of the averages"),
        (
            sum(p[j] * (V[j, f] - o[f]) * (K[j, c] - k[c]), j) / sqrt(d_k),
            "the weights sum to 1, so this is the covariance of values and keys under p",
        ),
        (J[f, c], "what differentiating the definitions gives, by machine"),
    ),
    reference=(
        "Folklore. The log-sum-exp of the scores has the covariance of the keys alone: ",
        see("log-sum-exp-hessian"),
        ".",
    ),
    pictures=(Bars((p,), "The attention weights of the query", "key"),),
    example={"q": [1, 1], "K": [[1, 0], [0, 1], [1, 1]], "V": [[1, 2], [3, 4], [0, 1]]},
)
