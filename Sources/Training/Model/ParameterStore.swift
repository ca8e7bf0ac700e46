internal import CKernels

/// How a run stores its numbers. Arithmetic is fp32 in every case.
package struct StoragePrecision: Sendable, Equatable {
  package enum Format: Sendable, Equatable {
    case fp32
    case bf16

    var bytes: Int { self == .fp32 ? 4 : 2 }
  }

  /// bf16 weights come with fp32 master weights, which the optimizer updates.
  package var weights: Format
  /// Megatron: `main_grads_dtype`, or `grad_reduce_in_fp32`.
  package var gradients: Format
  /// AdamW's moments (Megatron: `exp_avg_dtype`, `exp_avg_sq_dtype`). The momentum of Muon and SGD is fp32 always.
  package var moments: Format

  package init(weights: Format, gradients: Format, moments: Format) {
    self.weights = weights
    self.gradients = gradients
    self.moments = moments
  }

  package static let fp32 = StoragePrecision(weights: .fp32, gradients: .fp32, moments: .fp32)
  /// Megatron's precision-aware optimizer: 12 bytes a parameter with AdamW.
  package static let bf16 = StoragePrecision(weights: .bf16, gradients: .bf16, moments: .bf16)
}

/// The parameters of a model and their gradients, addressed by name through the layout.
///
/// The engine visits it group by group. In fp32 a visit works on the arrays themselves; in bf16 the group's weights are
/// widened into a scratch array first and its gradients rounded when the visit ends.
package final class ParameterStore {
  package let layout: ParameterLayout
  package let precision: StoragePrecision
  /// The weights in fp32, the master weights in bf16 mode.
  let master: Storage<Float>
  /// Router correction biases, always fp32.
  let buffers: Storage<Float>
  let weights16: Storage<UInt16>?
  let gradients16: Storage<UInt16>?
  private let gradients32: Storage<Float>
  private let widened: Storage<Float>?
  private let pool: WorkerPool

  package init(layout: ParameterLayout, precision: StoragePrecision, pool: WorkerPool) throws(EngineError) {
    self.layout = layout
    self.precision = precision
    self.pool = pool
    master = try Storage(count: layout.storageCount)
    buffers = try Storage(count: layout.bufferCount)
    let largest = layout.groups.map(\.count).max() ?? 0
    gradients32 = try Storage(count: precision.gradients == .fp32 ? layout.storageCount : largest)
    gradients16 = precision.gradients == .bf16 ? try Storage(count: layout.storageCount) : nil
    weights16 = precision.weights == .bf16 ? try Storage(count: layout.storageCount) : nil
    widened = precision.weights == .bf16 ? try Storage(count: largest) : nil
  }

  // MARK: Visits of the engine

  /// The weights of one group in fp32, good until the next call.
  func weights(ofGroup group: Int) -> Floats {
    let range = layout.groups[group]
    guard let weights16, let widened else { return master.base + range.lowerBound }
    pool.forRanges(range.count, grain: 16) { part in
      kernel_from_bf16(
        weights16.base + range.lowerBound + part.lowerBound, widened.base + part.lowerBound, part.count)
    }
    return widened.base
  }

  /// Where to put the gradients of a group; `finishGradients` ends the visit.
  ///
  /// - Parameter isFirst: nothing of this step has been stored yet.
  func gradients(ofGroup group: Int, isFirst: Bool) -> GradientTarget {
    guard gradients16 == nil else { return GradientTarget(base: gradients32.base, beta: 0) }
    return GradientTarget(base: gradients32.base + layout.groups[group].lowerBound, beta: isFirst ? 0 : 1)
  }

  func finishGradients(ofGroup group: Int, isFirst: Bool) {
    guard let gradients16 else { return }
    let range = layout.groups[group]
    pool.forRanges(range.count, grain: 16) { part in
      let (source, target) = (
        gradients32.base + part.lowerBound, gradients16.base + range.lowerBound + part.lowerBound
      )
      isFirst ? kernel_to_bf16(source, target, part.count) : kernel_accumulate_bf16(source, target, part.count)
    }
  }

  // MARK: Access by name

  /// Reads a tensor's values in fp32, from the master weights in bf16 mode.
  package func withTensor<R>(_ name: String, _ body: (UnsafeBufferPointer<Float>) throws -> R) throws -> R {
    let tensor = try descriptor(name)
    return try body(UnsafeBufferPointer(start: values(tensor), count: tensor.count))
  }

  /// Replaces a tensor's values; in bf16 mode the weight becomes the rounded value.
  ///
  /// - Throws: `EngineError.noSuchTensor`, `.wrongCount`
  package func write(_ name: String, _ source: UnsafeBufferPointer<Float>) throws(EngineError) {
    let tensor = try descriptor(name)
    guard source.count == tensor.count, let base = source.baseAddress else {
      throw .wrongCount(tensor: name, expected: tensor.count, found: source.count)
    }
    values(tensor).update(from: base, count: tensor.count)
    if tensor.isTrainable { roundWeights(tensor.offset, tensor.count) }
  }

  /// The bf16 weights of a tensor, `nil` in fp32 mode.
  package func withBFloat16<R>(_ name: String, _ body: (UnsafeBufferPointer<UInt16>) throws -> R) throws -> R? {
    let tensor = try descriptor(name)
    guard let weights16, tensor.isTrainable else { return nil }
    return try body(UnsafeBufferPointer(start: weights16.base + tensor.offset, count: tensor.count))
  }

  /// A copy of a tensor's gradient in fp32, as the last step or `computeGradients` left it.
  package func gradient(_ name: String) throws(EngineError) -> [Float] {
    let tensor = try descriptor(name)
    guard tensor.isTrainable else { return [] }
    return [Float](unsafeUninitializedCapacity: tensor.count) { buffer, count in
      guard let base = buffer.baseAddress else { return }
      readGradients(tensor.offset, tensor.count, into: base)
      count = tensor.count
    }
  }

  func values(_ tensor: ParameterDescriptor) -> Floats {
    tensor.kind == .buffer ? buffers.base + tensor.offset : master.base + tensor.offset
  }

  /// All gradients, unless they are stored in bf16.
  var fullGradients: Floats? { gradients16 == nil ? gradients32.base : nil }

  /// Brings bf16 weights up to date with their masters.
  func roundWeights(_ start: Int, _ count: Int) {
    guard let weights16 else { return }
    kernel_to_bf16(master.base + start, weights16.base + start, count)
  }

  /// Gradients in fp32, however they are stored.
  func readGradients(_ start: Int, _ count: Int, into out: Floats) {
    if let gradients16 {
      kernel_from_bf16(gradients16.base + start, out, count)
    } else {
      out.update(from: gradients32.base + start, count: count)
    }
  }

  private func descriptor(_ name: String) throws(EngineError) -> ParameterDescriptor {
    guard let tensor = layout[name] else { throw .noSuchTensor(name) }
    return tensor
  }
}
