internal import CKernels

/// How a run stores its numbers. What its products multiply is another matter (``ProductPrecision``).
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

/// What an optimizer works on: a flat array of parameters with their gradients, and the list of tensors in it.
protocol TrainableArrays: AnyObject {
  var tensors: [ParameterDescriptor] { get }
  var storageCount: Int { get }
  /// What is shared out evenly among threads, each part by itself. Who updates a parameter wrote its gradient.
  var regions: [Range<Int>] { get }
  var precision: StoragePrecision { get }
  /// fp32 weights, or the masters of bf16 ones.
  var master: Storage<Float> { get }
  var weights16: Storage<UInt16>? { get }
  var gradients16: Storage<UInt16>? { get }
  /// All gradients, unless they are stored in bf16.
  var fullGradients: Floats? { get }
  func readGradients(_ start: Int, _ count: Int, into out: Floats)
  func roundWeights(_ start: Int, _ count: Int)
}

extension TrainableArrays {
  var regions: [Range<Int>] { [0..<storageCount] }
}

/// The parameters of a model and their gradients, addressed by name through the layout.
///
/// The engine visits it group by group. In fp32 a visit works on the arrays themselves, and bf16 products read bf16 weights
/// where they are; fp32 products have the group's weights widened into a scratch array first. bf16 gradients are rounded when
/// the visit ends.
package final class ParameterStore: TrainableArrays {
  package let layout: ParameterLayout
  package let precision: StoragePrecision
  /// What the engine's products multiply.
  let products: MatrixProduct
  /// Low-rank changes that are trained in place of the parameters, which then are frozen.
  package let adapters: AdapterStore?
  /// There are neither gradients nor masters: the weights are held once, as they are stored.
  let isFrozen: Bool
  /// The weights in fp32, the master weights in bf16 mode; empty when frozen in bf16.
  let master: Storage<Float>
  /// Router correction biases, always fp32.
  let buffers: Storage<Float>
  let weights16: Storage<UInt16>?
  let gradients16: Storage<UInt16>?
  private let gradients32: Storage<Float>
  private let widened: Storage<Float>?
  /// Norm gains in fp32, where products read the weights in bf16.
  private let gains: Storage<Float>?
  /// Of each group.
  private let gainTensors: [[ParameterDescriptor]]
  private let packedWeights: PackedWeights?
  private let pool: WorkerPool

  /// - Parameters:
  ///   - adapters: freeze the parameters.
  ///   - isFrozen: so are they where nothing is trained at all.
  ///   - packsWeights: keeps trained bf16 weights packed for bf16 products too.
  package init(
    layout: ParameterLayout, precision: StoragePrecision, products: ProductPrecision = .fp32,
    adapters: AdapterStore? = nil, isFrozen: Bool = false, packsWeights: Bool = false, pool: WorkerPool
  ) throws(EngineError) {
    let is16 = precision.weights == .bf16
    let isFrozen = isFrozen || adapters != nil
    let sizes = Self.sizes(layout: layout, precision: precision, products: products, isFrozen: isFrozen)
    self.layout = layout
    self.precision = precision
    self.products = MatrixProduct(products)
    self.adapters = adapters
    self.isFrozen = isFrozen
    self.pool = pool
    master = try Storage(count: sizes.master, isStreamed: true)
    buffers = try Storage(count: layout.bufferCount)
    gradients32 = try Storage(count: sizes.gradients32, isStreamed: true)
    gradients16 = precision.gradients == .bf16 && !isFrozen ? try Storage(count: layout.storageCount) : nil
    weights16 = is16 ? try Storage(count: layout.storageCount, isStreamed: true) : nil
    widened = sizes.widened > 0 ? try Storage(count: sizes.widened) : nil
    gainTensors = layout.groups.map { group in
      layout.tensors.filter { $0.kind == .vector && group.contains($0.offset) }
    }
    let isPacked = packsWeights && is16 && products == .bf16 && !isFrozen
    packedWeights = isPacked ? try PackedWeights(layout: layout) : nil
    gains = is16 && sizes.widened == 0 ? try Storage(count: layout.gainCount) : nil
  }

  /// Elements of the fp32 arrays.
  static func sizes(
    layout: ParameterLayout, precision: StoragePrecision, products: ProductPrecision, isFrozen: Bool
  ) -> (master: Int, gradients32: Int, widened: Int) {
    let is16 = precision.weights == .bf16
    guard !isFrozen else { return (is16 ? 0 : layout.storageCount, 0, 0) }
    let largest = layout.groups.map(\.count).max() ?? 0
    let gradients = precision.gradients == .fp32 ? layout.storageCount : largest
    return (layout.storageCount, gradients, is16 && products == .fp32 ? largest : 0)
  }

  // MARK: Visits of the engine

  /// The weights of one group as the engine computes with them; trained bf16 ones are good until the next call.
  ///
  /// - Parameter dropout: on the adapters' way.
  func weights(ofGroup group: Int, dropout: AdapterDropout? = nil) -> GroupWeights {
    guard isFrozen else { return trainedWeights(ofGroup: group) }
    return frozenWeights(ofGroup: group, adapters?.adapters(ofGroup: group), dropout)
  }

  /// To be called before every pass.
  func prepareAdapters() {
    adapters?.prepare(pool) { frozenWeights(ofGroup: $0, nil, nil) }
  }

  private func frozenWeights(
    ofGroup group: Int, _ adapters: UnsafeBufferPointer<LowRankAdapter>?, _ dropout: AdapterDropout?
  ) -> GroupWeights {
    let start = layout.groups[group].lowerBound
    if let weights16, let gains {
      return GroupWeights(
        bf16: weights16.base + start, gains: gains.base, products: products, adapters: adapters, dropout: dropout)
    }
    return GroupWeights(fp32: master.base + start, products: products, adapters: adapters, dropout: dropout)
  }

  private func trainedWeights(ofGroup group: Int) -> GroupWeights {
    let range = layout.groups[group]
    guard let weights16 else { return GroupWeights(fp32: master.base + range.lowerBound, products: products) }
    guard let widened else { return roundedWeights(ofGroup: group, weights16.base + range.lowerBound) }
    pool.forRanges(range.count, grain: 16) { part in
      kernel_from_bf16(
        weights16.base + range.lowerBound + part.lowerBound, widened.base + part.lowerBound, part.count)
    }
    return GroupWeights(fp32: widened.base, products: products)
  }

  /// bf16 weights where they are, with their gains, which the optimizer may have changed.
  private func roundedWeights(ofGroup group: Int, _ base: UnsafeMutablePointer<UInt16>) -> GroupWeights {
    guard let gains else { preconditionFailure("bf16 weights are widened, or come with their gains") }
    for tensor in gainTensors[group] { widenGain(tensor) }
    return GroupWeights(
      bf16: base, gains: gains.base, products: products, packed: packedWeights?.matrices(ofGroup: group, base, pool))
  }

  /// Where to put the gradients of a group, `nil` for frozen ones; `finishGradients` ends the visit.
  ///
  /// - Parameter isFirst: nothing of this step has been stored yet.
  func gradients(ofGroup group: Int, isFirst: Bool) -> GradientTarget? {
    guard !isFrozen else { return nil }
    guard gradients16 == nil else { return GradientTarget(base: gradients32.base, beta: 0) }
    return GradientTarget(base: gradients32.base + layout.groups[group].lowerBound, beta: isFirst ? 0 : 1)
  }

  func finishGradients(ofGroup group: Int, isFirst: Bool) {
    guard let gradients16 else { return }
    let group = layout.groups[group]
    pool.run { thread in
      for region in layout.regions where group.contains(region.lowerBound) {
        let part = pool.share(of: region, thread: thread)
        let (source, target) = (
          gradients32.base + part.lowerBound - group.lowerBound, gradients16.base + part.lowerBound
        )
        isFirst ? kernel_to_bf16(source, target, part.count) : kernel_accumulate_bf16(source, target, part.count)
      }
    }
  }

  // MARK: Access by name

  /// Reads a tensor's values in fp32: the master weights, or, where there are none, the widened bf16 ones.
  package func withTensor<R>(_ name: String, _ body: (UnsafeBufferPointer<Float>) throws -> R) throws -> R {
    let tensor = try descriptor(name)
    guard let values = values(tensor) else {
      return try withBFloat16(name) { try BFloat16.widened(Array($0)).withUnsafeBufferPointer(body) }
        ?? body(UnsafeBufferPointer(start: nil, count: 0))
    }
    return try body(UnsafeBufferPointer(start: values, count: tensor.count))
  }

  /// A copy of a tensor as the engine computes with it: adapters merged in, bf16 widened.
  package func mergedValues(_ name: String) throws -> [Float] {
    var result: [Float]
    if let weights16 = try withBFloat16(name, { Array($0) }) {
      result = BFloat16.widened(weights16)
    } else {
      result = try withTensor(name) { Array($0) }
    }
    let rows = try descriptor(name).shape[0]
    result.withUnsafeMutableBufferPointer { values in
      if let base = values.baseAddress { adapters?.merge(into: base, rows: rows, of: name) }
    }
    return result
  }

  /// Replaces a tensor's values; in bf16 mode the weight becomes the rounded value.
  ///
  /// - Throws: `EngineError.noSuchTensor`, `.wrongCount`
  package func write(_ name: String, _ source: UnsafeBufferPointer<Float>) throws(EngineError) {
    let tensor = try descriptor(name)
    guard source.count == tensor.count, let base = source.baseAddress else {
      throw .wrongCount(tensor: name, expected: tensor.count, found: source.count)
    }
    values(tensor)?.update(from: base, count: tensor.count)
    if tensor.isTrainable, let weights16 { kernel_to_bf16(base, weights16.base + tensor.offset, tensor.count) }
    weightsWritten(tensor)
  }

  /// To be called where the weights have changed.
  func weightsChanged() { packedWeights?.weightsChanged() }

  /// Brings what is derived from a tensor's stored weights up to date with them.
  func weightsWritten(_ tensor: ParameterDescriptor) {
    adapters?.weightsChanged()
    weightsChanged()
    if tensor.kind == .vector { widenGain(tensor) }
  }

  private func widenGain(_ tensor: ParameterDescriptor) {
    guard let gains, let weights16 else { return }
    kernel_from_bf16(weights16.base + tensor.offset, gains.base + layout.gainPlace(tensor.name), tensor.count)
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
    guard tensor.isTrainable, !isFrozen else { return [] }
    return [Float](unsafeUninitializedCapacity: tensor.count) { buffer, count in
      guard let base = buffer.baseAddress else { return }
      readGradients(tensor.offset, tensor.count, into: base)
      count = tensor.count
    }
  }

  /// In fp32; `nil` for a parameter that is kept in bf16 alone.
  func values(_ tensor: ParameterDescriptor) -> Floats? {
    if tensor.kind == .buffer { return buffers.base + tensor.offset }
    return master.count > 0 ? master.base + tensor.offset : nil
  }

  var tensors: [ParameterDescriptor] { layout.tensors }
  var storageCount: Int { layout.storageCount }
  var regions: [Range<Int>] { layout.regions }
  var fullGradients: Floats? { gradients16 == nil ? gradients32.base : nil }

  /// Brings bf16 weights up to date with their masters.
  func roundWeights(_ start: Int, _ count: Int) {
    guard let weights16 else { return }
    kernel_to_bf16(master.base + start, weights16.base + start, count)
  }

  /// Gives masters the values of their bf16 weights.
  func roundMasters(_ start: Int, _ count: Int) {
    guard let weights16, master.count > 0 else { return }
    kernel_from_bf16(weights16.base + start, master.base + start, count)
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
