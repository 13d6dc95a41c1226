"""The table of contents, in reading order."""

CONTENTS = (
    (
        "Softmax and its losses",
        (
            "softmax_shift_invariance",
            "log_sum_exp_gradient",
            "softmax_and_sigmoid",
            "softmax_jacobian",
            "log_sum_exp_hessian",
            "temperature",
            "cross_entropy_gradient",
        ),
    ),
    (
        "Attention",
        (
            "attention_in_three_notations",
            "why_root_d",
            "key_bias",
            "causal_mask",
            "attention_backward",
        ),
    ),
    (
        "Layer norm",
        (
            "layer_norm_invariance",
            "layer_norm_jacobian",
            "layer_norm_geometry",
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
