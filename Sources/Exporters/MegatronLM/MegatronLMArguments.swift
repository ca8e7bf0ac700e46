import ConfigDocument
package import LaunchModel

/// How a list of arguments is written down.
package enum ArgumentsFormat: String, CaseIterable, Sendable {
  /// One argument a line; `mapfile -t arguments < FILE` reads it back.
  case lines
  /// A bash array `arguments`.
  case shell
  /// A YAML list of strings.
  case yaml
}

/// A config as arguments of Megatron-LM's `pretrain_gpt.py` at core_v0.16.1.
///
/// Options that say no more than the default are written all the same, so the list says what runs.
package struct MegatronLMArguments {
  let config: LaunchConfig
  private var arguments: [String] = []
  var findings = Findings()

  /// The arguments of a config.
  package static func arguments(of config: LaunchConfig) -> Exported<[String]> {
    var list = MegatronLMArguments(config)
    list.refuse()
    for section in LaunchConfig.sections { list.add(section) }
    list.addModel()
    list.addPipeline()
    list.addPrecision()
    list.addOptimizer()
    list.addOverlap()
    list.addData()
    list.addTokenizer()
    return Exported(list.arguments, notes: list.findings.notes, problems: list.findings.problems)
  }

  /// The arguments as a text.
  package static func text(of config: LaunchConfig, as format: ArgumentsFormat) -> Exported<String> {
    var exported = arguments(of: config)
    if format == .lines, let broken = exported.value.first(where: unfitForOneLine) {
      exported.problems.append(
        ExportProblem(Path.recipe.whole, "\(shown(broken)) holds a line break: it cannot stand on one line"))
    }
    return exported.map { arguments in
      switch format {
      case .lines: return arguments.map { $0 + "\n" }.joined()
      case .shell:
        return "arguments=(\n" + arguments.map { "  " + shellQuoted($0) + "\n" }.joined() + ")\n"
      case .yaml: return YAMLEmitter().emit(.list(arguments.map { .string($0) }))
      }
    }
  }

  private init(_ config: LaunchConfig) { self.config = config.withExplicitStages() }

  mutating func add(_ option: String) { arguments.append(option) }

  /// An option with its value; one that begins with a dash would be read as another option, unless it stands in one word
  /// with its own.
  mutating func add(_ option: String, _ value: String) {
    if value.hasPrefix("-") { arguments.append(option + "=" + value) } else { arguments += [option, value] }
  }

  mutating func add(_ option: String, _ values: [String]) { arguments += [option] + values }

  mutating func problem(_ path: FieldPath, _ message: String, help: String? = nil) {
    findings.problem(path, message, help: help)
  }

  mutating func notExported(_ path: FieldPath, _ reason: String) { findings.notExported(path, reason) }

  // MARK: What pretrain_gpt.py does not do

  private mutating func refuse() {
    if config.recipe.mode != .pretrain {
      problem(
        Path.recipe.mode, "Megatron-LM's pretrain_gpt.py only pretrains", help: "use `--to megatron-bridge` to finetune")
    }
    if config.model.maxPositionEmbeddings < config.model.seqLength {
      problem(
        Path.model.maxPositionEmbeddings,
        "\(config.model.maxPositionEmbeddings) is below seq_length \(config.model.seqLength), which Megatron-LM refuses",
        help: "raise it to \(config.model.seqLength)")
    }
    if config.checkpoint.save != nil, (config.checkpoint.saveInterval ?? 0) <= 0 {
      problem(Path.checkpoint.saveInterval, "Megatron-LM refuses checkpoint.save without an interval above 0")
    }
    if config.recompute.recomputeGranularity == .selective, config.recompute.recomputeMethod != nil {
      problem(Path.recompute.recomputeMethod, "Megatron-LM refuses a method with selective recomputation")
    }
    if config.train.rampupBatchSize != nil, config.train.trainSamples == nil {
      problem(
        Path.train.rampupBatchSize, "Megatron-LM ramps the batch size up only where training is counted in samples",
        help: "set train.train_samples instead of train.train_iters")
    }
    if config.optimizer.optimizer.isMuon, config.ddp.overlapGradReduce || config.ddp.overlapParamGather {
      problem(Path.ddp.overlapGradReduce, "Megatron-LM refuses overlapped communication with Muon", help: "set it to false")
    }
  }

  // MARK: Fields with an option of their own

  private mutating func add(_ section: LaunchConfig.SectionEntry) {
    let name = section.schema.name
    guard !Self.readAsAWhole.contains(name) else { return }
    let storage = config[keyPath: section.storage]
    guard storage.isPresent else { return }
    for field in section.schema.fields {
      add(FieldPath(name, field.name), storage.values[field.index], isDefault: storage.values[field.index] == field.defaultValue)
    }
    for value in storage.carried { addCarried(FieldPath(name, value.name), value.value) }
  }

  private static let readAsAWhole: Set<String> = ["recipe", "cluster", "dataset", "tokenizer", "peft", "env_vars"]

  private mutating func add(_ path: FieldPath, _ value: ConfigValue, isDefault: Bool) {
    if path.section == "optimizer", path.field.hasPrefix("muon_"), !config.optimizer.optimizer.isMuon { return }
    if path.section == "comm_overlap" || skips(path) { return }
    switch ArgumentTable.form(path) {
    case .value(let option): if value != .null { add(option, Self.text(of: value)) }
    case .whole(let option): addWhole(option, value, path)
    case .list(let option): addList(option, value)
    case .whenTrue(let option): if value == .bool(true) { add(option) }
    case .whenFalse(let option): if value == .bool(false) { add(option) }
    case .special: break
    case .missing(let reason): if !isDefault { notExported(path, reason) }
    case nil: if !isDefault { notExported(path, "Megatron-LM has no such option") }
    }
  }

  /// Options that only mean something, or are only legal, where another is given.
  private func skips(_ path: FieldPath) -> Bool {
    switch path {
    case Path.optimizer.mainParamsDtype, Path.optimizer.mainGradsDtype, Path.optimizer.expAvgDtype,
      Path.optimizer.expAvgSqDtype:
      !config.optimizer.usePrecisionAwareOptimizer
    case Path.optimizer.optimizerOffloadFraction: !config.optimizer.optimizerCPUOffload
    case Path.optimizer.sgdMomentum: config.optimizer.optimizer != .sgd
    case Path.model.mtpLossScalingFactor: config.model.mtpNumLayers == nil
    default: false
    }
  }

  private mutating func addWhole(_ option: String, _ value: ConfigValue, _ path: FieldPath) {
    guard let number = Double(value) else { return }
    if let whole = Int(exactly: number) {
      add(option, String(whole))
    } else {
      problem(path, "Megatron-LM takes only whole numbers, not \(FlowText.yaml(value))")
    }
  }

  private mutating func addList(_ option: String, _ value: ConfigValue) {
    switch value {
    case .null: break
    case .list(let items): if !items.isEmpty { add(option, items.map(Self.text)) }
    default: add(option, Self.text(of: value))
    }
  }

  /// A carried field whose name and type follow the rule of Megatron-LM's options.
  private mutating func addCarried(_ path: FieldPath, _ value: ConfigValue) {
    let option = "--" + String(path.field.map { $0 == "_" ? "-" : $0 })
    guard CarriedArguments.names.contains(path.field) else {
      return notExported(path, "no option of Megatron-LM is known for it")
    }
    switch value {
    case .null, .bool(false): break
    case .bool(true): add(option)
    default: addList(option, value)
    }
  }

  static func text(of value: ConfigValue) -> String {
    switch value {
    case .string(let text): text
    default: FlowText.yaml(value)
    }
  }
}

/// Carried fields that are options of Megatron-LM under their own name: values, lists, or flags that are off by default.
enum CarriedArguments {
  static let names: Set<String> = [
    "window_size", "softmax_type", "fp32_residual_connection", "glu_linear_offset", "activation_func_clamp_value",
    "embedding_init_method_std", "use_fused_weighted_squared_relu", "moe_input_jitter_eps", "moe_per_layer_logging",
    "moe_token_drop_policy", "moe_router_fusion", "moe_apply_probs_on_input", "moe_deepep_num_sms",
    "cuda_graph_warmup_steps", "use_te_activation_func", "disable_bf16_reduced_precision_matmul", "tp_comm_overlap_cfg",
    "tp_comm_bootstrap_backend", "tp_comm_overlap_rs_dgrad", "empty_unused_memory_level", "train_sync_interval",
    "check_weight_hash_across_dp_replicas_interval", "iterations_to_skip", "skip_train", "decoupled_lr",
    "decoupled_min_lr", "loss_scale", "initial_loss_scale", "min_loss_scale", "loss_scale_window", "hysteresis",
    "log_num_zeros_in_grad", "check_for_large_grads", "suggested_communication_unit_size", "keep_fp8_transpose_cache",
    "fsdp_double_buffer", "fp8_margin", "fp8_amax_history_len", "fp8_amax_compute_algo", "non_persistent_save_interval",
    "non_persistent_global_ckpt_dir", "non_persistent_local_ckpt_dir", "non_persistent_local_ckpt_algo",
    "use_checkpoint_args", "exit_on_missing_checkpoint", "ckpt_convert_format", "ckpt_convert_save",
    "ckpt_assume_constant_structure", "dist_ckpt_strictness", "replication", "replication_jump", "replication_factor",
    "log_params_norm", "log_progress", "timing_log_level", "timing_log_option", "tensorboard_log_interval",
    "tensorboard_queue_size", "log_validation_ppl_to_tensorboard", "log_memory_to_tensorboard",
    "log_world_size_to_tensorboard", "wandb_save_dir", "logging_level", "log_energy", "distributed_backend",
    "nccl_communicator_config_path", "high_priority_stream_groups", "distributed_timeout_seconds_after_init",
    "record_memory_history", "memory_snapshot_path", "error_injection_rate", "error_injection_type",
    "check_for_spiky_loss",
  ]
}
