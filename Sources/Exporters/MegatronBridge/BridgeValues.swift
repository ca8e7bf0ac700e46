import ConfigDocument
import LaunchModel

/// Values in the form that Megatron-Bridge's loader makes objects of: `{_target_: torch.bfloat16, _call_: false}`.
enum BridgeValue {
  /// A value of ours as the class of its field takes it.
  static func of(
    _ value: ConfigValue, at path: FieldPath, in spelling: BridgeSpelling, _ remarks: inout ExportRemarks
  ) -> ConfigValue {
    let object = spelling.value(value, of: path)
    return object == value ? escaped(value, at: path, &remarks) : object
  }

  /// A function with some of its arguments given.
  static func partial(_ name: String, _ arguments: ConfigMapping) -> ConfigValue {
    var result: ConfigMapping = ["_target_": .string(name), "_partial_": true]
    result.entries += arguments.entries
    return .mapping(result)
  }

  // MARK: Texts that the loader would not take as they are

  /// The loader reads strings with OmegaConf, three times over: `${…}` would be replaced, `???` is a missing value, and a
  /// mapping with `_target_` would be called.
  private static func escaped(_ value: ConfigValue, at path: FieldPath, _ remarks: inout ExportRemarks) -> ConfigValue {
    switch value {
    case .string("???"):
      remarks.problem(path, "`???` means a missing value to Megatron-Bridge's loader", help: "choose another text")
      return value
    case .string(let text): return .string(escapedInterpolations(text))
    case .list(let items): return .list(items.map { escaped($0, at: path, &remarks) })
    case .mapping(let mapping):
      for key in loaderKeys where mapping[key] != nil {
        remarks.problem(
          path, "the key `\(key)` would make Megatron-Bridge's loader run code", help: "values here are data only")
      }
      return .mapping(
        ConfigMapping(mapping.entries.map { ConfigMapping.Entry($0.key, escaped($0.value, at: path, &remarks)) }))
    default: return value
    }
  }

  private static let loaderKeys = ["_target_", "_partial_", "_call_", "_args_", "_name_"]

  /// Each reading halves the backslashes before `${` and takes one for the escape: after three, n of them are left of 8n + 7.
  static func escapedInterpolations(_ text: String) -> String {
    let scalars = Array(text.unicodeScalars)
    var result = String.UnicodeScalarView()
    var backslashes = 0
    for (index, scalar) in scalars.enumerated() {
      if scalar == "\\" {
        backslashes += 1
        continue
      }
      let opens = scalar == "$" && index + 1 < scalars.count && scalars[index + 1] == "{"
      result.append(contentsOf: repeatElement("\\", count: opens ? 8 * backslashes + 7 : backslashes))
      backslashes = 0
      result.append(scalar)
    }
    result.append(contentsOf: repeatElement("\\", count: backslashes))
    return String(result)
  }
}
