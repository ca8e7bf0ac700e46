import ConfigDocument
package import LaunchModel
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
  /// Steps done.
  package private(set) var step = 0
  private var metrics: [StepMetrics] = []
  private var lastSaved: Int?

  /// How a run came to its end.
  package enum Ending: Sendable {
    case finished
    /// A signal came; what was done is saved.
    case interrupted(String)
  }

  /// Sets everything up and resumes where the last run of the same directory stood.
  ///
  /// - Parameters:
  ///   - vocabSize: rows of the embedding, padded.
  ///   - resume: `false` begins anew although there is a checkpoint.
  /// - Throws: ``TrainerError``, and what the engine, the data and the checkpoints throw.
  package init(
    _ config: LaunchConfig, vocabSize: Int, threads: Int, resume: Bool = true, observer: any RunObserver
  ) throws {
    self.config = config
    self.observer = observer
    configuration = try EngineConfiguration(config, vocabSize: vocabSize, threads: threads)
    let base = try BaseCheckpoint(config)
    try base?.check(configuration.settings.shape)
    self.base = base?.folder
    tokenizer = try RunTokenizer.make(config, vocabSize: vocabSize)
    let data = try RunData(config, configuration.settings.shape, tokenizer)
    validation = data.validation
    batches = BatchStream(data.train, microBatchSize: configuration.microBatchSize)
    engine = try TrainingEngine(configuration.settings)
    if let save = config.checkpoint.save {
      let directory = CheckpointDirectory(save)
      lock = try directory.openForWriting()
      checkpoints = directory
    } else {
      lock = nil
      checkpoints = nil
    }
    try start(resume: resume)
  }

  // MARK: Beginning

  private func start(resume: Bool) throws {
    let isAdapted = engine.adapters != nil
    if isAdapted { try loadBase() }
    if resume, let load = config.checkpoint.load, let folder = try Self.stateFolder(load) {
      let state = try RunCheckpoint.resume(folder, into: engine)
      step = state.iteration
      lastSaved = config.checkpoint.save == load ? step : nil
      batches.consumedSamples = state.consumedTrainSamples
      let differences =
        state.configFingerprint == config.fingerprint
        ? [] : ConfigDifference.between(stored: state.config, current: config.flattened)
      observer.resumed(from: folder, step: step, differences: differences)
    } else if isAdapted {
      try engine.initializeAdapters(seed: configuration.initialization.seed)
      if let adapters = engine.adapters, let load = config.checkpoint.load, AdapterWeights.isAdapter(load) {
        try AdapterWeights(folder: load).load(into: adapters)
        observer.loaded(weights: load)
      }
    } else if base != nil {
      try loadBase()
    } else {
      engine.initialize(configuration.initialization)
    }
  }

  /// The folder with the state to resume from: the latest of a folder of checkpoints, or one of them. An adapter of the
  /// peft library has none.
  private static func stateFolder(_ path: String) throws -> String? {
    if let latest = try CheckpointDirectory(path).latestIteration() {
      return try CheckpointDirectory(path).existing(latest).folder
    }
    return POSIXFileSystem().kind(FilePath.join(path, TrainerState.fileName)) == .file ? path : nil
  }

  private func loadBase() throws {
    guard let base else { return }
    try RunCheckpoint.readWeights(base, into: engine)
    observer.loaded(weights: base)
  }

  // MARK: Going on

  /// Trains until the end or until a signal comes.
  package func run() throws -> Ending {
    var interruption = Interruption()
    defer { interruption.finish() }
    let log = try MetricsLog(runFile(MetricsLog.fileName), resumedStep: step)
    let events = try config.logger.tensorboardDir.map {
      try EventFileWriter(directory: $0, time: wallSeconds(), resumedStep: step)
    }
    metrics = step > 0 ? try MetricsLog.read(log.path) : []
    let perStep = configuration.globalBatchSize / configuration.microBatchSize
    while step < configuration.steps {
      if let signal = interruption.received {
        try save()
        return .interrupted(signal)
      }
      let began = monotonicSeconds()
      let done = step * configuration.globalBatchSize
      let learningRate = configuration.schedule.learningRate(done)
      let report = try engine.step(
        try batches.next(perStep), learningRate: learningRate,
        weightDecay: configuration.schedule.weightDecay(done))
      step += 1
      guard report.loss.isFinite else {
        throw TrainerError(
          "the loss of step \(step) is not a number; the last checkpoint is "
            + (lastSaved.map { "that of step \($0)" } ?? "none") + ": a lower optimizer.lr may help")
      }
      let seconds = monotonicSeconds() - began
      let now = StepMetrics(
        step: step, loss: Double(report.loss), learningRate: learningRate, gradientNorm: Double(report.gradientNorm),
        tokens: report.tokens, tokensPerSecond: Double(report.tokens) / seconds, seconds: seconds,
        evalLoss: try evaluateIfDue(), others: report.auxLoss == 0 ? [:] : ["aux_loss": Double(report.auxLoss)])
      metrics.append(now)
      try log.append(now)
      try events?.append(now, time: wallSeconds())
      observer.advanced(now)
      if let interval = config.checkpoint.saveInterval, interval > 0, step % interval == 0 { try save() }
    }
    try save()
    return .finished
  }

  private func evaluateIfDue() throws -> Double? {
    guard let interval = config.validation.evalInterval, interval > 0, step % interval == 0 || step == configuration.steps,
      let validation
    else { return nil }
    // The same samples every time, so that the numbers can be compared.
    var stream = BatchStream(validation, microBatchSize: configuration.microBatchSize)
    var sum = 0.0
    let count = max(config.validation.evalIters, 1)
    for _ in 0..<count { sum += Double(try engine.evaluate(try stream.next())) }
    return sum / Double(count)
  }

  // MARK: Saving

  private func save() throws {
    guard let checkpoints, lastSaved != step else { return }
    var state = TrainerState(
      iteration: step, consumedTrainSamples: batches.consumedSamples,
      dataSeed: UInt64(bitPattern: Int64(config.dataset.randomSeed)), configFingerprint: config.fingerprint,
      config: config.flattened)
    state.counters["optimizer_steps"] = engine.optimizer.stepCount
    let description = HuggingFaceConfig(
      configuration.settings.shape, tokenizer, initializerRange: config.model.initMethodStd)
    try checkpoints.save(iteration: step, keeping: config.checkpoint.mostRecentK) { folder, fileSystem in
      try RunCheckpoint.write(engine, state, description, base: base, to: folder, fileSystem)
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
  func resumed(from folder: String, step: Int, differences: [ConfigDifference])
  func loaded(weights folder: String)
  func advanced(_ metrics: StepMetrics)
  func saved(_ folder: String)
}

extension LaunchConfig {
  /// Every value by its path, as text; what a checkpoint keeps to say later what has changed.
  package var flattened: [String: String] {
    var result: [String: String] = [:]
    for section in tree.entries {
      guard case .mapping(let fields) = section.value else {
        result[section.key] = FlowText.yaml(section.value)
        continue
      }
      for field in fields.entries { result["\(section.key).\(field.key)"] = FlowText.yaml(field.value) }
    }
    return result
  }
}
