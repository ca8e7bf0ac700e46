internal import CKernels

/// Applies one of the algorithms to all tensors of a layout, and keeps its states.
package final class Optimizer {
  package let settings: OptimizerSettings
  /// Updates done; AdamW's bias correction counts from it.
  package private(set) var stepCount = 0
  private let store: any TrainableArrays
  private let pool: WorkerPool
  /// AdamW's first moment, or the momentum of Muon and SGD; addressed like the parameters. Pages that belong to no
  /// tensor of that kind are never touched, so they take no memory.
  private let first32: Storage<Float>
  private let second32: Storage<Float>
  private let first16: Storage<UInt16>?
  private let second16: Storage<UInt16>?
  /// Of each thread, all that is not Muon's.
  private let runs: [[Run]]
  private let tensorsByName: [String: ParameterDescriptor]
  private let muon: Muon?

  /// Neighbouring tensors that are treated alike.
  private struct Run {
    var range: Range<Int>
    let isDecayed: Bool
  }

  init(settings: OptimizerSettings, store: any TrainableArrays, pool: WorkerPool) throws(EngineError) {
    self.settings = settings
    self.store = store
    self.pool = pool
    // Adam goes through all of it, Muon through its part of it.
    var isStreamed = false
    if case .adam = settings.algorithm { isStreamed = store.precision.moments == .fp32 }
    first32 = try Storage(count: store.storageCount, isStreamed: isStreamed)
    second32 = try Storage(count: store.storageCount, isStreamed: isStreamed)
    let is16 = store.precision.moments == .bf16
    first16 = is16 ? try Storage(count: store.storageCount) : nil
    second16 = is16 ? try Storage(count: store.storageCount) : nil
    var others = store.tensors.filter(\.isTrainable)
    if case .muon(let muonSettings, _) = settings.algorithm {
      muon = try Muon(tensors: others.filter(\.isMuon), settings: muonSettings, threads: pool.threads)
      others.removeAll(where: \.isMuon)
    } else {
      muon = nil
    }
    var runs: [Run] = []
    for tensor in others {
      if let last = runs.last, last.isDecayed == tensor.isDecayed,
        tensor.offset - last.range.upperBound < ParameterLayout.alignment
      {
        runs[runs.count - 1].range = last.range.lowerBound..<tensor.range.upperBound
      } else {
        runs.append(Run(range: tensor.range, isDecayed: tensor.isDecayed))
      }
    }
    self.runs = (0..<pool.threads).map { thread in
      let shares = store.regions.map { pool.share(of: $0, thread: thread) }
      return runs.flatMap { run in
        shares.compactMap { share in
          let part = share.clamped(to: run.range)
          return part.isEmpty ? nil : Run(range: part, isDecayed: run.isDecayed)
        }
      }
    }
    tensorsByName = Dictionary(store.tensors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// One update from the stored gradients.
  ///
  /// - Returns: the global norm of the gradients before clipping. Where it is not finite nothing is updated.
  package func step(learningRate: Float, weightDecay: Float) -> Float {
    let norm = gradientNorm()
    guard norm.isFinite else { return norm }
    let scale = settings.clipGrad > 0 ? min(1, settings.clipGrad / (norm + 1e-6)) : 1
    stepCount += 1
    switch settings.algorithm {
    case .adam(let adam): stepAdam(adam, learningRate, weightDecay, scale)
    case .muon(_, let adam):
      muon?.step(
        store: store, momentum: first32.base, pool: pool, learningRate: learningRate,
        weightDecay: weightDecay, gradientScale: scale)
      stepAdam(adam, learningRate, weightDecay, scale)
    case .sgd(let momentum): stepSGD(momentum, learningRate, weightDecay, scale)
    }
    return norm
  }

  /// Over all trainable tensors; the gaps between them are zero.
  package func gradientNorm() -> Float {
    // Chunks are the same for every thread count, so the norm is too. A thread sums those that begin in its shares.
    let (count, chunk) = (store.storageCount, 1 << 14)
    func chunks(before element: Int) -> Int { (element + chunk - 1) / chunk }
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: chunks(before: count)) { sums in
      guard let sums = sums.baseAddress else { return 0 }
      pool.run { thread in
        for region in store.regions {
          let share = pool.share(of: region, thread: thread)
          for index in chunks(before: share.lowerBound)..<chunks(before: share.upperBound) {
            let (start, length) = (index * chunk, min(chunk, count - index * chunk))
            if let gradients = store.fullGradients {
              sums[index] = kernel_sum_squares(gradients + start, length)
            } else if let gradients = store.gradients16 {
              sums[index] = kernel_sum_squares_bf16(gradients.base + start, length)
            }
          }
        }
      }
      var total = 0.0
      for index in 0..<chunks(before: count) { total += sums[index] }
      return Float(total.squareRoot())
    }
  }

  // MARK: AdamW and SGD

  private func stepAdam(_ adam: AdamSettings, _ learningRate: Float, _ weightDecay: Float, _ scale: Float) {
    // 1 - beta^t in double: for small t the difference is what matters.
    func correction(_ beta: Float) -> Float {
      var power = 1.0
      var (base, exponent) = (Double(beta), stepCount)
      while exponent > 0 {
        if exponent & 1 == 1 { power *= base }
        base *= base
        exponent >>= 1
      }
      return Float(1 / (1 - power))
    }
    let values = adam_settings(
      lr: learningRate, weight_decay: 0, beta1: adam.beta1, beta2: adam.beta2, eps: adam.eps,
      correction1: correction(adam.beta1), correction2: correction(adam.beta2), gradient_scale: scale)
    pool.run { thread in
      for run in runs[thread] {
        var settings = values
        settings.weight_decay = run.isDecayed ? weightDecay : 0
        adamUpdate(run.range, settings)
      }
    }
  }

  private func adamUpdate(_ range: Range<Int>, _ settings: adam_settings) {
    let start = range.lowerBound
    if let gradients = store.fullGradients, first16 == nil, store.weights16 == nil {
      kernel_adam(
        store.master.base + start, gradients + start, first32.base + start, second32.base + start, settings,
        range.count)
      return
    }
    if let gradients = store.gradients16, let weights = store.weights16, let first16, let second16 {
      kernel_adam_bf16(
        store.master.base + start, weights.base + start, gradients.base + start, first16.base + start,
        second16.base + start, settings, range.count)
      return
    }
    // Where only some of it is stored in bf16 that is widened, updated and rounded in pieces that stay in the first cache.
    let piece = 1024
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * piece) { buffer in
      guard let gradients = buffer.baseAddress else { return }
      let (first, second) = (gradients + piece, gradients + 2 * piece)
      for start in stride(from: range.lowerBound, to: range.upperBound, by: piece) {
        let count = min(piece, range.upperBound - start)
        store.readGradients(start, count, into: gradients)
        if let first16, let second16 {
          kernel_from_bf16(first16.base + start, first, count)
          kernel_from_bf16(second16.base + start, second, count)
          kernel_adam(store.master.base + start, gradients, first, second, settings, count)
          kernel_to_bf16(first, first16.base + start, count)
          kernel_to_bf16(second, second16.base + start, count)
        } else {
          kernel_adam(
            store.master.base + start, gradients, first32.base + start, second32.base + start, settings, count)
        }
        store.roundWeights(start, count)
      }
    }
  }

  private func stepSGD(_ momentum: Float, _ learningRate: Float, _ weightDecay: Float, _ scale: Float) {
    pool.run { thread in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 1024) { buffer in
        guard let gradients = buffer.baseAddress else { return }
        for run in runs[thread] {
          for start in stride(from: run.range.lowerBound, to: run.range.upperBound, by: 1024) {
            let count = min(1024, run.range.upperBound - start)
            store.readGradients(start, count, into: gradients)
            kernel_sgd(
              store.master.base + start, gradients, first32.base + start, learningRate,
              run.isDecayed ? weightDecay : Float(0), momentum, scale, count)
            store.roundWeights(start, count)
          }
        }
      }
    }
  }
}

// MARK: States

extension Optimizer {
  /// A state of one tensor, under the name that PyTorch's and Megatron's checkpoints use.
  package enum StateKind: String, Sendable, CaseIterable {
    case expAvg = "exp_avg"
    case expAvgSq = "exp_avg_sq"
    case momentum = "momentum_buffer"
  }

  /// The states this optimizer keeps for a tensor.
  package func stateKinds(of tensor: ParameterDescriptor) -> [StateKind] {
    guard tensor.isTrainable else { return [] }
    switch settings.algorithm {
    case .adam: return [.expAvg, .expAvgSq]
    case .muon: return tensor.isMuon ? [.momentum] : [.expAvg, .expAvgSq]
    case .sgd: return [.momentum]
    }
  }

  /// The format in which a state is stored.
  package func format(of kind: StateKind) -> StoragePrecision.Format {
    kind == .momentum ? .fp32 : store.precision.moments
  }

  /// Reads a state kept in fp32.
  ///
  /// - Throws: `EngineError.noSuchTensor` for a state that does not exist or is kept in bf16.
  package func withState<R>(
    _ kind: StateKind, _ name: String, _ body: (UnsafeMutableBufferPointer<Float>) throws -> R
  ) throws -> R {
    let tensor = try tensor(name, kind)
    guard format(of: kind) == .fp32 else { throw EngineError.noSuchTensor("\(name) (\(kind.rawValue), fp32)") }
    let base = kind == .expAvgSq ? second32.base : first32.base
    return try body(UnsafeMutableBufferPointer(start: base + tensor.offset, count: tensor.count))
  }

  /// Reads or replaces a state kept in bf16.
  package func withBFloat16State<R>(
    _ kind: StateKind, _ name: String, _ body: (UnsafeMutableBufferPointer<UInt16>) throws -> R
  ) throws -> R {
    let tensor = try tensor(name, kind)
    guard format(of: kind) == .bf16, let storage = kind == .expAvgSq ? second16 : first16 else {
      throw EngineError.noSuchTensor("\(name) (\(kind.rawValue), bf16)")
    }
    return try body(UnsafeMutableBufferPointer(start: storage.base + tensor.offset, count: tensor.count))
  }

  /// After the states were replaced from a checkpoint.
  package func restore(stepCount: Int) { self.stepCount = max(0, stepCount) }

  private func tensor(_ name: String, _ kind: StateKind) throws(EngineError) -> ParameterDescriptor {
    guard let tensor = tensorsByName[name], stateKinds(of: tensor).contains(kind) else {
      throw .noSuchTensor("\(name) (\(kind.rawValue))")
    }
    return tensor
  }
}
