import ConfigDocument
import Testing

@Suite("OPT, MUON, PREC, DDP: the update")
struct OptimizerTests {
  /// Adam that keeps everything in fp32.
  private static let plain: [String: ConfigValue] = [
    "optimizer.use_precision_aware_optimizer": false, "optimizer.main_grads_dtype": "fp32",
    "optimizer.exp_avg_dtype": "fp32", "optimizer.exp_avg_sq_dtype": "fp32",
  ]

  /// Megatron-FSDP that keeps nothing, with changes.
  private static func fsdp(_ changes: [String: ConfigValue]) -> [String: ConfigValue] {
    [
      "dist.use_megatron_fsdp": true, "ddp.average_in_collective": false, "checkpoint.save": .null,
      "checkpoint.load": .null,
    ].merging(changes) { $1 }
  }

  private static func plain(_ more: [String: ConfigValue]) -> [String: ConfigValue] {
    plain.merging(more, uniquingKeysWith: { $1 })
  }

  @Test(
    arguments: [
      .error("OPT-01", ["optimizer.optimizer": "sgd"], at: "optimizer.use_precision_aware_optimizer", "`sgd`"),
      .error(
        "OPT-02", ["optimizer.use_distributed_optimizer": false], at: "optimizer.use_distributed_optimizer",
        "copied only after"),
      .error(
        "OPT-02", ["optimizer.use_distributed_optimizer": false, "ddp.use_distributed_optimizer": false],
        at: "optimizer.use_distributed_optimizer", "needs `use_distributed_optimizer`"),
      .accepted("OPT-02", ["ddp.use_distributed_optimizer": false]),
      .accepted("OPT-04", plain),
      .error(
        "OPT-04", plain(["optimizer.exp_avg_dtype": "bf16"]), at: "optimizer.exp_avg_dtype", "`exp_avg_dtype` is bf16"),
      .error(
        "OPT-04", plain(["optimizer.main_grads_dtype": "bf16", "optimizer.exp_avg_sq_dtype": "fp16"]),
        at: "optimizer.main_grads_dtype", "`main_grads_dtype` is bf16, `exp_avg_sq_dtype` is fp16"),
      .error("OPT-05", ["optimizer.main_params_dtype": "bf16"], at: "optimizer.main_params_dtype", "FusedAdam"),
      .accepted("OPT-05", ["optimizer.main_params_dtype": "fp16"]),
      .error(
        "OPT-06", ["mixed_precision": .null, "model.bf16": true, "optimizer.bf16": false],
        at: "optimizer.bf16", "`model.bf16` is true"),
      .accepted("OPT-06", ["mixed_precision": .null, "model.bf16": true, "optimizer.bf16": true]),
      .note("OPT-07", ["ddp.use_distributed_optimizer": false], at: "ddp.use_distributed_optimizer", "sets both"),
      .silent("OPT-07", [:]),
      .error(
        "OPT-08", plain(["optimizer.optimizer": "sgd"]), at: "optimizer.use_distributed_optimizer", "states of Adam"),
      .accepted(
        "OPT-08",
        plain([
          "optimizer.optimizer": "sgd", "optimizer.use_distributed_optimizer": false,
          "ddp.use_distributed_optimizer": false,
        ])),
      .error("OPT-09", ["optimizer.lr": .null], at: "optimizer.lr", "not given"),
      .error("OPT-09", ["optimizer.min_lr": .null], at: "optimizer.min_lr", "not given"),
      .error("OPT-09", ["optimizer.min_lr": 4e-4], at: "optimizer.min_lr", "above `lr` 0.0003"),
      .error("OPT-09", ["optimizer.min_lr": -1e-5], at: "optimizer.min_lr", "between 0"),
      .error("OPT-09", ["optimizer.lr": -1.0], at: "optimizer.lr", "negative"),
      .accepted("OPT-09", ["optimizer.min_lr": 3e-4]),
      .accepted("OPT-09", ["optimizer.lr": 0.0, "optimizer.min_lr": 0.0]),
      .error(
        "OPT-10", ["optimizer.optimizer_cpu_offload": true, "optimizer.decoupled_weight_decay": false],
        at: "optimizer.decoupled_weight_decay", "host memory"),
      .accepted("OPT-10", ["optimizer.decoupled_weight_decay": false]),
      .error(
        "OPT-14",
        [
          "optimizer.optimizer_cpu_offload": true, "mixed_precision.bf16": false,
          "mixed_precision.params_dtype": "fp32",
        ],
        at: "optimizer.optimizer_cpu_offload", "the weights are fp32"),
      .accepted("OPT-14", ["optimizer.optimizer_cpu_offload": true]),
      .accepted("OPT-14", ["optimizer.optimizer_cpu_offload": true, "mixed_precision.bf16": false]),
      .error(
        "OPT-13", ["comm_overlap.overlap_param_gather_with_optimizer_step": true],
        at: "comm_overlap.overlap_param_gather_with_optimizer_step", "one chunk"),
      .accepted("OPT-13", on: .interleaved, ["comm_overlap.overlap_param_gather_with_optimizer_step": true]),
      .accepted("OPT-13", ["optimizer.overlap_param_gather_with_optimizer_step": true]),
      .note(
        "OPT-11", ["optimizer.weight_decay": 0.05], at: "optimizer.weight_decay",
        "0.05 has no effect: the scheduler sets 0.033"),
      .silent("OPT-11", [:]),
      .silent("OPT-11", ["optimizer.weight_decay": 0.033]),
    ] as [ValidationCase])
  func optimizer(_ item: ValidationCase) throws { try item.check() }

  @Test(
    arguments: [
      .note("MUON-02", on: .muon, [:], at: "optimizer.optimizer", "emerging_optimizers"),
      .error(
        "MUON-03", on: .muon, ["ddp.use_distributed_optimizer": true], at: "ddp.use_distributed_optimizer",
        "`muon` cannot run"),
      .error(
        "MUON-03", on: .muon, ["optimizer.use_distributed_optimizer": true, "optimizer.optimizer": "muon"],
        at: "optimizer.use_distributed_optimizer", "`muon`"
      ).in(.bridge031),
      .error(
        "MUON-04", on: .muon, ["mixed_precision.fp16": true, "mixed_precision.bf16": false], at: "mixed_precision.fp16",
        "loss scaling"),
      .error(
        "MUON-05", on: .muon, ["optimizer.use_precision_aware_optimizer": true],
        at: "optimizer.use_precision_aware_optimizer", "this run has `muon`"),
      .error("OPT-04", on: .muon, ["optimizer.exp_avg_dtype": "bf16"], at: "optimizer.exp_avg_dtype", "bf16"),
      .error("MUON-06", on: .muon, ["optimizer.muon_num_ns_steps": 0], at: "optimizer.muon_num_ns_steps", "at least 1"),
      .accepted("MUON-06", on: .muon, ["optimizer.muon_num_ns_steps": 1]),
      .silent("MUON-10", on: .muon, [:]),
      .warning(
        "MUON-10", on: .muon, ["optimizer.muon_use_nesterov": false, "optimizer.muon_extra_scale_factor": 1.0],
        at: "optimizer.muon_use_nesterov",
        "`muon_use_nesterov` false, there true; `muon_extra_scale_factor` 1.0, there 0.2"),
      .warning(
        "MUON-10", on: .muon, ["optimizer.muon_tp_mode": "blockwise"], at: "optimizer.muon_tp_mode", "blockwise"),
      .silent(
        "MUON-10", on: .muon,
        [
          "optimizer.muon_tp_mode": "blockwise", "parallelism.tensor_model_parallel_size": 1,
          "parallelism.sequence_parallel": false,
        ]),
      .note("MUON-11", on: .muon, [:], at: "optimizer.muon_coefficient_type", "instead of `simple`").in(.bridge031),
      .silent("MUON-11", on: .muon, ["optimizer.muon_coefficient_type": "quintic"]).in(.bridge031),
      .silent("MUON-11", on: .muon, [:]).in(.bridge051),
      .silent("MUON-11", on: .muon, [:]),
      .error(
        "MUON-15", on: .muon, ["optimizer.muon_coefficient_type": "polar"], at: "optimizer.muon_coefficient_type",
        "has no coefficients `polar`"),
      .error(
        "MUON-15", on: .muon, ["optimizer.muon_coefficient_type": "custom"], at: "optimizer.muon_coefficient_type",
        "needs coefficients"
      ).in(.bridge051),
      .accepted("MUON-15", on: .muon, ["optimizer.muon_coefficient_type": "deepseekv4"]),
      .accepted("MUON-15", on: .muon, ["optimizer.muon_coefficient_type": "polar"]).in(.bridge031),
      .silent("MUON-10", ["optimizer.muon_momentum": 0.9]),
    ] as [ValidationCase])
  func muon(_ item: ValidationCase) throws { try item.check() }

  @Test(
    arguments: [
      .error(
        "PREC-02",
        [
          "mixed_precision.fp8": "e4m3", "mixed_precision.fp8_recipe": "mxfp8",
          "mixed_precision.fp8_param_gather": true,
        ],
        at: "mixed_precision.reuse_grad_buf_for_mxfp8_param_ag", "need the gradient buffer"),
      .accepted(
        "PREC-02",
        [
          "mixed_precision.fp8": "e4m3", "mixed_precision.fp8_recipe": "mxfp8",
          "mixed_precision.fp8_param_gather": true,
          "mixed_precision.reuse_grad_buf_for_mxfp8_param_ag": true,
        ]),
      .error(
        "PREC-02", ["mixed_precision.fp8": "hybrid", "mixed_precision.fp4": "e2m1"], at: "mixed_precision.fp4",
        "exclude"),
      .error(
        "PREC-02", ["mixed_precision.reuse_grad_buf_for_mxfp8_param_ag": true],
        at: "mixed_precision.reuse_grad_buf_for_mxfp8_param_ag", "not gathered"),
      .error(
        "PREC-03", ["mixed_precision.fp8_param_gather": true], at: "mixed_precision.fp8_param_gather", "`fp8` is null"),
      .error("PREC-05", ["mixed_precision.loss_scale": -1.0], at: "mixed_precision.loss_scale", "above 0"),
      .accepted("PREC-05", ["mixed_precision.loss_scale": 0.0]),
      .accepted("PREC-05", on: .muon, ["mixed_precision.loss_scale": -1.0]),
      .error(
        "PREC-05", on: .muon,
        ["mixed_precision.loss_scale": -1.0, "optimizer.use_layer_wise_distributed_optimizer": false],
        at: "mixed_precision.loss_scale", "above 0"),
      .error("DDP-04", replicas(33, experts: 3), at: "ddp.average_in_collective", "(11 / 33) / 11 with 1 / 33"),
      .accepted("DDP-04", replicas(30, experts: 3)),
      .error("PREC-03", ["mixed_precision.fp8": "e5m2"], at: "mixed_precision.fp8", "no fp8 format"),
      .error(
        "PREC-03",
        [
          "mixed_precision.fp8": "hybrid", "mixed_precision.fp8_recipe": "delayed",
          "mixed_precision.first_last_layers_bf16": true,
        ], at: "mixed_precision.first_last_layers_bf16", "delayed"),
      .error(
        "PREC-03",
        [
          "mixed_precision.fp8": "hybrid", "mixed_precision.first_last_layers_bf16": true,
          "mixed_precision.num_layers_at_start_in_bf16": 28,
        ], at: "mixed_precision.num_layers_at_start_in_bf16", "27 / PP 1 = 27"),
      .accepted(
        "PREC-03",
        [
          "mixed_precision.fp8": "hybrid", "mixed_precision.first_last_layers_bf16": true,
          "mixed_precision.num_layers_at_start_in_bf16": 27,
        ]),
      .warning("PREC-04", ["ddp.grad_reduce_in_fp32": true], at: "ddp.grad_reduce_in_fp32", "sets it to false"),
      .silent("PREC-04", [:]),
      .warning(
        "PREC-04", ["model.params_dtype": "fp32"], at: "model.params_dtype", "`mixed_precision` sets it to bf16"),
      .silent("PREC-04", ["model.params_dtype": "bf16"]),
      .silent("PREC-04", ["model.params_dtype": "fp32", "mixed_precision": .null]),
      .note(
        "DDP-01",
        [
          "ddp.overlap_param_gather": true, "ddp.use_distributed_optimizer": false,
          "optimizer.use_distributed_optimizer": false, "optimizer.use_precision_aware_optimizer": false,
          "optimizer.main_grads_dtype": "fp32",
          "optimizer.exp_avg_dtype": "fp32", "optimizer.exp_avg_sq_dtype": "fp32",
        ],
        at: "ddp.overlap_param_gather", "no weights to gather"),
      .silent("DDP-01", on: .muon, ["ddp.overlap_param_gather": true]),
      .silent("DDP-01", [:]),
      .error(
        "DDP-02",
        ["ddp.reduce_scatter_with_fp32_accumulation": true, "ddp.num_distributed_optimizer_instances": 2],
        at: "ddp.reduce_scatter_with_fp32_accumulation", "there are 2"),
      .accepted("DDP-02", ["ddp.reduce_scatter_with_fp32_accumulation": true]),
      .error(
        "DDP-03",
        ["ddp.nccl_ub": true, "env_vars.PYTORCH_CUDA_ALLOC_CONF": "max_split_size_mb:512,expandable_segments:True"],
        at: "ddp.nccl_ub", "expandable_segments"),
      .accepted("DDP-03", ["ddp.nccl_ub": true]),
      .warning(
        "DDP-08", ["ddp.nccl_ub": true, "env_vars.NCCL_NVLS_ENABLE": "0"], at: "env_vars.NCCL_NVLS_ENABLE",
        "sets `NCCL_NVLS_ENABLE` to 1"),
      .silent("DDP-08", ["env_vars.NCCL_NVLS_ENABLE": "0"]),
      .silent("DDP-08", ["ddp.nccl_ub": true, "env_vars.NCCL_NVLS_ENABLE": "1"]),
      .error(
        "DDP-09", ["model.init_model_with_meta_device": true], at: "model.init_model_with_meta_device", "no memory"),
      .accepted("DDP-09", fsdp(["model.init_model_with_meta_device": true])),
      .accepted("DDP-09", ["model.init_model_with_meta_device": false]),
      .error(
        "DDP-07", fsdp(["env_vars.CUDA_DEVICE_MAX_CONNECTIONS": "1"]), at: "env_vars.CUDA_DEVICE_MAX_CONNECTIONS",
        "more than one connection"),
      .accepted("DDP-07", fsdp(["env_vars.CUDA_DEVICE_MAX_CONNECTIONS": "1"])).in(.bridge031),
      .accepted("DDP-07", fsdp(["env_vars.CUDA_DEVICE_MAX_CONNECTIONS": "32"])),
      .accepted("DDP-07", ["env_vars.CUDA_DEVICE_MAX_CONNECTIONS": "1"]),
      .error(
        "DDP-07", fsdp(["ddp.fsdp_manual_registration": true]), at: "ddp.fsdp_manual_registration", "`nccl_ub`"),
      .error(
        "DDP-07",
        fsdp([
          "ddp.data_parallel_sharding_strategy": "optim_grads_params",
          "train.check_weight_hash_across_dp_replicas_interval": 100,
        ]), at: "train.check_weight_hash_across_dp_replicas_interval", "no two copies"),
    ] as [ValidationCase])
  func precisionAndReplicas(_ item: ValidationCase) throws { try item.check() }
}

/// So many GPUs as replicas of all but the experts.
private func replicas(_ count: Int, experts: Int) -> [String: ConfigValue] {
  [
    "cluster.num_nodes": .int(count), "cluster.gpus_per_node": 1, "parallelism.tensor_model_parallel_size": 1,
    "parallelism.sequence_parallel": false, "parallelism.expert_model_parallel_size": .int(experts),
    "model.num_moe_experts": .int(8 * experts), "train.global_batch_size": .int(8 * count),
  ]
}
