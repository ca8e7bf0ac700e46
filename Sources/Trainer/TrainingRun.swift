import ConfigDocument
package import LaunchModel
import Releases
package import Training

/// A run on the CPU engine, from a config to its last checkpoint.
package final class TrainingRun {
  package let config: LaunchConfig
  package let configuration: EngineConfiguration
  package let engine: TrainingEngine
  package let tokenizer: any Tokenizer
  private let observer: any RunObserver
  private let checkpoints: CheckpointDirectory?
  private let lock: FileLock?
  private var batches: BatchStream
  private let validation: (any SampleSource)?
  /// The folder of `checkpoint.pretrained_checkpoint`.
  private let base: String?
  private let adapterFormat: AdapterFormat
  /// Steps done.
  package private(set) var step = 0
  private var metrics: [StepMetrics] = []
  private var lastSaved: Int?
  /// The data as they were when this run opened them.
  private let dataFiles: DataFingerprint

  /// How a run came to its end.
  package enum Ending: Sendable, Equatable {
    case finished
    /// There was nothing left to do: the run had been finished before.
    case finishedBefore
    /// Before the last step.
    case stopped(StopReason)
  }

  /// Why a run ends before its last step.
  package enum StopReason: Sendable, Equatable, CustomStringConvertible {
    case signal(Int32)
    /// A field of the config with its value, such as `train.exit_interval 10`.
    case setting(String)

    package var description: String {
      switch self {
      case .signal(let number): Interruption.name(of: number)
      case .setting(let setting): setting
      }
    }
  }

  /// Sets everything up and resumes where the last run of the same directory stood.
  ///
  /// - Parameters:
  ///   - vocabSize: rows of the embedding, padded.
  ///   - resume: `false` begins anew although there is a checkpoint.
  ///   - adapterFormat: of the adapters that are saved.
  ///   - keepsFP32Products: multiplies in fp32 also where the config's weights are bf16.
  /// - Throws: ``TrainerError``, and what the engine, the data and the checkpoints throw.
  package init(
    _ config: LaunchConfig, vocabSize: Int, threads: Int, resume: Bool = true, adapterFormat: AdapterFormat = .common,
    keepsFP32Products: Bool = false, observer: any RunObserver
  ) throws {
    self.config = config
    self.adapterFormat = adapterFormat
    self.observer = observer
    configuration = try EngineConfiguration(
      config, vocabSize: vocabSize, threads: threads, keepsFP32Products: keepsFP32Products)
    if let problem = RunName.problem(config.recipe.name) { throw TrainerError("recipe.name \(problem)") }
    let base = try BaseCheckpoint(config)
    try base?.check(configuration.settings.shape)
    if let base, case let count = base.missingRows(of: configuration.settings.shape), count > 0 {
      observer.noted(
        "\(base.folder) has no \(count) of the \(vocabSize) rows of the vocabulary; they begin at zero, as in "
          + "Megatron-Bridge's import")
    }
    self.base = base?.folder
    tokenizer = try RunTokenizer.make(config, vocabSize: vocabSize)
    dataFiles = RunInputs.fingerprint(config)
    let data = try RunData(config, configuration.settings.shape, tokenizer)
    validation = data.validation
    batches = BatchStream(data.train, microBatchSize: configuration.microBatchSize)
    if let save = config.checkpoint.save {
      let directory = CheckpointDirectory(save)
      lock = try directory.openForWriting()
      checkpoints = directory
    } else {
      lock = nil
      checkpoints = nil
    }
    let origin = try Origin(config, resume: resume, observer)
    var settings = configuration.settings
    if let adapters = settings.adapters, let folder = origin.adapter {
      // What is trained, and how, is what the file holds.
      let stored = try AdapterWeights(folder: folder, layout: try ParameterLayout(shape: settings.shape))
      settings.adapters = try stored.settings(for: adapters, joined: try RunCheckpoint.trainsJoinedExperts(folder))
      for note in stored.config.notes { observer.noted("\(folder)/\(AdapterConfig.fileName): \(note)") }
    }
    engine = try TrainingEngine(settings)
    try start(from: origin)
  }

  // MARK: Beginning

  private func start(from origin: Origin) throws {
    let isAdapted = engine.adapters != nil
    if isAdapted { try loadBase() }
    switch origin {
    case .checkpoint(let iteration, let folder):
      guard config.checkpoint.loadOptim else {
        throw TrainerError(
          "checkpoint.load_optim is false, but \(folder) is a checkpoint to go on from: start with --no-resume, or name "
            + "weights in checkpoint.pretrained_checkpoint")
      }
      let state = try RunCheckpoint.resume(folder, into: engine)
      if let iteration { try RunCheckpoint.checkIteration(state, of: folder, iteration) }
      step = state.iteration
      lastSaved = config.checkpoint.save == config.checkpoint.load ? step : nil
      batches.consumedSamples = state.consumedTrainSamples
      // By value, not by fingerprint: that of an older checkpoint was made in another way.
      let (stored, release) = LaunchConfig.read(flattened: state.config)
      let differences =
        ResumeDifference.between(
          stored: stored, storedDefaults: LaunchConfig(for: release).flattened,
          current: config.flattened, defaults: LaunchConfig(for: config.release).flattened)
        + ResumeDifference.between("products", stored: state.products, current: engine.settings.products)
        + ResumeDifference.between(
          "muon_products", stored: state.muonProducts, current: engine.settings.optimizer.muonProducts)
      observer.resumed(from: folder, step: step, differences: differences)
      observer.warned(dataFiles.changes(since: state.data).map { "the data have changed since: \($0)" })
    case .adapter(let folder):
      let stored = try AdapterWeights(folder: folder, layout: engine.layout)
      try engine.adapters?.load(stored)
      try stored.verify()
      observer.loaded(weights: folder)
    case .base where isAdapted: try engine.initializeAdapters(seed: configuration.initialization.seed)
    case .base where base != nil: try loadBase()
    case .base: engine.initialize(configuration.initialization)
    }
  }

  private func loadBase() throws {
    guard let base else { return }
    try RunCheckpoint.readWeights(
      base, into: engine.parameters, keepsFP32: config.checkpoint.loadMainParamsFromCkpt)
    try engine.parameters.takeInitialAdapters()
    observer.loaded(weights: base)
  }

  // MARK: Going on

  /// Trains until the end, or until something asks it to stop.
  package func run() throws -> Ending {
    let train = config.train
    let interruption = Interruption(alsoOn: train.exitSignalHandler ? Int32(clamping: train.exitSignal) : nil)
    defer { interruption.finish() }
    let log = try MetricsLog(runFile(MetricsLog.fileName), resumedStep: step)
    if step > 0 {
      let earlier = try MetricsLog.content(log.path)
      metrics = earlier.steps
      if earlier.damagedLines > 0 {
        let lines = earlier.damagedLines == 1 ? "a damaged line is" : "\(earlier.damagedLines) damaged lines are"
        observer.warned(["\(log.path): \(lines) passed over"])
      }
    }
    guard step < configuration.steps else { return .finishedBefore }
    let events = try config.logger.tensorboardDir.map {
      try EventFileWriter(directory: $0, time: wallSeconds(), resumedStep: step)
    }
    let began = monotonicSeconds()
    while step < configuration.steps {
      let now = try advance()
      metrics.append(now)
      try log.append(now)
      try events?.append(now, time: wallSeconds())
      observer.advanced(now)
      let reason = interruption.received.map(StopReason.signal) ?? reasonToStop(seconds: monotonicSeconds() - began)
      let isDue = config.checkpoint.saveInterval.map { $0 > 0 && step % $0 == 0 } ?? false
      if isDue || reason != nil || step == configuration.steps {
        try log.synchronize()
        try save()
      }
      if let reason, step < configuration.steps { return .stopped(reason) }
    }
    return .finished
  }

  /// One step, and the evaluation behind it.
  private func advance() throws -> StepMetrics {
    let began = monotonicSeconds()
    // Samples, not steps: the schedule goes on where it was although the batch may have changed.
    let done = batches.consumedSamples
    let learningRate = configuration.schedule.learningRate(done)
    let report = try engine.step(
      try batches.next(configuration.microBatches(afterSamples: done)), learningRate: learningRate,
      weightDecay: configuration.schedule.weightDecay(done))
    step += 1
    try refuseWhatIsNoNumber(report)
    let seconds = monotonicSeconds() - began
    return StepMetrics(
      step: step, loss: Double(report.loss), learningRate: learningRate, gradientNorm: Double(report.gradientNorm),
      tokens: report.tokens, tokensPerSecond: Double(report.tokens) / seconds, seconds: seconds,
      evalLoss: try evaluateIfDue(), others: report.auxLoss == 0 ? [:] : ["aux_loss": Double(report.auxLoss)])
  }

  /// As Megatron does: by `ddp.check_for_nan_in_grad`, and by `rerun_state_machine.check_for_nan_in_loss`, which is on
  /// unless somebody turns it off. With both off the step's update is left out and the run goes on.
  private func refuseWhatIsNoNumber(_ report: StepReport) throws {
    let checksLoss = config.rerunStateMachine.carried("check_for_nan_in_loss") != .bool(false)
    let (what, value) =
      !report.loss.isFinite && (checksLoss || config.ddp.checkForNanInGrad)
      ? ("loss", report.loss) : ("gradient norm", report.gradientNorm)
    guard !value.isFinite, what == "loss" || config.ddp.checkForNanInGrad else { return }
    throw TrainerError(
      "the \(what) of step \(step) is \(value.isNaN ? "not a number" : "infinite"); "
        + (lastSaved.map { "the last checkpoint is that of step \($0)" } ?? "no checkpoint was saved")
        + ": a lower optimizer.lr or a longer warm-up may help")
  }

  /// Megatron's own ways to stop early.
  private func reasonToStop(seconds: Double) -> StopReason? {
    if let interval = config.train.exitInterval, interval > 0, step % interval == 0 {
      return .setting("train.exit_interval \(interval)")
    }
    if let minutes = config.train.exitDurationInMins, seconds > Double(minutes) * 60 {
      return .setting("train.exit_duration_in_mins \(minutes)")
    }
    return nil
  }

  private func evaluateIfDue() throws -> Double? {
    guard let interval = config.validation.evalInterval, interval > 0,
      step % interval == 0 || step == configuration.steps,
      let validation
    else { return nil }
    // The same samples every time, so that the numbers can be compared; `eval_iters` counts global batches, full grown.
    var stream = BatchStream(validation, microBatchSize: configuration.microBatchSize)
    var sum = 0.0
    let count = config.validation.evalIters * (configuration.globalBatchSize / configuration.microBatchSize)
    for _ in 0..<count { sum += Double(try engine.evaluate(try stream.next())) }
    return sum / Double(count)
  }

  // MARK: Saving

  private func save() throws {
    guard let checkpoints, lastSaved != step else { return }
    var state = TrainerState(
      iteration: step, consumedTrainSamples: batches.consumedSamples,
      dataSeed: UInt64(bitPattern: Int64(config.dataset.randomSeed)), configFingerprint: config.fingerprint,
      config: config.flattened, products: engine.settings.products,
      muonProducts: engine.settings.optimizer.muonProducts, data: dataFiles)
    state.counters["optimizer_steps"] = engine.optimizer.stepCount
    let description = HuggingFaceConfig(
      configuration.settings.shape, tokenizer, initializerRange: config.model.initMethodStd)
    let adapter = try engine.adapters.map { adapters in
      try AdapterFiles(adapters.settings, engine.layout, as: adapterFormat, base: base, adapters)
    }
    try checkpoints.save(iteration: step, keeping: config.checkpoint.mostRecentK) { folder, fileSystem in
      try RunCheckpoint.write(engine, state, description, adapter: adapter, to: folder, fileSystem)
    }
    if let limitation = adapter?.limitation, lastSaved == nil {
      observer.noted(
        "\(limitation); `moonlight-trainer merge` folds it into its base, which both generations read")
    }
    lastSaved = step
    observer.saved(checkpoints.folder(step))
  }

  /// Every step of this run, those before it was resumed included.
  package var history: [StepMetrics] { metrics }

  /// A file of the run's directory, which is made where it is missing.
  package func runFile(_ name: String) throws -> String {
    try POSIXFileSystem().createDirectories(config.runDirectory)
    return FilePath.join(config.runDirectory, name)
  }
}

/// What a run tells while it goes on.
package protocol RunObserver {
  /// A checkpoint was asked for and there is none: the run starts anew.
  func missed(checkpoint folder: String)
  /// Something that went otherwise than one might think, a sentence each.
  func warned(_ remarks: [String])
  /// Something that is good to know.
  func noted(_ text: String)
  func resumed(from folder: String, step: Int, differences: [ResumeDifference])
  func loaded(weights folder: String)
  func advanced(_ metrics: StepMetrics)
  func saved(_ folder: String)
}

extension RunObserver {
  package func missed(checkpoint folder: String) {}
  package func warned(_ remarks: [String]) {}
  package func noted(_ text: String) {}
}

extension LaunchConfig {
  /// Every value by its path, as text; what a checkpoint keeps to say later what has changed. A field has one path,
  /// whatever releases call it.
  package var flattened: [String: String] {
    var result: [String: String] = [:]
    for section in tree.entries {
      guard case .mapping(let fields) = section.value else {
        result[section.key] = FlowText.yaml(section.value)
        continue
      }
      for field in fields.entries {
        result[Self.identity(ofPath: "\(section.key).\(field.key)")] = FlowText.yaml(field.value)
      }
    }
    return result
  }

  /// What a checkpoint has kept, whatever program wrote it, with the release that it was for.
  fileprivate static func read(flattened stored: [String: String]) -> ([String: String], Release) {
    var result: [String: String] = [:]
    for (path, value) in stored { result[identity(ofPath: path)] = value }
    let path = Path.software.megatronBridge.description
    let release = Release.all.first { FlowText.yaml($0.configValue) == result[path] } ?? .beforeNaming
    result[path] = FlowText.yaml(release.configValue)
    return (result, release)
  }

  private static func identity(ofPath path: String) -> String {
    let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
    guard parts.count == 2, let schema = section(named: parts[0])?.schema else { return path }
    return "\(parts[0]).\(schema.identity(of: parts[1]))"
  }
}
