/// What ms-swift's `megatron` commands call options of Megatron-LM, and what it sets where nobody says.
///
/// Source: ms-swift 3.11.0.dev0 `swift/megatron/argument/megatron_args.py`, whose names are Megatron-LM's with underscores, and
/// ms-swift 4.5.2 `swift/megatron/arguments/megatron_args.py`.
enum SwiftArguments {
  /// Options of other names, with those of Megatron-LM.
  static let options: [String: String] = [
    "output_dir": "save", "save_steps": "save-interval", "eval_steps": "eval-interval",
    "logging_steps": "log-interval", "dataloader_num_workers": "num-workers", "max_length": "seq-length",
    "manual_gc_steps": "manual-gc-interval", "mcore_model": "load",
    "virtual_pipeline_model_parallel_size": "num-virtual-stages-per-pipeline-rank",
  ]

  /// Its defaults where they are not what a recipe would leave as it is.
  static let defaults: [(option: String, value: String)] = [
    ("--micro-batch-size", "1"), ("--global-batch-size", "16"), ("--tensor-model-parallel-size", "1"),
    ("--pipeline-model-parallel-size", "1"), ("--context-parallel-size", "1"), ("--expert-model-parallel-size", "1"),
    ("--expert-tensor-parallel-size", "1"), ("--lr-decay-style", "cosine"), ("--min-lr", "0"),
    ("--weight-decay", "0.1"), ("--clip-grad", "1.0"), ("--adam-beta1", "0.9"), ("--adam-beta2", "0.95"),
    ("--adam-eps", "1e-08"),
  ]

  /// What it has of its own by names that are Megatron-LM's, or come near to them: `loss_scale` weighs tokens there.
  static let own: Set<String> = ["loss_scale", "num_labels", "task_type", "vit_lr"]

  static func flag(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "true", "1", "yes": true
    case "false", "0", "no": false
    default: nil
    }
  }
}
