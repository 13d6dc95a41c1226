"""Keys of configurations that say nothing about the function or its cost: training, generation, files, labels."""

SILENT = frozenset({
    "_name_or_path", "_attn_implementation", "attn_implementation", "transformers_version", "torch_dtype", "dtype",
    "model_type", "use_cache", "initializer_range", "initializer_factor", "init_std", "bos_token_id", "eos_token_id",
    "pad_token_id", "decoder_start_token_id", "forced_bos_token_id", "forced_eos_token_id", "sep_token_id",
    "cls_token_id", "gradient_checkpointing", "task_specific_params", "output_past", "output_attentions",
    "output_hidden_states", "keys_to_ignore_at_inference", "auto_map", "id2label", "label2id", "problem_type",
    "return_dict", "return_dict_in_generate", "prefix", "num_labels", "finetuning_task", "chunk_size_feed_forward",
    "early_stopping", "num_beams", "length_penalty", "no_repeat_ngram_size", "min_length", "max_length", "do_sample",
    "temperature", "top_k", "top_p", "repetition_penalty", "add_bos_token", "add_final_layer_norm",
    "normalize_before", "normalize_embedding", "static_position", "classif_dropout", "is_encoder_decoder",
    "resid_pdrop", "embd_pdrop", "attn_pdrop", "attention_dropout", "activation_dropout", "dropout", "hidden_dropout",
    "hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout", "layerdrop", "encoder_layerdrop",
    "decoder_layerdrop", "dropout_rate", "summary_type", "summary_use_proj", "summary_activation",
    "summary_first_dropout", "summary_proj_to_labels", "pretraining_tp", "slow_but_exact", "masked_softmax_fusion",
    "skip_bias_add", "skip_bias_add_qkv", "attention_softmax_in_fp32", "unk_token_id", "offset_alibi", "seq_length",
    "output_router_logits", "router_aux_loss_coef", "router_jitter_noise", "aux_loss_alpha", "seq_aux",
    "reorder_and_upcast_attn", "scale_attn_weights", "ep_size", "gradient_checkpointing_kwargs", "n_predict",
    "directionality", "extra_pos_embeddings", "cache_implementation", "bias_dropout_fusion", "add_bias_logits",
    "suppress_tokens", "begin_suppress_tokens", "apply_spec_augment", "mask_time_prob", "mask_time_length",
    "mask_time_min_masks", "mask_feature_prob", "mask_feature_length", "mask_feature_min_masks", "median_filter_width",
    "forced_decoder_ids", "is_decoder", "is_llama_config", "rope_interleaved",
})  # fmt: skip
