"""Multi-head attention with its projections; heads are an index and never a reshape."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sympy import Symbol

from symformer.notation import Tensor, Written, indices, lift, sizes, sqrt, sum, tensor
from symformer.ops.attention import Rules, averaged, options, weighted
from symformer.ops.options import when_given
from symformer.ops.signature import Backward, Parameter, Signature
from symformer.programs import DefinedTensor, Program, call, define, program

G, R, I, J, A, C, F, O = indices("g r i j a c f o")


def multi_head_attention(
    x: Tensor,
    memory: Tensor | None,
    w_q: Tensor,
    w_k: Tensor,
    w_v: Tensor,
    w_o: Tensor,
    b_q: Tensor | None = None,
    b_k: Tensor | None = None,
    b_v: Tensor | None = None,
    b_o: Tensor | None = None,
    mask: Tensor | None = None,
    *,
    is_causal: bool = False,
    scale: Any = None,
    name: str | None = None,
) -> DefinedTensor:
    """Multi-head attention: Σ_h softmax(X W_Qh (M W_Kh)ᵀ · scale) M W_Vh W_Oh, heads in groups that share keys.

    Args:
        x: what asks (n, d).
        memory: M (m, d_m), what is asked, or None for x itself.
        w_q: (d, G, R, d_k): G groups of R heads.
        w_k: (d_m, G, d_k).
        w_v: (d_m, G, d_v).
        w_o: (G, R, d_v, d_out).
        b_q: (G, R, d_k), or None.
        b_k: (G, d_k), or None.
        b_v: (G, d_v), or None.
        b_o: (d_out), or None.
        mask: (n, m), (R, n, m) or (G, R, n, m): 0/1 (`kind="mask"`) or a bias that is added to the scores.
        is_causal: query i sees keys j ≤ i.
        scale: what the scores are multiplied by; by default 1/√d_k.
        name: the name of the result; without one it prints as `MultiHead(x)`.

    Returns:
        A tensor (n, d_out). In the stable form a row that sees no key gives zeros; the textbook form divides by zero.

    Raises:
        ShapeError: sizes that do not fit.

    Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2; groups: Ainslie et al. 2023, arXiv:2305.13245.
    """
    visible = mask if mask is not None and mask.domain.kind == "mask" else None
    rules = Rules(
        scale=lift(1) / sqrt(w_q.shape[-1]) if scale is None else lift(scale),
        bias=mask if visible is None else None,
        visible=visible,
        is_causal=is_causal,
    )
    source = x if memory is None else memory
    weights, biases = (w_q, w_k, w_v, w_o), (b_q, b_k, b_v, b_o)
    textbook, stable = (_projected(x, source, weights, biases, rules, form) for form in (averaged, weighted))
    given = (x, memory, w_q, w_k, w_v, w_o, b_q, b_k, b_v, b_o, mask)
    return call("MultiHead", tuple(tensor for tensor in given if tensor is not None), textbook, stable, name)


def _projected(
    x: Tensor,
    memory: Tensor,
    weights: tuple[Tensor, Tensor, Tensor, Tensor],
    biases: tuple[Tensor | None, Tensor | None, Tensor | None, Tensor | None],
    rules: Rules,
    attend: Callable[..., DefinedTensor],
) -> DefinedTensor:
    w_q, w_k, w_v, w_o = weights
    b_q, b_k, b_v, b_o = biases
    q = _projection("Q", x, w_q, b_q, (G, R, I, C))
    k = _projection("K", memory, w_k, b_k, (G, J, C))
    v = _projection("V", memory, w_v, b_v, (G, J, F))
    o = attend((G, R), (q, k, v), rules)
    y: Tensor = define("y", (I, O), sum(o[G, R, I, F] * w_o[G, R, F, O], G, R, F))
    y = when_given(b_o, y, (I, O), lambda value: value + b_o[O])  # type: ignore[index]
    assert isinstance(y, DefinedTensor)
    return y


def _projection(name: str, x: Tensor, weight: Tensor, bias: Tensor | None, at: tuple[Symbol, ...]) -> Tensor:
    *heads, row, feature = at
    own = (*heads, feature)
    y: Tensor = define(name, at, sum(x[row, A] * weight[(A, *own)], A))

    def added(value: Written) -> Written:
        assert bias is not None
        return value + bias[own]

    return when_given(bias, y, at, added)


def _program() -> Program:
    n, m, d, d_m, g, r, d_k, d_v, d_out = sizes("n m d d_m G R d_k d_v d_out")
    x, memory = tensor("x", n, d), tensor("memory", m, d_m)
    shapes = (("w_q", d, g, r, d_k), ("w_k", d_m, g, d_k), ("w_v", d_m, g, d_v), ("w_o", g, r, d_v, d_out))
    weights = tuple(tensor(*shape) for shape in shapes)
    added = (("b_q", g, r, d_k), ("b_k", g, d_k), ("b_v", g, d_v), ("b_o", d_out))
    biases = tuple(replace(tensor(*shape), optional=True) for shape in added)
    visible = replace(tensor("visible", g, r, n, m, kind="mask"), optional=True)
    bias = replace(tensor("bias", g, r, n, m), optional=True)
    given = options()
    rules = Rules(scale=given["scale"], is_causal="is_causal", visible=visible, bias=bias)
    y = _projected(x, memory, weights, biases, rules, weighted)  # type: ignore[arg-type]
    return program(y, inputs=(x, memory, *weights, *biases, visible, bias, given["scale"].tensor))


_WEIGHTS = ("w_q", "w_k", "w_v", "w_o")
_BIASES = ("b_q", "b_k", "b_v", "b_o")

SIGNATURES = (
    Signature(
        "multi_head_attention",
        "Multi-head attention of x to memory, with projections; memory None means x itself.",
        "array (..., n, d_out) of the dtype of x and the weights",
        "Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2; groups: Ainslie et al. 2023, arXiv:2305.13245",
        (
            Parameter("x", "what asks (..., n, d)"),
            Parameter("memory", "what is asked (..., m, d_m), or None for x"),
            Parameter("w_q", "(d, heads·d_k), heads in consecutive blocks", "weight"),
            Parameter("w_k", "(d_m, kv_heads·d_k)", "weight"),
            Parameter("w_v", "(d_m, kv_heads·d_v)", "weight"),
            Parameter("w_o", "(heads·d_v, d_out)", "weight"),
            Parameter("b_q", "(heads·d_k), or None", "weight", "None"),
            Parameter("b_k", "(kv_heads·d_k), or None", "weight", "None"),
            Parameter("b_v", "(kv_heads·d_v), or None", "weight", "None"),
            Parameter("b_o", "(d_out), or None", "weight", "None"),
            Parameter(
                "mask",
                "(..., n, m), or with heads (..., heads, n, m), one axis more than x: boolean, True takes part; or "
                "float, added to the scores",
                "mask",
                "None",
            ),
            Parameter("heads", "number of heads", "option", keyword=True),
            Parameter("kv_heads", "heads of keys and values, None for as many", "option", "None", keyword=True),
            Parameter("is_causal", "query i sees keys j <= i", "option", "False", keyword=True),
            Parameter("scale", "multiplies the scores; None means 1/√d_k", "option", "None", keyword=True),
        ),
        _program,
        (
            "memory = x if memory is None else memory",
            'heads = split_heads("multi_head_attention", heads, kv_heads, x, memory, '
            "w_q, w_k, w_v, w_o, b_q, b_k, b_v, b_o)",
            "w_q, w_k, w_v, w_o, b_q, b_k, b_v = heads",
            'visible, bias = head_mask("multi_head_attention", mask, x, memory, w_q)',
        ),
        after=("scale = 1 / math.sqrt(max(d_k, 1)) if scale is None else scale",),
        rows="i",
        lead=True,
        backward=Backward(
            wrt=("x", "memory", *_WEIGHTS, *_BIASES, "bias"),
            leave=(
                "{x} if memory_shape else {x} + sum_to(dmemory, memory_near)",
                "{memory} if memory_shape else None",
                *(f"{{{name}}}" for name in _WEIGHTS),
                *(f"None if {name} is None else {{{name}}}" for name in _BIASES),
                "None if bias is None else {bias}",
            ),
        ),
        example={
            "x": [[1, 0], [0, 1]],
            "w_q": [[[[1], [0]]], [[[0], [1]]]],
            "w_k": [[[1]], [[1]]],
            "w_v": [[[1]], [[2]]],
            "w_o": [[[[1, 0]], [[0, 1]]]],
        },
        op=lambda given: multi_head_attention(
            given["x"], given.get("memory"), given["w_q"], given["w_k"], given["w_v"], given["w_o"], name="y"
        ),
        shapes={
            "x": "n d",
            "memory": "m d_m?",
            "w_q": "d G R d_k",
            "w_k": "d_m G d_k",
            "w_v": "d_m G d_v",
            "w_o": "G R d_v d_out",
        },
    ),
)
