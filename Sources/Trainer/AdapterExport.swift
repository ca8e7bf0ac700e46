package import Training

/// Rewrites an adapter in another of peft's forms.
package enum AdapterExport {
  /// Written beside the target and renamed, so that a directory of that name is whole.
  ///
  /// - Returns: where peft does not read the outcome, if anywhere.
  /// - Throws: ``TrainerError`` where the target exists, or the source is no adapter; ``AdapterError`` where peft has no such
  ///   form; ``SystemError``, ``SafetensorsError``, ``CheckpointError``.
  package static func run(
    from source: WeightSource, to target: String, as format: AdapterFormat
  ) throws -> AdapterFiles.Limitation? {
    let fileSystem = POSIXFileSystem()
    guard let adapter = source.adapter else { throw TrainerError("\(source.base) holds no adapter") }
    guard fileSystem.kind(target) == nil else { throw TrainerError("\(target) exists already", .outputExists) }
    let files = try AdapterFiles(adapter.settings, source.layout, as: format, base: adapter.config.base, adapter)
    let temporary = target + ".writing"
    try fileSystem.removeTree(temporary)
    try fileSystem.createDirectories(temporary)
    do {
      try files.write(to: temporary)
      try adapter.verify()
      try fileSystem.synchronizeDirectory(temporary)
      try fileSystem.rename(temporary, to: target)
    } catch {
      try? fileSystem.removeTree(temporary)
      throw error
    }
    return files.limitation
  }
}
