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
            "gauge_freedom",
            "heads_as_a_sum",
            "head_as_tensor_product",
            "grouped_queries",
            "permutation_equivariance",
            "causal_mask",
            "kv_cache_equivalence",
            "attention_backward",
        ),
    ),
    (
        "Positions",
        (
            "sinusoidal_shift",
            "sinusoidal_gram",
            "rotary_positions",
            "alibi",
        ),
    ),
    (
        "Layer norm",
        (
            "layer_norm_invariance",
            "layer_norm_jacobian",
            "layer_norm_geometry",
            "rms_norm_and_centring",
        ),
    ),
    (
        "Whole transformers",
        (
            "residual_path",
            "formal_algorithms",
            "three_transformers",
            "attention_is_all_you_need",
            "transformer_in_equations",
        ),
    ),
    (
        "Tokens as particles",
        (
            "sphere_invariance",
            "energy_ascent",
            "modified_metric",
            "mean_shift",
            "tokens_on_the_circle",
            "gram_equation",
            "equiangular_tokens",
            "pre_norm",
            "phase_curve",
            "long_context",
            "without_a_sphere",
        ),
    ),
    (
        "What a transformer costs",
        (
            "parameter_count",
            "layer_flops",
            "training_compute",
            "activation_memory",
            "where_the_flops_go",
            "training_memory",
            "kv_cache",
            "arithmetic_intensity",
            "compute_optimal_split",
        ),
    ),
    (
        "From formula to function",
        (
            "stable_forms",
            "online_softmax",
            "split_kv_merge",
        ),
    ),
    (
        "Worked by hand",
        (
            "random_transformer",
            "random_transformer_paper",
            "random_transformer_whole",
        ),
    ),
)
