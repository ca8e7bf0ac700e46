package import LaunchModel

/// The run that wrote the checkpoint which a config loads.
package struct SavedRun: Sendable {
  /// Its config, as the checkpoint holds it.
  package let config: LaunchConfig
  /// The field that names the checkpoint.
  package let path: FieldPath
  /// Whether the release of the run that loads it has all classes and fields of that config.
  package let fitsRelease: Bool

  package init(_ config: LaunchConfig, at path: FieldPath, fitsRelease: Bool) {
    (self.config, self.path, self.fitsRelease) = (config, path, fitsRelease)
  }
}

extension RunFacts {
  /// The run whose optimizer states and counters are loaded, and not its weights alone.
  var resumed: SavedRun? {
    guard let saved, saved.path == Path.checkpoint.load, !config.checkpoint.finetune else { return nil }
    return saved
  }
}
