import ConfigDocument
import Diagnostics
import LaunchModel
import MoonlightRecipes
import Testing

@testable import Validation

@Suite("What no release refuses, and what makes the run another than the one written")
struct SilentMistakeTests {
  @Test(
    "Names of Hugging Face's are mended to those that mean the same modules of the same layers",
    arguments: [
      ("o_proj", ["linear_proj"]), ("self_attn.o_proj", ["linear_proj"]),
      ("*.layers.0.*.o_proj", ["*.layers.0.*.linear_proj"]),
      ("model.layers.3.self_attn.o_proj", ["decoder.layers.3.self_attention.linear_proj"]),
      ("*.layers.*.self_attn.q_proj", ["*.layers.*.self_attention.linear_q_proj"]),
    ] as [(String, ConfigValue)])
  func translatedTargets(target: String, expected: ConfigValue) throws {
    let findings = try GoodConfig.lora.findings(["peft.target_modules": [.string(target)]])
    let finding = try #require(findings.first { $0.code == "PEFT-19" })
    #expect(finding.fix?.changes.map(\.value) == [expected])
  }

  @Test(
    "switches that do nothing, and weights that nothing sets or keeps",
    arguments: [
      .warning(
        "PEFT-28", on: .lora, ["model.moe_router_bias_update_rate": 0.001], at: "model.moe_router_bias_update_rate",
        "their checkpoint does not hold it"),
      .silent("PEFT-28", on: .lora, ["model.moe_router_bias_update_rate": 0]), .silent("PEFT-28", on: .sft, [:]),
      .silent(
        "PEFT-28", on: .lora,
        ["model.moe_router_bias_update_rate": 0.001, "model.moe_router_enable_expert_bias": false]),
      .warning(
        "DATA-19", indexed.merging(["dataset.reset_attention_mask": true]) { $1 }, at: "dataset.reset_attention_mask",
        "is causal over the sample"),
      .warning(
        "DATA-19", indexed.merging(["dataset.reset_position_ids": true]) { $1 }, at: "dataset.reset_position_ids",
        "rotary ones are counted along the sample"),
      .silent("DATA-19", indexed.merging(["dataset.eod_mask_loss": true]) { $1 }),
      .silent("DATA-19", ["dataset.reset_attention_mask": true]),
      .warning(
        "TRAIN-08", ["model.perform_initialization": false], at: "model.perform_initialization",
        "begin as what the memory holds"),
      .silent("TRAIN-08", on: .lora, ["model.perform_initialization": false]),
    ] as [ValidationCase])
  func withoutEffect(_ item: ValidationCase) throws { try item.check() }

  private static let indexed: [String: ConfigValue] = [
    "dataset.kind": "indexed", "dataset.data_paths": ["/data/text_document"],
  ]

  @Test(
    "adapters that are not attached, not trained, or not summed",
    arguments: [
      .warning(
        "PEFT-19", on: .lora, ["peft.target_modules": ["q_proj", "kv_b_proj", "o_proj", "gate_proj"]],
        at: "peft.target_modules", "no adapter is attached and nothing is trained"),
      .warning(
        "PEFT-19", on: .lora, ["peft.target_modules": ["linear_q_proj", "o_proj"]], at: "peft.target_modules",
        "1 of 2 targets remain"),
      .warning(
        "PEFT-19", on: .lora, ["peft.target_modules": [], "peft.exclude_modules": ["o_proj"]],
        at: "peft.exclude_modules", "excludes none of them"),
      .accepted("PEFT-19", on: .lora, ["peft.target_modules": ["*.layers.0.*.linear_q_proj"]]),
      .warning(
        "PEFT-20", on: .lora,
        [
          "parallelism.tensor_model_parallel_size": 2, "parallelism.expert_model_parallel_size": 4,
          "parallelism.expert_tensor_parallel_size": 2, "peft.target_modules": ["linear_fc1", "linear_fc2"],
        ], at: "peft.target_modules", "split over ETP 2"),
      .accepted(
        "PEFT-20", on: .lora,
        [
          "parallelism.tensor_model_parallel_size": 2, "parallelism.expert_model_parallel_size": 4,
          "parallelism.expert_tensor_parallel_size": 1, "peft.target_modules": ["linear_fc1", "linear_fc2"],
        ]),
      .silent(
        "PEFT-20", on: .lora,
        ["parallelism.tensor_model_parallel_size": 2, "parallelism.expert_tensor_parallel_size": 2]),
      .warning(
        "PEFT-21", on: .lora, ["parallelism.tensor_model_parallel_size": 4], at: "peft.target_modules",
        "3 of 4 parts of what it adds to a token come from other tokens"),
      .silent(
        "PEFT-21", on: .lora,
        ["parallelism.tensor_model_parallel_size": 2, "peft.target_modules": ["linear_q_proj", "linear_proj"]]),
      .silent("PEFT-21", on: .lora, [:]),
      .warning(
        "PEFT-22", on: .lora, ["parallelism.tensor_model_parallel_size": 2, "peft.target_modules": ["linear_fc2"]],
        at: "model.moe_shared_expert_overlap", "added 2 times"),
      .silent(
        "PEFT-22", on: .lora,
        [
          "parallelism.tensor_model_parallel_size": 2, "peft.target_modules": ["linear_fc2"],
          "model.moe_shared_expert_overlap": false,
        ]),
      .silent(
        "PEFT-22", on: .lora, ["parallelism.tensor_model_parallel_size": 2, "peft.target_modules": ["linear_fc1"]]),
      .warning("PEFT-24", on: .lora, ["peft.alpha": 0], at: "peft.alpha", "0 / 32 = 0"),
      .warning("PEFT-24", on: .lora, ["peft.dropout": 1.0], at: "peft.dropout", "nothing to learn from"),
      .warning(
        "PEFT-10", on: .lora, ["peft.target_modules": [], "peft.exclude_modules": ["*"]], at: "peft.exclude_modules",
        "nothing would be trained"),
      .silent("PEFT-10", on: .lora, ["peft.target_modules": [], "peft.exclude_modules": ["linear_proj"]]),
      .warning(
        "PEFT-24", on: .lora, ["peft.lora_A_init_method": "zero"], at: "peft.lora_A_init_method", "begin at zero"),
      .silent("PEFT-24", on: .lora, ["peft.lora_A_init_method": "kaiming"]),
      .warning("PEFT-25", on: .lora, ["peft.lora_dtype": "fp32"], at: "peft.lora_dtype", "are made in bf16"),
      .silent("PEFT-25", on: .lora, ["peft.lora_dtype": "bf16"]),
      .warning(
        "PEFT-26", on: .lora, ["model.q_lora_rank": 512, "model.mla_down_proj_fusion": true],
        at: "peft.target_modules", "part of the fused"),
      .silent("PEFT-26", on: .lora, ["model.mla_down_proj_fusion": true]),
    ] as [ValidationCase])
  func adapters(_ item: ValidationCase) throws { try item.check() }

  @Test(
    "adapters with recomputation of parts",
    arguments: [
      .error(
        "PEFT-23", on: .lora, ["recompute.recompute_modules": ["layernorm", "moe_act"]],
        at: "recompute.recompute_modules", "ends the first backward pass"),
      .error(
        "PEFT-23", on: .dora, ["recompute.recompute_modules": ["core_attn", "mla_up_proj"]],
        at: "recompute.recompute_modules", "`mla_up_proj`"),
      .accepted("PEFT-23", on: .lora, ["recompute.recompute_modules": ["moe"]]),
      .accepted(
        "PEFT-23", on: .lora,
        ["recompute.recompute_modules": ["shared_experts"], "model.moe_shared_expert_overlap": false]),
      .accepted(
        "PEFT-23", on: .lora,
        [
          "recompute.recompute_granularity": "full", "recompute.recompute_method": "uniform",
          "recompute.recompute_num_layers": 1,
        ]),
      .accepted("PEFT-23", on: .sft, ["recompute.recompute_modules": ["layernorm", "moe_act"]]),
      .accepted(
        "PEFT-23", on: .lora,
        ["recompute.recompute_modules": ["layernorm"], "parallelism.pipeline_model_parallel_size": 2]),
    ] as [ValidationCase])
  func recomputation(_ item: ValidationCase) throws { try item.check() }

  @Test(
    "values that another section resets",
    arguments: [
      .warning(
        "COMM-08", ["model.overlap_moe_expert_parallel_comm": true], at: "model.overlap_moe_expert_parallel_comm",
        "`comm_overlap` makes it false"),
      .warning("COMM-08", ["model.delay_wgrad_compute": true], at: "model.delay_wgrad_compute", "makes it false"),
      .warning("COMM-08", ["model.tp_comm_overlap": true], at: "model.tp_comm_overlap", "makes it false"),
      .silent("COMM-08", ["model.tp_comm_overlap": true, "comm_overlap": .null]),
      .warning("PREC-08", ["model.fp8": "hybrid"], at: "model.fp8", "`mixed_precision` sets it to null"),
      .silent("PREC-08", ["model.fp8": "hybrid", "mixed_precision": .null]),
      .silent("PREC-08", ["model.fp8": .null, "model.fp8_recipe": "delayed"]),
      .warning("PREC-08", ["optimizer.fp16": true], at: "optimizer.fp16", "sets it to false"),
      .warning("PREC-08", ["optimizer.params_dtype": "fp16"], at: "optimizer.params_dtype", "sets it to bf16"),
      // What the class has anyway, and what `mixed_precision` says as well.
      .silent("PREC-08", ["optimizer.params_dtype": "fp32"]),
      .silent("PREC-08", ["optimizer.params_dtype": "bf16"]),
      .warning(
        "PREC-08",
        ["mixed_precision.bf16": false, "mixed_precision.fp16": true, "optimizer.initial_loss_scale": 65536],
        at: "optimizer.initial_loss_scale", "sets it to 4294967296"),
      .silent("PREC-08", ["optimizer.initial_loss_scale": 65536]),
      .warning(
        "OPT-15", ["optimizer.optimizer_cpu_offload": true], at: "optimizer.optimizer_offload_fraction",
        "offloads nothing"),
      .silent(
        "OPT-15", ["optimizer.optimizer_cpu_offload": true, "optimizer.optimizer_offload_fraction": 1.0]),
      .warning(
        "OPT-15", ["optimizer.optimizer_offload_fraction": 0.5], at: "optimizer.optimizer_offload_fraction",
        "has no effect"),
      .warning(
        "MOE-36", ["model.moe_router_force_load_balancing": true, "dataset.data_paths": ["/data/a_text_document"]],
        at: "model.moe_router_force_load_balancing", "6 of 64 experts at random"),
      .silent("MOE-36", ["model.moe_router_force_load_balancing": true]),
      .warning(
        "MOE-36", ["model.moe_router_force_biased": 0.5, "dataset.data_paths": ["/data/a_text_document"]],
        at: "model.moe_router_force_biased", "at random"),
      .warning(
        "ENV-03",
        [
          "model.cuda_graph_impl": "transformer_engine", "rng.te_rng_tracker": true,
          "env_vars.PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True",
        ], at: "env_vars.PYTORCH_CUDA_ALLOC_CONF", "NCCL_GRAPH_REGISTER"),
      .silent("ENV-03", ["env_vars.PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True"]),
    ] as [ValidationCase])
  func resets(_ item: ValidationCase) throws {
    try item.check()
  }

  @Test(
    "attention without a backend, scaled twice, or rotated otherwise than written",
    arguments: [
      .warning(
        "MLA-14", ["model.attention_backend": "flash"], at: "model.attention_backend", "128 + 64 = 192"),
      .silent("MLA-14", ["model.attention_backend": "fused"]),
      .silent("MLA-14", ["model.attention_backend": "auto"]),
      .warning(
        "MLA-14", ["model.attention_backend": "unfused", "parallelism.context_parallel_size": 2],
        at: "model.attention_backend", "no context parallelism"),
      .warning("MLA-14", ["model.attention_backend": "local"], at: "model.attention_backend", "no `local` one"),
      .warning(
        "MLA-14", on: .muon, ["model.attention_backend": "flash", "model.qk_clip": true], at: "model.attention_backend",
        "does not give the largest logit"),
      .warning(
        "MLA-14", fp8(["model.attention_backend": "unfused"]), at: "model.attention_backend", "does not train in fp8"),
      .silent(
        "MLA-14", fp8(["model.attention_backend": "unfused", "env_vars.NVTE_UnfusedDPA_Emulate_FP8": "1"])),
      .silent("MLA-14", fp8([:])),
      .warning(
        "MLA-14", fp8(["model.log_max_attention_logit": true]), at: "model.log_max_attention_logit",
        "no attention backend gives the largest logit in fp8"),
      .warning(
        "MLA-14", fp8(["mixed_precision.fp8_recipe": "tensorwise", "cluster.gpu_type": "h100"]),
        at: "mixed_precision.fp8_dot_product_attention", "with current scaling on h100"),
      .silent("MLA-14", fp8(["mixed_precision.fp8_recipe": "tensorwise", "cluster.gpu_type": "b200"])),
      .warning(
        "MLA-14", fp8(["parallelism.context_parallel_size": 2]), at: "mixed_precision.fp8_dot_product_attention",
        "keys of 192 beside values of 128"
      ).in(.bridge051),
      .silent("MLA-14", fp8(["parallelism.context_parallel_size": 2])),
      .warning(
        "MLA-14", ["parallelism.context_parallel_size": 2, "model.softmax_type": "learnable"], at: "model.softmax_type",
        "unless whole heads are exchanged"),
      .silent(
        "MLA-14",
        [
          "parallelism.context_parallel_size": 2, "model.softmax_type": "learnable", "parallelism.cp_comm_type": "a2a",
        ]),
      .warning(
        "MLA-14", on: .sft,
        ["dataset.packed_sequence_size": 4096, "dataset.pad_seq_to_mult": 64, "model.attention_backend": "unfused"],
        at: "model.attention_backend", "padding between the examples"),
      .silent(
        "MLA-14", on: .sft, ["dataset.packed_sequence_size": 4096, "model.attention_backend": "unfused"]),
      .warning(
        "MLA-20",
        [
          "model.seq_length": 131_072, "dataset.seq_length": 131_072, "model.rotary_scaling_factor": 8.0,
          "model.original_max_position_embeddings": 8192,
        ], at: "model.rotary_scaling_factor", "8192 positions 8.0 times, to 65536: fewer than the 131072"),
      .silent(
        "MLA-20",
        [
          "model.seq_length": 131_072, "dataset.seq_length": 131_072, "model.rotary_scaling_factor": 16.0,
          "model.original_max_position_embeddings": 8192,
        ]),
      .warning(
        "MLA-20", ["model.rotary_scaling_factor": 40.0, "model.beta_fast": 1.0, "model.beta_slow": 32.0],
        at: "model.beta_fast", "and not the slow ones"),
      .silent("MLA-20", ["model.beta_fast": 1.0, "model.beta_slow": 32.0]),
      .warning("MLA-19", ["model.qk_clip": true], at: "model.qk_clip", "a logit above 100 fails"),
      .silent("MLA-19", on: .muon, ["model.qk_clip": true]),
      .warning(
        "MLA-19", on: .muon, ["model.qk_clip": true, "mixed_precision.bf16": false], at: "model.qk_clip",
        "the first step fails"),
      .warning(
        "MLA-19", on: .lora,
        [
          "model.qk_clip": true, "optimizer.use_distributed_optimizer": false, "ddp.use_distributed_optimizer": false,
          "optimizer.use_precision_aware_optimizer": false, "optimizer.main_grads_dtype": "fp32",
          "optimizer.exp_avg_dtype": "fp32", "optimizer.exp_avg_sq_dtype": "fp32",
        ], at: "model.qk_clip", "scales the base"),
      .warning(
        "MLA-19", ["model.log_max_attention_logit": true], at: "model.log_max_attention_logit",
        "until the memory is full"
      ).in(.bridge051),
      .note(
        "MLA-19", ["model.log_max_attention_logit": true], at: "model.log_max_attention_logit", "logs the largest logit"
      ),
      .warning(
        "MLA-15", ["model.rope_type": "rope", "model.rotary_scaling_factor": 40.0, "model.mscale_all_dim": 1.0],
        at: "model.rope_type", "= 1.87"),
      .silent("MLA-15", ["model.rope_type": "rope"]),
      .silent("MLA-15", ["model.rotary_scaling_factor": 40.0]),
      .warning(
        "MLA-15", ["model.rotary_scaling_factor": 40.0, "model.mscale_all_dim": 0.5], at: "model.mscale",
        "scaled twice"),
      .warning("MLA-16", ["model.rope_scaling": true], at: "model.rope_scaling", "has no effect"),
      .silent("MLA-16", ["model.rope_scaling": false, "model.rope_scaling_factor": 8.0]),
      .warning("MLA-16", ["model.rotary_percent": 0.5], at: "model.rotary_percent", "no effect with YaRN"),
      .warning(
        "MLA-16", ["model.rotary_percent": 0.5, "model.rope_type": "rope"], at: "model.rotary_percent", "32 of 192"),
      .warning(
        "MLA-16", ["model.position_embedding_type": "none"], at: "model.position_embedding_type",
        "does not switch the rotation"),
    ] as [ValidationCase])
  func attention(_ item: ValidationCase) throws { try item.check() }

  /// Attention in fp8, with changes.
  private static func fp8(_ changes: [String: ConfigValue]) -> [String: ConfigValue] {
    [
      "mixed_precision.fp8": "hybrid", "mixed_precision.fp8_recipe": "delayed",
      "mixed_precision.fp8_dot_product_attention": true,
    ].merging(changes) { $1 }
  }

  @Test(
    "Newton-Schulz steps, and what Muon does not step",
    arguments: [
      .warning(
        "MUON-12", on: .muon, ["optimizer.muon_num_ns_steps": 6, "optimizer.muon_coefficient_type": "quintic"],
        at: "optimizer.muon_num_ns_steps", "step 6 begins again: updates are 0.12 of what is meant, 8."),
      .silent("MUON-12", on: .muon, ["optimizer.muon_coefficient_type": "quintic"]),
      .silent(
        "MUON-12", on: .muon, ["optimizer.muon_num_ns_steps": 10, "optimizer.muon_coefficient_type": "quintic"]),
      .warning(
        "MUON-16", on: .muon,
        [
          "model.moe_single_grouped_weight": true, "model.use_transformer_engine_op_fuser": true,
          "env_vars.NVTE_CUTEDSL_FUSED_GROUPED_MLP": "1",
        ], at: "model.moe_single_grouped_weight", "Adam steps them"),
      .silent(
        "MUON-16", ["model.moe_single_grouped_weight": true, "model.use_transformer_engine_op_fuser": true]),
    ] as [ValidationCase])
  func muon(_ item: ValidationCase) throws { try item.check() }

  @Test(
    "what schedules make of typical singular values",
    arguments: [
      ("quintic", 5, 1.00), ("quintic", 6, 0.12), ("aol", 4, 1.00), ("aol", 5, -0.58), ("polar_express", 8, 1.00),
      ("polar_express", 20, 1.00), ("simple", 5, 0.94), ("simple", 1, 0.21), ("cans", 5, 1.00),
      ("deepseekv4", 10, 1.00),
    ])
  func gain(_ type: String, _ steps: Int, _ gain: Double) throws {
    let schedule = try #require(NewtonSchulzSchedule(type: type))
    #expect(abs(schedule.meanGain(steps: steps) - gain) < 0.03, "\(schedule.meanGain(steps: steps))")
  }

  @Test(
    "an overlap that `comm_overlap` decides is written there where nothing refuses it",
    arguments: [
      ([:], false), (["model.moe_shared_expert_overlap": false], true),
      (["model.moe_shared_expert_overlap": false, "model.delay_wgrad_compute": true], true),
      (["model.delay_wgrad_compute": true], false),
    ] as [([String: ConfigValue], Bool)])
  func overlapIsWrittenWhereItIsAccepted(changes: [String: ConfigValue], isMended: Bool) throws {
    let wish: [String: ConfigValue] = ["model.overlap_moe_expert_parallel_comm": true]
    let found = try GoodConfig.pretrain.findings(changes.merging(wish) { $1 })
    let finding = try #require(
      found.first { $0.code == "COMM-08" && $0.path.field == "overlap_moe_expert_parallel_comm" })
    #expect((finding.fix != nil) == isMended)
    #expect(isMended == (finding.help?.text == "write it in `comm_overlap`"))
  }

  @Test("a ramp-up with WSD says how much of the last phase is done")
  func rampUp() throws {
    try ValidationCase.warning(
      "SCHED-01",
      [
        "train.train_iters": 1000, "train.rampup_batch_size": [256, 256, 100_000], "scheduler.lr_decay_style": "WSD",
        "scheduler.lr_wsd_decay_iters": 200, "scheduler.lr_warmup_iters": 50,
      ], at: "train.rampup_batch_size", "when 52 % of the WSD phase is done"
    ).in(.bridge031).check()
  }

  /// What these tables are about, and what became a warning with it.
  private static let codes: Set<DiagnosticCode> = [
    "PEFT-19", "PEFT-20", "PEFT-21", "PEFT-22", "PEFT-23", "PEFT-24", "PEFT-25", "PEFT-26", "COMM-08", "PREC-04",
    "PREC-08", "OPT-15", "MOE-36", "ENV-03", "MLA-14", "MLA-15", "MLA-16", "MLA-19", "MLA-20", "MUON-12", "MUON-16",
    "SCHED-01",
  ]

  @Test(
    "none of it is said of upstream's own recipes",
    arguments: [
      "0.3.1/deepseek_v2_lite_pretrain_config", "0.3.1/deepseek_v3_pretrain_config",
      "0.3.1/deepseek_v3_pretrain_config_32nodes", "0.3.1/kimi_k2_pretrain_config",
      "0.3.1/kimi_k2_pretrain_config.adam", "0.3.1/moonlight_16b_peft_config", "0.3.1/moonlight_16b_peft_config.dora",
      "0.3.1/moonlight_16b_pretrain_config", "0.3.1/moonlight_16b_sft_config",
      "0.6.2/deepseek_v2_lite_pretrain_8gpu_h100_bf16_config", "0.6.2/deepseek_v3_pretrain_1024gpu_h100_bf16_config",
      "0.6.2/kimi_k2_pretrain_512gpu_h100_bf16_config", "0.6.2/moonlight_16b_peft_2gpu_h100_bf16_config",
      "0.6.2/moonlight_16b_peft_4gpu_h100_bf16_config", "0.6.2/moonlight_16b_pretrain_16gpu_h100_bf16_config",
      "0.6.2/moonlight_16b_pretrain_8gpu_h100_bf16_config", "0.6.2/moonlight_16b_sft_8gpu_h100_bf16_8k_config",
      "0.6.2/moonlight_16b_sft_8gpu_h100_bf16_tp1_config",
    ])
  func upstreamRecipes(_ name: String) throws {
    let diagnostics = BridgeFixture.diagnostics(try BridgeFixture.text("../recipes/\(name).yaml"))
    #expect(!diagnostics.isEmpty)
    #expect(diagnostics.filter { Self.codes.contains($0.code) }.map { "\($0.code) \($0.path): \($0.message)" } == [])
  }

  @Test("none of it is said of good configs", arguments: GoodConfig.allCases)
  func goodConfigs(_ config: GoodConfig) throws {
    #expect(try config.findings().filter { Self.codes.contains($0.code) }.map { "\($0.code) \($0.path)" } == [])
  }

  @Test("Muon over an AdamW recipe is told everything at once, and which recipe has it all")
  func muonOverAdam() throws {
    let errors = try GoodConfig.pretrain.findings(["optimizer.optimizer": "dist_muon"]).filter {
      $0.severity == .error
    }
    #expect(Set(errors.map(\.code)) == ["MUON-03", "MUON-05"])
    #expect(errors.allSatisfy { $0.help?.text.contains("moonlight_16b_pretrain_muon_config") ?? false })
  }
}
