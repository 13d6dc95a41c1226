"""One file an operation: its textbook program, its stable program, and the function it becomes."""

from symformer.ops import attention as _attention
from symformer.ops import cross_entropy as _cross_entropy
from symformer.ops import layer_norm as _layer_norm
from symformer.ops import linear as _linear
from symformer.ops import softmax as _softmax
from symformer.ops.signature import Parameter, Signature

attention = _attention.attention
cross_entropy = _cross_entropy.cross_entropy
layer_norm = _layer_norm.layer_norm
linear = _linear.linear
log_softmax = _softmax.log_softmax
logsumexp = _softmax.logsumexp
softmax = _softmax.softmax

MODULES = (_softmax, _layer_norm, _linear, _attention, _cross_entropy)

__all__ = [
    "MODULES",
    "Parameter",
    "Signature",
    "attention",
    "cross_entropy",
    "layer_norm",
    "linear",
    "log_softmax",
    "logsumexp",
    "softmax",
]
