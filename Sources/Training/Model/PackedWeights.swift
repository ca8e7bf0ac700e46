internal import CKernels

/// The weights of a model as bf16 products read them, packed once a step.
///
/// A product packs its weights whenever it runs: in every micro-batch, forward, recomputed and backward, on every thread. What
/// is packed is kept instead until the weights change. The product and the gradient of its input each need a form of their
/// own: an instruction multiplies pairs that are neighbours in the sum, which are a weight's inputs in the one and its outputs
/// in the other.
final class PackedWeights {
  /// Some rows of a group's weights that are multiplied by together.
  struct Matrix {
    /// Of the first row within its group.
    let offset: Int
    let outputs: Int
    let inputs: Int
    /// For `x Wᵀ` and for `dy W`.
    fileprivate let forward: UnsafeMutableRawPointer
    fileprivate let backward: UnsafeMutableRawPointer

    func packed(for direction: GroupWeights.Direction) -> UnsafeRawPointer {
      UnsafeRawPointer(direction == .forward ? forward : backward)
    }

    func packedBytes(for direction: GroupWeights.Direction) -> Int {
      switch direction {
      case .forward: MatrixProduct.packedBytes(columns: outputs, depth: inputs)
      case .backward: MatrixProduct.packedBytes(columns: inputs, depth: outputs)
      }
    }

    fileprivate func pack(_ weights: UnsafeMutablePointer<UInt16>, part: Int, of parts: Int) {
      let w = MatrixProduct.Operand.bf16(weights + offset)
      MatrixProduct.pack(
        w, inputs, isTransposed: true, columns: outputs, depth: inputs, part: part, of: parts, to: forward)
      MatrixProduct.pack(
        w, inputs, isTransposed: false, columns: inputs, depth: outputs, part: part, of: parts, to: backward)
    }
  }

  /// Of all groups, by offset within each.
  private let matrices: UnsafeMutableBufferPointer<Matrix>
  private let groups: [Range<Int>]
  private let memory: Storage<UInt8>
  /// Of each group: whether it is packed as its weights are.
  private var isCurrent: [Bool]

  init(layout: ParameterLayout) throws(EngineError) {
    memory = try Storage(count: Self.bytes(layout), isStreamed: true)
    var place = UnsafeMutableRawPointer(memory.base)
    func next(_ bytes: Int) -> UnsafeMutableRawPointer {
      defer { place += bytes }
      return place
    }
    var (matrices, groups): ([Matrix], [Range<Int>]) = ([], [])
    for group in layout.groups.indices {
      let first = matrices.count
      for shape in Self.shapes(layout, group: group) {
        matrices.append(
          Matrix(
            offset: shape.offset, outputs: shape.outputs, inputs: shape.inputs,
            forward: next(MatrixProduct.packedBytes(columns: shape.outputs, depth: shape.inputs)),
            backward: next(MatrixProduct.packedBytes(columns: shape.inputs, depth: shape.outputs))))
      }
      groups.append(first..<matrices.count)
    }
    self.matrices = .allocate(capacity: matrices.count)
    _ = self.matrices.initialize(from: matrices)
    self.groups = groups
    isCurrent = groups.map { _ in false }
  }

  deinit { matrices.deallocate() }

  /// To be called where weights have changed.
  func weightsChanged() {
    for group in isCurrent.indices { isCurrent[group] = false }
  }

  /// The matrices of a group, packed where they are not.
  ///
  /// - Parameter weights: of the group.
  func matrices(
    ofGroup group: Int, _ weights: UnsafeMutablePointer<UInt16>, _ pool: WorkerPool
  ) -> UnsafeBufferPointer<Matrix> {
    let matrices = UnsafeBufferPointer(rebasing: UnsafeBufferPointer(self.matrices)[groups[group]])
    guard !isCurrent[group] else { return matrices }
    // Of every matrix a thread packs some columns: experts are many, but a head is one.
    pool.run { thread in
      for matrix in matrices { matrix.pack(weights, part: thread, of: pool.threads) }
    }
    isCurrent[group] = true
    return matrices
  }

  // MARK: What is packed

  /// What `init` allocates.
  static func bytes(_ layout: ParameterLayout) -> Int {
    layout.groups.indices.reduce(0) { sum, group in
      shapes(layout, group: group).reduce(sum) {
        $0 + MatrixProduct.packedBytes(columns: $1.outputs, depth: $1.inputs)
          + MatrixProduct.packedBytes(columns: $1.inputs, depth: $1.outputs)
      }
    }
  }

  /// Of every linear of a group what is multiplied in bf16, by offset.
  private static func shapes(_ layout: ParameterLayout, group: Int) -> [(offset: Int, outputs: Int, inputs: Int)] {
    linears(layout, group: group).map { linear in
      (linear.offset + linear.fp32Outputs * linear.inputs, linear.outputs - linear.fp32Outputs, linear.inputs)
    }.filter { $0.outputs > 0 && $0.inputs > 0 }.sorted { $0.offset < $1.offset }
  }

  private static func linears(_ layout: ParameterLayout, group: Int) -> [Linear] {
    let shape = layout.shape
    if (1...shape.numHiddenLayers).contains(group) { return DecoderLayer(layout: layout, layer: group - 1).linears }
    let ofHead = shape.tieWordEmbeddings ? 0 : layout.groups.count - 1
    return group == ofHead ? [OutputHead(layout: layout).projection] : []
  }
}

extension DecoderLayer {
  /// All that multiply: one for every expert's matrices.
  fileprivate var linears: [Linear] {
    let projections =
      [attention.projection, attention.keyValueUp, attention.output] + (attention.queryLatent.map { [$0.up] } ?? [])
    switch feedForward {
    case .dense(let mlp): return projections + [mlp.joined, mlp.down]
    case .mixture(let mixture):
      let experts = (0..<shape.nRoutedExperts).flatMap { expert in
        [mixture.gateUp, mixture.down].map { linear in
          Linear(offset: linear.offset + expert * mixture.expertStride, inputs: linear.inputs, outputs: linear.outputs)
        }
      }
      return projections + [mixture.shared.joined, mixture.shared.down] + experts
    }
  }
}
