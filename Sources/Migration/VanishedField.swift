import ConfigDocument
import LaunchModel
import Releases
import Validation

extension MigrationDraft {
  /// Takes out a field that the target release does not have. Where it says no more than the target does anyway, nothing is
  /// lost.
  ///
  /// - Parameters:
  ///   - path: the field, in its section.
  ///   - defaultText: the default of the source release's class, as JSON.
  ///   - config: what the text means in the source release.
  mutating func dropField(_ keys: [String], _ path: FieldPath, defaultText: String?, _ config: LaunchConfig) {
    guard let value = value(at: keys) else { return }
    let name = "\(path.section).\(path.field)"
    let fallback = defaultText.flatMap { ConfigValue(json: $0) }
    let fixed = target.fixedValue(ofField: name).flatMap { ConfigValue(json: $0) }
    let absence = "megatron-bridge \(target.megatronBridge) has no `\(path.field)`"
    if let fixed, ConfigMeaning.isSame(value.word, fixed) {
      remove(keys, "\(absence), and always does that")
    } else if fixed == nil, let fallback, ConfigMeaning.isSame(value.word, fallback) {
      remove(keys, "\(absence); it stood at its default")
    } else if !ConfigMeaning(config).isOfConsequence(path) {
      remove(keys, "\(absence), and it does nothing here")
    } else {
      lose(
        keys, "\(absence), and here it is \(FlowText.yaml(value.word))",
        help: Release.successor(of: path.field, in: path.section))
      if dropsLosses { silently(keys) { editor throws(EditError) in try editor.remove(keys) } }
    }
  }
}

extension ConfigValue {
  /// The word that stands for an object of a ConfigContainer: `bfloat16` for `{_target_: torch.bfloat16, …}`, the value of
  /// a member of an enumeration.
  fileprivate var word: ConfigValue {
    guard case .mapping(let object) = self, case .string(let target)? = object["_target_"] else { return self }
    if case .list(let arguments)? = object["_args_"], arguments.count == 1 { return arguments[0] }
    return target.hasPrefix("torch.") ? .string(target.unqualified) : self
  }
}
