import ConfigDocument
import Testing

@Suite("CKPT, COMM, DET, CG: checkpoints, communication, graphs")
struct CheckpointTests {
  @Test(
    arguments: [
      .warning("CKPT-01", ["checkpoint.ckpt_format": "zarr"], at: "checkpoint.ckpt_format", "first save"),
      .accepted("CKPT-02", ["checkpoint.async_save": true]),
      .error("CKPT-02", ["checkpoint.async_save": true, "checkpoint.save": .null], at: "checkpoint.save", "null"),
      .error(
        "CKPT-02", ["checkpoint.async_save": true, "checkpoint.use_persistent_ckpt_worker": false],
        at: "checkpoint.use_persistent_ckpt_worker", "persistent"),
      .error(
        "CKPT-02", ["checkpoint.async_save": true, "checkpoint.ckpt_format": "zarr"], at: "checkpoint.ckpt_format",
        "not `zarr`"),
      .error(
        "CKPT-03", ["checkpoint.ckpt_step": 100, "checkpoint.load": .null], at: "checkpoint.ckpt_step", "step 100"),
      .accepted("CKPT-03", ["checkpoint.ckpt_step": 100]),
      .error("CKPT-04", ["checkpoint.ckpt_format": "fsdp_dtensor"], at: "checkpoint.ckpt_format", "which is off"),
      .accepted(
        "CKPT-04", ["checkpoint.ckpt_format": "fsdp_dtensor", "checkpoint.save": .null, "checkpoint.load": .null]),
      .error(
        "CKPT-04", ["ddp.use_megatron_fsdp": true, "ddp.average_in_collective": false], at: "checkpoint.ckpt_format",
        "not `torch_dist`"),
      .error(
        "CKPT-04", ["dist.use_megatron_fsdp": true, "dist.use_torch_fsdp2": true], at: "dist.use_torch_fsdp2", "exclude"
      ),
      .error(
        "CKPT-05", ["checkpoint.load_main_params_from_ckpt": true], at: "checkpoint.load_main_params_from_ckpt",
        "states are loaded"),
      .accepted("CKPT-05", ["checkpoint.load_main_params_from_ckpt": true, "checkpoint.load_optim": false]),
      .warning(
        "CKPT-16", ["checkpoint.save": "/ck", "checkpoint.load": "/ck", "checkpoint.finetune": true],
        at: "checkpoint.finetune", "begins at step 0"),
      .warning(
        "CKPT-16", ["checkpoint.save": "/ck", "checkpoint.load": "/ck", "checkpoint.load_optim": false],
        at: "checkpoint.load_optim", "not the optimizer's states"),
      .warning(
        "CKPT-16", ["checkpoint.save": "/ck", "checkpoint.load": "/ck", "checkpoint.save_optim": false],
        at: "checkpoint.save_optim", "not the optimizer's states"),
      .silent("CKPT-16", ["checkpoint.save": "/ck", "checkpoint.load": "/base", "checkpoint.finetune": true]),
      .silent(
        "CKPT-16", on: .lora, ["checkpoint.save": "/ck", "checkpoint.load": "/ck", "checkpoint.finetune": true]),
      .error(
        "CKPT-06",
        [
          "checkpoint.dist_ckpt_optim_fully_reshardable": true,
          "checkpoint.distrib_optim_fully_reshardable_mem_efficient": true,
        ], at: "checkpoint.distrib_optim_fully_reshardable_mem_efficient", "refuses"),
      .accepted("CKPT-06", ["checkpoint.dist_ckpt_optim_fully_reshardable": true]),
      .warning(
        "CKPT-07", ["checkpoint.non_persistent_ckpt_type": "in_memory"], at: "checkpoint.non_persistent_ckpt_type",
        "cannot resume"),
      .warning("CKPT-08", ["checkpoint.save_interval": .null], at: "checkpoint.save_interval", "before the end"),
      .silent("CKPT-08", ["checkpoint.save_interval": .null, "checkpoint.save": .null, "checkpoint.load": .null]),
      .warning(
        "CKPT-17", ["checkpoint.save": .null, "dataset.kind": "indexed", "dataset.data_paths": ["/data/pile"]],
        at: "checkpoint.save", "nothing that the run learns"),
      .silent("CKPT-17", ["checkpoint.save": .null]),
      .silent("CKPT-17", ["dataset.kind": "indexed", "dataset.data_paths": ["/data/pile"]]),
      .silent(
        "CKPT-17",
        [
          "checkpoint.save": .null, "dataset.kind": "indexed", "dataset.data_paths": ["/data/pile"],
          "validation.skip_train": true,
        ]),
      .silent("CKPT-11", ["parallelism.expert_model_parallel_size": 2]), .silent("CKPT-12", ["model.num_layers": 26]),
      .silent("CKPT-13", ["optimizer.optimizer": "sgd"]),
    ] as [ValidationCase])
  func checkpoints(_ item: ValidationCase) throws { try item.check() }

  @Test(
    arguments: [
      .note(
        "COMM-01", on: .lora, ["comm_overlap.tp_comm_overlap": true], at: "comm_overlap.tp_comm_overlap", "TP is 1"),
      .silent("COMM-01", ["comm_overlap.tp_comm_overlap": true]),
      .note("COMM-02", on: .pipeline, ["model.overlap_p2p_comm": true], at: "model.overlap_p2p_comm", "makes it false"),
      .silent("COMM-02", on: .interleaved, ["model.overlap_p2p_comm": true]),
      .warning(
        "COMM-03", on: .interleaved, ["parallelism.virtual_pipeline_model_parallel_size": .null],
        at: "parallelism.pipeline_model_parallel_layout", "2 virtual stages on each of PP 4"),
      .silent("COMM-03", on: .interleaved, [:]),
      .silent("COMM-04", [:]),
      .note("COMM-04", ["ddp.overlap_grad_reduce": false], at: "ddp.overlap_grad_reduce", "makes it true"),
      .silent("COMM-04", ["ddp.overlap_grad_reduce": false, "comm_overlap.overlap_grad_reduce": false]),
      .note("COMM-04", ["ddp.bucket_size": 40_000_000], at: "ddp.bucket_size", "134217728"),
      .silent("COMM-04", ["comm_overlap": .null, "ddp.bucket_size": 40_000_000]),
      .error(
        "COMM-06", ["parallelism.pipeline_model_parallel_comm_backend": "gloo"],
        at: "parallelism.pipeline_model_parallel_comm_backend", "`gloo`"),
      .accepted("COMM-06", ["parallelism.pipeline_model_parallel_comm_backend": "ucc"]),
      .error(
        "COMM-06",
        ["parallelism.pipeline_model_parallel_comm_backend": "ucc", "env_vars.CUDA_DEVICE_MAX_CONNECTIONS": "1"],
        at: "parallelism.pipeline_model_parallel_comm_backend", "other than 1"),
    ] as [ValidationCase])
  func communication(_ item: ValidationCase) throws { try item.check() }

  private static let deterministic: [String: ConfigValue] = [
    "model.deterministic_mode": true, "model.cross_entropy_loss_fusion": false, "env_vars.NCCL_ALGO": "Ring",
    "env_vars.NVTE_ALLOW_NONDETERMINISTIC_ALGO": "0",
  ]

  private static func deterministic(_ more: [String: ConfigValue]) -> [String: ConfigValue] {
    deterministic.merging(more, uniquingKeysWith: { $1 })
  }

  @Test(
    arguments: [
      .accepted("DET-01", deterministic),
      .error("DET-01", deterministic(["model.attention_backend": "flash"]), at: "model.attention_backend", "flash")
        .in(.bridge031),
      .error(
        "DET-01", deterministic(["model.cross_entropy_loss_fusion": true]), at: "model.cross_entropy_loss_fusion",
        "fused"),
      .error("DET-01", deterministic(["env_vars.NCCL_ALGO": "NVLS"]), at: "env_vars.NCCL_ALGO", "`NVLS`"),
      .accepted("DET-01", deterministic(["env_vars.NCCL_ALGO": "^NVLS"])),
      .error(
        "DET-03", ["env_vars.NVTE_FLASH_ATTN": "0"], at: "env_vars.NVTE_FLASH_ATTN",
        "sets `NVTE_FLASH_ATTN` to 1, but it is 0"),
      .accepted("DET-03", ["env_vars.NVTE_FLASH_ATTN": "1"]),
      .accepted(
        "DET-03",
        [
          "env_vars.NVTE_FLASH_ATTN": "1", "env_vars.NVTE_FUSED_ATTN": "0", "env_vars.NVTE_UNFUSED_ATTN": "0",
          "model.attention_backend": "flash",
        ]),
      .error(
        "DET-02", deterministic(["env_vars.NVTE_ALLOW_NONDETERMINISTIC_ALGO": "1"]),
        at: "env_vars.NVTE_ALLOW_NONDETERMINISTIC_ALGO", "0, not 1"),
    ] as [ValidationCase])
  func determinism(_ item: ValidationCase) throws { try item.check() }

  private static func graph(_ kind: String, _ scope: String?, _ more: [String: ConfigValue] = [:]) -> [String:
    ConfigValue]
  {
    var changes: [String: ConfigValue] = ["model.cuda_graph_impl": .string(kind), "rng.te_rng_tracker": true]
    if let scope { changes["model.cuda_graph_scope"] = .string(scope) }
    return changes.merging(more, uniquingKeysWith: { $1 })
  }

  @Test(
    arguments: [
      .accepted("CG-01", graph("transformer_engine", nil)),
      .accepted("CG-01", graph("transformer_engine", "attn,moe_router")),
      .error(
        "CG-01", ["model.cuda_graph_impl": "transformer_engine"], at: "model.cuda_graph_impl", "random number tracker"),
      .error("CG-01", graph("nope", nil), at: "model.cuda_graph_impl", "`nope`"),
      .error("CG-01", graph("transformer_engine", "moe"), at: "model.cuda_graph_scope", "fixed shapes"),
      .error("CG-01", graph("transformer_engine", "moe_preprocess"), at: "model.cuda_graph_scope", "`moe_router` only"),
      .error("CG-01", graph("local", "mlp"), at: "model.cuda_graph_scope", "cannot capture `mlp`").in(.bridge051),
      .accepted("CG-01", graph("transformer_engine", "mlp")),
      .error("CG-01", graph("transformer_engine", "full,attn"), at: "model.cuda_graph_scope", "stands alone"),
      .error("CG-01", graph("transformer_engine", "full_iteration"), at: "model.cuda_graph_scope", "by `local`")
        .in(.bridge031),
      .error(
        "CG-01", graph("transformer_engine", "full_iteration"), at: "model.cuda_graph_scope",
        "a kind of graph by itself"),
      .error("CG-01", graph("local", "full_iteration"), at: "model.cuda_graph_scope", "not a number").in(.bridge031),
      .error("CG-01", graph("local", "full_iteration"), at: "model.cuda_graph_impl", "not a number"),
      .accepted("CG-01", graph("local", "full_iteration", ["rerun_state_machine.check_for_nan_in_loss": false])),
      .error(
        "CG-02", ["model.fine_grained_activation_offloading": true, "model.offload_modules": ["core_attn"]],
        at: "env_vars.NVTE_CPU_OFFLOAD_V1", "offload weights"),
      .accepted(
        "CG-02",
        [
          "model.fine_grained_activation_offloading": true, "model.offload_modules": ["core_attn"],
          "env_vars.NVTE_CPU_OFFLOAD_V1": "1",
        ]),
      .error(
        "CG-02",
        [
          "model.fine_grained_activation_offloading": true, "model.offload_modules": ["attn_proj"],
          "env_vars.NVTE_CPU_OFFLOAD_V1": "1",
        ], at: "model.offload_modules", "`core_attn`"),
    ] as [ValidationCase])
  func graphs(_ item: ValidationCase) throws { try item.check() }
}
