/// The bytes that an engine of given settings will take, known before anything is allocated.
package struct MemoryPlan: Sendable, Equatable {
  /// Weights in their storage format; with bf16 the fp32 masters are apart.
  package let weights: Int
  package let masterWeights: Int
  package let gradients: Int
  package let optimizerStates: Int
  /// What layers keep between their forward and their backward pass, logits included.
  package let activations: Int
  /// Scratch memory: gradients of activations, widened bf16 groups, packed weights, Newton-Schulz arrays, rotation tables.
  package let workspace: Int
  /// The program itself (measured: 15 MiB above everything else, with one thread as with twelve).
  package let runtime: Int

  package var total: Int {
    weights + masterWeights + gradients + optimizerStates + activations + workspace + runtime
  }

  /// - Throws: `EngineError.invalidShape` for settings that describe no engine.
  package init(_ settings: EngineSettings) throws(EngineError) {
    let layout: ParameterLayout
    do throws(ModelShapeError) { layout = try ParameterLayout(shape: settings.shape) } catch {
      throw .invalidShape(error)
    }
    try settings.validateCapacity()
    let precision = settings.precision
    let adapters = settings.adapters
    let sizes = ParameterStore.sizes(
      layout: layout, precision: precision, products: settings.products, isFrozen: adapters != nil)
    let is16 = precision.weights == .bf16
    let adapterTensors = try adapters.map { (settings) throws(EngineError) in
      try AdapterStore.tensors(settings, layout: layout)
    }
    // What is trained: all parameters, or the adapters, which are fp32.
    let count = adapterTensors.map { $0.last?.range.upperBound ?? 0 } ?? layout.storageCount
    weights = Self.weights(layout, precision, isFrozen: adapters != nil) + (adapters == nil ? 0 : count * 4)
    masterWeights = is16 ? sizes.master * 4 : 0
    gradients = adapters == nil ? count * precision.gradients.bytes : count * 4

    let muonTensors = (adapterTensors ?? layout.tensors).filter(\.isMuon)
    let muonCount = muonTensors.reduce(0) { $0 + $1.count }
    var workspace = 4 * (sizes.widened + (precision.gradients == .bf16 ? sizes.gradients32 : 0))
    let momentBytes = adapters == nil ? precision.moments.bytes : 4
    switch settings.optimizer.algorithm {
    case .adam: optimizerStates = 2 * count * momentBytes
    case .sgd: optimizerStates = count * 4
    case .muon(let muon, _):
      optimizerStates = muonCount * 4 + 2 * (count - muonCount) * momentBytes
      workspace +=
        4 * Muon.scratchCount(tensors: muonTensors, settings: muon, threads: settings.threads)
    }

    let plan = ActivationPlan.sizes(settings)
    activations = 4 * plan.activations
    if settings.products == .bf16 {
      workspace +=
        (is16 && adapters == nil ? 4 * layout.gainCount : 0)
        + (is16 && adapters == nil && settings.packsWeights ? PackedWeights.bytes(layout) : 0)
    }
    workspace += settings.threads * MatrixProduct.packingBytes
    workspace += 4 * plan.scratch + 4 * settings.capacity.length * settings.shape.qkRopeHeadDim
    self.workspace = workspace
    runtime = 15 << 20
  }

  /// Bytes of a model's weights in their storage format, without masters.
  package static func weights(_ layout: ParameterLayout, _ precision: StoragePrecision, isFrozen: Bool) -> Int {
    layout.storageCount * precision.weights.bytes + layout.bufferCount * 4
      + (isFrozen && precision.weights == .bf16 ? layout.gainCount * 4 : 0)
  }
}

extension EngineSettings {
  /// Micro-batches so large that indices would not fit are refused here, before any size is computed from them.
  func validateCapacity() throws(EngineError) {
    guard capacity.sequences >= 1, capacity.length >= 1, capacity.length <= 1 << 24,
      capacity.sequences <= (1 << 30) / capacity.length / max(1, shape.numExpertsPerTok)
    else {
      throw .invalidSettings("micro-batches of \(capacity.sequences) sequences of \(capacity.length) tokens")
    }
    guard (1...256).contains(threads) else { throw .cannotStartThreads(threads) }
  }
}

extension ActivationPlan {
  /// Floats for activations and for scratch memory.
  static func sizes(_ settings: EngineSettings) -> (activations: Int, scratch: Int) {
    var arena = Arena.measuring
    _ = ActivationPlan(
      &arena, shape: settings.shape, capacity: settings.capacity, recompute: settings.recompute,
      adapters: settings.adapters, threads: settings.threads)
    var scratch = Arena.measuring
    _ = Scratch(
      &scratch, shape: settings.shape, capacity: settings.capacity, adapters: settings.adapters,
      threads: settings.threads)
    return (arena.used - scratch.used, scratch.used)
  }
}
