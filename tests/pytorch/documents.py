"""The transformers of the field's documents in PyTorch's own modules, with our numbers for their parameters."""

from __future__ import annotations

import numpy as np
import torch
from document_values import EPSILON, given
from torch import nn

from symformer.models import Conventions, algorithm, transformer


def attention(mask):
    """Algorithm 4 by the fused function."""
    values = {name: torch.as_tensor(value) for name, value in given(algorithm(4, Conventions(mask=mask))).items()}
    q, k, v = (values[x] @ values[f"W_{w}"] + values[f"b_{w}"] for x, w in (("X", "q"), ("Z", "k"), ("Z", "v")))
    return [nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=values["mask"]).numpy()]


def heads(values, mark, number):
    """The projections of one layer's attention as PyTorch stacks them."""
    weights = [values[f"W_{w}{mark}"][number].transpose(0, 2, 1).reshape(6, 6) for w in "QKV"]
    biases = [values[f"b_{w}{mark}"][number].reshape(6) for w in "QKV"]
    last = values[f"W_O{mark}"][number].reshape(6, 6).T
    return np.concatenate(weights), np.concatenate(biases), last, values[f"b_O{mark}"][number]


def copied(slot, part):
    """Fills a parameter."""
    slot.copy_(torch.as_tensor(part))


@torch.no_grad()
def filled(layer, values, end, number):
    """A layer of PyTorch with the parameters of one of ours."""
    for name, mark in (("self_attn", ""), ("multihead_attn", "x")):
        if hasattr(layer, name):
            own = getattr(layer, name)
            slots = (own.in_proj_weight, own.in_proj_bias, own.out_proj.weight, own.out_proj.bias)
            for slot, part in zip(slots, heads(values, mark + end, number), strict=True):
                copied(slot, part)
    for place, own in ((1, layer.linear1), (2, layer.linear2)):
        copied(own.weight, values[f"W_{place}{end}"][number].T)
        copied(own.bias, values[f"b_{place}{end}"][number])
    for place in (1, 2, 3):
        if hasattr(layer, f"norm{place}"):
            copied(getattr(layer, f"norm{place}").weight, values[f"gamma_{place}{end}"][number])
            copied(getattr(layer, f"norm{place}").bias, values[f"beta_{place}{end}"][number])
    return layer.double().eval()


def causal(length):
    """PyTorch's own mask."""
    return nn.Transformer.generate_square_subsequent_mask(length, dtype=torch.float64)


def probabilities(stream, values):
    """Those of the last layer."""
    return [torch.softmax(stream[0] @ torch.as_tensor(values["W_U"]), -1).detach().numpy()]


def whole(norm):
    """The whole transformer, with its norms before or after."""
    values = given(transformer(Conventions(norm=norm)))
    common = {
        "dropout": 0.0, "batch_first": True, "norm_first": norm == "pre", "layer_norm_eps": EPSILON,
        "dtype": torch.float64,
    }  # fmt: skip
    x = torch.as_tensor(np.sqrt(6) * values["W_E"][values["source_ids"]] + values["PE_src"])[None]
    z = torch.as_tensor(np.sqrt(6) * values["W_E"][values["target_ids"]] + values["PE_tgt"])[None]
    for number in range(2):
        x = filled(nn.TransformerEncoderLayer(6, 2, 7, **common), values, "_enc", number)(x)
    for number in range(2):
        z = filled(nn.TransformerDecoderLayer(6, 2, 7, **common), values, "_dec", number)(z, x, tgt_mask=causal(5))
    return probabilities(z, values)


def alone(number, norm, stack):
    """The encoder, algorithm 9, or the decoder, algorithm 10."""
    values = given(algorithm(number, Conventions(norm=norm)))
    x = torch.as_tensor(values["W_E"][values["ids"]] + values["W_P"][values["positions"]])[None]
    for layer in range(2):
        own = nn.TransformerEncoderLayer(6, 2, 7, 0.0, "gelu", EPSILON, True, norm == "pre", dtype=torch.float64)
        x = filled(own, values, stack, layer)(x, src_mask=causal(4) if number == 10 else None)
    if number == 9:
        x = nn.functional.gelu(x @ torch.as_tensor(values["W_f"]) + torch.as_tensor(values["b_f"]))
    last = (torch.as_tensor(values[name]) for name in ("gamma_f", "beta_f"))
    return probabilities(nn.functional.layer_norm(x, (6,), *last, EPSILON), values)
