"""Memory of gradients and optimizer.

Beside its parameters, training keeps a gradient for each of them and the state of the optimizer. In mixed precision AdamW
keeps two running averages and a copy of the parameters, in four bytes each: sixteen bytes for each parameter in all, before
any activation.
"""

from symformer import Derivation, begin, lift, models, sizes, wrong

P = sizes("P")
llama = models.from_config(
    {"model_type": "llama", "vocab_size": 32000, "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32,
     "intermediate_size": 11008}
)  # fmt: skip
count = llama.parameter_formula


def each(optimizer, dtype="bfloat16"):
    """Bytes for a parameter, gradients and optimizer, as counted for LLaMA 7B."""
    memory = llama.cost(1, 1, dtype=dtype, optimizer=optimizer).memory
    return tuple((kind.formula / count).cancel() for kind in (memory.weights, memory.gradients, memory.optimizer))


def total(optimizer, dtype="bfloat16"):
    """The same, multiplied by the parameters."""
    weights, gradients, states = each(optimizer, dtype)
    return lift(weights) * P + lift(gradients) * P + lift(states) * P


derivation = Derivation(
    __doc__,
    given=("P parameters, in bfloat16 unless stated otherwise; gradients in the same format as parameters",),
    calc=(
        begin(total("adamw"), "bytes for parameters, gradients and the state of AdamW", "AdamW in mixed precision"),
        (2 * lift(P) + 2 * lift(P) + (4 + 4 + lift(4)) * P, "the optimizer keeps a copy of the parameters, the mean and the mean square of the gradients"),
        wrong(2 * lift(P) + 2 * lift(P) + 8 * lift(P), "the copy forgotten"),
        (16 * lift(P), "add up: sixteen bytes for each parameter"),
        begin(total("adamw", "float32"), "bytes with everything in float32: no copy is needed", "AdamW in single precision"),
        (16 * lift(P), "add up: as many"),
        begin(total("adamw-8bit"), "bytes with averages of one byte", "Eight-bit AdamW"),
        (2 * lift(P) + 2 * lift(P) + (lift(4) + 1 + 1) * P, "the optimizer keeps a copy of four bytes and two averages of one"),
        (10 * lift(P), "add up"),
        begin(total("sgd-momentum"), "bytes with one average of the gradients", "Stochastic gradient descent with momentum"),
        (2 * lift(P) + 2 * lift(P) + (lift(4) + 4) * P, "the optimizer keeps a copy and an average"),
        (12 * lift(P), "add up"),
    ),
    notes=(
        f"LLaMA 7B has {llama.parameter_count:,} parameters: 16 bytes each are {16 * llama.parameter_count / 1e9:.6f} GB.",
        "Rajbhandari et al. 2019 count the same 16 P; for P = 7.5e9 that is 120 GB. Spread over 64 devices it is 31.4, 16.6 "
        "or 1.9 GB, for the optimizer, gradients too, parameters too; those terms are not counted here.",
        "Transformer Math 101 calls the copy and the averages three copies of the gradients; and with three kinds of "
        "parallelism it divides gradients by the stages of the pipeline alone, though tensor parallelism splits them as well.",
    ),
    reference=(
        "Rajbhandari et al. 2019, arXiv:1910.02054, section 3.1; Dettmers et al. 2021, arXiv:2110.02861; Anthony, Biderman & "
        "Schoelkopf 2023, Transformer Math 101."
    ),
)  # fmt: skip
