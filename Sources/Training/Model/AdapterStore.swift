internal import CKernels

/// The adapters of a model: for each adapted `W` [out, in] an `A` [rank, in], a `B` [out, rank] and for DoRA a magnitude
/// `m` [out], with their gradients, in one flat array each.
package final class AdapterStore: TrainableArrays {
  package let settings: AdapterSettings
  /// `…lora_A.weight`, `…lora_B.weight`, `…lora_magnitude_vector` under peft's prefix `base_model.model.`
  package let tensors: [ParameterDescriptor]
  let storageCount: Int
  let master: Storage<Float>
  let precision = StoragePrecision.fp32
  let weights16: Storage<UInt16>? = nil
  let gradients16: Storage<UInt16>? = nil
  private let gradients: Storage<Float>
  /// DoRA: what follows from the weights, see ``LowRankAdapter/Magnitude``.
  private let derived: Storage<Float>
  /// In the order of the matrices they belong to.
  private let adapters: UnsafeMutableBufferPointer<LowRankAdapter>
  /// The adapters of each group of parameters.
  private let groups: [Range<Int>]
  /// By adapted matrix: the adapter, and the row of its `B` where the matrix begins.
  private let places: [String: (number: Int, firstRow: Int)]
  private let tensorNumbers: [String: Int]
  private var derivedIsCurrent = false

  /// - Throws: `EngineError.noSuchTensor` for a target that the model does not have, `.invalidSettings` for one that is
  ///   not a projection of a decoder layer or comes twice, or a rank that is not positive.
  package init(_ settings: AdapterSettings, layout: ParameterLayout) throws(EngineError) {
    let tensors = try Self.tensors(settings, layout: layout)
    self.settings = settings
    self.tensors = tensors
    tensorNumbers = Dictionary(tensors.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    storageCount = tensors.last?.range.upperBound ?? 0
    master = try Storage(count: storageCount)
    gradients = try Storage(count: storageCount)
    derived = try Storage(
      count: settings.useDora
        ? settings.targets.reduce(0) { $0 + (layout[$1.name]?.shape[0] ?? 0) * (3 + $1.rank) } : 0)

    let perTarget = settings.useDora ? 3 : 2
    // Places among the tensors stay in the order of the targets; adapters are looked up in that of the matrices.
    let order = settings.targets.indices.sorted {
      (layout[settings.targets[$0].name]?.offset ?? 0) < (layout[settings.targets[$1].name]?.offset ?? 0)
    }
    var adapters: [LowRankAdapter] = []
    var groups = layout.groups.map { _ in 0..<0 }
    var places: [String: (number: Int, firstRow: Int)] = [:]
    var place = derived.base
    for index in order {
      let target = settings.targets[index]
      guard let base = layout[target.name], let layer = base.layer else { continue }
      let group = layer + 1
      let (outputs, inputs) = (base.shape[0] * target.matrices.count, base.shape[1])
      let parts = tensors[index * perTarget..<(index + 1) * perTarget].map(\.offset)
      var magnitude: LowRankAdapter.Magnitude?
      if settings.useDora {
        magnitude = LowRankAdapter.Magnitude(
          values: master.base + parts[2], gradient: gradients.base + parts[2], norms: place, scales: place + outputs,
          scalesLessOne: place + 2 * outputs, scaledB: place + 3 * outputs)
        place += outputs * (3 + target.rank)
      }
      for (part, matrix) in target.matrices.enumerated() {
        places[matrix] = (adapters.count, part * base.shape[0])
      }
      adapters.append(
        LowRankAdapter(
          offset: base.offset - layout.groups[group].lowerBound, outputs: outputs, inputs: inputs, rank: target.rank,
          scaling: target.scaling, id: RandomStream.hash(target.name), a: master.base + parts[0],
          b: master.base + parts[1],
          da: gradients.base + parts[0], db: gradients.base + parts[1], magnitude: magnitude))
      groups[group] = (groups[group].isEmpty ? adapters.count - 1 : groups[group].lowerBound)..<adapters.count
    }
    self.groups = groups
    self.places = places
    self.adapters = .allocate(capacity: adapters.count)
    _ = self.adapters.initialize(fromContentsOf: adapters)
  }

  deinit { adapters.deallocate() }

  static func tensors(
    _ settings: AdapterSettings, layout: ParameterLayout
  ) throws(EngineError) -> [ParameterDescriptor] {
    for target in settings.targets {
      guard (1...65_536).contains(target.rank) else { throw .invalidSettings("adapters of rank \(target.rank)") }
      guard target.scaling.isFinite else { throw .invalidSettings("adapters with alpha \(settings.alpha)") }
      guard !target.isParameter || !settings.useDora && settings.dropout == 0 else {
        throw .invalidSettings("DoRA or dropout on \(target.module)")
      }
    }
    guard (0...1).contains(settings.dropout) else {
      throw .invalidSettings("adapters with dropout \(settings.dropout)")
    }
    guard !settings.useDora || settings.dropoutPosition == .pre || settings.dropout == 0 else {
      throw .invalidSettings("DoRA with dropout behind the adapter")
    }
    var tensors: [ParameterDescriptor] = []
    var seen: Set<String> = []
    for target in settings.targets {
      for name in target.matrices {
        guard let matrix = layout[name] else { throw .noSuchTensor(name) }
        guard matrix.isAdaptable, name.hasSuffix(".weight"), seen.insert(name).inserted else {
          throw .invalidSettings("\(name) cannot have an adapter")
        }
      }
      guard let base = layout[target.name], let layer = base.layer else { throw .noSuchTensor(target.name) }
      let outputs = base.shape[0] * target.matrices.count
      func add(_ suffix: String, _ shape: [Int]) {
        tensors.append(
          ParameterDescriptor(
            name: target.prefix + suffix, shape: shape, kind: shape.count == 2 ? .matrix(isOutput: false) : .vector,
            offset: tensors.last?.range.upperBound ?? 0, layer: layer))
      }
      add(".lora_A.weight", [target.rank, base.shape[1]])
      add(".lora_B.weight", [outputs, target.rank])
      if settings.useDora { add(".lora_magnitude_vector", [outputs]) }
    }
    return tensors
  }

  var fullGradients: Floats? { gradients.base }

  /// A copy of a tensor's gradient, as the last step or `computeGradients` left it.
  package func gradient(_ tensor: ParameterDescriptor) -> [Float] {
    Array(UnsafeBufferPointer(start: gradients.base + tensor.offset, count: tensor.count))
  }

  func readGradients(_ start: Int, _ count: Int, into out: Floats) {
    out.update(from: gradients.base + start, count: count)
  }

  func roundWeights(_ start: Int, _ count: Int) {}

  /// A tensor's values, to read or replace.
  ///
  /// - Throws: `EngineError.noSuchTensor`
  package func withTensor<R>(_ name: String, _ body: (UnsafeMutableBufferPointer<Float>) throws -> R) throws -> R {
    guard let number = tensorNumbers[name] else { throw EngineError.noSuchTensor(name) }
    weightsChanged()
    return try body(
      UnsafeMutableBufferPointer(start: master.base + tensors[number].offset, count: tensors[number].count))
  }

  // MARK: For the engine

  func adapters(ofGroup group: Int) -> UnsafeBufferPointer<LowRankAdapter> {
    UnsafeBufferPointer(rebasing: UnsafeBufferPointer(adapters)[groups[group]])
  }

  func clearGradients() { gradients.base.update(repeating: 0, count: storageCount) }

  /// Base weights or adapters are others than before.
  func weightsChanged() { derivedIsCurrent = false }

  /// Brings DoRA's factors up to date with the weights, once a change; before every pass.
  ///
  /// - Parameter base: the frozen weights of a group.
  func prepare(_ pool: WorkerPool, base: (Int) -> GroupWeights) {
    guard settings.useDora, !derivedIsCurrent else { return }
    pool.run { thread in
      for (group, members) in groups.enumerated() where !members.isEmpty {
        for adapter in adapters[members] {
          adapter.derive(pool.share(of: adapter.outputs, thread: thread), base(group))
        }
      }
    }
    derivedIsCurrent = true
  }

  /// Folds the adapter of a matrix, if it has one, into a copy of its weights [rows, columns].
  func merge(into weights: Floats, rows: Int, of name: String) {
    guard let place = places[name] else { return }
    let adapter = adapters[place.number]
    LowRankMerge.merge(
      into: weights, rows: rows, columns: adapter.inputs, a: adapter.a, b: adapter.b + place.firstRow * adapter.rank,
      rank: adapter.rank, scaling: adapter.scaling,
      magnitudes: adapter.magnitude.map { UnsafePointer($0.values) + place.firstRow })
  }
}

extension LowRankAdapter {
  /// Computes norms and factors of some rows from the weights.
  fileprivate func derive(_ rows: Range<Int>, _ base: GroupWeights) {
    guard let magnitude else { return }
    let perBlock = 32
    withUnsafeTemporaryAllocation(of: Float.self, capacity: perBlock * inputs) { merged in
      guard let merged = merged.baseAddress else { return }
      for first in stride(from: rows.lowerBound, to: rows.upperBound, by: perBlock) {
        base.forEachBlock(of: linear, rows: first..<min(first + perBlock, rows.upperBound)) { block, w in
          merged.update(from: w, count: block.count * inputs)
          LowRankMerge.merge(
            into: merged, rows: block.count, columns: inputs, a: a, b: b + block.lowerBound * rank, rank: rank,
            scaling: scaling, magnitudes: nil)
          for row in block {
            let norm = LowRankMerge.norm(merged + (row - block.lowerBound) * inputs, inputs)
            let scale = norm > 0 ? magnitude.values[row] / norm : 0
            magnitude.norms[row] = norm
            magnitude.scales[row] = scale
            magnitude.scalesLessOne[row] = scale - 1
            for index in row * rank..<(row + 1) * rank { magnitude.scaledB[index] = scaling * scale * b[index] }
          }
        }
      }
    }
  }
}
