package import Training

/// What a checkpoint of ours holds: weights as Hugging Face stores them, optimizer states, and where the run stands.
package enum RunCheckpoint {
  static let optimizerFileName = "optimizer.safetensors"
  private static let masterSuffix = ".master"

  // MARK: Writing

  /// Writes a whole checkpoint into a folder that ``CheckpointDirectory`` has made.
  ///
  /// - Parameter adapter: of an engine with adapters, which are written instead of the weights.
  package static func write(
    _ engine: TrainingEngine, _ state: TrainerState, _ config: HuggingFaceConfig, adapter: AdapterFiles?,
    to folder: String, _ fileSystem: any FileSystem
  ) throws {
    if let adapter {
      try adapter.write(to: folder, fileSystem)
    } else {
      try writeWeights(engine, config, to: folder, fileSystem)
    }
    try SafetensorsWriter.write(states(of: engine), to: FilePath.join(folder, optimizerFileName), fileSystem)
    try state.write(to: folder, fileSystem)
  }

  /// Weights and `config.json`, as transformers loads them.
  package static func writeWeights(
    _ engine: TrainingEngine, _ config: HuggingFaceConfig, to folder: String,
    as type: SafetensorsType? = nil, _ fileSystem: any FileSystem = POSIXFileSystem()
  ) throws {
    let isHalf = engine.settings.precision.weights == .bf16
    let stored = type ?? (isHalf ? .bfloat16 : .float32)
    let tensors = engine.parameters.tensorsToWrite(as: stored)
    try ModelWeights.write(tensors, to: folder, fileSystem)
    var config = config
    config.dtype = stored == .bfloat16 ? "bfloat16" : stored == .float16 ? "float16" : "float32"
    try config.write(to: folder, fileSystem)
  }

  private static func states(of engine: TrainingEngine) -> [TensorToWrite] {
    var tensors: [TensorToWrite] = []
    let hasMasters = engine.adapters == nil && engine.settings.precision.weights == .bf16
    for tensor in engine.trainedTensors {
      for kind in engine.optimizer.stateKinds(of: tensor) {
        let name = "\(tensor.name).\(kind.rawValue)"
        if engine.optimizer.format(of: kind) == .fp32 {
          tensors.append(
            TensorToWrite(
              name, .float32, shape: tensor.shape,
              .bytes { range, destination in
                try engine.optimizer.withState(kind, tensor.name) {
                  copy(UnsafeRawBufferPointer($0), range, destination)
                }
              }))
        } else {
          tensors.append(
            TensorToWrite(
              name, .bfloat16, shape: tensor.shape,
              .bytes { range, destination in
                try engine.optimizer.withBFloat16State(kind, tensor.name) {
                  copy(UnsafeRawBufferPointer($0), range, destination)
                }
              }))
        }
      }
      if hasMasters {
        tensors.append(
          TensorToWrite(
            tensor.name + masterSuffix, .float32, shape: tensor.shape,
            .bytes { range, destination in
              try engine.parameters.withTensor(tensor.name) { copy(UnsafeRawBufferPointer($0), range, destination) }
            }))
      }
    }
    return tensors
  }

  private static func copy(
    _ source: UnsafeRawBufferPointer, _ range: Range<Int>, _ destination: UnsafeMutableRawBufferPointer
  ) {
    guard range.upperBound <= source.count else { return }
    destination.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[range]))
  }

  // MARK: Reading

  /// Loads a Hugging Face directory's weights, tensor by tensor; of rows of the vocabulary that it does not have zeros.
  ///
  /// - Parameter keepsFP32: bf16 weights have masters of the file's values, not of their own.
  /// - Throws: ``SystemError``, ``HuggingFaceConfigError``; ``SafetensorsError`` for a tensor that is missing, of another
  ///   shape, or holds what is no number, and for tensors that the model has no place for.
  package static func readWeights(_ folder: String, into parameters: ParameterStore, keepsFP32: Bool = false) throws {
    try parameters.load(
      try StoredWeights(directory: folder, layout: parameters.layout, padsVocabulary: true), keepsFP32: keepsFP32)
  }

  /// Looks into a checkpoint without loading it.
  ///
  /// - Throws: what is wrong with it: a state that cannot be read or is that of another iteration, tensors without a
  ///   whole header or with less behind it than it says.
  static func checkWhole(_ folder: String, iteration: Int) throws {
    let state = try TrainerState(folder: folder)
    try checkIteration(state, of: folder, iteration)
    _ = try SafetensorsFile(FilePath.join(folder, optimizerFileName))
    if AdapterWeights.isAdapter(folder) {
      _ = try SafetensorsFile(FilePath.join(folder, AdapterWeights.fileName))
    } else {
      _ = try ModelWeights(directory: folder)
    }
  }

  /// - Throws: where the state is not that of the folder's iteration.
  static func checkIteration(_ state: TrainerState, of folder: String, _ iteration: Int) throws {
    guard state.iteration != iteration else { return }
    throw CheckpointError.malformed(
      path: FilePath.join(folder, TrainerState.fileName),
      message: "it is that of iteration \(state.iteration), the folder that of \(iteration)")
  }

  /// Brings the engine to where a checkpoint of ours left it, bit for bit. With adapters the base must be loaded.
  ///
  /// - Throws: ``CheckpointError`` where the checkpoint is damaged; what reading its files throws.
  package static func resume(_ folder: String, into engine: TrainingEngine) throws -> TrainerState {
    let verification = try ChecksumVerification(folder: folder)
    let state = try TrainerState(folder: folder)
    if let adapters = engine.adapters {
      guard AdapterWeights.isAdapter(folder) else {
        throw TrainerError(
          "\(folder) holds all weights, this run trains adapters: give it another recipe.name, or start with --no-resume"
        )
      }
      try adapters.load(try AdapterWeights(folder: folder, layout: engine.layout, verification))
    } else {
      guard !AdapterWeights.isAdapter(folder) else {
        throw TrainerError(
          "\(folder) holds an adapter, this run trains all weights: give it another recipe.name, or start with --no-resume"
        )
      }
      try engine.parameters.load(
        try StoredWeights(directory: folder, layout: engine.layout, verification))
    }
    let hasMasters = engine.adapters == nil && engine.settings.precision.weights == .bf16
    let file = try SafetensorsFile(FilePath.join(folder, optimizerFileName), verification)
    for tensor in engine.trainedTensors {
      if hasMasters {
        var master = [Float](repeating: 0, count: tensor.count)
        try master.withUnsafeMutableBufferPointer { buffer in
          try file.readFloats(tensor.name + masterSuffix, shape: tensor.shape, into: buffer)
          try engine.parameters.write(tensor.name, UnsafeBufferPointer(buffer))
        }
      }
      for kind in engine.optimizer.stateKinds(of: tensor) {
        let name = "\(tensor.name).\(kind.rawValue)"
        if engine.optimizer.format(of: kind) == .fp32 {
          try engine.optimizer.withState(kind, tensor.name) { try file.readFloats(name, shape: tensor.shape, into: $0) }
        } else {
          try engine.optimizer.withBFloat16State(kind, tensor.name) {
            try file.readBFloat16(name, shape: tensor.shape, into: $0)
          }
        }
      }
    }
    try verification?.verifyWhatWasRead()
    engine.optimizer.restore(stepCount: state.counters["optimizer_steps"] ?? state.iteration)
    return state
  }
}

extension RunCheckpoint {
  /// Whether the states of a checkpoint of ours are those of adapters on gate and up of an expert together; `nil` where it
  /// has none.
  static func trainsJoinedExperts(_ folder: String) throws -> Bool? {
    let path = FilePath.join(folder, optimizerFileName)
    guard POSIXFileSystem().kind(path) == .file else { return nil }
    return try SafetensorsFile(path).entries.contains { $0.name.contains(".gate_up_proj.lora_A.") }
  }
}

extension TrainingEngine {
  /// What the optimizer changes.
  fileprivate var trainedTensors: [ParameterDescriptor] { adapters?.tensors ?? layout.tensors.filter(\.isTrainable) }
}
