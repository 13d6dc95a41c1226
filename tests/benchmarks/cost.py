"""How long all counts of a model take: CPU seconds of reading, counting and putting numbers in, beside one second."""

import json
import time
from pathlib import Path

from symformer.models import from_config

PUBLISHED = Path(__file__).resolve().parents[1] / "fixtures" / "published_models.json"
LARGE = {
    "model_type": "llama", "vocab_size": 128256, "hidden_size": 16384, "num_hidden_layers": 126,
    "num_attention_heads": 128, "num_key_value_heads": 8, "intermediate_size": 53248,
}  # fmt: skip


def seconds(config):
    """CPU seconds of every count of a model."""
    start = time.process_time()
    cost = from_config(config).cost(8, 2048)
    _ = cost.parameters, cost.components, cost.flops, cost.memory
    return time.process_time() - start


if __name__ == "__main__":
    models = [(one["name"], one["config"]) for one in json.loads(PUBLISHED.read_text(encoding="utf-8"))]
    for name, config in [("LLaMA 3.1 405B, 126 layers", LARGE), *models]:
        print(f"{name:28} {min(seconds(config) for _ in range(3)):.3f} s, of 1 s")
