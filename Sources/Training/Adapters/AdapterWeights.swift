internal import CKernels

/// A trained adapter in peft's form: `adapter_config.json` and `adapter_model.safetensors`, ours or peft's own.
package struct AdapterWeights {
  package static let fileName = "adapter_model.safetensors"
  static let prefix = "base_model.model."

  package let folder: String
  package let config: AdapterConfig
  /// Names of the adapted matrices, with `.weight`, sorted.
  package let targets: [String]
  private let file: SafetensorsFile
  private static let (firstSuffix, secondSuffix) = (".lora_A.weight", ".lora_B.weight")
  private static let magnitudeSuffix = ".lora_magnitude_vector"

  /// Whether a folder holds an adapter.
  package static func isAdapter(_ folder: String) -> Bool {
    POSIXFileSystem().kind(FilePath.join(folder, AdapterConfig.fileName)) == .file
  }

  /// - Throws: ``SystemError``, ``SafetensorsError``; ``AdapterError`` for tensors that are no whole adapters.
  package init(folder: String) throws {
    self.folder = folder
    config = try AdapterConfig(file: FilePath.join(folder, AdapterConfig.fileName))
    let path = FilePath.join(folder, Self.fileName)
    file = try SafetensorsFile(path)
    let names = Set(file.entries.map(\.name))
    var targets: [String] = []
    for name in names.sorted() {
      guard name.hasPrefix(Self.prefix),
        let suffix = [Self.firstSuffix, Self.secondSuffix, Self.magnitudeSuffix].first(where: { name.hasSuffix($0) })
      else { throw AdapterError(file: path, message: "\(name) is no part of a LoRA or DoRA adapter") }
      let module = name.dropLast(suffix.utf8.count)
      let needed = [Self.firstSuffix, Self.secondSuffix] + (config.useDora ? [Self.magnitudeSuffix] : [])
      if let missing = needed.first(where: { !names.contains(module + $0) }) {
        throw AdapterError(file: path, message: "\(module)\(missing) is missing")
      }
      guard config.useDora || suffix != Self.magnitudeSuffix else {
        throw AdapterError(file: path, message: "\(name) belongs to DoRA, but use_dora is false")
      }
      if suffix == Self.firstSuffix { targets.append(module.dropFirst(Self.prefix.utf8.count) + ".weight") }
    }
    guard !targets.isEmpty else { throw AdapterError(file: path, message: "there is no adapter") }
    self.targets = targets
  }

  /// - Parameter name: of a matrix, with `.weight`.
  package func adapts(_ name: String) -> Bool {
    file[Self.prefix + name.dropLast(".weight".utf8.count) + Self.firstSuffix] != nil
  }

  /// Folds the adapter of one matrix into it: `W + s B A`, for DoRA with each row brought to its magnitude.
  ///
  /// Nothing happens to a matrix without an adapter.
  /// - Parameters:
  ///   - name: with `.weight`.
  ///   - values: `[out, in]`, row-major.
  /// - Throws: ``SafetensorsError`` for tensors of another shape or with values that are no numbers.
  package func merge(into values: UnsafeMutableBufferPointer<Float>, of name: String, shape: [Int]) throws {
    let module = Self.prefix + name.dropLast(".weight".utf8.count)
    guard adapts(name), shape.count == 2, let weight = values.baseAddress else { return }
    let (rows, columns, rank) = (shape[0], shape[1], config.rank)
    let a = try file.floats(module + Self.firstSuffix, shape: [rank, columns])
    let b = try file.floats(module + Self.secondSuffix, shape: [rows, rank])
    guard values.count == rows * columns else {
      throw AdapterError(file: folder, message: "\(name) has \(values.count) elements, its shape is \(shape)")
    }
    MatrixProduct.useCallingThreadOnly()
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        guard let a = a.baseAddress, let b = b.baseAddress else { return }
        MatrixProduct.times(
          b, rank, a, columns, into: weight, columns, m: rows, n: columns, k: rank, alpha: config.scaling, beta: 1)
      }
    }
    guard config.useDora else { return }
    let magnitudes = try file.floats(module + Self.magnitudeSuffix, shape: [rows])
    for row in 0..<rows {
      let norm = Float(kernel_sum_squares(weight + row * columns, columns).squareRoot())
      kernel_scale(weight + row * columns, magnitudes[row] / norm, columns)
    }
  }

  /// Brings the adapters of an engine to these.
  /// - Throws: ``AdapterError`` where the two do not adapt the same matrices in the same way; ``SafetensorsError``.
  package func load(into adapters: AdapterStore) throws {
    let path = FilePath.join(folder, AdapterConfig.fileName)
    let settings = adapters.settings
    guard config.rank == settings.dim else {
      throw AdapterError(file: path, message: "the rank is \(config.rank), the run has \(settings.dim) (peft.dim)")
    }
    guard config.useDora == settings.useDora else {
      throw AdapterError(
        file: path,
        message:
          "the adapter is \(config.useDora ? "DoRA" : "LoRA"), the run has \(settings.useDora ? "dora" : "lora") "
          + "(peft.peft_scheme)")
    }
    guard config.scaling == settings.scaling else {
      throw AdapterError(
        file: path, message: "the scaling is \(config.scaling), the run has \(settings.scaling) (peft.alpha / peft.dim)"
      )
    }
    let (mine, wanted) = (Set(targets), Set(settings.targets))
    if let stranger = mine.symmetricDifference(wanted).min() {
      throw AdapterError(
        file: path,
        message:
          "\(stranger) has an adapter \(mine.contains(stranger) ? "here but not in the run" : "in the run but not here") "
          + "(peft.target_modules)")
    }
    for tensor in adapters.tensors {
      try adapters.withTensor(tensor.name) { try file.readFloats(tensor.name, shape: tensor.shape, into: $0) }
    }
  }
}

extension AdapterStore {
  /// All tensors under peft's names, in fp32, read from the store while they are written.
  package var tensorsToWrite: [TensorToWrite] {
    tensors.map { tensor in
      TensorToWrite(
        tensor.name, .float32, shape: tensor.shape,
        .floats { [self] range, destination in
          try withTensor(tensor.name) { values in
            _ = destination.update(fromContentsOf: UnsafeMutableBufferPointer(rebasing: values[range]))
          }
        })
    }
  }
}
