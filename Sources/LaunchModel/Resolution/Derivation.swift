import ConfigDocument
import Topology

/// A value that follows from others unless somebody writes it. Derived once, after all layers, so an override of
/// what it depends on can never leave it stale.
struct Derivation: Sendable {
  let path: FieldPath
  let reason: String
  let from: [FieldPath]
  /// `nil` where nothing follows; the field then keeps its default.
  let value: @Sendable (LaunchConfig) -> ConfigValue?

  /// Every derived value, in an order in which each finds what it depends on; a new one needs its line here.
  static let all: [Derivation] = [
    description, sequenceParallel, datasetKind, split, datasetSeqLength, decayIters, decaySamples,
    nullTokenizerVocabulary, save, load, tensorboardDirectory, exitSignalHandler, exitSignal,
  ]

  private static let description = Derivation(
    path: Path.recipe.description, reason: "what the config says",
    from: [Path.recipe.mode, Path.optimizer.optimizer, Path.cluster.numNodes, Path.cluster.gpusPerNode]
  ) { $0.recipe.basedOn == nil ? nil : .string($0.shortDescription) }

  private static let sequenceParallel = Derivation(
    path: Path.parallelism.sequenceParallel, reason: "on with tensor parallelism",
    from: [Path.parallelism.tensorModelParallelSize]
  ) { .bool($0.parallelism.tensorModelParallelSize > 1) }

  private static let datasetKind = Derivation(
    path: Path.dataset.kind, reason: "by the kind of run and the ending of the first path",
    from: [Path.recipe.mode, Path.dataset.dataPaths]
  ) { config in
    if config.recipe.mode != .pretrain { return DatasetKind.sft.configValue }
    guard let first = config.dataset.dataPaths.first?.path else { return DatasetKind.mock.configValue }
    let isLines = [".jsonl", ".nvjsonl", ".json"].contains { first.hasSuffix($0) }
    return (isLines ? DatasetKind.jsonl : .indexed).configValue
  }

  private static let split = Derivation(
    path: Path.dataset.split, reason: "Megatron's shares for the kind of data",
    from: [Path.dataset.kind, Path.dataset.validDataPaths, Path.dataset.testDataPaths]
  ) { config in
    switch config.dataset.kind {
    case .mock: "1,1,1"
    case .sft: nil
    case .jsonl, .tokens, .indexed:
      config.dataset.validDataPaths.isEmpty && config.dataset.testDataPaths.isEmpty ? "9999,8,2" : nil
    }
  }

  private static let datasetSeqLength = Derivation(
    path: Path.dataset.seqLength, reason: "the model's", from: [Path.model.seqLength]
  ) { .int($0.model.seqLength) }

  private static let decayIters = Derivation(
    path: Path.scheduler.lrDecayIters, reason: "the whole run", from: [Path.train.trainIters]
  ) { $0.train.trainSamples == nil ? $0.train.trainIters?.configValue : nil }

  private static let decaySamples = Derivation(
    path: Path.scheduler.lrDecaySamples, reason: "the whole run", from: [Path.train.trainSamples]
  ) { $0.train.trainIters == nil ? $0.train.trainSamples?.configValue : nil }

  private static let nullTokenizerVocabulary = Derivation(
    path: Path.tokenizer.vocabSize, reason: "the model's", from: [Path.model.vocabSize]
  ) { $0.tokenizer.tokenizerType == .null ? $0.model.vocabSize?.configValue : nil }

  private static let runDirectory = [Path.recipe.dir, Path.recipe.name]

  private static let save = Derivation(
    path: Path.checkpoint.save, reason: "in the run's directory", from: runDirectory
  ) { .string($0.runDirectory + "/checkpoints") }

  private static let load = Derivation(
    path: Path.checkpoint.load, reason: "resumes where it saves", from: [Path.checkpoint.save]
  ) { $0.checkpoint.save?.configValue }

  private static let exitSignalHandler = Derivation(
    path: Path.train.exitSignalHandler, reason: "saves before the job is queued again", from: [Path.cluster.requeue]
  ) { $0.cluster.requeue ? true : nil }

  // torchrun ends its workers when it gets SIGTERM itself; SIGUSR2 it leaves to them.
  private static let exitSignal = Derivation(
    path: Path.train.exitSignal, reason: "SIGUSR2, which reaches the ranks past torchrun", from: [Path.cluster.requeue]
  ) { $0.cluster.requeue ? .int(12) : nil }

  private static let tensorboardDirectory = Derivation(
    path: Path.logger.tensorboardDir, reason: "in the run's directory", from: runDirectory
  ) { .string($0.runDirectory + "/tb_logs") }
}

extension LaunchConfig {
  /// `<dir>/<name>`: configs, metrics, checkpoints and logs of the run.
  public var runDirectory: String {
    let dir = recipe.dir
    return dir.hasSuffix("/") ? dir + recipe.name : dir + "/" + recipe.name
  }

  /// `Pretraining with AdamW on 16 GPUs.`
  var shortDescription: String {
    let (gpus, overflow) = cluster.numNodes.multipliedReportingOverflow(by: cluster.gpusPerNode)
    let place = overflow || gpus == 1 ? "in one process" : "on \(gpus) GPUs"
    let what =
      if recipe.mode == .pretrain {
        switch optimizer.optimizer {
        case .adam: optimizer.decoupledWeightDecay ? "Pretraining with AdamW" : "Pretraining with Adam"
        case .sgd: "Pretraining with SGD"
        case .muon, .distributedMuon: "Pretraining with Muon"
        case .adaptiveMuon, .distributedAdaptiveMuon: "Pretraining with adaptive Muon"
        case .soap, .distributedSOAP: "Pretraining with SOAP"
        case .lion, .distributedLion: "Pretraining with Lion"
        }
      } else if peft.isPresent {
        "Finetuning with \(peft.peftScheme == .lora ? "LoRA" : "DoRA") of rank \(peft.dim)"
      } else {
        "Finetuning of all weights"
      }
    return "\(what) \(place)."
  }

  /// Fills in every value that follows from others and that no layer has written.
  mutating func derive() {
    for derivation in Derivation.all { apply(derivation) }
    resolveAutomaticLayout()
  }

  private mutating func apply(_ derivation: Derivation) {
    guard let section = Self.section(named: derivation.path.section),
      let field = section.schema.field(named: derivation.path.field)
    else { return }
    guard case .schemaDefault = self[keyPath: section.storage].origins[field.index] else { return }
    guard let value = derivation.value(self), value != self[keyPath: section.storage].defaultValue(of: field) else {
      return
    }
    self[keyPath: section.storage].set(field, to: value, .derived(reason: derivation.reason, from: derivation.from))
  }
}

extension LaunchConfig {
  /// The fields that a value follows from, or would follow from if nobody had written it.
  package func sources(of path: FieldPath) -> [FieldPath] {
    if case .derived(_, let from)? = value(at: path)?.origin { return from }
    return Derivation.all.first { $0.path == path }?.from ?? []
  }
}
