import ConfigDocument
import Testing

/// The field list in Tests/Reference/megatron-fields-0.3.1.json, by section of ours.
enum MegatronFields {
  struct Section: Sendable, CustomTestStringConvertible {
    let name: String
    let defaults: [String: ConfigValue]
    var testDescription: String { name }
  }

  /// Where a default of ours is meant to differ, with the reason.
  static let differs: Set<String> = [
    // Megatron holds a Python function here; we name it.
    "model.activation_func",
    // Required there, with Bridge's usual value as ours.
    "dataset.random_seed", "dataset.seq_length", "dataset.dataset_name", "comm_overlap.tp_comm_overlap",
    // None is refused by Bridge, and our recipes never want it.
    "dataset.dataloader_type", "dataset.reset_position_ids", "dataset.reset_attention_mask", "dataset.eod_mask_loss",
  ]

  /// Our sections, and the classes whose fields they hold.
  private static let classes = [
    ("model", ["model"]), ("parallelism", ["model"]), ("recompute", ["model"]), ("train", ["train"]),
    ("validation", ["train"]), ("optimizer", ["optimizer"]), ("scheduler", ["scheduler"]), ("ddp", ["ddp"]),
    ("mixed_precision", ["mixed_precision"]), ("comm_overlap", ["comm_overlap"]), ("peft", ["peft_lora"]),
    ("dataset", ["packed_sequence_specs", "dataset_finetune", "dataset_pretrain"]), ("tokenizer", ["tokenizer"]),
    ("checkpoint", ["checkpoint"]), ("logger", ["logger"]), ("rng", ["rng"]), ("dist", ["dist"]),
    ("profiling", ["profiling"]),
  ]

  static let sections: [Section] = {
    let text = Fixture.bytes("../Reference/megatron-fields-0.3.1.json")
    let root = DocumentReader.read(bytes: text, name: "megatron-fields-0.3.1.json").root
    return classes.map { name, sources in
      var defaults: [String: ConfigValue] = [:]
      for field in sources.flatMap({ root?["sections"]?[$0]?["fields"]?.items ?? [] }) {
        guard let name = field["name"]?.scalar?.text, let value = field["default"]?.plainValue else { continue }
        defaults[name] = value
      }
      return Section(name: name, defaults: defaults)
    }
  }()
}
