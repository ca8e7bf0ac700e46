package import ConfigDocument
package import LaunchModel
import Releases

/// The spelling of Megatron-LM's command line: fields with an option of their own go by its name.
package struct ArgumentSpelling: Spelling {
  private let release: Release
  private let native: NativeSpelling
  /// Whether torchrun's options say on how many GPUs the run is.
  private let namesGPUs: Bool

  init(_ release: Release, namesGPUs: Bool) {
    (self.release, self.namesGPUs) = (release, namesGPUs)
    native = NativeSpelling(release)
  }

  package func keys(of path: FieldPath) -> [String]? {
    if path.section == Path.cluster.whole.section, !path.field.isEmpty, !namesGPUs { return nil }
    switch ArgumentTable.form(path, in: release) {
    // An option that says that something is off is no name for it.
    case .value(let option), .whole(let option), .list(let option), .whenTrue(let option), .pattern(let option),
      .tuple(let option):
      return [option]
    case .whenFalse, .special, .missing, nil: return native.keys(of: path)
    }
  }

  package func path(ofKeys keys: [String]) -> FieldPath? {
    if let path = native.path(ofKeys: keys) { return path }
    guard keys.count == 1, keys[0].hasPrefix("--") else { return nil }
    for section in LaunchConfig.sections {
      let names = section.schema.names(in: release).map(section.schema.identity)
      for name in names {
        let path = FieldPath(section.schema.name, name)
        if self.keys(of: path) == keys { return path }
      }
    }
    return nil
  }

  package func value(_ value: ConfigValue, of path: FieldPath) -> ConfigValue { value }

  package var hasLayoutNotations: Bool { false }
}
