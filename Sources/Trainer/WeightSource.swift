import FileAccess
package import Training

/// Where weights come from: a Hugging Face directory or a checkpoint of ours, alone or under an adapter.
package struct WeightSource {
  /// The directory with `config.json` and the weights.
  package let base: String
  /// `config.json` of the base.
  package let config: HuggingFaceConfig
  package let weights: StoredWeights
  package let adapter: AdapterWeights?

  package var layout: ParameterLayout { weights.layout }

  /// What a user should know of the adapter's config.
  package var notes: [String] {
    guard let adapter else { return [] }
    return (adapter.config.notes + (noteOnBase.map { [$0] } ?? [])).map {
      "\(FilePath.join(adapter.folder, AdapterConfig.fileName)): \($0)"
    }
  }

  /// An adapter knows its base by a path or a name alone, so that a copy of it under another name is spoken of as well, and
  /// other weights under the same name are not.
  private var noteOnBase: String? {
    guard let named = adapter?.config.base else { return nil }
    let isHere = POSIXFileSystem().kind(named) == .directory
    let isSame =
      isHere
      ? realPath((try? Self.folder(named)) ?? named) == realPath(base) : Self.lastPart(named) == Self.lastPart(base)
    return isSame ? nil : "it was trained on \(named), and is put on \(base)"
  }

  private static func lastPart(_ path: String) -> Substring? { path.split(separator: "/").last }

  /// Opens everything and holds names and shapes against the base's `config.json`; no weight is read yet.
  ///
  /// - Parameters:
  ///   - path: a Hugging Face directory, a checkpoint of ours, a folder of these, or an adapter.
  ///   - base: what an adapter was trained on; `nil` takes what the adapter names.
  ///   - argument: what messages call the path.
  /// - Throws: ``TrainerError`` where one of the two is not there; ``AdapterError``, ``SafetensorsError``,
  ///   ``HuggingFaceConfigError``, ``CheckpointError``.
  package init(_ path: String, base: String? = nil, argument: String? = nil) throws {
    let folder = try Self.folder(path, argument: argument)
    let isAdapter = AdapterWeights.isAdapter(folder)
    guard isAdapter || base == nil else {
      throw TrainerError("\(folder) holds no adapter: \(AdapterConfig.fileName) is missing")
    }
    self.base = isAdapter ? try Self.base(of: folder, given: base) : folder
    config = try HuggingFaceConfig(file: FilePath.join(self.base, HuggingFaceConfig.fileName))
    weights = try StoredWeights(directory: self.base)
    adapter = isAdapter ? try AdapterWeights(folder: folder, layout: weights.layout) : nil
  }

  private static func base(of adapter: String, given base: String?) throws -> String {
    let config = try AdapterConfig(file: FilePath.join(adapter, AdapterConfig.fileName))
    guard let named = base ?? config.base else {
      throw TrainerError("\(adapter) is an adapter that does not name the weights it belongs to")
    }
    let found = try folder(named, argument: base == nil ? "the base of \(adapter)" : nil)
    guard !AdapterWeights.isAdapter(found) else {
      throw TrainerError("\(found) is an adapter itself; merge it with its base first")
    }
    return found
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
}
