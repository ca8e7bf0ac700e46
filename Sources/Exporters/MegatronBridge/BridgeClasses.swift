import LaunchModel

/// Where each section of a launch config goes in a ConfigContainer of megatron-bridge 0.3.1: the attribute, the class
/// that owns it, and our sections whose fields it takes.
struct BridgeSection {
  let attribute: String
  let target: String
  let sections: [String]

  /// The sections whose fields keep their names; `dataset` and `peft` choose their class by value.
  static let plain: [BridgeSection] = [
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

  static let container = training("ConfigContainer")

  /// The provider that the DeepSeek-V3 bridge makes for Moonlight, too. `MoonlightModelProvider16B` of the same release is
  /// no choice: its defaults come from the base class and build a model without latent attention.
  static let modelProvider = "megatron.bridge.models.mla_provider.MLAModelProvider"

  /// The decoder's block spec; unlike the provider's default it honours `moe_layer_freq`.
  static let blockSpec = "megatron.core.models.gpt.gpt_layer_specs.get_gpt_decoder_block_spec"

  static func adapter(_ scheme: PEFTScheme) -> String {
    switch scheme {
    case .lora: "megatron.bridge.peft.lora.LoRA"
    case .dora: "megatron.bridge.peft.dora.DoRA"
    }
  }

  static func training(_ name: String) -> String { "megatron.bridge.training.config.\(name)" }

  private init(_ attribute: String, _ target: String, _ sections: [FieldPath]) {
    self.attribute = attribute
    self.target = target
    self.sections = sections.map(\.section)
  }
}

/// Fields that none of Megatron's classes has, with the reason.
enum BridgeOmission {
  static let reasons: [FieldPath: String] = [
    Path.model.maxPositionEmbeddings: "Megatron-Bridge takes positions from seq_length; its provider has no such field",
    Path.optimizer.muonCoefficientType:
      "OptimizerConfig of megatron-core 0.16.1 has no such field; its Muon always takes the schedule `quintic`",
  ]

  /// Fields that a process has to find out for itself.
  static let runtime: Set<FieldPath> = [
    FieldPath("dist", "local_rank"), FieldPath("comm_overlap", "data_parallel_size"),
  ]

  /// What DoRA's class lacks of LoRA's.
  static let loraOnly: Set<String> = ["a2a_experimental", "lora_dtype"]
}
