import ConfigDocument
import LaunchModel

extension Set<FieldPath> {
  /// With the unset fields that take their values from one of these: where reading has refused a value, nothing is known of
  /// what follows from it.
  func withFollowers(in config: LaunchConfig) -> Set<FieldPath> {
    guard !isEmpty else { return self }
    var result = self
    for size in UnsetSize.all
    where (config.value(at: size.field)?.value ?? .null) == .null && !result.isDisjoint(with: size.sources) {
      result.insert(size.field)
    }
    return result
  }
}
