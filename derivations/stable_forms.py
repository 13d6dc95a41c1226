"""Stable forms.

Every operation has a textbook form and a stable form. The stable form is the one that is compiled: it never exponentiates a
large number, and it divides as late as it can. The two are equal wherever each row sees at least one entry. So the fast and
accurate function computes what the textbook says, and the judge confirms it.
"""

from symformer import (
    Derivation,
    attention,
    begin,
    cross_entropy,
    log_softmax,
    logsumexp,
    program,
    see,
    sizes,
    softmax,
    stable,
    tensor,
    textbook,
)

n, n_K, d_k, d_v = sizes("n n_K d_k d_v")
x, y = tensor("x", n), tensor("y", n)
t = tensor("t", kind="integer", upper=n)
Q, K, V = tensor("Q", n, d_k), tensor("K", n_K, d_k), tensor("V", n_K, d_v)
B = tensor("B", n, n_K)
M = tensor("M", n, n_K, kind="mask", sees=True)


def same(tensor, title):
    """A chain of two lines: the textbook's entry and the compiled one, each with its own abbreviations."""
    before, after = textbook(tensor), stable(tensor)
    return (
        begin(before.written, ("the textbook form", *abbreviations(before)), title),
        (after.written, ("the stable form, by ", see("softmax-shift-invariance"), *abbreviations(after))),
    )


def abbreviations(tensor):
    """`, where` and the definitions that an entry is written with."""
    parts = []
    for definition in program(tensor).statements[:-1]:
        parts += [", " if parts else ", where ", definition]
    return parts


derivation = Derivation(
    __doc__,
    given=(
        x, y, t, Q, K, V, B, M,
        "hide(s ∣ b) is s where b is 1 and −∞ where b is 0; the exponential of −∞ is 0",
        "[a = b] is 1 where the relation holds and 0 elsewhere; [Z = 0] is 0 here: in the compiled function it keeps a row that sees "
        "nothing from dividing by 0",
    ),
    calc=(
        *same(softmax(x), "Softmax"),
        *same(logsumexp(x), "Log-sum-exp"),
        *same(log_softmax(x), "Logarithm of softmax"),
        *same(cross_entropy(x, y), "Cross-entropy against probabilities"),
        *same(cross_entropy(x, t), "Cross-entropy against a class"),
        *same(attention(Q, K, V), "Attention"),
        *same(attention(Q, K, V, B), "Attention with a bias"),
        *same(attention(Q, K, V, M), "Attention with a mask"),
        *same(attention(Q, K, V, is_causal=True), "Attention with a causal mask"),
    ),
    reference="Milakov & Gimelshein 2018, arXiv:1805.02867, for the shift; Dao et al. 2022, arXiv:2205.14135, for the late division.",
)  # fmt: skip
