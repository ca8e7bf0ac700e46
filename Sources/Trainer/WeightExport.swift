package import Training

/// Rewrites a Hugging Face directory or a checkpoint of ours in another type or other shards, tensor by tensor; an
/// adapter is folded in on the way.
package enum WeightExport {
  /// Written beside the target and renamed, so that a directory of that name is whole.
  ///
  /// - Parameter type: `nil` keeps the base's.
  /// - Returns: the names of the files.
  /// - Throws: ``TrainerError`` where the target exists; ``SystemError``, ``SafetensorsError``.
  @discardableResult
  package static func run(
    from source: WeightSource, to target: String, as type: SafetensorsType?, maximumShardBytes: Int
  ) throws -> [String] {
    let fileSystem = POSIXFileSystem()
    guard fileSystem.kind(target) == nil else { throw TrainerError("\(target) exists already", .outputExists) }
    let weights = try ModelWeights(directory: source.base)
    var config = try source.config()
    try source.checkTargets(weights)
    let type = type ?? Self.type(named: config.dtype)
    let temporary = target + ".writing"
    try fileSystem.removeTree(temporary)
    try fileSystem.createDirectories(temporary)
    do {
      let reader = TensorReader(weights, source.adapter)
      let tensors = weights.entries.filter { !$0.name.hasSuffix(".rotary_emb.inv_freq") }.map { entry in
        let isBias = entry.name.hasSuffix("e_score_correction_bias")
        return TensorToWrite(
          entry.name, isBias ? .float32 : type, shape: entry.shape,
          .floats { range, destination in
            let values = try reader.values(of: entry.name, shape: entry.shape)
            for (offset, index) in range.enumerated() { destination[offset] = values[index] }
          })
      }
      var files = try ModelWeights.write(tensors, to: temporary, maximumShardBytes: maximumShardBytes)
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

  private static func type(named dtype: String) -> SafetensorsType {
    switch dtype {
    case "float32": .float32
    case "float16": .float16
    default: .bfloat16
    }
  }
}

/// Reads a tensor once, however many pieces of it are asked for: one tensor is in memory at a time.
private final class TensorReader {
  private let weights: ModelWeights
  private let adapter: AdapterWeights?
  private var current = (name: "", values: [Float]())

  init(_ weights: ModelWeights, _ adapter: AdapterWeights?) {
    self.weights = weights
    self.adapter = adapter
  }

  func values(of name: String, shape: [Int]) throws -> [Float] {
    if current.name != name {
      current = ("", [])
      var values = [Float](repeating: 0, count: shape.reduce(1, *))
      try values.withUnsafeMutableBufferPointer { buffer in
        try weights.readFloats(name, into: buffer)
        try adapter?.merge(into: buffer, of: name, shape: shape)
      }
      current = (name, values)
    }
    return current.values
  }
}
