"""A function called in PyTorch: its value, and its gradients by autograd, in the dtypes in which ours gives them."""

from __future__ import annotations

import numpy as np
import torch
from function_cases import is_float

from pytorch import reference

WORK = {"float16": torch.float32, "float32": torch.float32, "float64": torch.float64}


def in_torch(value, dtype):
    """An array as a tensor, floats as what gradients are asked for; float16 works in float32.

    Floats of another dtype than the function's are positions, and stay as they are.
    """
    if not isinstance(value, np.ndarray):
        return value
    tensor = torch.tensor(value, dtype=WORK[dtype] if str(value.dtype) == dtype else None)
    return tensor.requires_grad_() if is_float(value) else tensor


def value_and_gradients(name, inputs, options, cotangent):
    """The result, then a gradient by each input, None for what has none.

    Args:
        name: of the function.
        inputs: arrays.
        options: by name.
        cotangent: an array of the result's shape, from that shape and the dtype.
    """
    dtype = str(next(value.dtype for value in inputs if is_float(value)))
    tensors = [in_torch(value, dtype) for value in inputs]
    chosen = {key: in_torch(value, dtype).detach() if is_float(value) else value for key, value in options.items()}
    out = getattr(reference, name)(*tensors, **chosen)
    out.backward(torch.tensor(cotangent(tuple(out.shape), dtype)).to(out.dtype))
    slopes = [tensor.grad if torch.is_tensor(tensor) else None for tensor in tensors]
    return [None if one is None else one.detach().numpy().astype(dtype) for one in (out, *slopes)]
