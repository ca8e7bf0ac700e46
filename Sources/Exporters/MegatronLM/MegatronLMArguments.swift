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

/// A config as arguments of the `pretrain_gpt.py` of its release's Megatron-LM.
///
/// Options that say no more than the default are written all the same, so the list says what runs.
package struct MegatronLMArguments {
  let config: LaunchConfig
  let overlap: EffectiveOverlap
  private var arguments: [String] = []
  var remarks = ExportRemarks()

  /// The arguments of a config.
  package static func arguments(of config: LaunchConfig) -> Exported<[String]> {
    var list = MegatronLMArguments(config)
    guard config.recipe.mode == .pretrain else {
      list.problem(
        Path.recipe.mode, "Megatron-LM's pretrain_gpt.py only pretrains, and this is \(config.recipe.mode.rawValue)",
        help: "use `--to megatron-bridge` to finetune")
      return Exported([], problems: list.remarks.problems)
    }
    list.refuse()
    for section in LaunchConfig.sections { list.add(section) }
    list.addModel()
    list.addPipeline()
    list.addPrecision()
    list.addOptimizer()
    list.addOverlap()
    list.addChecks()
    list.addData()
    list.addTokenizer()
    list.mentionEnvironment()
    list.remarks.warnOfQueryNorm(config)
    return Exported(list.arguments, notes: list.remarks.notes, problems: list.remarks.problems)
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
        return "# \(header(of: config))\narguments=(\n" + arguments.map { "  " + shellQuoted($0) + "\n" }.joined()
          + ")\n"
      case .yaml: return YAMLEmitter(header: [header(of: config)]).emit(.list(arguments.map { .string($0) }))
      }
    }
  }

  /// Which Megatron the list is for. One argument a line leaves no room for it: every line is an argument.
  private static func header(of config: LaunchConfig) -> String {
    "Arguments of pretrain_gpt.py for megatron-core \(config.release.megatronCore), written by moonlight \(toolVersion)"
  }

  private init(_ config: LaunchConfig) {
    self.config = config.withExplicitStages()
    let (world, _) = config.cluster.numNodes.multipliedReportingOverflow(by: config.cluster.gpusPerNode)
    overlap = EffectiveOverlap(self.config, dataParallelSize: config.parallelSizes.dataParallel(of: world) ?? 1)
  }

  /// A flag; several fields may say the same one.
  mutating func add(_ option: String) { if !arguments.contains(option) { arguments.append(option) } }

  /// An option with its value; one that begins with a dash would be read as another option, unless it stands in one word
  /// with its own.
  mutating func add(_ option: String, _ value: String) {
    if value.hasPrefix("-") { arguments.append(option + "=" + value) } else { arguments += [option, value] }
  }

  mutating func add(_ option: String, _ values: [String]) { arguments += [option] + values }

  mutating func problem(_ path: FieldPath, _ message: Message, help: Message? = nil) {
    remarks.problem(path, message, help: help)
  }

  mutating func notExported(_ path: FieldPath, _ reason: Message) { remarks.notExported(path, reason) }

  // MARK: What pretrain_gpt.py does not do

  private mutating func refuse() {
    if config.model.maxPositionEmbeddings < config.model.seqLength {
      problem(
        Path.model.maxPositionEmbeddings,
        "\(config.model.maxPositionEmbeddings) is below seq_length \(config.model.seqLength), which Megatron-LM refuses",
        help: "raise it to \(config.model.seqLength)")
    }
    if config.checkpoint.save != nil, (config.checkpoint.saveInterval ?? 0) <= 0 {
      problem(Path.checkpoint.saveInterval, "Megatron-LM refuses \(Path.checkpoint.save) without an interval above 0")
    }
    if config.recompute.recomputeGranularity == .selective, config.recompute.recomputeMethod != nil {
      problem(Path.recompute.recomputeMethod, "Megatron-LM refuses a method with selective recomputation")
    }
    if config.train.rampupBatchSize != nil, config.train.trainSamples == nil {
      problem(
        Path.train.rampupBatchSize, "Megatron-LM ramps the batch size up only where training is counted in samples",
        help: "set \(Path.train.trainSamples) instead of \(Path.train.trainIters)")
    }
  }

  /// A list of arguments holds no environment, without which Megatron-LM refuses some of them.
  private mutating func mentionEnvironment() {
    for variable in LaunchEnvironment.variables(of: config) {
      remarks.note(
        FieldPath("env_vars", variable.name),
        "not an argument: the run needs it in its environment, as \(shellQuoted(variable.name + "=" + variable.value))")
    }
  }

  // MARK: Fields with an option of their own

  private mutating func add(_ section: LaunchConfig.SectionEntry) {
    let name = section.schema.name
    guard !Self.readAsAWhole.contains(name) else { return }
    let storage = config[keyPath: section.storage]
    guard storage.isPresent else { return }
    for field in section.schema.fields {
      add(
        FieldPath(name, field.name), storage.value(of: field),
        isDefault: storage.value(of: field) == storage.defaultValue(of: field))
    }
    addCarried(of: storage)
  }

  /// Fields that no property here stands for.
  mutating func addCarried(of storage: SectionStorage) {
    let section = storage.schema.name
    for value in storage.carried {
      let path = FieldPath(section, value.name)
      let field = CarriedFields.field(value.name, of: section, in: config.release)
      add(path, value.value, isDefault: field?.isDefault(value.value) == true)
    }
  }

  private static let readAsAWhole: Set<String> = ["recipe", "cluster", "dataset", "tokenizer", "peft", "env_vars"]

  private mutating func add(_ path: FieldPath, _ value: ConfigValue, isDefault: Bool) {
    if path.section == "optimizer", path.field.hasPrefix("muon_"), !config.optimizer.optimizer.isMuon { return }
    if skips(path) { return }
    var value = value
    if path == Path.model.crossEntropyFusionImplementation { value = .string(crossEntropy().rawValue) }
    switch ArgumentTable.form(path, in: config.release) {
    case .value(let option): addValue(option, value, path)
    case .whole(let option): addWhole(option, value, path)
    case .list(let option): addList(option, value)
    case .whenTrue(let option): if value == .bool(true) { add(option) }
    case .whenFalse(let option): if value == .bool(false) || value == .int(0) { add(option) }
    case .pattern(let option): if value != .null { add(option, Self.pattern(value)) }
    case .tuple(let option): if value != .null { add(option, Self.tuple(value)) }
    case .special: break
    case .missing, nil: if !isDefault { refuseOrMention(path) }
    }
  }

  private mutating func addValue(_ option: String, _ value: ConfigValue, _ path: FieldPath) {
    guard value != .null else { return }
    let text = Self.isMoment(path, inBytes: value) ? "fp8" : Self.text(of: value)
    let words = config.release.options[option]?.words ?? []
    guard words.isEmpty || words.contains(text) else {
      return problem(
        path, "`\(option)` of Megatron-LM does not take `\(text)`",
        help: "it takes \(words.map { "`\($0)`" }.joined(separator: ", "))")
    }
    add(option, text)
  }

  private mutating func crossEntropy() -> CrossEntropyImplementation {
    let model = config.model
    guard model.crossEntropyFusionImplementation == .te, model.crossEntropyLossFusion,
      !config.release.commandLineTakesTECrossEntropy
    else { return model.crossEntropyFusionImplementation }
    remarks.note(
      Path.model.crossEntropyFusionImplementation,
      """
      exported as `native`: the command line of megatron-core \(config.release.megatronCore) refuses Transformer \
      Engine's, which Megatron-Bridge takes; the loss is the same but for rounding
      """)
    return .native
  }

  /// The format that PyTorch and Megatron-Core call uint8, and Megatron-LM fp8.
  private static func isMoment(_ path: FieldPath, inBytes value: ConfigValue) -> Bool {
    value == "uint8" && [Path.optimizer.expAvgDtype, Path.optimizer.expAvgSqDtype].contains(path)
  }

  /// What Megatron-LM has no option for is refused where it decides what is trained, and mentioned where it does not.
  private mutating func refuseOrMention(_ path: FieldPath) {
    if Self.decisive.contains(path.section), !CarriedArguments.harmless.contains(path) {
      problem(
        path, "Megatron-LM has no option for it, and it decides what is trained",
        help: "leave it out, or use `--to megatron-bridge`")
    } else {
      notExported(path, "Megatron-LM has no such option")
    }
  }

  private static let decisive: Set<String> = [
    "model", "parallelism", "recompute", "train", "optimizer", "scheduler", "mixed_precision",
  ]

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

  /// `([0]*1+[1]*26)`: layers as an expression that Megatron-LM evaluates; a single number as it is.
  static func pattern(_ value: ConfigValue) -> String {
    guard case .list(let layers) = value else { return text(of: value) }
    var runs: [(value: String, count: Int)] = []
    for layer in layers.map(text) {
      if let last = runs.last, last.value == layer {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((layer, 1))
      }
    }
    return "(" + runs.map { "[\($0.value)]*\($0.count)" }.joined(separator: "+") + ")"
  }

  private static func tuple(_ value: ConfigValue) -> String {
    guard case .list(let items) = value else { return text(of: value) }
    return items.map(text).joined(separator: ",")
  }

  static func text(of value: ConfigValue) -> String {
    switch value {
    case .string(let text): text
    default: FlowText.yaml(value)
    }
  }
}
