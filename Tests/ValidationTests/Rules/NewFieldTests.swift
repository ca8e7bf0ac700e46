import ConfigDocument
import Testing

@testable import Validation

/// Rules about fields and words that came after 0.3.1.
@Suite("What rules say of the newer releases' fields")
struct NewFieldTests {
  private static let graphs: [String: ConfigValue] = [
    "rng.te_rng_tracker": true, "model.cuda_graph_impl": "transformer_engine",
  ]
  private static let offloads: [String: ConfigValue] = [
    "model.fine_grained_activation_offloading": true, "model.offload_modules": ["moe_act"],
    "env_vars.NVTE_CPU_OFFLOAD_V1": "1",
  ]
  private static let flex: [String: ConfigValue] = [
    "model.moe_token_dispatcher_type": "flex", "model.moe_shared_expert_overlap": false,
  ]
  private static let mxfp8: [String: ConfigValue] = [
    "mixed_precision.fp8": "e4m3", "mixed_precision.fp8_recipe": "mxfp8",
  ]
  private static let epochs: [String: ConfigValue] = [
    "train.train_iters": .null, "scheduler.lr_decay_iters": .null, "train.num_epochs": 2,
  ]
  private static let packed: [String: ConfigValue] = [
    "train.micro_batch_size": 1, "dataset.packed_sequence_size": 4096,
  ]
  private static let blend: [String: ConfigValue] = [
    "dataset.kind": "indexed", "dataset.data_paths": ["/data/a", "/data/b"], "dataset.split": "9999,8,2",
  ]
  private static let fewExamples: [String: ConfigValue] = [
    "train.train_iters": .null, "train.train_samples": 64, "train.global_batch_size": 128,
    "scheduler.lr_decay_iters": .null, "scheduler.lr_warmup_iters": 0,
  ]
  private static let oddWidth: [String: ConfigValue] = ["model.hidden_size": 2049]
  /// EP 1, whose experts are split over ETP 3: (11 / 33) / 11 is not 1 / 33.
  private static let expertsInOne: [String: ConfigValue] = [
    "cluster.num_nodes": 33, "cluster.gpus_per_node": 1, "parallelism.tensor_model_parallel_size": 1,
    "parallelism.sequence_parallel": false, "parallelism.expert_model_parallel_size": 1,
    "parallelism.expert_tensor_parallel_size": 3, "model.moe_ffn_hidden_size": 1407, "train.global_batch_size": 264,
  ]
  private static let ungrouped: [String: ConfigValue] = [
    "model.moe_router_load_balancing_type": "quantile_balancing", "model.moe_router_num_groups": .null,
    "model.moe_router_group_topk": .null,
  ]

  typealias Case = ReleaseTests.Case

  static let cases = [
    // GPU, DIM, MLA
    Case(code: "GPU-15", changes: ["dist.lazy_mpu_init": true], said: [.error, .error, .error]),
    Case(code: "GPU-16", changes: ["model.tensor_parallel_num_weight_shards": 3], said: [nil, nil, .error]),
    Case(code: "GPU-16", changes: ["model.tensor_parallel_num_weight_shards": 4], said: [nil, nil, nil]),
    Case(code: "GPU-16", changes: ["model.expert_tensor_parallel_num_weight_shards": 0], said: [nil, nil, .error]),
    Case(code: "DIM-14", changes: ["model.is_hybrid_model": true], said: [.error, nil, nil]),
    Case(code: "DIM-14", changes: ["model.experimental_attention_variant": "dsa"], said: [nil, nil, .error]),
    Case(
      code: "DIM-14", changes: ["model.batch_invariant_mode": true, "model.attention_backend": "flash"],
      said: [nil, nil, .error]),
    Case(
      code: "DIM-14",
      changes: [
        "model.batch_invariant_mode": true, "model.attention_backend": "flash", "model.flash_attention_version": 3,
      ], said: [nil, nil, nil]),
    Case(
      code: "DIM-15", changes: ["model.use_mup": true, "model.mup_base_hidden_size": 0], said: [nil, .error, .error]),
    Case(
      code: "DIM-15", changes: ["model.use_mup": true, "model.mup_base_hidden_size": 256], said: [nil, nil, nil]),
    Case(
      code: "DIM-16", changes: ["model.fused_residual_rmsnorm": true, "model.normalization": "LayerNorm"],
      said: [nil, .error, .error]),
    Case(code: "DIM-16", changes: ["model.fused_residual_rmsnorm": true], said: [nil, nil, nil]),
    Case(code: "DIM-17", changes: ["model.flash_attention_version": 1], said: [nil, nil, .error]),
    Case(code: "DIM-17", changes: ["model.flash_attention_version": 4], said: [nil, nil, nil]),
    Case(code: "MLA-18", changes: ["model.mla_down_proj_fusion": true], said: [nil, .error, .error]),
    Case(
      code: "MLA-18", changes: ["model.mla_down_proj_fusion": true, "model.q_lora_rank": 1535],
      said: [nil, .error, .error]),
    Case(
      code: "MLA-18", changes: ["model.mla_down_proj_fusion": true, "model.q_lora_rank": 1536], said: [nil, nil, nil]),

    // MOE
    Case(code: "MOE-08", changes: ["model.moe_router_score_function": "sqrtsoftplus"], said: [nil, nil, nil]),
    Case(code: "MOE-08", changes: ["model.moe_router_score_function": "softmax"], said: [.error, .error, .error]),
    Case(
      code: "MOE-19",
      changes: flex.merging([
        "model.moe_flex_dispatcher_backend": "hybridep", "parallelism.expert_model_parallel_size": 1,
      ]) { $1 }, said: [.error, nil, nil]),
    Case(
      code: "MOE-31",
      changes: [
        "comm_overlap.overlap_moe_expert_parallel_comm": true, "model.moe_shared_expert_overlap": false,
        "recompute.recompute_granularity": "selective", "recompute.recompute_modules": ["moe"],
      ], said: [nil, .error, .error]),
    Case(
      code: "MOE-31",
      changes: [
        "comm_overlap.overlap_moe_expert_parallel_comm": true, "model.moe_shared_expert_overlap": false,
        "model.mtp_num_layers": 0,
      ], said: [.error, .error, nil]),
    Case(code: "MOE-38", changes: ["model.moe_expert_rank_capacity_factor": 1.5], said: [nil, .error, .error]),
    Case(
      code: "MOE-38",
      changes: flex.merging([
        "model.moe_expert_rank_capacity_factor": 1.5, "model.moe_flex_dispatcher_backend": "hybridep",
      ]) { $1 }, said: [nil, .error, .error]),
    Case(
      code: "MOE-38",
      changes: flex.merging([
        "model.moe_expert_rank_capacity_factor": 1.5, "model.moe_flex_dispatcher_backend": "hybridep",
        "model.use_transformer_engine_op_fuser": true,
      ]) { $1 }, said: [nil, nil, nil]),
    Case(code: "MOE-39", changes: ["model.moe_paged_stash": true], said: [nil, .error, .error]),
    Case(code: "MOE-40", changes: ["model.moe_single_grouped_weight": true], said: [nil, .error, .error]),
    Case(
      code: "MOE-40",
      changes: ["model.moe_single_grouped_weight": true, "model.use_transformer_engine_op_fuser": true],
      said: [nil, .error, nil]),
    Case(
      code: "MOE-40", changes: mxfp8.merging(["model.moe_single_grouped_weight": true]) { $1 },
      said: [nil, nil, .error]),
    Case(code: "MOE-40", changes: ["model.moe_single_grouped_bias": true], said: [nil, .error, .error]),
    Case(code: "MOE-41", changes: ["model.use_grouped_gemm_for_shared_expert": true], said: [nil, nil, .error]),
    Case(
      code: "MOE-41",
      changes: mxfp8.merging([
        "model.use_grouped_gemm_for_shared_expert": true, "model.moe_shared_expert_glu_interleave_size": 32,
      ]) { $1 }, said: [nil, nil, nil]),
    Case(code: "MOE-42", changes: ["model.use_transformer_engine_op_fuser": true], said: [nil, nil, .error]),
    Case(
      code: "MOE-42",
      changes: ["model.use_transformer_engine_op_fuser": true, "env_vars.NVTE_CUTEDSL_FUSED_GROUPED_MLP": "1"],
      said: [nil, nil, nil]),
    Case(
      code: "MOE-42",
      changes: [
        "model.use_transformer_engine_op_fuser": true, "env_vars.NVTE_CUTEDSL_FUSED_GROUPED_MLP": "1",
        "parallelism.expert_tensor_parallel_size": 2,
      ], said: [nil, .error, .error]),
    Case(
      code: "MOE-43",
      changes: [
        "model.overlap_dispatch_backward_with_experts_wgrad": true, "model.moe_shared_expert_overlap": false,
        "comm_overlap.overlap_moe_expert_parallel_comm": true,
      ], said: [nil, .error, .error]),
    Case(
      code: "MOE-43", changes: ["model.overlap_dispatch_backward_with_experts_wgrad": true], said: [nil, nil, nil]),
    Case(code: "MOE-44", changes: ["model.moe_flex_dispatcher_backend": "ncclep"], said: [nil, nil, .error]),
    Case(
      code: "MOE-44", changes: flex.merging(["model.moe_flex_dispatcher_backend": "ncclep"]) { $1 },
      said: [nil, nil, .error]),
    Case(
      code: "MOE-44",
      changes: flex.merging([
        "model.moe_flex_dispatcher_backend": "ncclep", "model.moe_expert_rank_capacity_factor": 1.5,
      ]) { $1 }, said: [nil, nil, nil]),
    Case(
      code: "MOE-45", changes: ["model.moe_router_load_balancing_type": "quantile_balancing"], said: [nil, nil, .error]),
    Case(code: "MOE-45", changes: ungrouped, said: [nil, nil, nil]),
    Case(
      code: "MOE-45", changes: ungrouped.merging(["model.moe_router_fusion": true]) { $1 }, said: [nil, nil, .error]),
    Case(
      code: "MOE-45",
      changes: ungrouped.merging([
        "model.moe_router_topk": 5, "model.seq_length": 1000, "dataset.seq_length": 1000,
      ]) { $1 }, said: [nil, nil, .error]),

    // TRAIN, SCHED, OPT, PREC, DDP
    Case(code: "TRAIN-05", changes: ["logger.comet_project": "p"], said: [.error, .error, .error]),
    Case(
      code: "TRAIN-05", changes: ["logger.comet_project": "p", "logger.comet_experiment_name": "e"],
      said: [nil, nil, nil]),
    Case(code: "TRAIN-01", base: .sft, changes: ["train.num_epochs": 2], said: [nil, nil, nil]),
    Case(
      code: "TRAIN-01", base: .sft, changes: ["train.num_epochs": 2, "train.train_iters": 10], said: [nil, nil, .error]),
    Case(code: "TRAIN-01", base: .sft, changes: epochs, said: [.error, .error, nil]),
    Case(code: "TRAIN-07", changes: epochs, said: [nil, nil, .error]),
    Case(
      code: "TRAIN-07", base: .sft, changes: epochs.merging(["dataset.dataloader_type": "single"]) { $1 },
      said: [nil, nil, .error]),
    Case(
      code: "TRAIN-07", base: .sft, changes: epochs.merging(["dataset.dataloader_type": "batch"]) { $1 },
      said: [nil, nil, nil]),
    Case(code: "SCHED-13", changes: ["scheduler.max_steps": 0], said: [nil, nil, .error]),
    Case(
      code: "SCHED-13", changes: ["train.train_iters": 100, "scheduler.max_steps": 99], said: [nil, nil, .error]),
    Case(code: "SCHED-13", changes: ["train.train_iters": 100, "scheduler.max_steps": 100], said: [nil, nil, nil]),
    Case(code: "PREC-03", changes: ["model.fp4_param": true], said: [.error, nil, nil]),
    Case(code: "PREC-03", changes: ["mixed_precision.fp4_param_gather": true], said: [.error, .error, .error]),
    Case(code: "PREC-06", changes: ["model.fp8_output_proj": true], said: [nil, .error, .error]),
    Case(code: "PREC-06", changes: mxfp8.merging(["model.fp8_output_proj": true]) { $1 }, said: [nil, nil, nil]),
    Case(code: "DDP-05", changes: ["ddp.num_buckets": 8], said: [nil, .error, .error]),
    Case(code: "DDP-05", changes: ["ddp.num_buckets": 8, "comm_overlap": .null], said: [nil, nil, nil]),
    Case(code: "DDP-05", changes: ["ddp.num_buckets": 0, "comm_overlap": .null], said: [nil, .error, .error]),
    Case(
      code: "DDP-06",
      changes: [
        "ddp.param_name_patterns_for_fp32_local_accumulation": ["all"], "mixed_precision.grad_reduce_in_fp32": true,
      ], said: [nil, .error, .error]),
    Case(
      code: "DDP-06",
      changes: [
        "ddp.param_name_patterns_for_fp32_local_accumulation": ["all"], "mixed_precision.grad_reduce_in_fp32": false,
      ], said: [nil, nil, nil]),

    // DATA, PACK, VOCAB, PEFT, CKPT, LOG
    Case(code: "DATA-15", base: .sft, changes: ["dataset.hf_rewrite": true], said: [nil, nil, nil]),
    Case(
      code: "DATA-15", base: .sft, changes: ["dataset.hf_rewrite": true, "dataset.data_paths": ["/data/sft"]],
      said: [nil, nil, .error]),
    Case(
      code: "DATA-15", base: .sft, changes: ["dataset.dataset_kwargs": ["max_num_samples": 8]],
      said: [nil, nil, .error]),
    Case(
      code: "DATA-16", changes: blend.merging(["validation.eval_interval": 0]) { $1 }, said: [nil, .error, .error]),
    Case(
      code: "DATA-16",
      changes: blend.merging([
        "train.train_iters": .null, "scheduler.lr_decay_iters": .null, "train.train_samples": 1000,
      ]) { $1 }, said: [nil, .error, .error]),
    Case(code: "DATA-16", changes: blend, said: [nil, nil, nil]),
    Case(code: "DATA-18", base: .sft, changes: fewExamples, said: [nil, .error, .error]),
    Case(
      code: "DATA-18", base: .sft, changes: fewExamples.merging(["dataset.drop_last": false]) { $1 },
      said: [nil, .error, nil]),
    Case(
      code: "DATA-18", base: .sft, changes: fewExamples.merging(["train.train_samples": 128]) { $1 },
      said: [nil, nil, nil]),
    Case(code: "CKPT-15", changes: ["checkpoint.custom_manager_class": "Manager"], said: [nil, .error, .error]),
    Case(code: "CKPT-15", changes: ["checkpoint.custom_manager_class": "mine.Manager"], said: [nil, .error, .error]),
    Case(code: "CKPT-15", changes: ["checkpoint.custom_manager_class": "nemo.Manager"], said: [nil, nil, nil]),
    Case(
      code: "MTP-05", changes: ["model.mtp_num_layers": 1].merging(oddWidth) { $1 }, said: [.error, .error, .error]),
    Case(code: "MTP-05", changes: oddWidth, said: [nil, nil, nil]),
    Case(code: "DDP-04", changes: expertsInOne, said: [.error, nil, .error]),
    Case(code: "PACK-05", base: .sft, changes: ["dataset.enable_offline_packing": true], said: [nil, nil, .error]),
    Case(code: "PACK-05", base: .sft, changes: packed, said: [nil, nil, nil]),
    Case(
      code: "PACK-05", base: .sft, changes: packed.merging(["dataset.enable_offline_packing": false]) { $1 },
      said: [nil, nil, .error]),
    Case(
      code: "PACK-05", base: .sft, changes: packed.merging(["dataset.max_single_sequence_length": 4097]) { $1 },
      said: [nil, nil, .error]),
    Case(code: "PACK-05", base: .sft, changes: packed.merging(graphs) { $1 }, said: [nil, nil, .error]),
    Case(
      code: "VOCAB-01",
      changes: ["tokenizer.vocab_size": 170_000, "tokenizer.use_tokenizer_vocab_size": true], said: [nil, nil, nil]),
    Case(
      code: "VOCAB-03", changes: ["model.vocab_size": 163_843, "parallelism.tensor_model_parallel_size": 2],
      said: [.error, .error, .error]),
    Case(
      code: "VOCAB-03",
      changes: [
        "model.vocab_size": 163_843, "parallelism.tensor_model_parallel_size": 2,
        "tokenizer.use_tokenizer_vocab_size": true,
      ], said: [nil, nil, nil]),
    Case(
      code: "PEFT-27", base: .lora,
      changes: ["peft.normalize_moe_lora": true, "peft.dim": 32, "peft.target_modules": ["linear_fc1"]],
      said: [nil, .error, .error]),
    Case(
      code: "PEFT-27", base: .lora,
      changes: ["peft.normalize_moe_lora": true, "peft.dim": 36, "peft.target_modules": ["linear_fc1"]],
      said: [nil, nil, nil]),
    Case(
      code: "CKPT-10", changes: ["checkpoint.also_save_hf_checkpoint": true, "tokenizer.tokenizer_model": .null],
      said: [nil, nil, .error]),
    Case(
      code: "CKPT-10", changes: ["checkpoint.also_save_hf_checkpoint": true, "checkpoint.hf_source_path": "model"],
      said: [nil, nil, nil]),
    Case(code: "CKPT-02", changes: ["checkpoint.async_strategy": "x"], said: [.error, .error, .error]),
    Case(
      code: "LOG-03", changes: ["logger.wandb_project": "p", "checkpoint.save": .null], said: [.error, .error, nil]),

    // CG
    Case(
      code: "CG-01", changes: ["rng.te_rng_tracker": true, "model.cuda_graph_impl": "local"], said: [nil, nil, .error]),
    Case(
      code: "CG-01",
      changes: [
        "rng.te_rng_tracker": true, "model.cuda_graph_impl": "full_iteration",
        "rerun_state_machine.check_for_nan_in_loss": false,
      ], said: [.error, nil, nil]),
    Case(
      code: "CG-01", changes: graphs.merging(["model.cuda_graph_modules": ["nothing"]]) { $1 },
      said: [.error, .error, .error]),
    Case(
      code: "CG-01",
      changes: graphs.merging(["model.cuda_graph_scope": "attn", "model.cuda_graph_modules": ["attn"]]) { $1 },
      said: [.error, .error, .error]),
    Case(code: "CG-02", changes: offloads, said: [nil, nil, nil]),
    Case(
      code: "CG-02", changes: offloads.merging(["model.activation_offload_fraction": 1.1]) { $1 },
      said: [nil, nil, .error]),
    Case(
      code: "CG-02",
      changes: offloads.merging([
        "recompute.recompute_granularity": .null, "recompute.recompute_modules": ["moe"],
      ]) { $1 }, said: [nil, nil, nil]),
    Case(
      code: "CG-02",
      changes: offloads.merging([
        "recompute.recompute_granularity": "selective", "recompute.recompute_modules": ["moe"],
      ]) { $1 }, said: [nil, nil, .error]),
    Case(code: "CG-03", changes: ["model.inference_cuda_graph_scope": "block"], said: [nil, .error, .error]),
    Case(code: "CG-03", changes: ["model.inference_cuda_graph_scope": "none"], said: [nil, nil, nil]),
  ]

  @Test("a code is said in the releases in which it is true", arguments: cases)
  func severities(_ item: Case) throws { try item.check() }
}
