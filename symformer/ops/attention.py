"""Scaled dot-product attention, with float or boolean masks, causal masks, windows and soft caps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import Symbol

from symformer.notation import (
    Element,
    ShapeError,
    Tensor,
    Written,
    exp,
    hide,
    indicator,
    indices,
    lift,
    max,
    sizes,
    sqrt,
    sum,
    tanh,
    tensor,
)
from symformer.ops.letters import FREE
from symformer.ops.options import when_flag, when_given
from symformer.ops.signature import Parameter, Signature
from symformer.programs import DefinedTensor, Program, call, define, program

I, J, K, C, F = indices("i j k c f")


def attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | None = None,
    *,
    is_causal: bool = False,
    offset: Any = 0,
    scale: Any = None,
    name: str | None = None,
) -> DefinedTensor:
    """Scaled dot-product attention: softmax(Q Kᵀ · scale) V, row by row.

    S_ij = Σ_c Q_ic K_jc · scale, P = softmax of each row of S over the keys it sees, O_if = Σ_j P_ij V_jf.

    Args:
        q: queries (…, n, d).
        k: keys (…, m, d).
        v: values (…, m, e).
        mask: (…, n, m): a 0/1 mask (`kind="mask"`, 1 takes part) or a real bias that is added to the scores.
        is_causal: query i sees keys j ≤ i + offset.
        offset: 0 aligns queries and keys at the first; m − n at the last, as with a key-value cache.
        scale: what the scores are multiplied by; by default 1/√d.
        name: the name of the result; without one it prints as `attention(Q, K, V)`.

    Returns:
        A tensor (…, n, e). In the stable form a row that sees no key gives zeros; the textbook form divides by zero.

    Raises:
        ShapeError: sizes that do not fit.

    Source: Vaswani et al. 2017, arXiv:1706.03762, equation 1.
    """
    lead = _lead(q, k, v)
    factor = lift(1) / sqrt(q.shape[-1]) if scale is None else lift(scale)
    visible = mask if mask is not None and mask.domain.kind == "mask" else None
    bias = mask if visible is None else None
    textbook = _textbook(lead, (q, k, v), factor, visible, bias, (is_causal, offset))
    stable = _stable(lead, (q, k, v), factor, visible, bias, (is_causal, offset), softcap=None, window=None)
    arguments = (q, k, v) if mask is None else (q, k, v, mask)
    return call("attention", arguments, textbook, stable, name)


def _lead(q: Tensor, k: Tensor, v: Tensor) -> tuple[Symbol, ...]:
    ranks = {len(t.shape) for t in (q, k, v)}
    if len(ranks) != 1 or not 2 <= min(ranks) <= 5:
        shapes = ", ".join(f"{t.name} {t.shape}" for t in (q, k, v))
        raise ShapeError(
            f"attention: expected (…, n, d), (…, m, d), (…, m, e) with equal numbers of axes, got {shapes}"
        )
    return tuple(FREE[3 - (min(ranks) - 2) : 3])


def _at(lead: tuple[Symbol, ...], source: Tensor, *letters: Symbol) -> tuple[Symbol, ...]:
    """The letters for a tensor that may have fewer leading axes (a mask shared by all heads)."""
    keep = len(source.shape) - len(letters)
    return (*lead[len(lead) - keep :], *letters)


def _textbook(
    lead: tuple[Symbol, ...],
    qkv: tuple[Tensor, Tensor, Tensor],
    factor: Written,
    visible: Tensor | None,
    bias: Tensor | None,
    causal: tuple[bool, Any],
) -> DefinedTensor:
    q, k, v = qkv
    dot = sum(q[(*lead, I, C)] * k[(*lead, J, C)], C)
    over_root = factor.kids[1] if factor == lift(1) / sqrt(q.shape[-1]) else None
    scores: Tensor = define("S", (*lead, I, J), dot / over_root if over_root is not None else factor * dot)
    if bias is not None:
        scores = define("S_bias", (*lead, I, J), scores[(*lead, I, J)] + bias[_at(lead, bias, I, J)])

    def weight(key: Symbol) -> Written:
        out = exp(scores[(*lead, I, key)])
        if visible is not None:
            out = visible[_at(lead, visible, I, key)] * out
        return indicator(key, "≤", _shifted(causal[1])) * out if causal[0] else out

    p = define("P", (*lead, I, J), weight(J) / sum(weight(K), K))
    return define("O", (*lead, I, F), sum(p[(*lead, I, J)] * v[(*lead, J, F)], J))


def _shifted(offset: Any) -> Any:
    return I if offset == 0 and not isinstance(offset, Element) else lift(I) + offset


def _stable(
    lead: tuple[Symbol, ...],
    qkv: tuple[Tensor, Tensor, Tensor],
    factor: Written,
    visible: Tensor | None,
    bias: Tensor | None,
    causal: tuple[bool | str, Any],
    softcap: Element | None,
    window: Element | None,
) -> DefinedTensor:
    """The shifted form, divided once at the end: O_if = Σ_j u_ij V_jf / Z_i."""
    q, k, v = qkv
    at = (*lead, I, J)
    offset = causal[1]
    s: Tensor = define("S", at, sum(q[(*lead, I, C)] * factor * k[(*lead, J, C)], C))
    if softcap is not None:
        s = when_given(softcap.tensor, s, at, lambda y: softcap * tanh(y / softcap), "S_cap")
    s = when_given(bias, s, at, lambda y: y + bias[_at(lead, bias, I, J)], "S_bias")  # type: ignore[index, arg-type]
    s = when_given(visible, s, at, lambda y: hide(y, visible[_at(lead, visible, I, J)]), "S_seen")  # type: ignore[index, arg-type]
    s = when_flag(causal[0], s, at, lambda y: hide(y, indicator(J, "≤", _shifted(offset))), "S_causal")
    if window is not None:
        s = when_given(
            window.tensor, s, at, lambda y: hide(y, indicator(J, ">", _shifted(offset) - window)), "S_window"
        )
    m = define("m", (*lead, I), max(s[at], J))
    u = define("u", at, exp(s[at] - m[(*lead, I)]))
    z = define("Z", (*lead, I), sum(u[at], J))
    seen = z[(*lead, I)] + indicator(z[(*lead, I)], "=", 0)
    return define("O", (*lead, I, F), sum(u[at] * v[(*lead, J, F)], J) / seen)


def _program() -> Program:
    n, m, d, e = sizes("n m d e")
    q, k, v = tensor("q", n, d), tensor("k", m, d), tensor("v", m, e)
    visible = replace(tensor("visible", n, m, kind="mask"), optional=True)
    bias = replace(tensor("bias", n, m), optional=True)
    scale, softcap = tensor("scale"), replace(tensor("softcap"), optional=True)
    offset, window = tensor("offset", kind="integer"), replace(tensor("window", kind="integer"), optional=True)
    options = {"softcap": softcap[()], "window": window[()]}
    out = _stable((), (q, k, v), scale[()], visible, bias, ("is_causal", offset[()]), **options)
    return program(out, inputs=(q, k, v, visible, bias, scale, softcap, offset, window))


SIGNATURES = (
    Signature(
        "attention",
        "Scaled dot-product attention: softmax(q kᵀ · scale) v.",
        "array (..., H, n, e) of the dtype of q, k and v; a row that sees no key gives zeros",
        "Vaswani et al. 2017, arXiv:1706.03762, equation 1",
        (
            Parameter("q", "queries (..., H, n, d), or (n, d)"),
            Parameter("k", "keys (..., H_kv, m, d) with H a multiple of H_kv, or (m, d)"),
            Parameter("v", "values (..., H_kv, m, e), or (m, e)"),
            Parameter("mask", "(..., n, m): boolean, True takes part; or float, added to the scores", "mask", "None"),
            Parameter("is_causal", "query i sees keys j <= i + offset", "option", "False", keyword=True),
            Parameter(
                "offset", "0 aligns queries and keys at the first, m - n at the last", "option", "0", keyword=True
            ),
            Parameter("scale", "multiplies the scores; None means 1/√d", "option", "None", keyword=True),
            Parameter("softcap", "scores become softcap · tanh(scores / softcap)", "option", "None", keyword=True),
            Parameter("window", "and only keys j > i + offset - window", "option", "None", keyword=True),
        ),
        _program,
        (
            'k, v = (share_heads("attention", name, array, q) for name, array in (("k", k), ("v", v)))',
            'visible, bias = split_mask("attention", mask, q, k, v)',
        ),
        after=("scale = 1 / math.sqrt(max(d, 1)) if scale is None else scale",),
        example={"q": [[1, 0], [0, 1]], "k": [[1, 1], [0, 1]], "v": [[1, 2], [3, 4]]},
        op=lambda given: attention(given["q"], given["k"], given["v"], given.get("mask"), name="O"),
        shapes={"q": "... n d", "k": "... m d", "v": "... m e", "mask": "n m?"},
    ),
)
