"""The equations of motion of tokens as particles, as programs in index notation.

Geshkovski, Letrouit, Polyanskiy & Rigollet, "A mathematical perspective on transformers", arXiv:2312.10794 (GLPR).
Depth is time. Every equation moves tokens x under the influence of tokens y, and the paper's equation is the case
y = x; the two are kept apart so that a function generated from the program can be called for some rows at a time.
"""

from __future__ import annotations

from typing import NamedTuple

from sympy import Symbol

from symformer.notation import Element, Tensor, Written, exp, indices, max, scalar, sizes, sqrt, sum, tensor
from symformer.programs import DefinedTensor, Program, define, program

M, N, D, HEADS, D_K = sizes("m n d H d_k")
H, I, J, K, C, F, A = indices("h i j k c f a")
BETA: Element = scalar("beta")
NORMS = ("post", "pre", "none")


class Attention(NamedTuple):
    """Which attention moves the tokens.

    Attributes:
        normalised: divided by the row's sum, as the softmax is (SA), or by the number of tokens (USA).
        norm: "post": tokens live on the sphere; "pre": attention sees directions, tokens keep their lengths; "none":
            no normalisation at all.
        weights: matrices Q, K and V for each head, or none of them (Q = K = V = identity, one head).
        shifted: the largest score of a row is taken off before exp, which keeps any score finite.
    """

    normalised: bool = True
    norm: str = "post"
    weights: bool = False
    shifted: bool = False

    @property
    def features_first(self) -> bool:
        """Whether the function also takes the tokens with their features first."""
        return not self.weights and self.norm != "pre"


def attention_program(kind: Attention, own: bool = False) -> Program:
    """The velocity of each token, S_ij = β⟨Q x_i, K y_j⟩, A_i = Σ_j exp(S_ij) V y_j / Z_i, A − ⟨x, A⟩x on the sphere.

    Inputs x (m, d), y (n, d), β and, with weights, Q, K (H, d_k, d) and V (H, d, d); without weights and where tokens
    are read as they are, also k (d, n), which is y with its features first, so that scores need no transposed copy.

    Args:
        kind: which attention.
        own: y and k are x itself, as the paper writes it.

    Source: GLPR (2.3) in general, (SA) and (USA) in section 2, heads (2.7); pre-norm: Rigollet, arXiv:2512.01868, 6.2.
    """
    x = tensor("x", N if own else M, D)
    y, k = (x, None) if own else (tensor("y", N, D), tensor("k", D, N) if kind.features_first else None)
    queries, seen = (_direction("theta", x, I), _direction("phi", y, J)) if kind.norm == "pre" else (x, y)
    seen = queries if own else seen
    moved = _heads(kind, queries, seen) if kind.weights else _attended(kind, queries, seen, k)
    if kind.norm == "post":
        moved = define("v", (I, C), moved[I, C] - sum(x[I, F] * moved[I, F], F) * x[I, C])
    given = (x,) if own else (x, y) if k is None else (x, y, k)
    return program(moved, inputs=(*given, BETA.tensor, *(_weights() if kind.weights else ())))


def _weights() -> tuple[Tensor, Tensor, Tensor]:
    return tensor("Q", HEADS, D_K, D), tensor("K", HEADS, D_K, D), tensor("V", HEADS, D, D)


def _direction(name: str, x: Tensor, row: Symbol) -> DefinedTensor:
    return define(name, (row, C), x[row, C] / sqrt(sum(x[row, F] ** 2, F)))


def _attended(kind: Attention, x: Tensor, y: Tensor, k: Tensor | None) -> DefinedTensor:
    """A_ic: what token i reads where Q = K = V = identity."""
    q = define("q", (I, C), BETA * x[I, C])
    scores = define("S", (I, J), sum(q[I, C] * (y[J, C] if k is None else k[C, J]), C))
    return _averaged("A", kind, scores, (), y)


def _heads(kind: Attention, x: Tensor, y: Tensor) -> DefinedTensor:
    """A_ic: what token i reads, all heads together."""
    q_of, k_of, v_of = _weights()
    q = define("q", (H, I, A), sum(q_of[H, A, C] * x[I, C], C))
    k = define("k", (H, J, A), sum(k_of[H, A, C] * y[J, C], C))
    v = define("w", (H, J, C), sum(v_of[H, C, F] * y[J, F], F))
    scores = define("S", (H, I, J), sum(BETA * q[H, I, A] * k[H, J, A], A))
    read = _averaged("B", kind, scores, (H,), v)
    return define("A", (I, C), sum(read[H, I, C], H))


def _averaged(name: str, kind: Attention, scores: Tensor, lead: tuple[Symbol, ...], v: Tensor) -> DefinedTensor:
    """The average of v, weighted by exp of the scores."""
    body: Written = scores[(*lead, I, J)]
    if kind.shifted:
        top = define("s", (*lead, I), max(scores[(*lead, I, J)], J))
        body = body - top[(*lead, I)]
    u = define("u", (*lead, I, J), exp(body))
    total = sum(u[(*lead, I, J)] * v[(*lead, J, C)], J)
    if not kind.normalised:
        return define(name, (*lead, I, C), total / v.shape[-2])
    z = define("Z", (*lead, I), sum(u[(*lead, I, J)], J))
    return define(name, (*lead, I, C), total / z[(*lead, I)])


def energy_program(at_zero: bool = False, of_gram: bool = False) -> Program:
    """The interaction energy E_β = Σ_ij exp(β⟨x_i, x_j⟩) / (2βn²): GLPR (3.5).

    Args:
        at_zero: at β = 0 it is infinite; the limit of E_β − 1/(2β) instead, which is Σ_ij ⟨x_i, x_j⟩ / (2n²).
        of_gram: the input is G_ij = ⟨x_i, x_j⟩ (n, n), not x (n, d).
    """
    x = tensor("x", N, D)
    cosine = tensor("G", N, N) if of_gram else define("G", (I, J), sum(x[I, C] * x[J, C], C))
    given = (cosine if of_gram else x,)
    if at_zero:
        return program(define("E_0", (), sum(cosine[I, J], I, J) / (2 * N**2)), inputs=given)
    body = sum(exp(BETA * cosine[I, J]), I, J) / (2 * BETA * N**2)
    return program(define("E_beta", (), body), inputs=(*given, BETA.tensor))


def gram_program(normalised: bool = True) -> Program:
    """The closed equation of the Gram matrix G (n, n) for Q = K = V = I, whose cost does not know d.

    G'_ij = M_ij + M_ji − (M_ii + M_jj) G_ij with M = P G and P the attention matrix, exp(βG) over its row sum (SA) or
    over n (USA). It follows from SA and USA by the product rule; the book derives it.
    """
    g = tensor("G", N, N)
    u = define("u", (I, K), exp(BETA * (g[I, K] - 1) if normalised else BETA * g[I, K]))
    z = define("Z", I, sum(u[I, K], K)) if normalised else None
    m = define("M", (I, J), sum(u[I, K] * g[K, J], K) / (z[I] if z is not None else N))
    r = define("r", I, sum(u[I, K] * g[I, K], K) / (z[I] if z is not None else N))
    moved = define("F", (I, J), m[I, J] + m[J, I] - (r[I] + r[J]) * g[I, J])
    return program(moved, inputs=(g, BETA.tensor))
