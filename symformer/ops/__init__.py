"""One file an operation: its textbook program, its stable program, and the function it becomes."""

from symformer.ops import activations as _activations
from symformer.ops import attention as _attention
from symformer.ops import cross_entropy as _cross_entropy
from symformer.ops import embedding as _embedding
from symformer.ops import feed_forward as _feed_forward
from symformer.ops import kl_divergence as _kl_divergence
from symformer.ops import layer_norm as _layer_norm
from symformer.ops import linear as _linear
from symformer.ops import multi_head_attention as _multi_head_attention
from symformer.ops import optimizers as _optimizers
from symformer.ops import positions as _positions
from symformer.ops import rms_norm as _rms_norm
from symformer.ops import rotary_embedding as _rotary_embedding
from symformer.ops import softmax as _softmax
from symformer.ops.bounds import within_bounds
from symformer.ops.signature import Backward, Parameter, Signature
from symformer.ops.telling import told_apart

adam_step = told_apart(within_bounds(_optimizers.adam_step, _optimizers.SIGNATURES))
adamw_step = told_apart(within_bounds(_optimizers.adamw_step, _optimizers.SIGNATURES))
alibi_slopes = _positions.alibi_slopes
attention = told_apart(_attention.attention)
cross_entropy = told_apart(within_bounds(_cross_entropy.cross_entropy, _cross_entropy.SIGNATURES))
embedding = told_apart(_embedding.embedding)
feed_forward = told_apart(_feed_forward.feed_forward)
gelu = _activations.gelu
kl_divergence = told_apart(_kl_divergence.kl_divergence)
layer_norm = told_apart(within_bounds(_layer_norm.layer_norm, _layer_norm.SIGNATURES))
linear = told_apart(_linear.linear)
log_softmax = _softmax.log_softmax
logsumexp = _softmax.logsumexp
multi_head_attention = told_apart(_multi_head_attention.multi_head_attention)
relu = _activations.relu
rms_norm = told_apart(within_bounds(_rms_norm.rms_norm, _rms_norm.SIGNATURES))
rotary_embedding = told_apart(within_bounds(_rotary_embedding.rotary_embedding, _rotary_embedding.SIGNATURES))
sgd_step = told_apart(within_bounds(_optimizers.sgd_step, _optimizers.SIGNATURES))
sigmoid = _activations.sigmoid
silu = _activations.silu
sinusoidal_positions = _positions.sinusoidal_positions
softmax = _softmax.softmax
softplus = _activations.softplus
swiglu = told_apart(_feed_forward.swiglu)
tanh = _activations.tanh

MODULES = (
    _softmax,
    _layer_norm,
    _rms_norm,
    _activations,
    _linear,
    _feed_forward,
    _attention,
    _multi_head_attention,
    _positions,
    _rotary_embedding,
    _embedding,
    _cross_entropy,
    _kl_divergence,
    _optimizers,
)

__all__ = [
    "Backward",
    "MODULES",
    "Parameter",
    "Signature",
    "adam_step",
    "adamw_step",
    "alibi_slopes",
    "attention",
    "cross_entropy",
    "embedding",
    "feed_forward",
    "gelu",
    "kl_divergence",
    "layer_norm",
    "linear",
    "log_softmax",
    "logsumexp",
    "multi_head_attention",
    "relu",
    "rms_norm",
    "rotary_embedding",
    "sgd_step",
    "sigmoid",
    "silu",
    "sinusoidal_positions",
    "softmax",
    "softplus",
    "swiglu",
    "tanh",
]
