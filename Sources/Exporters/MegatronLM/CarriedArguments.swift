import LaunchModel

/// How fields that are carried, having no property here, are said on the command line of Megatron-LM (core_v0.16.1).
enum CarriedArguments {
  /// `nil` where Megatron-LM has no option for the field.
  static func form(_ path: FieldPath) -> ArgumentForm? {
    let name = path.field
    if values.contains(name) { return .value(ArgumentTable.option(name)) }
    if lists.contains(name) { return .list(ArgumentTable.option(name)) }
    if flags.contains(name) { return .whenTrue(ArgumentTable.option(name)) }
    return others[name]
  }

  /// Fields of the model without an option that change nothing of what is trained.
  static let harmless: Set<FieldPath> = [
    FieldPath("model", "hf_model_id"), FieldPath("model", "deallocate_pipeline_outputs"),
    FieldPath("model", "inference_sampling_seed"), FieldPath("model", "parallel_output"),
    FieldPath("model", "cuda_graph_use_single_mempool"), FieldPath("model", "cuda_graph_retain_backward_graph"),
  ]

  // MARK: Options that are called as the field

  private static let values: Set<String> = [
    "activation_func_clamp_value", "check_weight_hash_across_dp_replicas_interval", "ckpt_convert_format",
    "ckpt_convert_save", "config_logger_dir", "cuda_graph_warmup_steps", "decoupled_lr", "decoupled_min_lr",
    "dist_ckpt_strictness", "distributed_backend", "distributed_timeout_seconds_after_init", "dsa_indexer_head_dim",
    "dsa_indexer_loss_coeff", "dsa_indexer_n_heads", "dsa_indexer_topk", "embedding_init_method_std",
    "empty_unused_memory_level", "error_injection_rate", "error_injection_type", "experimental_attention_variant",
    "fp4_recipe", "fp8_amax_compute_algo", "fp8_amax_history_len", "fp8_interval", "fp8_margin", "glu_linear_offset",
    "hysteresis", "initial_loss_scale", "linear_conv_kernel_dim", "linear_key_head_dim", "linear_num_key_heads",
    "linear_num_value_heads", "linear_value_head_dim", "logging_level", "loss_scale", "loss_scale_window",
    "mamba_head_dim", "mamba_num_groups", "mamba_num_heads", "mamba_state_dim", "max_seqlen_per_dp_cp_rank",
    "memory_snapshot_path", "mid_level_dataset_surplus", "min_loss_scale", "min_offloaded_tensor_size",
    "mlp_chunks_for_prefill", "moe_deepep_num_sms", "moe_hybridep_num_sms", "moe_input_jitter_eps", "moe_latent_size",
    "moe_token_drop_policy", "nccl_communicator_config_path", "no_weight_decay_cond_type",
    "non_persistent_global_ckpt_dir", "non_persistent_local_ckpt_algo", "non_persistent_local_ckpt_dir",
    "non_persistent_save_interval", "object_storage_cache_path", "outer_dp_sharding_strategy", "qk_clip_alpha",
    "qk_clip_threshold", "replication_factor", "replication_jump", "rope_scaling_factor", "softmax_type",
    "suggested_communication_unit_size", "symmetric_ar_type", "tensorboard_log_interval", "tensorboard_queue_size",
    "tiktoken_num_special_tokens", "timing_log_level", "timing_log_option", "tp_comm_bootstrap_backend",
    "tp_comm_overlap_cfg", "train_sync_interval", "vocab_extra_ids", "wandb_save_dir",
  ]

  private static let lists: Set<String> = [
    "high_priority_stream_groups", "iterations_to_skip", "mrope_section", "offload_modules",
    "tiktoken_special_tokens",
  ]

  /// False unless given.
  private static let flags: Set<String> = [
    "allow_ambiguous_pad_tokens", "apply_residual_connection_post_layernorm", "apply_wd_to_qk_layernorm",
    "batch_invariant_mode", "check_for_large_grads", "check_for_spiky_loss", "ckpt_assume_constant_structure",
    "delay_wgrad_compute", "disable_bf16_reduced_precision_matmul", "disable_jit_fuser",
    "disable_symmetric_registration", "dsa_indexer_use_sparse_loss", "ep_overlap_early_attn_memory_release",
    "exit_on_missing_checkpoint", "exit_signal_handler_for_dataloader", "flash_decode",
    "fp16_lm_cross_entropy", "fp32_residual_connection", "fsdp_double_buffer",
    "fsdp_manual_registration", "full_validation", "hybrid_context_parallel", "inference_fuse_tp_communication",
    "inference_rng_tracker", "init_model_with_meta_device", "is_hybrid_model", "keep_fp8_transpose_cache",
    "legacy_tokenizer", "log_energy", "log_max_attention_logit", "log_memory_to_tensorboard", "log_num_zeros_in_grad",
    "log_params_norm", "log_progress", "log_validation_ppl_to_tensorboard", "log_world_size_to_tensorboard",
    "moe_apply_probs_on_input", "moe_enable_routing_replay", "moe_extended_tp", "moe_per_layer_logging",
    "moe_router_fusion", "moe_shared_expert_gate", "mtp_standalone", "multiple_validation_sets",
    "overlap_cpu_optimizer_d2h_h2d", "overlap_param_gather_with_optimizer_step", "qk_clip", "record_memory_history",
    "replication", "skip_train", "test_mode", "tp_comm_overlap_rs_dgrad",
    "trust_remote_code", "use_checkpoint_args", "use_cpu_initialization", "use_fused_weighted_squared_relu",
    "use_ring_exchange_p2p", "use_te_activation_func", "use_torch_optimizer_for_cpu_offload",
  ]

  // MARK: Everything else

  private static let others: [String: ArgumentForm] = [
    "perform_initialization": .whenFalse("--no-initialization"),
    "async_tensor_model_parallel_allreduce": .whenFalse("--no-async-tensor-model-parallel-allreduce"),
    "tp_comm_bulk_wgrad": .whenFalse("--no-tp-comm-bulk-wgrad"),
    "tp_comm_bulk_dgrad": .whenFalse("--no-tp-comm-bulk-dgrad"),
    "tp_comm_overlap_ag": .whenFalse("--no-tp-comm-overlap-ag"),
    "tp_comm_overlap_rs": .whenFalse("--no-tp-comm-overlap-rs"),
    "tp_comm_split_ag": .whenFalse("--no-tp-comm-split-ag"),
    "tp_comm_split_rs": .whenFalse("--no-tp-comm-split-rs"),
    "barrier_with_L1_time": .whenFalse("--no-barrier-with-level-1-timing"),
    "fp8_wgrad": .whenFalse("--no-fp8-wgrad"),
    "clone_scatter_output_in_embedding": .whenFalse("--no-clone-scatter-output-in-embedding"),
    "use_mamba_mem_eff_path": .whenFalse("--disable-mamba-mem-eff-path"),
    "pin_cpu_grads": .whenFalse("--no-pin-cpu-grads"),
    "pin_cpu_params": .whenFalse("--no-pin-cpu-params"),
    "gradient_reduce_div_fusion": .whenFalse("--no-gradient-reduce-div-fusion"),
    "data_sharding": .whenFalse("--no-data-sharding"),
    "mmap_bin_files": .whenFalse("--no-mmap-bin-files"),
    "strict_fsdp_dtensor_load": .whenFalse("--no-strict-fsdp-dtensor-load"),
    "log_loss_scale_to_tensorboard": .whenFalse("--no-log-loss-scale-to-tensorboard"),
    "align_grad_reduce": .whenFalse("--no-align-grad-reduce"),
    "layernorm_zero_centered_gamma": .whenTrue("--apply-layernorm-1p"),
    "fp4": .value("--fp4-format"),
    "fp4_param": .whenTrue("--fp4-param-gather"),
    "linear_attention_freq": .pattern("--linear-attention-freq"),
    "no_rope_freq": .pattern("--no-rope-freq"),
    "window_attn_skip_freq": .pattern("--window-attn-skip-freq"),
    "window_size": .tuple("--window-size"),
    // Overwritten by the fields of `mixed_precision` of the same names, in Megatron-Bridge, too.
    "bf16": .special, "fp16": .special, "fp8_param_gather": .special, "reuse_grad_buf_for_mxfp8_param_ag": .special,
    // Worked out in `DerivedArguments.swift`.
    "rerun_mode": .special,
  ]
}
