"""The weights of a norm, folded into the next matrix.

The scale γ and the shift β of a norm act on one feature each, so the matrix that reads the norm can take them over: its rows
are scaled by γ, and β becomes a bias. The norm is left with neither. Every reader of the norm has to be a matrix that nothing
else reads. A tied embedding is read twice, where words come in and where they go out; folding the last norm into it changes
what comes in.
"""

from symformer import Derivation, begin, define, indices, sizes, sum, tensor, wrong

d, f, V = sizes("d d_ff V")
a, c, v = indices("a c v")
x, gamma, beta = tensor("x_hat", d), tensor("gamma", d), tensor("beta", d)
W, b = tensor("W", d, f), tensor("b", f)
E, e = tensor("E", V, d), tensor("e", V)

Wg = define("W_tilde", (a, c), gamma[a] * W[a, c])
bg = define("b_tilde", c, b[c] + sum(beta[a] * W[a, c], a))
Eg = define("E_tilde", (v, a), E[v, a] * gamma[a])

derivation = Derivation(
    __doc__,
    given=(
        x, gamma, beta, W, b, E, e,
        "x̂ is the row after the norm's division, before γ and β; nothing but the matrix W reads the norm",
        "e picks a word out: 1 at the word, 0 elsewhere",
    ),
    where=(Wg, bg, Eg),
    calc=(
        begin(sum((gamma[a] * x[a] + beta[a]) * W[a, c], a) + b[c], "a linear layer after a norm", "Scale and shift"),
        (sum(gamma[a] * x[a] * W[a, c], a) + sum(beta[a] * W[a, c], a) + b[c], "expand and split the sum"),
        (sum(x[a] * Wg[a, c], a) + bg[c], "definitions of the folded matrix and bias"),
        begin(
            sum((1 + gamma[a]) * x[a] * W[a, c], a),
            "where the scale is 1 + γ, as in Gemma, 1 + γ is folded and γ is left at 0", "A scale of 1 + γ",
        ),
        (sum(x[a] * ((1 + gamma[a]) * W[a, c]), a), "reorder the factors"),
        begin(sum(gamma[a] * x[a] * E[v, a], a), "scores over words, where the embedding is the unembedding", "What a tie forbids"),
        (sum(x[a] * Eg[v, a], a), "definition of the folded embedding"),
        begin(sum(e[v] * E[v, a], v), "but the word that comes in is a row of the same matrix", "Where words come in"),
        wrong(sum(e[v] * Eg[v, a], v), "the tempting claim that the folded embedding may stand there, too"),
    ),
    notes=("`sf.models.folded(model, \"norms\")` does this for every norm of a model whose condition holds, and says which it kept; with "
           "`untie=True` the unembedding becomes a matrix of its own first.",),
    reference="Elhage et al. 2021, A Mathematical Framework for Transformer Circuits; TransformerLens calls it fold_ln.",
)  # fmt: skip
