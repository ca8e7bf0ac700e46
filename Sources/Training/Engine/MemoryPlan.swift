/// The bytes that an engine of given settings will take, known before anything is allocated.
package struct MemoryPlan: Sendable, Equatable {
  /// Weights in their storage format; with bf16 the fp32 masters are apart.
  package let weights: Int
  package let masterWeights: Int
  package let gradients: Int
  package let optimizerStates: Int
  /// What layers keep between their forward and their backward pass, logits included.
  package let activations: Int
  /// Scratch memory: gradients of activations, widened bf16 groups, Newton-Schulz arrays, rotation tables.
  package let workspace: Int
  /// The program itself and the BLAS' buffers (measured: a step of the smallest model peaks at 22 MiB with one thread
  /// and 4 MiB more with each other one).
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
    let count = layout.storageCount
    let largestGroup = layout.groups.map(\.count).max() ?? 0
    let isWidened = precision.weights == .bf16
    weights = count * precision.weights.bytes + layout.bufferCount * 4
    masterWeights = isWidened ? count * 4 : 0
    gradients = count * precision.gradients.bytes

    let muonTensors = layout.tensors.filter(\.isMuon)
    let muonCount = muonTensors.reduce(0) { $0 + $1.count }
    var workspace = (isWidened ? largestGroup * 4 : 0) + (precision.gradients == .bf16 ? largestGroup * 4 : 0)
    switch settings.optimizer.algorithm {
    case .adam: optimizerStates = 2 * count * precision.moments.bytes
    case .sgd: optimizerStates = count * 4
    case .muon:
      optimizerStates = muonCount * 4 + 2 * (count - muonCount) * precision.moments.bytes
      workspace += 4 * Muon.scratchCount(tensors: muonTensors, threads: settings.threads)
    }

    let plan = ActivationPlan.sizes(settings)
    activations = 4 * plan.activations
    workspace += 4 * plan.scratch + 4 * settings.capacity.length * settings.shape.qkRopeHeadDim
    self.workspace = workspace
    runtime = (18 + 4 * settings.threads) << 20
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
      threads: settings.threads)
    var scratch = Arena.measuring
    _ = Scratch(&scratch, shape: settings.shape, capacity: settings.capacity, threads: settings.threads)
    return (arena.used - scratch.used, scratch.used)
  }
}
