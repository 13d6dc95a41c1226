"""Steps of optimizers: stochastic gradient descent with momentum, Adam, and Adam with decoupled weight decay."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from symformer.notation import Tensor, lift, scalar, sqrt, tensor
from symformer.ops.letters import ROWS, letters
from symformer.ops.options import when_given
from symformer.ops.signature import Parameter, Signature
from symformer.programs import DefinedTensor, Program, define, program


def adam_step(
    param: Tensor, grad: Tensor, m: Tensor, v: Tensor, step: Any, *, lr: Any, beta1: Any, beta2: Any, eps: Any
) -> tuple[DefinedTensor, DefinedTensor, DefinedTensor]:
    """One step of Adam: θ − lr · m̂/(√v̂ + ε) with moving averages m, v and their corrections for a start at 0.

    Args:
        param: θ, any shape.
        grad: its gradient, of that shape.
        m: the average of gradients so far; 0 before the first step.
        v: the average of their squares so far; 0 before the first step.
        step: the number t of this step, from 1.
        lr: step size, an expression or number, as are the following.
        beta1: how much of m stays.
        beta2: how much of v stays.
        eps: ε > 0.

    Returns:
        The new θ, m and v.

    Source: Kingma & Ba 2014, arXiv:1412.6980, algorithm 1.
    """
    return _adam(param, param, grad, m, v, step, lr, beta1, beta2, eps)


def adamw_step(
    param: Tensor,
    grad: Tensor,
    m: Tensor,
    v: Tensor,
    step: Any,
    *,
    lr: Any,
    beta1: Any,
    beta2: Any,
    eps: Any,
    weight_decay: Any,
) -> tuple[DefinedTensor, DefinedTensor, DefinedTensor]:
    """One step of AdamW: as Adam, after θ has shrunk by lr · weight_decay. Arguments and result as of `adam_step`.

    Source: Loshchilov & Hutter 2017, arXiv:1711.05101, algorithm 2.
    """
    at = _axes(param)
    shrunk = define("theta", at, param[at] - param[at] * (lift(lr) * weight_decay))
    return _adam(param, shrunk, grad, m, v, step, lr, beta1, beta2, eps)


def sgd_step(
    param: Tensor, grad: Tensor, momentum_buffer: Tensor | None = None, *, lr: Any, momentum: Any, weight_decay: Any
) -> tuple[DefinedTensor, DefinedTensor]:
    """One step of gradient descent: b = momentum · b + grad + weight_decay · θ, then θ − lr · b.

    Args:
        param: θ, any shape.
        grad: its gradient, of that shape.
        momentum_buffer: b of the step before, or None at the first.
        lr: step size, an expression or number, as are the following.
        momentum: how much of b stays.
        weight_decay: the factor of the penalty.

    Returns:
        The new θ and b.

    Source: Sutskever et al. 2013, equations 1 and 2, in the form of torch.optim.SGD (lr outside b).
    """
    at = _axes(param)
    b: Tensor = define("g", at, grad[at] + weight_decay * param[at])
    b = when_given(momentum_buffer, b, at, lambda g: momentum * momentum_buffer[at] + g, "b")  # type: ignore[index]
    new = define("param_new", at, param[at] - lr * b[at])
    assert isinstance(b, DefinedTensor)
    return new, b


def _axes(param: Tensor) -> tuple[Any, ...]:
    return letters(param).free if param.shape else ()


def _adam(
    param: Tensor,
    start: Tensor,
    grad: Tensor,
    m: Tensor,
    v: Tensor,
    step: Any,
    lr: Any,
    beta1: Any,
    beta2: Any,
    eps: Any,
) -> tuple[DefinedTensor, DefinedTensor, DefinedTensor]:
    at, one = _axes(param), lift(1)
    m_new = define("m_new", at, beta1 * m[at] + (one - beta1) * grad[at])
    v_new = define("v_new", at, beta2 * v[at] + (one - beta2) * grad[at] ** 2)
    spread = sqrt(v_new[at]) / sqrt(one - lift(beta2) ** step) + eps
    new = define("param_new", at, start[at] - lift(lr) / (one - lift(beta1) ** step) * m_new[at] / spread)
    return new, m_new, v_new


def _scalars(*names: str) -> dict[str, Any]:
    return {name: scalar(name, kind="integer" if name == "step" else "real") for name in names}


def _adam_program() -> Program:
    param, grad, m, v = (tensor(name, ROWS) for name in ("param", "grad", "m", "v"))
    return program(*adam_step(param, grad, m, v, **_scalars("step", "lr", "beta1", "beta2", "eps")))


def _adamw_program() -> Program:
    param, grad, m, v = (tensor(name, ROWS) for name in ("param", "grad", "m", "v"))
    named = _scalars("step", "lr", "beta1", "beta2", "eps", "weight_decay")
    return program(*adamw_step(param, grad, m, v, **named))


def _sgd_program() -> Program:
    param, grad, buffer = (tensor(name, ROWS) for name in ("param", "grad", "momentum_buffer"))
    buffer = replace(buffer, optional=True)
    return program(*sgd_step(param, grad, buffer, **_scalars("lr", "momentum", "weight_decay")))


_PARAM = Parameter("param", "parameters θ, any shape")
_GRAD = Parameter("grad", "their gradient, of that shape")
_LR = Parameter("lr", "step size", "option", keyword=True)
_ADAM = (
    _PARAM,
    _GRAD,
    Parameter("m", "average of the gradients so far, of that shape"),
    Parameter("v", "average of their squares so far, of that shape"),
    Parameter("step", "number of this step, from 1", "option", least=1, place=True),
    _LR,
    Parameter("beta1", "how much of m stays", "option", "0.9", keyword=True, least=0, below=1),
    Parameter("beta2", "how much of v stays", "option", "0.999", keyword=True, least=0, below=1),
    Parameter("eps", "added to the root", "option", "1e-8", keyword=True, least=0),
)


def _adam_signature(name: str, summary: str, source: str, make: Any, more: tuple[Parameter, ...] = ()) -> Signature:
    return Signature(
        name,
        summary,
        "tuple (param, m, v), new arrays of the shape and dtype of param",
        source,
        (*_ADAM, *more),
        make,
        (f'same_shapes("{name}", param=param, grad=grad, m=m, v=v)',),
        differentiable=False,
        rows="i",
    )


SIGNATURES = (
    _adam_signature("adam_step", "One step of Adam.", "Kingma & Ba 2014, arXiv:1412.6980, algorithm 1", _adam_program),
    _adam_signature(
        "adamw_step",
        "One step of AdamW: Adam with decoupled weight decay.",
        "Loshchilov & Hutter 2017, arXiv:1711.05101, algorithm 2",
        _adamw_program,
        (Parameter("weight_decay", "decay, times lr", "option", "0.01", keyword=True),),
    ),
    Signature(
        "sgd_step",
        "One step of gradient descent with momentum.",
        "tuple (param, momentum_buffer), new arrays of the shape and dtype of param",
        "Sutskever et al. 2013, equations 1 and 2, in the form of torch.optim.SGD",
        (
            _PARAM,
            _GRAD,
            Parameter("momentum_buffer", "of the step before, or None at the first", "array", "None"),
            _LR,
            Parameter("momentum", "how much of the buffer stays", "option", "0.0", keyword=True),
            Parameter("weight_decay", "factor of the penalty", "option", "0.0", keyword=True),
        ),
        _sgd_program,
        ('same_shapes("sgd_step", param=param, grad=grad, momentum_buffer=momentum_buffer)',),
        differentiable=False,
        rows="i",
    ),
)
