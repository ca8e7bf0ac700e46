import CommandSupport
import ConfigDocument
import LaunchModel
import MoonlightCLI
import MoonlightRecipes
import RecipeKit
import Releases

extension GeneratedFile {
  static func schema() throws -> GeneratedFile {
    GeneratedFile(
      path: "Examples/moonlight.schema.json",
      text: try JSONEmitter().emit(.mapping(LaunchConfigSchema.tree(for: .current))))
  }

  /// The configs in Examples, each with the command that writes it.
  static func exampleConfigs() throws -> [GeneratedFile] {
    try examples.map { name, command in
      let console = Console(capturing: ())
      let status = MoonlightTool(recipes: .shipped).run(command, console)
      guard status == 0 else {
        throw RuleComments.Complaint("Examples/\(name) cannot be generated:\n\(console.capturedErrors)")
      }
      return GeneratedFile(path: "Examples/\(name)", text: console.capturedOutput)
    }
  }

  private static let pretraining = [
    "--name", "moonlight_pretrain", "--data-paths", "/data/pile.jsonl", "--dir", "/results/moonlight_16b",
  ]
  private static let finetuning = [
    "--tokenizer-path", "moonshotai/Moonlight-16B-A3B", "--pretrained-checkpoint", "/ckpt/iter_0500000",
    "--train-iters", "1000", "--global-batch-size", "128",
  ]

  private static let examples: [(name: String, command: [String])] = [
    (
      "pretrain.yaml",
      ["generate", "pretrain"] + pretraining
        + ["--train-iters", "500000", "--global-batch-size", "2048", "--seq-length", "4096"]
    ),
    (
      "pretrain-pp4.yaml",
      ["generate", "pretrain"] + pretraining
        + ["--num-nodes", "4", "--pipeline-model-parallel-size", "4", "--layout", "balanced"]
    ),
    ("pretrain-deepep.yaml", ["generate", "pretrain"] + pretraining + ["--enable-deepep", "--apply-rope-fusion"]),
    (
      "pretrain-muon.yaml",
      ["generate", "pretrain", "--recipe", "moonlight_16b_pretrain_muon_config"] + pretraining
    ),
    ("pretrain.json", ["generate", "pretrain"] + pretraining + ["--format", "json"]),
    ("lora.yaml", ["generate", "finetune", "--peft", "lora"] + finetuning + ["--finetune-lr", "1e-4"]),
    ("dora.yaml", ["generate", "finetune", "--peft", "dora"] + finetuning + ["--finetune-lr", "1e-4"]),
    ("sft.yaml", ["generate", "finetune", "--peft", "none"] + finetuning + ["--finetune-lr", "5e-6"]),
    (
      "pretrain.bridge.yaml",
      // 0.6.2 by itself builds another model of it, and nothing in the file of 0.5.1 tells it from one for 0.6.2.
      [
        "export", "moonlight_16b_pretrain_config", "--megatron-bridge", Release.beforeNaming.megatronBridge, "--to",
        "megatron-bridge", "--quiet",
        "--set", "recipe.name=moonlight_pretrain",
      ]
    ),
    (
      "pretrain.sbatch",
      [
        "export", "moonlight_16b_pretrain_config", "--to", "slurm", "--quiet", "--set",
        "recipe.name=moonlight_pretrain",
      ]
        + [
          "--set", "cluster.account=llm", "--set",
          "cluster.container_image=registry.example.com#llm/megatron-bridge:\(Release.current.megatronBridge)",
        ]
        + ["--set", "cluster.time_limit=4:00:00", "--set", "cluster.requeue=true"]
    ),
    (
      "tiny-pretrain.yaml",
      ["generate", "pretrain", "--recipe", "moonlight_tiny_pretrain_config", "--name", "tiny", "--mock"]
    ),
  ]
}
