internal import CKernels

/// A trained adapter in peft's form: `adapter_config.json` and `adapter_model.safetensors`, ours or peft's own, of either
/// generation: with routed experts one by one (transformers 4), or fused as transformers 5 holds them.
package struct AdapterWeights {
  package static let fileName = "adapter_model.safetensors"
  static let prefix = "base_model.model."

  package let folder: String
  package let config: AdapterConfig
  /// One for each matrix of the base, or for gate and up of an expert; in the order of the layout.
  package let targets: [AdapterTarget]
  private let layout: ParameterLayout
  private let verification: ChecksumVerification?
  private let file: FactorFile
  private let parts: [AdapterTarget: Part]
  /// By adapted matrix.
  private let owners: [String: AdapterTarget]

  /// Where the factors of one target lie.
  private struct Part {
    /// Of the tensors' names, as they stand in the file.
    let prefix: String
    /// Of the routed expert whose factors are slices of those of all.
    let expert: (number: Int, count: Int)?
  }

  /// Whether a folder holds an adapter.
  package static func isAdapter(_ folder: String) -> Bool {
    POSIXFileSystem().kind(FilePath.join(folder, AdapterConfig.fileName)) == .file
  }

  /// Opens an adapter and holds config, tensors and base against each other; no value is read yet.
  ///
  /// - Parameters:
  ///   - layout: of the base.
  ///   - verification: of the folder, where it is under way already.
  /// - Throws: ``SystemError``, ``SafetensorsError``; ``AdapterError`` where the file lacks a tensor of what its config adapts,
  ///   or holds one of something else; ``CheckpointError`` where a checkpoint of ours is damaged.
  package init(folder: String, layout: ParameterLayout, _ verification: ChecksumVerification? = nil) throws {
    let verification = try verification ?? ChecksumVerification(folder: folder)
    let configPath = FilePath.join(folder, AdapterConfig.fileName)
    let config = try AdapterConfig(file: configPath)
    let path = FilePath.join(folder, Self.fileName)
    let file = FactorFile(try SafetensorsFile(path, verification))
    let fail = { AdapterError(file: path, message: $0) }
    var parts: [AdapterTarget: Part] = [:]
    var owners: [String: AdapterTarget] = [:]
    var needed: Set<String> = []
    func add(_ target: AdapterTarget, _ part: Part) throws {
      parts[target] = part
      for matrix in target.matrices {
        guard owners.updateValue(target, forKey: matrix) == nil else { throw fail("\(matrix) has two adapters") }
      }
    }
    let adapted = try AdaptedModules(config, file: configPath).find(in: layout)
    // On transformers 4 nothing is fused: peft passes over such targets there, and saves nothing of them.
    let hasFused = file.file.entries.contains { $0.name.contains(".mlp.experts.lora_") }
    for module in adapted where hasFused || !module.isFused {
      let prefix = Self.prefix + module.storedName
      let (inputs, outputs, experts): (Int, Int, Int)
      switch module.subject {
      case .matrix(let matrix):
        (inputs, outputs, experts) = (matrix.shape[1], matrix.shape[0], 1)
        try add(
          AdapterTarget(matrix.name, rank: module.rank, scaling: module.scaling), Part(prefix: prefix, expert: nil))
      case .experts(let fused):
        (inputs, outputs, experts) = (fused.shape[2], fused.shape[1], fused.shape[0])
        let perExpert = fused.parts.count / experts
        for expert in 0..<experts {
          let target = AdapterTarget(
            fused.parts[expert * perExpert].name, isJoined: perExpert == 2, rank: module.rank, scaling: module.scaling)
          try add(target, Part(prefix: prefix, expert: (expert, experts)))
        }
        guard !config.useDora, !config.initialization.changesBase else {
          throw fail("\(module.storedName): peft computes neither DoRA nor \(config.initialization.name) on parameters")
        }
      }
      try file.check(prefix, .a, [module.rank * experts, inputs])
      try file.check(prefix, .b, [outputs, module.rank * experts])
      if config.useDora { try file.check(prefix, .magnitude, [outputs]) }
      for tensor in AdapterTensor.allCases where tensor != .magnitude || config.useDora {
        needed.insert(prefix + tensor.rawValue)
      }
    }
    if let stranger = file.file.entries.first(where: { !needed.contains($0.name) }) {
      let isPart = AdapterTensor.allCases.contains { stranger.name.hasSuffix($0.rawValue) }
      throw fail(
        isPart && stranger.name.hasPrefix(Self.prefix)
          ? "\(stranger.name) belongs to nothing that \(AdapterConfig.fileName) adapts in this model"
          : "\(stranger.name) is no part of a LoRA or DoRA adapter")
    }
    guard !parts.isEmpty else { throw fail("there is no adapter") }
    self.folder = folder
    self.config = config
    self.layout = layout
    self.verification = verification
    self.file = file
    self.parts = parts
    self.owners = owners
    targets = parts.keys.sorted { Self.place($0, layout) < Self.place($1, layout) }
  }

  private static func place(_ target: AdapterTarget, _ layout: ParameterLayout) -> Int {
    layout[target.name]?.offset ?? 0
  }

  /// - Parameter name: of a matrix, with `.weight`.
  package func adapts(_ name: String) -> Bool { owners[name] != nil }

  /// Holds what was read of a checkpoint of ours against its checksums; to be called when all is read.
  ///
  /// - Throws: ``SystemError``, ``CheckpointError`` for a damaged file.
  package func verify() throws { try verification?.verifyWhatWasRead() }

  // MARK: Merging

  /// Folds the adapter of one matrix into it: `W + s B A`, for DoRA with each row brought to its magnitude; what the
  /// adapter's beginning took from the base is taken first.
  ///
  /// Nothing happens to a matrix without an adapter.
  /// - Parameters:
  ///   - name: with `.weight`.
  ///   - values: `[out, in]`, row-major.
  /// - Throws: ``SafetensorsError`` for values that are no numbers; ``AdapterError``.
  package func merge(into values: UnsafeMutableBufferPointer<Float>, of name: String, shape: [Int]) throws {
    guard let target = owners[name], shape.count == 2, let weight = values.baseAddress else { return }
    let (rows, columns) = (shape[0], shape[1])
    guard values.count == rows * columns else {
      throw AdapterError(file: folder, message: "\(name) has \(values.count) elements, its shape is \(shape)")
    }
    MatrixProduct.useCallingThreadOnly()
    try config.initialization.take(
      from: values, rows: rows, columns: columns, target, file: FilePath.join(folder, AdapterConfig.fileName))
    let factors = try stored(target)
    let firstRow = name == target.name ? 0 : rows
    factors.a.withUnsafeBufferPointer { a in
      factors.b.withUnsafeBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return }
        LowRankMerge.merge(
          into: weight, rows: rows, columns: columns, a: a, b: b + firstRow * target.rank, rank: target.rank,
          scaling: target.scaling, magnitudes: nil)
      }
    }
    for (row, magnitude) in (factors.magnitudes ?? []).enumerated() {
      kernel_scale(weight + row * columns, magnitude / LowRankMerge.norm(weight + row * columns, columns), columns)
    }
  }

  // MARK: Factors

  private func stored(_ target: AdapterTarget) throws -> LowRankFactors {
    guard let part = parts[target] else {
      throw AdapterError(file: folder, message: "\(target.module) has no adapter here")
    }
    guard let expert = part.expert else {
      return LowRankFactors(
        a: try file.values(part.prefix, .a), b: try file.values(part.prefix, .b),
        magnitudes: config.useDora ? try file.values(part.prefix, .magnitude) : nil)
    }
    // A: expert after expert; B: for each rank all experts.
    let (a, b) = (try file.values(part.prefix, .a), try file.values(part.prefix, .b))
    let rank = target.rank
    let inputs = a.count / (rank * expert.count)
    let outputs = b.count / (rank * expert.count)
    let first = expert.number * rank * inputs
    return LowRankFactors(
      a: Array(a[first..<first + rank * inputs]),
      b: [Float](unsafeUninitializedCapacity: outputs * rank) { values, count in
        for index in 0..<outputs * rank { values[index] = b[index * expert.count + expert.number] }
        count = outputs * rank
      })
  }
}

extension AdapterWeights: AdapterFactors {
  /// The factors of a target of the same matrices, however the file joins them.
  package func factors(of target: AdapterTarget) throws -> LowRankFactors {
    guard let owner = owners[target.name] else {
      throw AdapterError(file: folder, message: "\(target.module) has no adapter here")
    }
    if owner.isJoined == target.isJoined { return try stored(owner) }
    return try target.isJoined ? joined(target) : separated(target, from: owner)
  }

  /// Gate and up that were stored apart with one and the same `A`.
  private func joined(_ target: AdapterTarget) throws -> LowRankFactors {
    let parts = try target.matrices.compactMap { owners[$0] }.map { try stored($0) }
    guard parts.count == 2, parts[0].a == parts[1].a else {
      throw AdapterError(file: folder, message: "gate and up of \(target.module) do not share their A")
    }
    return LowRankFactors(a: parts[0].a, b: parts[0].b + parts[1].b)
  }

  /// Gate or up of two that lie side by side: `A` one below the other, `B` along the diagonal.
  private func separated(_ target: AdapterTarget, from owner: AdapterTarget) throws -> LowRankFactors {
    let whole = try stored(owner)
    let (rank, isUp) = (owner.rank / 2, target.name != owner.name)
    let (inputs, outputs) = (whole.a.count / owner.rank, whole.b.count / owner.rank / 2)
    var b: [Float] = []
    for row in (isUp ? outputs : 0)..<(isUp ? 2 * outputs : outputs) {
      let both = whole.b[row * owner.rank..<(row + 1) * owner.rank]
      let (own, other) = isUp ? (both.suffix(rank), both.prefix(rank)) : (both.prefix(rank), both.suffix(rank))
      guard other.allSatisfy({ $0 == 0 }) else {
        throw AdapterError(file: folder, message: "gate and up of \(owner.module) were trained together, not apart")
      }
      b += own
    }
    return LowRankFactors(
      a: Array(isUp ? whole.a.suffix(rank * inputs) : whole.a.prefix(rank * inputs)), b: b)
  }

  /// The targets with gate and up of the routed experts together or apart, as a run has them.
  package func targets(joined: Bool) -> [AdapterTarget] {
    var result: [AdapterTarget] = []
    var done: Set<String> = []
    for target in targets where !done.contains(target.name) {
      if target.isJoined, !joined {
        result += target.matrices.map { AdapterTarget($0, rank: target.rank / 2, scaling: target.scaling) }
      } else if joined, target.isRoutedExpert, !target.isJoined, target.name.hasSuffix(".gate_proj.weight") {
        let both = AdapterTarget(target.name, isJoined: true, rank: target.rank, scaling: target.scaling)
        guard let up = owners[both.matrices[1]] else {
          result.append(target)
          continue
        }
        done.insert(up.name)
        result.append(both)
      } else {
        result.append(target)
      }
    }
    return result
  }
}

/// The tensors of an adapter's file; the last ones read stay, since all experts of a layer are slices of the same two.
private final class FactorFile {
  let file: SafetensorsFile
  private var kept: [(name: String, values: [Float])] = []

  init(_ file: SafetensorsFile) { self.file = file }

  func check(_ prefix: String, _ tensor: AdapterTensor, _ shape: [Int]) throws {
    let name = prefix + tensor.rawValue
    guard let entry = file[name] else {
      throw AdapterError(
        file: file.path, message: "\(name) is missing, although \(AdapterConfig.fileName) adapts its module")
    }
    guard entry.shape == shape else {
      throw SafetensorsError(.wrongShape(expected: shape, found: entry.shape), file: file.path, tensor: name)
    }
    guard entry.type.isWeightType else {
      throw SafetensorsError(
        .wrongType(expected: "F32, BF16, F16 or F64", found: entry.type), file: file.path, tensor: name)
    }
  }

  func values(_ prefix: String, _ tensor: AdapterTensor) throws -> [Float] {
    let name = prefix + tensor.rawValue
    if let found = kept.first(where: { $0.name == name }) { return found.values }
    let values = try file.floats(name)
    if kept.count >= 2 { kept.removeFirst() }
    kept.append((name, values))
    return values
  }
}

extension AdapterInitialization {
  /// ``takeFromBase(_:rows:columns:rank:scaling:)`` for a target's matrix.
  ///
  /// - Throws: ``AdapterError`` where the weight does not determine the outcome.
  fileprivate func take(
    from values: UnsafeMutableBufferPointer<Float>, rows: Int, columns: Int, _ target: AdapterTarget, file: String
  ) throws {
    guard changesBase, let base = values.baseAddress else { return }
    guard takeFromBase(base, rows: rows, columns: columns, rank: target.rank, scaling: target.scaling) else {
      throw AdapterError(
        file: file, message: "init_lora_weights \(name): rank \(target.rank) of \(target.name) is not determined by it")
    }
  }
}

extension ParameterStore {
  /// Takes from the frozen weights what the beginning of their adapters took from them.
  ///
  /// - Throws: ``AdapterError`` where a weight does not determine that.
  package func takeInitialAdapters() throws {
    guard let settings = adapters?.settings, settings.initialization.changesBase else { return }
    for target in settings.targets {
      guard let tensor = layout[target.name] else { continue }
      var values = try withTensor(target.name) { Array($0) }
      try values.withUnsafeMutableBufferPointer {
        try settings.initialization.take(
          from: $0, rows: tensor.shape[0], columns: tensor.shape[1], target, file: AdapterConfig.fileName)
      }
      try values.withUnsafeBufferPointer { try write(target.name, $0) }
    }
  }
}
