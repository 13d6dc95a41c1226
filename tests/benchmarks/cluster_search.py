"""How long a search over plans of a 126-layer model takes: `python tests/benchmarks/cluster_search.py`.

The bar is 10,000 plans in 3 seconds; what is printed is the time of this process, without loading and counting once.
"""

from time import process_time

from symformer import cluster
from symformer.models import from_config

LLAMA_405B = {
    "model_type": "llama", "vocab_size": 128256, "hidden_size": 16384, "num_hidden_layers": 126,
    "num_attention_heads": 128, "num_key_value_heads": 8, "intermediate_size": 53248,
}  # fmt: skip
DEVICES = BATCH = 1008


def main() -> None:
    """Counts the model once, then searches."""
    shards = cluster.Shards(from_config(LLAMA_405B), cluster.Setting(8192, recompute="selective"))
    start = process_time()
    shards.numbers(1, 1)
    counted = process_time()
    found = cluster.search(shards, DEVICES, BATCH, cluster.DEVICES["h100"])
    searched = process_time()
    fitting = sum(not one.reason for one in found)
    print(f"counting once: {counted - start:.2f} s; {len(found)} plans, {fitting} fit: {searched - counted:.2f} s")
    print(f"10,000 plans: {10_000 * (searched - counted) / len(found):.2f} s")


if __name__ == "__main__":
    main()
