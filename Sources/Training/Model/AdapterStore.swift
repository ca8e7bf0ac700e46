internal import CKernels

/// The adapters of a model: for each adapted `W` [out, in] an `A` [dim, in], a `B` [out, dim] and for DoRA a magnitude
/// `m` [out].
///
/// The engine computes with merged weights, `V = W + s B A` and for DoRA `diag(m / ‖V‖) V`, made in scratch memory for
/// one layer at a time, so that every layer, joined products and experts included, is the same code with and without
/// adapters. The adapters' gradients follow from that of the merged weight. (Dropout on the adapter's input alone would
/// need a branch of its own and is not supported.)
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
  /// ‖V‖ of each adapted row at the last merging, where the row's magnitude is; DoRA only.
  private let norms: Storage<Float>
  private let groups: [[Adapter]]
  private let neededGradients: [NeededGradients]

  /// One adapted matrix. Places of its tensors among the adapters', and of the matrix within its group.
  private struct Adapter {
    let base: Int
    let outputs: Int
    let inputs: Int
    let a: Int
    let b: Int
    let magnitude: Int?
  }

  /// - Throws: `EngineError.noSuchTensor` for a target that the model does not have, `.invalidSettings` for one that is
  ///   not a projection of a decoder layer, or a rank that is not positive.
  package init(_ settings: AdapterSettings, layout: ParameterLayout) throws(EngineError) {
    let tensors = try Self.tensors(settings, layout: layout)
    var groups = Array(repeating: [Adapter](), count: layout.groups.count)
    var needed = Array(repeating: NeededGradients(), count: layout.groups.count)
    let perTarget = settings.useDora ? 3 : 2
    for (index, target) in settings.targets.enumerated() {
      guard let base = layout[target], let layer = base.layer else { continue }
      let group = layer + 1
      groups[group].append(
        Adapter(
          base: base.offset - layout.groups[group].lowerBound, outputs: base.shape[0], inputs: base.shape[1],
          a: tensors[index * perTarget].offset, b: tensors[index * perTarget + 1].offset,
          magnitude: settings.useDora ? tensors[index * perTarget + 2].offset : nil))
      needed[group].insert(
        target.contains("self_attn.") ? .attention : target.contains(".experts.") ? .experts : .dense)
    }
    self.settings = settings
    self.tensors = tensors
    self.groups = groups
    neededGradients = needed
    storageCount = tensors.last?.range.upperBound ?? 0
    master = try Storage(count: storageCount)
    gradients = try Storage(count: storageCount)
    norms = try Storage(count: settings.useDora ? storageCount : 0)
  }

  static func tensors(
    _ settings: AdapterSettings, layout: ParameterLayout
  ) throws(EngineError) -> [ParameterDescriptor] {
    guard (1...65_536).contains(settings.dim) else { throw .invalidSettings("adapters of rank \(settings.dim)") }
    guard settings.alpha.isFinite else { throw .invalidSettings("adapters with alpha \(settings.alpha)") }
    var tensors: [ParameterDescriptor] = []
    for target in settings.targets {
      guard let base = layout[target] else { throw .noSuchTensor(target) }
      guard case .matrix = base.kind, let layer = base.layer, target.hasSuffix(".weight") else {
        throw .invalidSettings("\(target) cannot have an adapter")
      }
      let prefix = "base_model.model." + target.dropLast(".weight".count)
      func add(_ suffix: String, _ shape: [Int]) {
        tensors.append(
          ParameterDescriptor(
            name: prefix + suffix, shape: shape, kind: shape.count == 2 ? .matrix(isOutput: false) : .vector,
            offset: tensors.last?.range.upperBound ?? 0, layer: layer))
      }
      add(".lora_A.weight", [settings.dim, base.shape[1]])
      add(".lora_B.weight", [base.shape[0], settings.dim])
      if settings.useDora { add(".lora_magnitude_vector", [base.shape[0]]) }
    }
    return tensors
  }

  var fullGradients: Floats? { gradients.base }

  func readGradients(_ start: Int, _ count: Int, into out: Floats) {
    out.update(from: gradients.base + start, count: count)
  }

  func roundWeights(_ start: Int, _ count: Int) {}

  /// A tensor's values, to read or replace.
  ///
  /// - Throws: `EngineError.noSuchTensor`
  package func withTensor<R>(_ name: String, _ body: (UnsafeMutableBufferPointer<Float>) throws -> R) throws -> R {
    guard let tensor = tensors.first(where: { $0.name == name }) else { throw EngineError.noSuchTensor(name) }
    return try body(UnsafeMutableBufferPointer(start: master.base + tensor.offset, count: tensor.count))
  }

  // MARK: For the parameter store

  func isAdapted(group: Int) -> Bool { !groups[group].isEmpty }

  func needed(group: Int) -> NeededGradients { neededGradients[group] }

  /// Turns the base weights of a group into merged ones, in place.
  func merge(into weights: Floats, group: Int, pool: WorkerPool) {
    let (dim, scaling) = (settings.dim, settings.scaling)
    pool.run { thread in
      for adapter in groups[group] {
        let rows = pool.share(of: adapter.outputs, grain: 16, thread: thread)
        let inputs = adapter.inputs
        let merged = weights + adapter.base
        MatrixProduct.times(
          master.base + adapter.b + rows.lowerBound * dim, dim, master.base + adapter.a, inputs,
          into: merged + rows.lowerBound * inputs, inputs, m: rows.count, n: inputs, k: dim, alpha: scaling, beta: 1)
        guard let magnitude = adapter.magnitude else { continue }
        for row in rows {
          let norm = Float(kernel_sum_squares(merged + row * inputs, inputs).squareRoot())
          norms.base[magnitude + row] = norm
          kernel_scale(merged + row * inputs, master.base[magnitude + row] / norm, inputs)
        }
      }
    }
  }

  /// From the gradient of the merged weights to those of A, B and m. The norm in DoRA is a constant here, as in peft.
  func differentiate(gradients dmerged: Floats, merged: Floats, group: Int, isFirst: Bool, pool: WorkerPool) {
    let (dim, scaling) = (settings.dim, settings.scaling)
    let beta: Float = isFirst ? 0 : 1
    let targets = gradients.base
    pool.run { thread in
      for adapter in groups[group] {
        let rows = pool.share(of: adapter.outputs, grain: 16, thread: thread)
        let inputs = adapter.inputs
        if let magnitude = adapter.magnitude {
          for row in rows {
            differentiateMagnitude(
              dmerged + adapter.base + row * inputs, merged + adapter.base + row * inputs, adapter, row,
              target: targets + magnitude + row, beta: beta)
          }
        }
        MatrixProduct.timesTransposed(
          dmerged + adapter.base + rows.lowerBound * inputs, inputs, master.base + adapter.a, inputs,
          into: targets + adapter.b + rows.lowerBound * dim, dim, m: rows.count, n: dim, k: inputs, alpha: scaling,
          beta: beta)
      }
    }
    pool.run { thread in
      for adapter in groups[group] {
        let columns = pool.share(of: adapter.inputs, grain: 16, thread: thread)
        MatrixProduct.transposedTimes(
          master.base + adapter.b, dim, dmerged + adapter.base + columns.lowerBound, adapter.inputs,
          into: targets + adapter.a + columns.lowerBound, adapter.inputs, m: dim, n: columns.count,
          k: adapter.outputs, alpha: scaling, beta: beta)
      }
    }
  }

  /// With merged = m v / ‖v‖: dm = dmerged · v / ‖v‖ = dmerged · merged / m, and dv = dmerged m / ‖v‖ (in place).
  private func differentiateMagnitude(
    _ dmerged: Floats, _ merged: Floats, _ adapter: Adapter, _ row: Int, target: Floats, beta: Float
  ) {
    guard let offset = adapter.magnitude else { return }
    let magnitude = master.base[offset + row]
    var dot: Float = 0
    for index in 0..<adapter.inputs { dot += dmerged[index] * merged[index] }
    let gradient = magnitude == 0 ? 0 : dot / magnitude
    target.pointee = beta == 0 ? gradient : target.pointee + gradient
    kernel_scale(dmerged, magnitude / norms.base[offset + row], adapter.inputs)
  }
}
