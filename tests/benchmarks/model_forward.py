"""Forward pass of 12 layers, d = 768, n = 128, batch 1, float32: a loaded model against a plain PyTorch module.

    OMP_NUM_THREADS=2 OPENBLAS_NUM_THREADS=2 python tests/benchmarks/model_forward.py

Prints the best time of each and their ratio, for a GPT-2 and a BERT with random weights, after a check that both
compute the same. The bar is 1.3.
"""

import json
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import nn
from torch.nn.functional import gelu, scaled_dot_product_attention

import symformer as sf

D, L, H, N, V = 768, 12, 12, 128, 1000
ROUNDS = 15


class Layer(nn.Module):
    """A layer of GPT-2 (norm first, causal) or BERT (norm last)."""

    def __init__(self, causal):
        super().__init__()
        self.causal = causal
        self.ln_1, self.ln_2 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.qkv, self.out = nn.Linear(D, 3 * D), nn.Linear(D, D)
        self.up, self.down = nn.Linear(D, 4 * D), nn.Linear(4 * D, D)

    def attend(self, x):
        """Attention of x to itself."""
        q, k, v = (part.view(*x.shape[:2], H, D // H).transpose(1, 2) for part in self.qkv(x).split(D, -1))
        y = scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        return self.out(y.transpose(1, 2).reshape(x.shape))

    def feed(self, x):
        """The feed-forward block."""
        return self.down(gelu(self.up(x), approximate="tanh" if self.causal else "none"))

    def forward(self, x):
        """The stream after the layer."""
        if self.causal:
            x = x + self.attend(self.ln_1(x))
            return x + self.feed(self.ln_2(x))
        x = self.ln_1(x + self.attend(x))
        return self.ln_2(x + self.feed(x))


class Model(nn.Module):
    """Embedding, layers, and for GPT-2 a last norm and a tied head."""

    def __init__(self, causal):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(V, D), nn.Embedding(N, D)
        self.layers = nn.ModuleList(Layer(causal) for _ in range(L))
        self.ln = nn.LayerNorm(D)
        self.causal = causal

    def forward(self, ids):
        """Logits, or the last hidden state."""
        x = self.wte(ids) + self.wpe(torch.arange(ids.shape[1]))
        x = x if self.causal else self.ln(x)
        for layer in self.layers:
            x = layer(x)
        return self.ln(x) @ self.wte.weight.T if self.causal else x


def gpt2(model):
    """A GPT-2 checkpoint of the module's weights."""
    config = {"model_type": "gpt2", "vocab_size": V, "n_positions": N, "n_embd": D, "n_layer": L, "n_head": H}
    tensors = {"wte.weight": model.wte.weight, "wpe.weight": model.wpe.weight}
    tensors |= {"ln_f.weight": model.ln.weight, "ln_f.bias": model.ln.bias}
    names = {
        "ln_1": "ln_1",
        "ln_2": "ln_2",
        "qkv": "attn.c_attn",
        "out": "attn.c_proj",
        "up": "mlp.c_fc",
        "down": "mlp.c_proj",
    }
    for number, layer in enumerate(model.layers):
        for own, name in names.items():
            weight = getattr(layer, own).weight
            tensors[f"h.{number}.{name}.weight"] = weight.T if weight.ndim == 2 else weight
            tensors[f"h.{number}.{name}.bias"] = getattr(layer, own).bias
    return config, tensors


def bert(model):
    """A BERT checkpoint of the module's weights."""
    config = {
        "model_type": "bert",
        "vocab_size": V,
        "max_position_embeddings": N,
        "hidden_size": D,
        "num_hidden_layers": L,
        "num_attention_heads": H,
        "intermediate_size": 4 * D,
        "layer_norm_eps": 1e-5,
    }
    tensors = {
        "embeddings.word_embeddings.weight": model.wte.weight,
        "embeddings.position_embeddings.weight": model.wpe.weight,
    }
    tensors |= {"embeddings.token_type_embeddings.weight": torch.zeros(2, D)}
    tensors |= {"embeddings.LayerNorm.weight": model.ln.weight, "embeddings.LayerNorm.bias": model.ln.bias}
    names = {"ln_1": "attention.output.LayerNorm", "ln_2": "output.LayerNorm", "out": "attention.output.dense",
             "up": "intermediate.dense", "down": "output.dense"}  # fmt: skip
    for number, layer in enumerate(model.layers):
        for kind in ("weight", "bias"):
            for own, name in names.items():
                tensors[f"encoder.layer.{number}.{name}.{kind}"] = getattr(getattr(layer, own), kind)
            parts = getattr(layer.qkv, kind).chunk(3)
            for part, value in zip(("query", "key", "value"), parts, strict=True):
                tensors[f"encoder.layer.{number}.attention.self.{part}.{kind}"] = value
    return config, tensors


def best(function, ids):
    """The least of some times, in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        function(ids)
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def main():
    """Both models."""
    torch.set_num_threads(2)
    ids = np.random.default_rng(0).integers(0, V, (1, N))
    for causal, convert in ((True, gpt2), (False, bert)):
        torch.manual_seed(0)
        module = Model(causal).eval()
        config, tensors = convert(module)
        with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
            Path(folder, "config.json").write_text(json.dumps(config))
            arrays = {name: np.ascontiguousarray(value.detach().numpy()) for name, value in tensors.items()}
            save_file(arrays, Path(folder, "model.safetensors"))
            ours = sf.models.load(folder)
            key = "logits" if causal else "last_hidden_state"
            off = np.abs(ours(ids)[key] - module(torch.from_numpy(ids)).numpy()).max()
            assert off < 1e-3, off
            mine, plain, theirs = (
                best(ours, ids),
                best(partial(ours, attentions=False), ids),
                best(module, torch.from_numpy(ids)),
            )
        print(f"{config['model_type']}: {mine:.1f} ms, {plain:.1f} without attention weights; torch {theirs:.1f} ms; "
              f"ratio {mine / theirs:.2f} and {plain / theirs:.2f}; largest difference {off:.1e}")  # fmt: skip


if __name__ == "__main__":
    main()
