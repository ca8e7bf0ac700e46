public import ConfigDocument
public import Releases

extension LaunchConfig {
  /// What a field is in this config's release where nothing is written; `nil` for one that has to be written.
  public func defaultValue(of path: FieldPath) -> ConfigValue? {
    guard let section = Self.section(named: path.section), let field = section.schema.field(named: path.field),
      !field.isRequired
    else { return nil }
    return self[keyPath: section.storage].defaultValue(of: field)
  }

  /// The same in a release.
  public static func defaultValue(of path: FieldPath, in release: Release) -> ConfigValue? {
    LaunchConfig(for: release).defaultValue(of: path)
  }
}
