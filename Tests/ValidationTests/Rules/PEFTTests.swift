import ConfigDocument
import Testing

@Suite("PEFT: adapters and finetuning")
struct PEFTTests {
  @Test(
    arguments: [
      .error(
        "PEFT-01", on: .lora, ["checkpoint.pretrained_checkpoint": .null], at: "checkpoint.pretrained_checkpoint",
        "the weights they adapt"),
      .error(
        "PEFT-03", on: .sft, ["checkpoint.pretrained_checkpoint": .null, "checkpoint.load": .null],
        at: "checkpoint.pretrained_checkpoint", "neither"),
      .warning(
        "PEFT-03", on: .sft, ["checkpoint.pretrained_checkpoint": .null], at: "checkpoint.pretrained_checkpoint",
        "random weights"),
      .silent("PEFT-03", on: .sft, ["checkpoint.pretrained_checkpoint": .null, "checkpoint.load": "/runs/a"]),
      .error(
        "PEFT-04", on: .dora, ["peft.dropout_position": "post"], at: "peft.dropout_position", "before the adapter"),
      .accepted("PEFT-04", on: .lora, ["peft.dropout_position": "post"]),
      .error(
        "PEFT-08", on: .lora, ["peft.exclude_modules": ["linear_fc1"], "peft.target_modules": ["linear_proj"]],
        at: "peft.exclude_modules", "both"),
      .accepted("PEFT-08", on: .lora, ["peft.exclude_modules": ["linear_fc1"]]),
      .accepted("PEFT-08", on: .lora, ["peft.exclude_modules": ["linear_fc1"], "peft.target_modules": []]),
      .error(
        "PEFT-17", on: .lora,
        ["parallelism.pipeline_model_parallel_size": 4, "parallelism.pipeline_model_parallel_layout": "E|t*14||t*13L"],
        at: "parallelism.pipeline_model_parallel_layout", "rank 2 of PP 4"),
      .accepted(
        "PEFT-17", on: .lora,
        ["parallelism.pipeline_model_parallel_size": 4, "parallelism.pipeline_model_parallel_layout": "E|t*14|t*13|L"]),
      .error("PEFT-18", on: .lora, ["peft": .null], at: "recipe.mode", "no `peft` section"),
      .error("PEFT-18", on: .lora, ["recipe.mode": "pretrain"], at: "recipe.mode", "frozen weights"),
      .warning("PEFT-18", on: .lora, ["recipe.mode": "sft"], at: "recipe.mode", "only the adapters"),
    ] as [ValidationCase])
  func start(_ item: ValidationCase) throws { try item.check() }

  private static func targets(_ names: ConfigValue, _ more: [String: ConfigValue] = [:]) -> [String: ConfigValue] {
    ["peft.target_modules": names].merging(more, uniquingKeysWith: { $1 })
  }

  private static let tensorParallel: [String: ConfigValue] = [
    "parallelism.tensor_model_parallel_size": 8, "parallelism.sequence_parallel": true,
  ]

  @Test(
    arguments: [
      .silent("PEFT-10", on: .lora, [:]),
      .warning(
        "PEFT-10", on: .lora, targets(["linear_qkv", "linear_proj"]), at: "peft.target_modules",
        "`linear_qkv` matches no module"),
      .warning(
        "PEFT-10", on: .lora, targets(["linear_q_down_proj", "q_a_proj", "linear_proj"]), at: "peft.target_modules",
        "`linear_q_down_proj`, `q_a_proj` match no module"),
      .warning("PEFT-10", on: .lora, targets(["linear_qkv"]), at: "peft.target_modules", "nothing would be trained"),
      .silent("PEFT-10", on: .lora, targets(["q_proj", "kv_a_proj_with_mqa", "mlp.gate_proj", "lm_head"])),
      .silent("PEFT-10", on: .lora, targets(["*.layers.26.*.linear_proj", "output_layer", "*.experts.linear_fc1"])),
      .warning(
        "PEFT-10", on: .lora, targets(["*.layers.27.*.linear_proj", "linear_proj"]), at: "peft.target_modules",
        "layers.27"),
      .silent("PEFT-10", on: .lora, targets(["*.layers.(0|1).*.linear_proj"])),
      .error("PEFT-11", on: .lora, targets(["*"]), at: "peft.target_modules", "no linear"),
      .error(
        "PEFT-11", on: .lora, targets(["word_embeddings"]), at: "peft.target_modules", "`embedding.word_embeddings`"),
      .error("PEFT-11", on: .lora, targets(["mlp"]), at: "peft.target_modules", "`mlp`"),
      .accepted("PEFT-11", on: .lora, targets(["*.linear_*"])),
      .accepted("PEFT-11", on: .lora, targets(["router"])),
      .warning(
        "PEFT-09", on: .lora,
        targets(
          ["*.layers.0.*.linear_proj"],
          ["parallelism.pipeline_model_parallel_size": 2, "parallelism.pipeline_model_parallel_layout": "Et*14|t*13L"]),
        at: "peft.target_modules", "each of the 2 stages"),
      .silent("PEFT-09", on: .lora, targets(["*.layers.0.*.linear_proj"])),
    ] as [ValidationCase])
  func targetsAndModules(_ item: ValidationCase) throws { try item.check() }

  @Test(
    arguments: [
      .error(
        "PEFT-07", on: .lora, tensorParallel.merging(["peft.dim": 4], uniquingKeysWith: { $1 }), at: "peft.dim",
        "split over TP 8, but its rank 4 / 8 = 0.5"),
      .accepted("PEFT-07", on: .lora, tensorParallel.merging(["peft.dim": 8], uniquingKeysWith: { $1 })),
      .accepted(
        "PEFT-07", on: .lora,
        tensorParallel.merging(["peft.dim": 4, "peft.target_modules": ["linear_proj"]], uniquingKeysWith: { $1 })),
      .error(
        "PEFT-07", on: .lora,
        targets(["linear_fc1"], ["peft.dim": 33, "parallelism.expert_tensor_parallel_size": 2]), at: "peft.dim", "ETP 2"
      ),
      .accepted("PEFT-07", on: .lora, ["peft.dim": 33]),
      .error(
        "PEFT-13", on: .dora, targets(["linear_proj", "linear_fc1"]), at: "peft.target_modules", "holds 64 matrices"),
      .accepted("PEFT-13", on: .dora, targets(["*.mlp.linear_fc1", "*.shared_experts.linear_fc1"])),
      .accepted("PEFT-13", on: .dora, targets(["linear_fc1"], ["model.moe_grouped_gemm": false])),
      .error(
        "PEFT-16", on: .dora, tensorParallel, at: "peft.target_modules",
        "`linear_kv_down_proj` is whole on each of the TP 8"),
      .accepted("PEFT-16", on: .dora, [:]),
      .warning("PEFT-16", on: .dora, targets(["router"]), at: "peft.target_modules", "router"),
    ] as [ValidationCase])
  func ranksAndDoRA(_ item: ValidationCase) throws { try item.check() }
}
