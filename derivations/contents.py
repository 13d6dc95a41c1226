"""The table of contents, in reading order."""

CONTENTS = (
    (
        "Softmax and its losses",
        (
            "softmax_shift_invariance",
            "log_sum_exp_gradient",
            "softmax_jacobian",
            "temperature",
            "cross_entropy_gradient",
        ),
    ),
    (
        "Attention",
        (
            "attention_in_three_notations",
            "why_root_d",
            "causal_mask",
            "attention_backward",
        ),
    ),
    (
        "Layer norm",
        (
            "layer_norm_invariance",
            "layer_norm_jacobian",
        ),
    ),
    (
        "From formula to function",
        ("stable_forms",),
    ),
    (
        "Worked by hand",
        (
            "random_transformer",
            "random_transformer_paper",
        ),
    ),
)
