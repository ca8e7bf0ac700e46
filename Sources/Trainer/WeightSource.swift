package import Training

/// Where weights come from: a Hugging Face directory or a checkpoint of ours, alone or under an adapter.
package struct WeightSource {
  /// The directory with `config.json` and the weights.
  package let base: String
  package let adapter: AdapterWeights?

  /// - Parameters:
  ///   - path: a Hugging Face directory, a checkpoint of ours, a folder of these, or an adapter.
  ///   - base: what an adapter was trained on; `nil` takes what the adapter names.
  ///   - argument: what messages call the path.
  /// - Throws: ``TrainerError`` where one of the two is not there; ``AdapterError``, ``SafetensorsError``,
  ///   ``CheckpointError``.
  package init(_ path: String, base: String? = nil, argument: String? = nil) throws {
    let folder = try Self.folder(path, argument: argument)
    guard AdapterWeights.isAdapter(folder) else {
      guard base == nil else { throw TrainerError("\(folder) holds no adapter: \(AdapterConfig.fileName) is missing") }
      self.base = folder
      adapter = nil
      return
    }
    let adapter = try AdapterWeights(folder: folder)
    guard let named = base ?? adapter.config.base else {
      throw TrainerError("\(folder) is an adapter that does not name the weights it belongs to")
    }
    let found = try Self.folder(named, argument: base == nil ? "the base of \(folder)" : nil)
    guard !AdapterWeights.isAdapter(found) else {
      throw TrainerError("\(found) is an adapter itself; merge it with its base first")
    }
    self.base = found
    self.adapter = adapter
  }

  /// Where a run's directory has its checkpoints, unless a config says otherwise.
  private static let runFolder = "checkpoints"

  /// A Hugging Face directory, one of our checkpoints, or the latest in a folder of them or in a run's directory.
  static func folder(_ path: String, argument: String? = nil) throws -> String {
    let fileSystem = POSIXFileSystem()
    guard fileSystem.kind(path) == .directory else {
      throw TrainerError((argument.map { $0 + ": " } ?? "") + "there is no directory \(path)", .missingInput)
    }
    let isOne = [HuggingFaceConfig.fileName, AdapterConfig.fileName].contains {
      fileSystem.kind(FilePath.join(path, $0)) != nil
    }
    for folder in isOne ? [path] : [path, FilePath.join(path, runFolder)] {
      let directory = CheckpointDirectory(folder)
      if try directory.latestIteration() != nil { return try directory.existing().folder }
    }
    return path
  }

  /// `config.json` of the base.
  package func config() throws -> HuggingFaceConfig {
    try HuggingFaceConfig(file: FilePath.join(base, HuggingFaceConfig.fileName))
  }

  /// - Throws: ``TrainerError`` for adapters on matrices that the base does not have.
  package func checkTargets(_ weights: ModelWeights) throws {
    guard let adapter else { return }
    if let stranger = adapter.targets.first(where: { weights[$0] == nil }) {
      throw TrainerError("\(adapter.folder) adapts \(stranger), which \(base) does not have")
    }
  }
}
