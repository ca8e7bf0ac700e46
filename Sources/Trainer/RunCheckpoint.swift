package import Training

/// What a checkpoint of ours holds: weights as Hugging Face stores them, optimizer states, and where the run stands.
package enum RunCheckpoint {
  static let optimizerFileName = "optimizer.safetensors"
  private static let masterSuffix = ".master"

  // MARK: Writing

  /// Writes a whole checkpoint into a folder that ``CheckpointDirectory`` has made: of an engine with adapters these
  /// alone, and where their base is.
  package static func write(
    _ engine: TrainingEngine, _ state: TrainerState, _ config: HuggingFaceConfig, base: String?, to folder: String,
    _ fileSystem: any FileSystem
  ) throws {
    if let adapters = engine.adapters {
      try writeAdapter(adapters, engine.layout, base: base, to: folder, fileSystem)
    } else {
      try writeWeights(engine, config, to: folder, fileSystem)
    }
    try SafetensorsWriter.write(states(of: engine), to: FilePath.join(folder, optimizerFileName), fileSystem)
    try state.write(to: folder, fileSystem)
  }

  /// The adapter as peft loads it.
  private static func writeAdapter(
    _ adapters: AdapterStore, _ layout: ParameterLayout, base: String?, to folder: String, _ fileSystem: any FileSystem
  ) throws {
    let settings = adapters.settings
    try SafetensorsWriter.write(
      adapters.tensorsToWrite, to: FilePath.join(folder, AdapterWeights.fileName), fileSystem)
    var config = AdapterConfig(
      rank: settings.dim, alpha: Double(settings.alpha), useDora: settings.useDora,
      targetModules: AdapterConfig.targetModules(of: settings.targets, in: layout), base: base)
    config.dropout = settings.dropout
    try config.write(to: folder, fileSystem)
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

  /// Loads a Hugging Face directory's weights, tensor by tensor.
  ///
  /// - Throws: ``SafetensorsError`` for a tensor that is missing, of another shape, or holds what is no number;
  ///   ``TrainerError`` for tensors that the model has no place for.
  package static func readWeights(_ folder: String, into parameters: ParameterStore) throws {
    let shape = parameters.layout.shape
    let isTied = shape.tieWordEmbeddings
    let extraLayers = try predictionLayers(folder, of: shape)
    let strangers = try parameters.load(try ModelWeights(directory: folder)).filter { name in
      !(isTied && name == "lm_head.weight") && !extraLayers.contains { name.hasPrefix($0) }
    }
    guard strangers.isEmpty else {
      throw TrainerError(
        "\(folder) holds \(strangers.count) tensors that this model has no place for, such as \(strangers[0])")
    }
  }

  /// Where DeepSeek-V3 keeps its layers of multi-token prediction, which transformers passes over too.
  private static func predictionLayers(_ folder: String, of shape: ModelShape) throws -> [String] {
    let config = try HuggingFaceConfig(file: FilePath.join(folder, HuggingFaceConfig.fileName))
    let count = min(config.numNextnPredictLayers, 64)
    return (0..<count).map { "model.layers.\(shape.numHiddenLayers + $0)." }
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
      _ = try AdapterWeights(folder: folder)
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
  package static func resume(_ folder: String, into engine: TrainingEngine) throws -> TrainerState {
    let state = try TrainerState(folder: folder)
    if let adapters = engine.adapters {
      guard AdapterWeights.isAdapter(folder) else {
        throw TrainerError(
          "\(folder) holds all weights, this run trains adapters: give it another recipe.name, or start with --no-resume"
        )
      }
      try AdapterWeights(folder: folder).load(into: adapters)
    } else {
      guard !AdapterWeights.isAdapter(folder) else {
        throw TrainerError(
          "\(folder) holds an adapter, this run trains all weights: give it another recipe.name, or start with --no-resume"
        )
      }
      try readWeights(folder, into: engine.parameters)
    }
    let hasMasters = engine.adapters == nil && engine.settings.precision.weights == .bf16
    let file = try SafetensorsFile(FilePath.join(folder, optimizerFileName))
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
    engine.optimizer.restore(stepCount: state.counters["optimizer_steps"] ?? state.iteration)
    return state
  }
}

extension TrainingEngine {
  /// What the optimizer changes.
  fileprivate var trainedTensors: [ParameterDescriptor] { adapters?.tensors ?? layout.tensors.filter(\.isTrainable) }
}
