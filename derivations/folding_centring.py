"""What a stream of layer norms does not see.

Layer norm takes the mean of a row away. Where nothing else reads the residual stream, whatever is written into it may lose its
mean over the features: the rows of output matrices, of embeddings, and biases. With RMS norm the mean is seen. The matrix that
reads a norm without shift may lose its mean over the features as well, for the row that it reads sums to 0.
"""

from symformer import (
    Derivation,
    begin,
    define,
    exp,
    indices,
    layer_norm,
    mean,
    rms_norm,
    scalar,
    see,
    sizes,
    sqrt,
    sum,
    tensor,
    wrong,
)

d, m, V = sizes("d m V")
a, b, c, k, v, w = indices("a b c k v w")
x, o = tensor("x", d), tensor("o", m)
W, U = tensor("W", m, d), tensor("U", V, d)
epsilon = scalar("epsilon", kind="positive")

y = define("y", a, x[a] + sum(o[c] * W[c, a], c))
C = define("W_bar", (c, a), W[c, a] - mean(W[c, k], k))
z = define("z", a, x[a] + sum(o[c] * C[c, a], c))
mu = define("mu", (), mean(y[k], k))
s = define("s", (), sum(o[c] * mean(W[c, k], k), c))
r = define("r", (), sqrt(mean((y[k] - mu[()]) ** 2, k) + epsilon))
xhat = define("x_hat", a, (y[a] - mu[()]) / r[()])
l = define("l", v, sum(xhat[a] * U[v, a], a))
t = define("t", (), sum(xhat[a] * mean(U[w, a], w), a))

derivation = Derivation(
    __doc__,
    given=(x, o, W, U, epsilon.tensor, "x is the stream before a block, o what its heads or hidden features hold, W the matrix that writes"),
    where=(y, C, z, mu, s, r, xhat, l, t),
    calc=(
        begin(z[a], "the stream with a centred matrix", "Centred output matrices"),
        (x[a] + sum(o[c] * W[c, a], c) - sum(o[c] * mean(W[c, k], k), c), "expand and split the sum"),
        (y[a] - s[()], "definitions of y and s: every feature is shifted by the same number"),
        begin(layer_norm(z)[a], "the norm of this stream", "A layer norm behind"),
        (layer_norm(y)[a], ("a shift of the whole row: ", see("layer-norm-invariance"))),
        begin(rms_norm(z)[a], "where a root mean square reads the stream instead", "RMS norm behind"),
        wrong(rms_norm(y)[a], "the tempting claim that RMS norm does not see the mean either"),
        begin(sum(xhat[a], a), "the sum of a normalised row", "A centred unembedding"),
        ((sum(y[a], a) - d * mu[()]) / r[()], "r is the same for all features"),
        (0, "definition of μ"),
        begin(sum(xhat[a] * (U[v, a] - mean(U[v, k], k)), a), "scores with the rows of U centred", "Scores"),
        (l[v] - sum(xhat[a], a) * mean(U[v, k], k), "expand; the mean does not depend on a"),
        (l[v], "the row sums to 0"),
        begin(sum(xhat[a] * (U[v, a] - mean(U[w, a], w)), a), "scores with the mean over the words taken away", "Over the words"),
        (l[v] - t[()], "all scores move by one number"),
        begin(exp(l[v] - t[()]) / sum(exp(l[w] - t[()]), w), "so that the scores differ, and the probabilities", "Probabilities"),
        (exp(l[v]) / sum(exp(l[w]), w), ("do not: ", see("softmax-shift-invariance"))),
    ),
    notes=("`sf.models.folded(model, \"norms\", \"centring\")` does this where only layer norms read the stream; the norm before the "
           "unembedding has to be folded first. It takes no mean over the words, since logits are to stay the same.",),
    reference="TransformerLens calls them center_writing_weights and center_unembed.",
)  # fmt: skip
