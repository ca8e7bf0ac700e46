package import Training

/// Rewrites a Hugging Face directory or a checkpoint of ours in another type, other shards or with its experts fused or one
/// by one, tensor by tensor; an adapter is folded in on the way.
package enum WeightExport {
  /// How routed experts are stored.
  package enum Experts: String, Sendable, CaseIterable {
    /// A matrix each: what transformers 4 and 5 read, and what transformers 5 writes by itself.
    case separate
    /// ``FusedExperts``, for transformers 5 alone.
    case fused
  }

  /// Written beside the target and renamed, so that a directory of that name is whole.
  ///
  /// - Parameter type: `nil` keeps the base's.
  /// - Returns: the names of the files.
  /// - Throws: ``TrainerError`` where the target exists; ``SystemError``, ``SafetensorsError``.
  @discardableResult
  package static func run(
    from source: WeightSource, to target: String, as type: SafetensorsType?, experts: Experts = .separate,
    maximumShardBytes: Int
  ) throws -> [String] {
    let fileSystem = POSIXFileSystem()
    guard fileSystem.kind(target) == nil else { throw TrainerError("\(target) exists already", .outputExists) }
    let type = type ?? Self.type(named: source.config.dtype)
    let temporary = target + ".writing"
    try fileSystem.removeTree(temporary)
    try fileSystem.createDirectories(temporary)
    do {
      let tensors = tensors(of: source, as: type, experts).sorted { $0.name < $1.name }
      var files = try ModelWeights.write(tensors, to: temporary, maximumShardBytes: maximumShardBytes)
      try source.weights.verify()
      try source.adapter?.verify()
      var config = source.config
      config.dtype = type == .bfloat16 ? "bfloat16" : type == .float16 ? "float16" : "float32"
      try config.write(to: temporary)
      files.append(HuggingFaceConfig.fileName)
      try fileSystem.synchronizeDirectory(temporary)
      try fileSystem.rename(temporary, to: target)
      return files
    } catch {
      try? fileSystem.removeTree(temporary)
      throw error
    }
  }

  private static func tensors(
    of source: WeightSource, as type: SafetensorsType, _ experts: Experts
  ) -> [TensorToWrite] {
    let reader = TensorReader(source)
    let fused = experts == .fused ? source.layout.fusedExperts : []
    let members = Set(fused.flatMap(\.parts).map(\.name))
    let own = source.layout.tensors.filter { !members.contains($0.name) }.map { tensor in
      TensorToWrite(
        tensor.name, tensor.isTrainable ? type : .float32, shape: tensor.shape,
        .floats { range, destination in try reader.read([tensor], range, destination) })
    }
    let joined = fused.map { fused in
      TensorToWrite(
        fused.name, type, shape: fused.shape,
        .floats { range, destination in try reader.read(fused.parts, range, destination) })
    }
    // Nothing is computed with these: they are as they were, but for their type.
    let further = source.weights.predictionTensors.map { entry in
      TensorToWrite(
        entry.name, entry.name.hasSuffix("e_score_correction_bias") ? .float32 : type, shape: entry.shape,
        .floats { range, destination in
          try source.weights.files.file(of: entry.name).readFloats(entry.name, elements: range, into: destination)
        })
    }
    return own + joined + further
  }

  private static func type(named dtype: String) -> SafetensorsType {
    switch dtype {
    case "float32": .float32
    case "float16": .float16
    default: .bfloat16
    }
  }
}

/// Reads a tensor once, however many pieces of it are asked for: one of the layout's tensors is in memory at a time.
private final class TensorReader {
  private let source: WeightSource
  private var current = (name: "", values: [Float]())

  init(_ source: WeightSource) { self.source = source }

  /// Elements of tensors that lie one behind the other and have as many each.
  func read(
    _ parts: [ParameterDescriptor], _ range: Range<Int>, _ destination: UnsafeMutableBufferPointer<Float>
  ) throws {
    var done = 0
    while done < range.count {
      let part = parts[(range.lowerBound + done) / parts[0].count]
      let first = (range.lowerBound + done) % parts[0].count
      let values = try values(of: part)
      let count = min(range.count - done, values.count - first)
      for index in 0..<count { destination[done + index] = values[first + index] }
      done += count
    }
  }

  private func values(of tensor: ParameterDescriptor) throws -> [Float] {
    if current.name != tensor.name {
      current = ("", [])
      var values = [Float](repeating: 0, count: tensor.count)
      try values.withUnsafeMutableBufferPointer { buffer in
        try source.weights.readFloats(tensor, into: buffer)
        try source.adapter?.merge(into: buffer, of: tensor.name, shape: tensor.shape)
      }
      current = (tensor.name, values)
    }
    return current.values
  }
}
