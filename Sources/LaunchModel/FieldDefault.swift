public import ConfigDocument
public import Releases

extension LaunchConfig {
  /// What a field is in a release where nothing is written; `nil` for one that has to be written.
  public static func defaultValue(of path: FieldPath, in release: Release) -> ConfigValue? {
    guard let field = section(named: path.section)?.schema.field(named: path.field), !field.isRequired else {
      return nil
    }
    // What is declared holds for sections that are absent where nothing is written.
    return LaunchConfig(for: release).value(at: path)?.value ?? field.defaultValue
  }
}
