"""The state of training, shared among copies.

With data parallelism N devices hold the same parameters, gradients and optimizer state. ZeRO lets each keep one part in N of what
it does not need in between: first the state of the optimizer, then gradients too, then parameters too. What is not there when it
is needed is sent, and the bytes that are sent hardly change.
"""

from symformer import Derivation, approx, begin, lift, models, sizes

P, N = sizes("P N")
llama = models.from_config(
    {"model_type": "llama", "vocab_size": 32000, "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32,
     "intermediate_size": 11008}
)  # fmt: skip
memory = llama.cost(1, 1, dtype="bfloat16", optimizer="adamw").memory
weights, gradients, states = (
    lift((kind.formula / llama.parameter_formula).cancel()) * P
    for kind in (memory.weights, memory.gradients, memory.optimizer)
)
part = (lift(N) - 1) / N

derivation = Derivation(
    __doc__,
    given=("P parameters in bfloat16 with AdamW in mixed precision, on N devices that each see other sequences",),
    calc=(
        begin(weights + gradients + states, "counted: parameters, gradients, and the averages and the copy of the optimizer", "Nothing shared"),
        (16 * lift(P), "add up"),
        begin(weights + gradients + states / N, "each device keeps the state of one part in N of the parameters", "The optimizer shared"),
        (4 * lift(P) + 12 * lift(P) / N, "add up"),
        approx(4 * lift(P), "many devices: a quarter of what it was", to=(N, "oo"), dropped=12 * lift(P) / N),
        begin(weights + (gradients + states) / N, "gradients too", "Gradients shared"),
        (2 * lift(P) + 14 * lift(P) / N, "add up"),
        approx(2 * lift(P), "many devices: an eighth", to=(N, "oo"), dropped=14 * lift(P) / N),
        begin((weights + gradients + states) / N, "parameters too", "Parameters shared"),
        (16 * lift(P) / N, "add up: any model fits, given enough devices; beside it the layer that is at work is whole"),
        begin(2 * part * gradients, "an all-reduce of the gradients: each device sends this", "What is sent, nothing shared"),
        (part * gradients + part * weights, "as much as a reduce-scatter of gradients and an all-gather of parameters: the first two stages send no more"),
        begin(part * gradients + 2 * (part * weights), "parameters are gathered forward and again backward", "What is sent, parameters shared"),
        (lift(3) / 2 * (2 * part * gradients), "half as much again"),
    ),
    notes=(
        "For P = 7.5e9 and N = 64 that is 120, 31.40625, 16.640625 and 1.875 GB, as in figure 1 of the paper: 120, 31.4, 16.6 and 1.9.",
        "These bytes are those of a step with one micro-batch. With m micro-batches, gradients that are shared cannot be added up before "
        "they are sent, and parameters that are shared are gathered for each: the command counts m times the bytes.",
    ),
    reference="Rajbhandari et al. 2019, arXiv:1910.02054, figure 1, sections 5 and 7.",
)  # fmt: skip
