import LaunchModel
import Releases

/// How a field of ours is said on the command line of Megatron-LM (`megatron/training/arguments.py`).
enum ArgumentForm {
  /// The value behind the option; left out where it is null.
  case value(String)
  /// A whole number behind the option, whatever type ours has.
  case whole(String)
  /// All values behind the option.
  case list(String)
  /// The option alone where the field is true; its absence says false.
  case whenTrue(String)
  /// The option alone where the field is false.
  case whenFalse(String)
  /// Layers as an expression that Megatron-LM evaluates, `([0]*1+[1]*26)`.
  case pattern(String)
  /// Numbers in one word, `1,2`.
  case tuple(String)
  /// Worked out together with other fields, in `DerivedArguments.swift`.
  case special
  /// Megatron-LM has no such option and does what the field's default says.
  case missing
}

/// Every field of ours that is not carried, except those of `recipe`, `cluster`, `dataset`, `tokenizer`, `peft` and
/// `env_vars`, which are read as a whole. A field that is not here gets the form that its name suggests.
enum ArgumentTable {
  static func form(_ path: FieldPath) -> ArgumentForm? { forms[path] }

  /// The form in a release: its options are called as its fields are, and there is none for a field that it lacks.
  static func form(_ path: FieldPath, in release: Release) -> ArgumentForm? {
    guard let form = form(path) ?? CarriedArguments.form(path) else { return nil }
    if case .special = form { return form }
    if path == Path.model.maxPositionEmbeddings { return form }
    guard let name = release.ownName(of: path.field, in: path.section) else { return .missing }
    if case .whenTrue(option(path.field)) = form { return .whenTrue(option(name)) }
    return form
  }

  private static let forms: [FieldPath: ArgumentForm] = {
    var forms: [FieldPath: ArgumentForm] = [:]
    for (section, names) in values {
      for name in names { forms[FieldPath(section, name)] = .value(option(name)) }
    }
    for (section, names) in flags {
      for name in names { forms[FieldPath(section, name)] = .whenTrue(option(name)) }
    }
    for (section, names) in specials {
      for name in names { forms[FieldPath(section, name)] = .special }
    }
    for (section, names) in missing {
      for name in names { forms[FieldPath(section, name)] = .missing }
    }
    return forms.merging(others) { $1 }
  }()

  /// The option that is called as a field.
  static func option(_ name: String) -> String {
    "--" + String(name.map { $0 == "_" ? "-" : $0 })
  }

  // MARK: Options that are called as the field

  private static let values: [(String, [String])] = [
    (
      "model",
      [
        "num_layers", "hidden_size", "ffn_hidden_size", "num_attention_heads", "kv_channels", "seq_length",
        "make_vocab_size_divisible_by", "max_position_embeddings", "mtp_num_layers", "mtp_loss_scaling_factor",
        "q_lora_rank", "kv_lora_rank", "qk_head_dim", "qk_pos_emb_head_dim", "v_head_dim", "rope_type",
        "rotary_percent",
        "rotary_scaling_factor", "mscale", "mscale_all_dim", "normalization", "hidden_dropout", "attention_dropout",
        "init_method_std", "moe_router_topk", "moe_ffn_hidden_size", "moe_shared_expert_intermediate_size",
        "moe_router_score_function", "moe_router_bias_update_rate", "moe_router_num_groups", "moe_router_group_topk",
        "moe_router_topk_scaling_factor", "moe_router_dtype", "moe_z_loss_coeff", "moe_token_dispatcher_type",
        "moe_expert_capacity_factor", "transformer_impl", "attention_backend", "cross_entropy_fusion_impl",
        "cuda_graph_impl",
      ]
    ),
    (
      "parallelism",
      [
        "tensor_model_parallel_size", "pipeline_model_parallel_size", "context_parallel_size",
        "expert_model_parallel_size", "expert_tensor_parallel_size", "pipeline_model_parallel_comm_backend",
      ]
    ),
    ("recompute", ["recompute_granularity", "recompute_method", "recompute_num_layers"]),
    (
      "train",
      [
        "train_iters", "train_samples", "global_batch_size", "micro_batch_size", "manual_gc_interval", "exit_interval",
        "exit_duration_in_mins",
      ]
    ),
    ("validation", ["eval_interval", "eval_iters"]),
    (
      "optimizer",
      [
        "optimizer", "lr", "min_lr", "clip_grad", "adam_beta1", "adam_beta2", "adam_eps", "sgd_momentum",
        "muon_momentum",
        "muon_num_ns_steps", "muon_scale_mode", "muon_extra_scale_factor", "muon_fp32_matmul_prec", "muon_tp_mode",
        "main_params_dtype", "main_grads_dtype", "exp_avg_dtype", "exp_avg_sq_dtype", "optimizer_offload_fraction",
      ]
    ),
    (
      "scheduler",
      [
        "lr_decay_style", "lr_warmup_init", "lr_warmup_iters", "lr_warmup_samples", "lr_warmup_fraction",
        "lr_decay_iters",
        "lr_decay_samples", "lr_wsd_decay_style", "lr_wsd_decay_iters", "lr_wsd_decay_samples",
        "weight_decay_incr_style",
      ]
    ),
    ("ddp", ["num_distributed_optimizer_instances", "data_parallel_sharding_strategy"]),
    ("mixed_precision", ["fp8_recipe", "num_layers_at_start_in_bf16", "num_layers_at_end_in_bf16"]),
    (
      "checkpoint",
      [
        "save", "load", "save_interval", "pretrained_checkpoint", "ckpt_format", "ckpt_step",
        "non_persistent_ckpt_type",
      ]
    ),
    ("logger", ["log_interval", "tensorboard_dir", "wandb_project", "wandb_entity", "wandb_exp_name"]),
    ("rng", ["seed"]),
    ("dist", ["distributed_timeout_minutes", "sharp_enabled_group"]),
  ]

  private static let flags: [(String, [String])] = [
    (
      "model",
      [
        "multi_latent_attention", "qk_layernorm", "qk_l2_norm", "cache_mla_latents", "rotary_interleaved",
        "add_qkv_bias",
        "moe_router_pre_softmax", "moe_router_enable_expert_bias", "moe_router_force_load_balancing",
        "moe_router_padding_for_fp8", "moe_router_padding_for_quantization", "moe_grouped_gemm",
        "moe_use_legacy_grouped_gemm", "moe_permute_fusion", "moe_enable_deepep", "moe_shared_expert_overlap",
        "moe_pad_expert_input_to_capacity", "moe_layer_recompute", "cross_entropy_loss_fusion",
        "attention_softmax_in_fp32",
        "apply_query_key_layer_scaling",
        "calculate_per_token_loss", "deterministic_mode", "attention_output_gate", "fine_grained_activation_offloading",
      ]
    ),
    (
      "parallelism",
      ["sequence_parallel", "account_for_embedding_in_pipeline_split", "account_for_loss_in_pipeline_split"]
    ),
    ("recompute", ["distribute_saved_activations"]),
    ("train", ["decrease_batch_size_if_needed", "manual_gc", "exit_signal_handler"]),
    (
      "optimizer",
      [
        "muon_use_nesterov", "use_precision_aware_optimizer", "optimizer_cpu_offload",
      ]
    ),
    ("scheduler", ["use_checkpoint_opt_param_scheduler", "override_opt_param_scheduler"]),
    ("ddp", ["use_megatron_fsdp"]),
    (
      "mixed_precision",
      ["fp16", "bf16", "fp8_param_gather", "first_last_layers_bf16", "reuse_grad_buf_for_mxfp8_param_ag"]
    ),
    (
      "checkpoint",
      [
        "finetune", "async_save", "dist_ckpt_optim_fully_reshardable", "distrib_optim_fully_reshardable_mem_efficient",
        "load_main_params_from_ckpt", "use_persistent_ckpt_worker",
      ]
    ),
    ("logger", ["log_timers_to_tensorboard", "log_throughput"]),
    ("rng", ["te_rng_tracker", "inference_rng_tracker", "data_parallel_random_init"]),
    ("dist", ["use_tp_pp_dp_mapping", "use_sharp", "use_torch_fsdp2"]),
    ("profiling", ["use_pytorch_profiler"]),
  ]

  // MARK: Everything else

  private static let specials: [(String, [String])] = [
    (
      "model",
      [
        "vocab_size", "should_pad_vocab", "num_query_groups", "position_embedding_type", "activation_func",
        "gated_linear_unit", "moe_layer_freq", "moe_flex_dispatcher_backend", "bias_activation_fusion",
        "tp_comm_overlap",
        "overlap_p2p_comm", "batch_p2p_comm", "fp16", "bf16", "original_max_position_embeddings", "beta_fast",
        "beta_slow",
        "defer_embedding_wgrad_compute", "wgrad_deferral_limit", "cpu_offloading", "cpu_offloading_num_layers",
        "use_te_rng_tracker", "overlap_moe_expert_parallel_comm", "delay_wgrad_compute",
      ]
    ),
    ("parallelism", ["virtual_pipeline_model_parallel_size", "pipeline_model_parallel_layout", "pipeline_dtype"]),
    ("train", ["rampup_batch_size", "exit_signal"]),
    ("optimizer", ["weight_decay", "use_distributed_optimizer", "overlap_param_gather", "muon_coefficient_type"]),
    ("scheduler", ["start_weight_decay", "end_weight_decay"]),
    (
      "ddp",
      [
        "use_distributed_optimizer", "grad_reduce_in_fp32", "overlap_grad_reduce", "overlap_param_gather",
        "align_param_gather", "bucket_size",
      ]
    ),
    (
      "mixed_precision",
      [
        "fp32", "params_dtype", "pipeline_dtype", "grad_reduce_in_fp32",
      ]
    ),
    (
      "comm_overlap",
      [
        "tp_comm_overlap", "overlap_p2p_comm", "batch_p2p_comm", "overlap_grad_reduce", "overlap_param_gather",
        "align_param_gather", "bucket_size", "defer_embedding_wgrad_compute", "wgrad_deferral_limit",
        "overlap_moe_expert_parallel_comm", "delay_wgrad_compute",
      ]
    ),
    ("profiling", ["use_nsys_profiler"]),
  ]

  private static let missing: [(String, [String])] = [
    (
      "model",
      ["moe_router_topk_limited_devices", "variable_seq_lengths"]
    ),
    ("optimizer", ["decoupled_weight_decay", "store_param_remainders"]),
    ("mixed_precision", ["autocast_dtype", "autocast_enabled", "fp8_param"]),
    ("checkpoint", ["most_recent_k"]),
    ("logger", ["mlflow_experiment", "mlflow_run_name"]),
    ("dist", ["use_decentralized_pg"]),
  ]

  private static let others: [FieldPath: ArgumentForm] = [
    Path.model.numMoEExperts: .value("--num-experts"),
    Path.model.layernormEpsilon: .value("--norm-epsilon"),
    Path.model.rotaryBase: .whole("--rotary-base"),
    Path.model.shareEmbeddingsAndOutputWeights: .whenFalse("--untie-embeddings-and-output-weights"),
    Path.model.addBiasLinear: .whenFalse("--disable-bias-linear"),
    Path.model.applyRopeFusion: .whenFalse("--no-rope-fusion"),
    Path.model.moeRouterLoadBalancingType: .list("--moe-router-load-balancing-type"),
    Path.model.moeAuxLossCoefficient: .list("--moe-aux-loss-coeff"),
    Path.model.gradientAccumulationFusion: .whenFalse("--no-gradient-accumulation-fusion"),
    Path.model.biasDropoutFusion: .whenFalse("--no-bias-dropout-fusion"),
    Path.model.maskedSoftmaxFusion: .whenFalse("--no-masked-softmax-fusion"),
    Path.model.persistLayerNorm: .whenFalse("--no-persist-layer-norm"),
    Path.model.overlapP2PCommWarmupFlush: .whenTrue("--overlap-p2p-communication-warmup-flush"),
    Path.parallelism.numLayersInFirstPipelineStage: .value("--decoder-first-pipeline-num-layers"),
    Path.parallelism.numLayersInLastPipelineStage: .value("--decoder-last-pipeline-num-layers"),
    Path.parallelism.microbatchGroupSizePerVPStage: .value("--microbatch-group-size-per-virtual-pipeline-stage"),
    Path.parallelism.hierarchicalContextParallelSizes: .list("--hierarchical-context-parallel-sizes"),
    Path.parallelism.contextParallelCommunication: .list("--cp-comm-type"),
    Path.recompute.recomputeModules: .list("--recompute-modules"),
    Path.train.manualGCEval: .whenFalse("--no-manual-gc-eval"),
    Path.optimizer.muonSplitQKV: .whenFalse("--muon-no-split-qkv"),
    Path.ddp.averageInCollective: .whenTrue("--ddp-average-in-collective"),
    Path.ddp.checkForNanInGrad: .whenFalse("--no-check-for-nan-in-loss-and-grad"),
    Path.ddp.ncclUB: .whenTrue("--use-nccl-ub"),
    Path.ddp.reduceScatterWithFP32Accumulation: .whenTrue("--ddp-reduce-scatter-with-fp32-accumulation"),
    Path.mixedPrecision.fp8: .value("--fp8-format"),
    Path.mixedPrecision.fp4: .value("--fp4-format"),
    Path.checkpoint.saveOptim: .whenFalse("--no-save-optim"),
    Path.checkpoint.saveRNG: .whenFalse("--no-save-rng"),
    Path.checkpoint.loadOptim: .whenFalse("--no-load-optim"),
    Path.checkpoint.loadRNG: .whenFalse("--no-load-rng"),
    Path.checkpoint.fullyParallelSave: .whenFalse("--no-ckpt-fully-parallel-save"),
    Path.checkpoint.fullyParallelLoad: .whenTrue("--ckpt-fully-parallel-load"),
    Path.dist.useGlooProcessGroups: .whenFalse("--disable-gloo-process-groups"),
    Path.dist.enableMegatronCoreExperimental: .whenTrue("--enable-experimental"),
    Path.profiling.profileStepStart: .value("--profile-step-start"),
    Path.profiling.profileStepEnd: .value("--profile-step-end"),
    Path.profiling.profileRanks: .list("--profile-ranks"),
  ]
}
