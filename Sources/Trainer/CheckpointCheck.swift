import Training

/// Every file of a checkpoint, of all checkpoints of a run, or of a Hugging Face directory, read and held against what is
/// known of it.
package struct CheckpointCheck {
  /// What was verified, a line for each folder.
  package private(set) var lines: [String] = []

  /// - Parameter path: a run's directory, its folder of checkpoints, one of them, an adapter, or a Hugging Face directory.
  /// - Throws: ``TrainerError`` where there is none of these; ``CheckpointError`` for a damaged file; ``SafetensorsError``,
  ///   ``AdapterError``, ``HuggingFaceConfigError``, ``SystemError``.
  package init(_ path: String) throws {
    for folder in try Self.folders(path) {
      guard let verification = try ChecksumVerification(folder: folder) else {
        lines.append("\(folder): \(try Self.checkWithoutChecksums(folder)); it has no \(ChecksumList.fileName)")
        continue
      }
      let names = try verification.verifyAll()
      let others = try POSIXFileSystem().list(folder).filter { $0 != ChecksumList.fileName && !names.contains($0) }
      lines.append(
        "\(folder): \(names.count) files are as they were written"
          + (others.isEmpty ? "" : "; \(others.joined(separator: ", ")) came later"))
    }
  }

  private static func folders(_ path: String) throws -> [String] {
    let latest = try WeightSource.folder(path)
    guard latest != path else { return [path] }
    let directory = CheckpointDirectory(FilePath.parent(of: latest))
    return try directory.iterations().map(directory.folder)
  }

  /// Reads all weights: names, shapes and that every value is a number.
  private static func checkWithoutChecksums(_ folder: String) throws -> String {
    if AdapterWeights.isAdapter(folder) {
      _ = try AdapterConfig(file: FilePath.join(folder, AdapterConfig.fileName))
      let file = try SafetensorsFile(FilePath.join(folder, AdapterWeights.fileName))
      for entry in file.entries { _ = try file.floats(entry.name) }
      return "\(file.entries.count) tensors of an adapter are whole"
    }
    let weights = try StoredWeights(directory: folder)
    for tensor in weights.layout.tensors {
      _ = try [Float](unsafeUninitializedCapacity: tensor.count) { buffer, count in
        try weights.readFloats(tensor, into: UnsafeMutableBufferPointer(rebasing: buffer[..<tensor.count]))
        count = tensor.count
      }
    }
    return "\(weights.layout.tensors.count) tensors of the model are whole"
  }
}
