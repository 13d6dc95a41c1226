"""What the steps of optimizers are taken with: options, a parameter and gradients."""

from __future__ import annotations

import numpy as np

ADAM = {"lr": 0.1, "beta1": 0.8, "beta2": 0.95, "eps": 1e-4}
STEPS = {
    "adam_step": ADAM,
    "adamw_step": ADAM | {"weight_decay": 0.2},
    "sgd_step": {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.3},
    "sgd_step without momentum": {"lr": 0.1, "momentum": 0.0, "weight_decay": 0.3},
}


def steps_drawn(dtype):
    """A parameter, then the gradient of each of four steps."""
    return list(np.random.RandomState(3).standard_normal((5, 2, 3)).astype(dtype))
