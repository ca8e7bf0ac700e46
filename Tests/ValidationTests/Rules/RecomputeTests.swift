import Testing

@Suite("RECOMP and MTP: recomputation and multi-token prediction")
struct RecomputeTests {
  @Test(
    "full recomputation",
    arguments: [
      .error(
        "RECOMP-02", ["recompute.recompute_granularity": "full"], at: "recompute.recompute_granularity",
        "recompute_method and recompute_num_layers"),
      .error(
        "RECOMP-02", ["recompute.recompute_granularity": "full", "recompute.recompute_method": "block"],
        at: "recompute.recompute_granularity", "needs recompute_num_layers"),
      .error(
        "RECOMP-03",
        [
          "recompute.recompute_granularity": "full", "recompute.recompute_method": "uniform",
          "recompute.recompute_num_layers": 0,
        ],
        at: "recompute.recompute_num_layers", "never ends"),
      .error(
        "RECOMP-03",
        [
          "recompute.recompute_granularity": "full", "recompute.recompute_method": "uniform",
          "recompute.recompute_num_layers": 2,
        ],
        at: "recompute.recompute_num_layers", "27 / groups of 2 = 13.5"
      ).in(.bridge031),
      .accepted(
        "RECOMP-03",
        [
          "recompute.recompute_granularity": "full", "recompute.recompute_method": "uniform",
          "recompute.recompute_num_layers": 9,
        ]),
      .error(
        "RECOMP-03", on: .pipeline,
        [
          "recompute.recompute_granularity": "full", "recompute.recompute_method": "uniform",
          "recompute.recompute_num_layers": 7,
        ],
        at: "recompute.recompute_num_layers", "stage pp 3 has 6 layers"
      ).in(.bridge031),
      .note(
        "RECOMP-03",
        [
          "recompute.recompute_granularity": "full", "recompute.recompute_method": "block",
          "recompute.recompute_num_layers": 0,
        ],
        at: "recompute.recompute_num_layers", "recomputes nothing"),
      .accepted(
        "RECOMP-03",
        [
          "recompute.recompute_granularity": "full", "recompute.recompute_method": "block",
          "recompute.recompute_num_layers": 99,
        ]),
    ] as [ValidationCase])
  func full(_ item: ValidationCase) throws { try item.check() }

  @Test(
    "selective recomputation",
    arguments: [
      .error(
        "RECOMP-04", ["recompute.recompute_num_layers": 1], at: "recompute.recompute_num_layers", "parts of every layer"
      ),
      .note("RECOMP-05", ["recompute.recompute_method": "block"], at: "recompute.recompute_method", "no effect"),
      .note(
        "RECOMP-06", ["recompute.recompute_granularity": .null, "recompute.recompute_num_layers": 7],
        at: "recompute.recompute_num_layers", "recompute_granularity is null"),
      .note("RECOMP-07", ["recompute.recompute_modules": []], at: "recompute.recompute_modules", "recomputes nothing"),
      .accepted("RECOMP-07", [:]),
      .error(
        "RECOMP-08", ["recompute.recompute_modules": ["moe_act"], "model.moe_grouped_gemm": false],
        at: "recompute.recompute_modules", "moe_grouped_gemm is off"),
      .error(
        "RECOMP-08", ["recompute.recompute_modules": ["shared_experts"]], at: "recompute.recompute_modules", "overlap"),
      .error(
        "RECOMP-08", ["recompute.recompute_modules": ["mla_up_proj"], "model.multi_latent_attention": false],
        at: "recompute.recompute_modules", "which is off"),
      .accepted(
        "RECOMP-08",
        [
          "recompute.recompute_modules": ["shared_experts", "moe_act", "mla_up_proj"],
          "model.moe_shared_expert_overlap": false,
        ]),
      .error(
        "RECOMP-09",
        [
          "recompute.recompute_modules": ["layernorm"], "mixed_precision.fp8": "hybrid",
          "mixed_precision.fp8_recipe": "delayed",
        ], at: "recompute.recompute_modules", "cannot recompute layernorm"),
      .note("RECOMP-10", ["model.moe_layer_recompute": true], at: "model.moe_layer_recompute", "[core_attn, moe]"),
      .error(
        "RECOMP-10",
        [
          "model.moe_layer_recompute": true, "recompute.recompute_granularity": "full",
          "recompute.recompute_method": "uniform", "recompute.recompute_num_layers": 1,
        ], at: "model.moe_layer_recompute", "refuses"),
      .error(
        "RECOMP-11", ["recompute.distribute_saved_activations": true], at: "recompute.distribute_saved_activations",
        "must be off"),
      .accepted(
        "RECOMP-11", ["recompute.distribute_saved_activations": true, "recompute.recompute_granularity": .null]),
      .error(
        "RECOMP-12",
        [
          "model.cpu_offloading": true, "model.cpu_offloading_num_layers": 27, "recompute.recompute_granularity": .null,
        ],
        at: "model.cpu_offloading_num_layers", "num_layers - 1 = 26"),
      .error(
        "RECOMP-12", ["model.cpu_offloading": true, "model.cpu_offloading_num_layers": 1], at: "model.cpu_offloading",
        "recompute_granularity is selective"),
      .accepted(
        "RECOMP-12",
        ["model.cpu_offloading": true, "model.cpu_offloading_num_layers": 26, "recompute.recompute_granularity": .null]),
    ] as [ValidationCase])
  func selective(_ item: ValidationCase) throws { try item.check() }

  @Test(
    "multi-token prediction",
    arguments: [
      .error(
        "MTP-02",
        [
          "model.mtp_num_layers": 1, "recompute.recompute_granularity": "full", "recompute.recompute_method": "uniform",
          "recompute.recompute_num_layers": 3,
        ], at: "recompute.recompute_num_layers", "takes recompute_num_layers 1, not 3"),
      .note(
        "MTP-02",
        [
          "model.mtp_num_layers": 1, "recompute.recompute_granularity": "full", "recompute.recompute_method": "block",
          "recompute.recompute_num_layers": 3,
        ], at: "recompute.recompute_method", "does not recompute MTP layers"),
      .warning(
        "MTP-04", on: .pipeline,
        ["model.mtp_num_layers": 1, "parallelism.pipeline_model_parallel_layout": "Et*9|t*9|t*9|mL"],
        at: "parallelism.pipeline_model_parallel_layout", "pp 3, vp 0, which has no decoder layer"),
      .accepted(
        "MTP-04", on: .pipeline,
        ["model.mtp_num_layers": 1, "parallelism.pipeline_model_parallel_layout": "Et*8|t*8|t*8|t*3mL"]),
    ] as [ValidationCase])
  func multiTokenPrediction(_ item: ValidationCase) throws { try item.check() }
}
