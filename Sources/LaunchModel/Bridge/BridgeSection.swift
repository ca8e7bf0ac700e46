/// Where each section of a launch config goes in a ConfigContainer of megatron-bridge 0.3.1: the attribute, the class
/// that owns it, and our sections whose fields it takes.
package struct BridgeSection: Sendable {
  package let attribute: String
  package let target: String
  package let sections: [String]

  /// The sections whose fields keep their names; `dataset` and `peft` choose their class by value.
  package static let plain: [BridgeSection] = [
    BridgeSection("rng", training("RNGConfig"), [Path.rng.whole]),
    BridgeSection("rerun_state_machine", training("RerunStateMachineConfig"), [FieldPath("rerun_state_machine", "")]),
    BridgeSection("train", training("TrainingConfig"), [Path.train.whole, Path.validation.whole]),
    BridgeSection("model", modelProvider, [Path.model.whole, Path.parallelism.whole, Path.recompute.whole]),
    BridgeSection("optimizer", training("OptimizerConfig"), [Path.optimizer.whole]),
    BridgeSection("ddp", training("DistributedDataParallelConfig"), [Path.ddp.whole]),
    BridgeSection("scheduler", training("SchedulerConfig"), [Path.scheduler.whole]),
    BridgeSection("logger", training("LoggerConfig"), [Path.logger.whole]),
    BridgeSection(
      "tokenizer", "megatron.bridge.training.tokenizers.config.TokenizerConfig", [Path.tokenizer.whole]),
    BridgeSection("checkpoint", training("CheckpointConfig"), [Path.checkpoint.whole]),
    BridgeSection("dist", training("DistributedInitConfig"), [Path.dist.whole]),
    BridgeSection("profiling", training("ProfilingConfig"), [Path.profiling.whole]),
    BridgeSection(
      "comm_overlap", "megatron.bridge.training.comm_overlap.CommOverlapConfig", [Path.commOverlap.whole]),
    BridgeSection(
      "mixed_precision", "megatron.bridge.training.mixed_precision.MixedPrecisionConfig", [Path.mixedPrecision.whole]),
  ]

  /// The container's other attributes, which no section here stands for.
  static let unmodelled: Set<String> = [
    "optimizer_config_override_provider", "ft", "straggler", "nvrx_straggler", "tensor_inspect", "inprocess_restart",
  ]

  /// The attributes without a default.
  static let required = ["train", "model", "optimizer", "scheduler", "dataset", "logger", "tokenizer", "checkpoint"]

  package static let container = training("ConfigContainer")

  /// The provider that the DeepSeek-V3 bridge makes for Moonlight, too. `MoonlightModelProvider16B` of the same release is
  /// no choice: its defaults come from the base class and build a model without latent attention.
  package static let modelProvider = "megatron.bridge.models.mla_provider.MLAModelProvider"

  /// The decoder's block spec; unlike the provider's default it honours `moe_layer_freq`.
  package static let blockSpec = "megatron.core.models.gpt.gpt_layer_specs.get_gpt_decoder_block_spec"

  package static func adapter(_ scheme: PEFTScheme) -> String {
    switch scheme {
    case .lora: "megatron.bridge.peft.lora.LoRA"
    case .dora: "megatron.bridge.peft.dora.DoRA"
    }
  }

  package static func training(_ name: String) -> String { "megatron.bridge.training.config.\(name)" }

  /// The section of an attribute whose fields keep their names.
  static func plain(_ attribute: String) -> BridgeSection? { plain.first { $0.attribute == attribute } }

  /// Whether a class has exactly the fields that are known here: the section's own, a parent that it re-exports, or a
  /// provider of the same family that adds nothing but defaults.
  func isOwn(_ target: String) -> Bool {
    if target == self.target { return true }
    switch attribute {
    case "ddp":
      return target == "megatron.core.distributed.distributed_data_parallel_config.DistributedDataParallelConfig"
    case "optimizer": return target == "megatron.core.optimizer.optimizer_config.OptimizerConfig"
    case "model": return Self.plainProviders.contains { target.hasPrefix($0) }
    default: return false
    }
  }

  private static let plainProviders = [
    "megatron.bridge.models.mla_provider.", "megatron.bridge.models.deepseek.", "megatron.bridge.models.kimi.",
    "megatron.bridge.models.gpt_provider.GPTModelProvider",
  ]

  private init(_ attribute: String, _ target: String, _ sections: [FieldPath]) {
    self.attribute = attribute
    self.target = target
    self.sections = sections.map(\.section)
  }
}

/// The class of a ConfigContainer's `dataset`, which says where its data comes from.
package enum BridgeDatasetClass: String, Sendable, CaseIterable {
  case pretraining = "megatron.bridge.training.config.GPTDatasetConfig"
  case mock = "megatron.bridge.training.config.MockGPTDatasetConfig"
  case finetuning = "megatron.bridge.training.config.FinetuningDatasetConfig"
  /// A dataset of Hugging Face by its name.
  case named = "megatron.bridge.data.builders.hf_dataset.HFDatasetConfig"

  package static let packing = "megatron.bridge.data.datasets.packed_sequence.PackedSequenceSpecs"

  var isPretraining: Bool { self == .pretraining || self == .mock }
}
