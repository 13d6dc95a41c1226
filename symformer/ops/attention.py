"""Scaled dot-product attention, with float or boolean masks, causal masks, windows and soft caps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sympy import Symbol

from symformer.notation import (
    Div,
    Element,
    Hidden,
    ShapeError,
    Sum,
    Tensor,
    Written,
    exp,
    hide,
    indicator,
    indices,
    lift,
    max,
    maximum,
    sizes,
    sqrt,
    sum,
    tanh,
    tensor,
    walk,
)
from symformer.ops.letters import FREE
from symformer.ops.options import when_flag, when_given
from symformer.ops.signature import Backward, Parameter, Signature
from symformer.programs import DefinedTensor, Program, call, define, elements, program, reachable, stable

I, J, K, C, F = indices("i j k c f")
GIVEN = tensor("given")
_OPTIONAL = (("softcap", "real"), ("window", "integer"))


def attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | None = None,
    *,
    is_causal: bool = False,
    offset: Any = 0,
    scale: Any = None,
    softcap: Any = None,
    window: Any = None,
    name: str | None = None,
) -> DefinedTensor:
    """Scaled dot-product attention: softmax(Q Kᵀ · scale) V, row by row.

    S_ij = Σ_c Q_ic K_jc · scale, P = softmax of each row of S over the keys it sees, O_if = Σ_j P_ij V_jf.

    Args:
        q: queries (…, n, d); with one leading axis more than k, (…, G, R, n, d): R heads share the keys of a group.
        k: keys (…, m, d), or (…, G, m, d).
        v: values (…, m, e), or (…, G, m, e).
        mask: (…, n, m): a 0/1 mask (`kind="mask"`, 1 takes part) or a real bias that is added to the scores.
        is_causal: query i sees keys j ≤ i + offset.
        offset: 0 aligns queries and keys at the first; m − n at the last, as with a key-value cache.
        scale: what the scores are multiplied by; by default 1/√d.
        softcap: a, where the scores become a · tanh(scores / a) before the mask.
        window: w, where query i sees only keys j > i + offset − w.
        name: the name of the result; without one it prints as `attention(Q, K, V)`.

    Returns:
        A tensor (…, n, e). In the stable form a row that sees no key gives zeros; the textbook form divides by zero.

    Raises:
        ShapeError: sizes that do not fit.

    Source: Vaswani et al. 2017, arXiv:1706.03762, equation 1; soft cap: Gemma Team 2024, arXiv:2408.00118, section 2;
    window: Beltagy et al. 2020, arXiv:2004.05150; groups: Ainslie et al. 2023, arXiv:2305.13245.
    """
    lead = _lead(q, k, v)
    visible = mask if mask is not None and mask.domain.kind == "mask" else None
    rules = Rules(
        scale=lift(1) / sqrt(q.shape[-1]) if scale is None else lift(scale),
        softcap=None if softcap is None else lift(softcap),
        bias=mask if visible is None else None,
        visible=visible,
        is_causal=is_causal,
        offset=offset,
        window=None if window is None else lift(window),
    )
    arguments = (q, k, v) if mask is None else (q, k, v, mask)
    return call("attention", arguments, averaged(lead, (q, k, v), rules), weighted(lead, (q, k, v), rules), name)


@dataclass(frozen=True)
class Rules:
    """What happens to the scores, in this order; None for what does not.

    Attributes:
        scale: they are multiplied by it.
        softcap: they become softcap · tanh(scores / softcap).
        bias: is added, (…, n, m).
        visible: a 0/1 mask (…, n, m) of what takes part.
        is_causal: keys j ≤ i + offset take part; True, False, or the name of the argument that decides.
        offset: how far queries are behind keys.
        window: keys j > i + offset − window take part.
        sink: what a query takes from nobody: exp(sink) is one more term of the sum that the weights are divided by.
        mark: tells the scores and weights of several attentions of one layer apart, by their names.
    """

    scale: Written
    softcap: Written | None = None
    bias: Tensor | None = None
    visible: Tensor | None = None
    is_causal: bool | str = False
    offset: Any = 0
    window: Written | None = None
    sink: Written | None = None
    mark: str = ""

    def line(self) -> Any:
        """The last key that a causal query sees."""
        return I if self.offset == 0 and not isinstance(self.offset, Element) else lift(I) + self.offset


def _lead(q: Tensor, k: Tensor, v: Tensor) -> tuple[Symbol, ...]:
    """The letters of the leading axes of q."""
    ranks = [len(t.shape) for t in (q, k, v)]
    if not (ranks[1] == ranks[2] >= 2 and ranks[0] <= 5 and ranks[0] - ranks[1] in (0, 1)):
        shapes = ", ".join(f"{t.name} {t.shape}" for t in (q, k, v))
        raise ShapeError(
            f"attention: expected (…, n, d), (…, m, d), (…, m, e) with equal numbers of axes, or one more for q, "
            f"got {shapes}"
        )
    return tuple(FREE[3 - (ranks[0] - 2) : 3])


def _at(lead: tuple[Symbol, ...], source: Tensor, *letters: Symbol) -> tuple[Symbol, ...]:
    """The letters for a mask that may have fewer leading axes (one shared by all heads)."""
    keep = len(source.shape) - len(letters)
    return (*lead[len(lead) - keep :], *letters)


def _of_keys(lead: tuple[Symbol, ...], source: Tensor, *letters: Symbol) -> tuple[Symbol, ...]:
    """The letters for keys or values: those of the queries, without the one of the heads that share them."""
    return (*lead[: len(source.shape) - len(letters)], *letters)


def attend(lead: tuple[Symbol, ...], dot: Written, v: Tensor, rules: Rules) -> tuple[DefinedTensor, DefinedTensor]:
    """Attention whose products of queries at i and keys at j are given: its textbook form and its stable one."""
    scores = define(f"S{rules.mark}", (*lead, I, J), dot if rules.scale == lift(1) else rules.scale * dot)
    return _shared(lead, _scaled(lead, dot, rules), v, rules), _summed(lead, _ruled(lead, scores, rules), v, rules)


def averaged(lead: tuple[Symbol, ...], qkv: tuple[Tensor, Tensor, Tensor], rules: Rules) -> DefinedTensor:
    """The textbook form: O_if = Σ_j P_ij V_jf, where the rows of P sum to 1."""
    q, k, v = qkv
    dot = sum(q[(*lead, I, C)] * k[_of_keys(lead, k, J, C)], C)
    return _shared(lead, _scaled(lead, dot, rules), v, rules)


def _scaled(lead: tuple[Symbol, ...], dot: Written, rules: Rules) -> Tensor:
    """The scores; 1/√d stands as a division by √d."""
    scale = rules.scale
    name = f"S{rules.mark}"
    if scale == lift(1):
        return define(name, (*lead, I, J), dot)
    divides = isinstance(scale, Div) and scale.kids[0] == lift(1)
    return define(name, (*lead, I, J), dot / scale.kids[1] if divides else scale * dot)


def _shared(lead: tuple[Symbol, ...], scores: Tensor, v: Tensor, rules: Rules) -> DefinedTensor:
    """P = softmax over the keys that a query sees, and O_if = Σ_j P_ij V_jf."""
    at = (*lead, I, J)
    if rules.softcap is not None:
        scores = define(f"S{rules.mark}_cap", at, rules.softcap * tanh(scores[at] / rules.softcap))
    if rules.bias is not None:
        scores = define(f"S{rules.mark}_bias", at, scores[at] + rules.bias[_at(lead, rules.bias, I, J)])

    def weight(key: Symbol) -> Written:
        out = exp(scores[(*lead, I, key)])
        if rules.visible is not None:
            out = rules.visible[_at(lead, rules.visible, I, key)] * out
        if rules.is_causal:
            out = indicator(key, "≤", rules.line()) * out
        return out if rules.window is None else indicator(key, ">", rules.line() - rules.window) * out

    total = sum(weight(K), K)
    p = define(f"P{rules.mark}", at, weight(J) / (total if rules.sink is None else total + exp(rules.sink)))
    return define("O", (*lead, I, F), sum(p[at] * v[_of_keys(lead, v, J, F)], J))


def scores(lead: tuple[Symbol, ...], q: Tensor, k: Tensor, rules: Rules) -> Tensor:
    """S, with the rules applied one by one; what is hidden is −∞."""
    dot = sum(q[(*lead, I, C)] * rules.scale * k[_of_keys(lead, k, J, C)], C)
    return _ruled(lead, define("S", (*lead, I, J), dot), rules)


def _ruled(lead: tuple[Symbol, ...], s: Tensor, rules: Rules) -> Tensor:
    at = (*lead, I, J)
    if rules.softcap is not None:
        cap = rules.softcap
        s = when_given(_option(cap), s, at, lambda y: cap * tanh(y / cap), f"S{rules.mark}_cap")
    if rules.bias is not None:
        bias = rules.bias
        s = when_given(bias, s, at, lambda y: y + bias[_at(lead, bias, I, J)], f"S{rules.mark}_bias")
    if rules.visible is not None:
        visible = rules.visible
        s = when_given(visible, s, at, lambda y: hide(y, visible[_at(lead, visible, I, J)]), f"S{rules.mark}_seen")
    s = when_flag(rules.is_causal, s, at, lambda y: hide(y, indicator(J, "≤", rules.line())), f"S{rules.mark}_causal")
    if rules.window is not None:
        first = rules.line() - rules.window
        s = when_given(
            _option(rules.window), s, at, lambda y: hide(y, indicator(J, ">", first)), f"S{rules.mark}_window"
        )
    return s


def _option(value: Written) -> Tensor:
    """The tensor whose presence decides: an option of a function, or anything that is there."""
    return value.tensor if isinstance(value, Element) else GIVEN


def weighted(lead: tuple[Symbol, ...], qkv: tuple[Tensor, Tensor, Tensor], rules: Rules) -> DefinedTensor:
    """The shifted form, divided once at the end: O_if = Σ_j u_ij V_jf / Z_i."""
    q, k, v = qkv
    return _summed(lead, scores(lead, q, k, rules), v, rules)


def _summed(lead: tuple[Symbol, ...], s: Tensor, v: Tensor, rules: Rules) -> DefinedTensor:
    """O from scores that have gone through the rules."""
    at, mark, row = (*lead, I, J), rules.mark, (*lead, I)
    m = define(f"m{mark}", row, max(s[at], J))
    if rules.sink is not None:
        m = define(f"m{mark}_0", row, maximum(m[row], rules.sink))
    u = define(f"u{mark}", at, exp(s[at] - m[row]))
    total = sum(u[at], J)
    z = define(f"Z{mark}", row, total if rules.sink is None else total + exp(rules.sink - m[row]))
    seen = z[row] + indicator(z[row], "=", 0)
    return define("O", (*row, F), sum(u[at] * v[_of_keys(lead, v, J, F)], J) / seen)


def attention_weights(attended: Tensor, name: str = "P") -> DefinedTensor:
    """How much each query takes from each key in a call of attention: u_ij / Z_i of its stable form.

    Args:
        attended: the result of the call.
        name: the name of the result.

    Returns:
        A tensor (…, n, m); a row that sees no key is zeros.

    Raises:
        NotationError: the tensor is no call.
    """
    u, z = _exponentials(attended)
    return define(name, u.indices, u.entry / (z.entry + indicator(z.entry, "=", 0)))


def attention_scores(attended: Tensor) -> list[DefinedTensor]:
    """The scores in the stable form of a call of attention, after each rule, as long as nothing is hidden.

    Raises:
        NotationError: the tensor is no call.
    """
    u, _ = _exponentials(attended)
    (given,) = {read.tensor for read in elements(u.written) if read.tensor.shape == u.shape}
    held = {argument.digest for argument in attended.origin.arguments}
    steps = [one for one in reachable(given, held=held) if isinstance(one, DefinedTensor) and one.digest not in held]
    return [one for one in steps if not any(isinstance(part, Hidden) for part in walk(one.written))]


def _exponentials(attended: Tensor) -> tuple[DefinedTensor, DefinedTensor]:
    """u and Z of the stable form (see `_summed`): what O is divided by, and what that is the sum of."""
    (z,) = {read.tensor for read in elements(_defined(stable(attended)).written.kids[1])}
    (u,) = {part.body.tensor for part in walk(_defined(z).written) if isinstance(part, Sum)}
    return _defined(u), _defined(z)


def _defined(tensor: Tensor) -> DefinedTensor:
    assert isinstance(tensor, DefinedTensor)
    return tensor


def options() -> dict[str, Any]:
    """The rules that callers of a function may leave out or set, as inputs."""
    given = {name: replace(tensor(name, kind=kind), optional=True)[()] for name, kind in _OPTIONAL}
    return {
        "scale": tensor("scale")[()],
        "offset": tensor("offset", kind="integer")[()],
        "is_causal": "is_causal",
    } | given


def _program() -> Program:
    n, m, d, e = sizes("n m d e")
    q, k, v = tensor("q", n, d), tensor("k", m, d), tensor("v", m, e)
    visible = replace(tensor("visible", n, m, kind="mask"), optional=True)
    bias = replace(tensor("bias", n, m), optional=True)
    rules = Rules(visible=visible, bias=bias, **options())
    numbers = [getattr(rules, name).tensor for name in ("scale", "softcap", "offset", "window")]
    return program(weighted((), (q, k, v), rules), inputs=(q, k, v, visible, bias, *numbers))


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
                "offset",
                "0 aligns queries and keys at the first, m - n at the last",
                "option",
                "0",
                keyword=True,
                place=True,
            ),
            Parameter("scale", "multiplies the scores; None means 1/√d", "option", "None", keyword=True),
            Parameter(
                "softcap", "scores become softcap · tanh(scores / softcap); 0 caps none", "option", "None", keyword=True
            ),
            Parameter("window", "and only keys j > i + offset - window", "option", "None", keyword=True, place=True),
        ),
        _program,
        (
            'q, k, v, mask, heads = group_heads("attention", q, k, v, mask)',
            'visible, bias = split_mask("attention", mask, q, k, v)',
            "softcap = finite_cap(softcap, q.dtype)",
        ),
        after=("scale = 1 / math.sqrt(max(d, 1)) if scale is None else scale",),
        tried=True,
        columns="j",
        leave=("ungroup_heads({0}, heads)",),
        rows="i",
        lead=True,
        backward=Backward(
            wrt=("q", "k", "v", "bias"),
            enter=(
                'dO = cotangent if heads is None else regroup_heads("attention_vjp", cotangent, heads, q, k, v, mask)',
            ),
            leave=("{q}", "{k}", "{v}", "None if bias is None else {bias}"),
        ),
        example={"q": [[1, 0], [0, 1]], "k": [[1, 1], [0, 1]], "v": [[1, 2], [3, 4]]},
        op=lambda given: attention(given["q"], given["k"], given["v"], given.get("mask"), name="O"),
        shapes={"q": "... n d", "k": "... m d", "v": "... m e", "mask": "n m?"},
    ),
)
