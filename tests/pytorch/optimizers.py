"""Steps of PyTorch's optimizers."""

from __future__ import annotations

import torch
from optimizer_cases import STEPS, steps_drawn

KINDS = {"adam_step": torch.optim.Adam, "adamw_step": torch.optim.AdamW, "sgd_step": torch.optim.SGD}


def steps(name, dtype):
    """The parameter after each step, then what the optimizer of Adam keeps."""
    options = dict(STEPS[name])
    if "beta1" in options:
        options["betas"] = (options.pop("beta1"), options.pop("beta2"))
    start, *gradients = (torch.tensor(array) for array in steps_drawn(dtype))
    parameter = torch.nn.Parameter(start)
    optimizer = KINDS[name.split()[0]]([parameter], **options)
    found = []
    for gradient in gradients:
        parameter.grad = gradient
        optimizer.step()
        found.append(parameter.detach().numpy().copy())
    kept = optimizer.state[parameter]
    return found + [kept[key].numpy() for key in ("exp_avg", "exp_avg_sq") if key in kept]
