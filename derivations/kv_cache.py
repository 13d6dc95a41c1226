"""Memory of the key-value cache.

Decoding keeps the keys and values of every token and layer. How much that is depends on how many heads have keys of their own:
all of them, one in each group, one for all, or none, where keys and values are computed from a latent vector and only that
vector is kept.
"""

from symformer import Derivation, FormulaCurves, begin, lift, models, sizes

base = {
    "vocab_size": 32000,
    "hidden_size": 4096,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "intermediate_size": 11008,
    "head_dim": 128,
}
n, b, L, H, G, d_k, d_c, d_p = sizes("n b L H G d_k d_c d_p")
every, grouped, single = (
    models.from_config({**base, "model_type": "llama", "num_key_value_heads": heads}) for heads in (32, 8, 1)
)
latent = models.from_config(
    {**base, "model_type": "deepseek_v3", "kv_lora_rank": 512, "q_lora_rank": None, "qk_nope_head_dim": 128,
     "qk_rope_head_dim": 64, "v_head_dim": 128, "first_k_dense_replace": 32}
)  # fmt: skip
bytes_of = {name: model.cost(1, 1, dtype="bfloat16").memory.kv_cache for name, model in
            (("every", every), ("grouped", grouped), ("single", single), ("latent", latent))}  # fmt: skip
latent_formula = bytes_of["latent"].formula.subs({sizes("L_D"): L})

derivation = Derivation(
    __doc__,
    given=(
        "b sequences of n tokens, two bytes for each number; N_1 is the input of attention, after its norm",
        *every.inputs("W_K", "W_V"),
        *grouped.inputs("W_Q"),
        *latent.inputs("W_DKV", "W_KR"),
        "2 d_p of the features of a head have rotary positions, in d_p pairs",
    ),
    where=(*every.statements("V"), *latent.statements("C", "K_R")),
    calc=(
        begin(bytes_of["every"].formula, "counted from the program: keys and values of all heads", "Every head its own"),
        (2 * (2 * lift(L) * H * d_k) * n * b, "2 bytes, 2 tensors, L layers, H heads, d_k features"),
        begin(bytes_of["grouped"].formula, "counted from the program: keys and values of G groups", "Groups of heads"),
        (lift(G) / lift(H) * (4 * lift(L) * H * d_k * n * b), ("the first, times ", lift(G) / lift(H))),
        begin(bytes_of["single"].formula, "counted from the program: one head of keys and values for all", "One for all"),
        (1 / lift(H) * (4 * lift(L) * H * d_k * n * b), ("the first, times ", 1 / lift(H))),
        begin(latent_formula, "counted from the program: the latent vector, and one rotated key for all heads", "A latent"),
        (2 * lift(L) * (lift(d_c) + 2 * lift(d_p)) * n * b, "factor out: the number of heads does not occur"),
        begin(2 * lift(L) * (4 * lift(d_k) + lift(d_k) / 2) * n * b, "with a latent vector as long as 4 heads and rotary positions in half a head", "As in DeepSeek-V2"),
        (9 * lift(L) * d_k * n * b, "add up"),
        (lift(9) / 4 * (4 * lift(L) * d_k * n * b), "as much as keys and values of two and a quarter groups"),
    ),
    notes=(
        "At LLaMA 7B's sizes the first is "
        f"{bytes_of['every'].number:,} bytes for each token, the second with 8 groups {bytes_of['grouped'].number:,}, the third "
        f"{bytes_of['single'].number:,}; the latent of 512 and 64 takes {bytes_of['latent'].number:,} in as many layers.",
        "LLaMA 2 70B, 80 layers and 8 groups: 327,680. GPT-3, 96 layers of 96 heads: 4,718,592. GPT-2: 36,864.",
        "A window over the keys bounds n by the window, layer by layer.",
    ),
    reference=(
        "Shazeer 2019, arXiv:1911.02150; Ainslie et al. 2023, arXiv:2305.13245; DeepSeek-AI 2024, arXiv:2405.04434, table "
        "1; Chen 2022, Transformer Inference Arithmetic."
    ),
    pictures=(FormulaCurves({"every head": 4 * lift(L) * H * d_k * n * b, "8 groups": 4 * lift(L) * 8 * d_k * n * b, "a latent": 9 * lift(L) * d_k * n * b, "one head": 4 * lift(L) * d_k * n * b}, "Bytes of the cache of a model of 32 layers and 32 heads, for one sequence", "n", (0, 8192), "tokens n", "bytes", {"L": 32, "H": 32, "d_k": 128, "b": 1}),),
)  # fmt: skip
