import ConfigDocument
import LaunchModel

/// Values in the form that Megatron-Bridge's loader makes objects of: `{_target_: torch.bfloat16, _call_: false}`.
enum BridgeValue {
  /// A value of ours as the class of its field takes it.
  static func of(_ value: ConfigValue, at path: FieldPath, _ findings: inout Findings) -> ConfigValue {
    if case .string(let word) = value, let object = object(word, field: path.field) { return object }
    return escaped(value, at: path, &findings)
  }

  private static func object(_ word: String, field: String) -> ConfigValue? {
    switch field {
    case "activation_func": activations[word].map(reference)
    case "attention_backend": backends[word].map { call("megatron.core.transformer.enums.AttnBackend", [.int($0)]) }
    // The router takes its format by name.
    case "moe_router_dtype": nil
    default: field.hasSuffix("dtype") ? dataTypes[word].map(reference) : nil
    }
  }

  private static let dataTypes = [
    "fp32": "torch.float32", "bf16": "torch.bfloat16", "fp16": "torch.float16",
    "float32": "torch.float32", "bfloat16": "torch.bfloat16", "float16": "torch.float16",
  ]

  private static let activations = [
    "silu": "torch.nn.functional.silu", "gelu": "torch.nn.functional.gelu", "relu": "torch.nn.functional.relu",
    "squared_relu": "megatron.core.activations.squared_relu",
  ]

  /// The numbers of megatron-core 0.16.1's `AttnBackend`.
  private static let backends = ["flash": 1, "fused": 2, "unfused": 3, "local": 4, "auto": 5]

  /// A function, a class or a constant itself, rather than what calling it gives.
  static func reference(_ name: String) -> ConfigValue { ["_target_": .string(name), "_call_": false] }

  private static func call(_ name: String, _ arguments: [ConfigValue]) -> ConfigValue {
    ["_target_": .string(name), "_call_": true, "_args_": .list(arguments)]
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
  private static func escaped(_ value: ConfigValue, at path: FieldPath, _ findings: inout Findings) -> ConfigValue {
    switch value {
    case .string("???"):
      findings.problem(path, "`???` means a missing value to Megatron-Bridge's loader", help: "choose another text")
      return value
    case .string(let text): return .string(escapedInterpolations(text))
    case .list(let items): return .list(items.map { escaped($0, at: path, &findings) })
    case .mapping(let mapping):
      for key in loaderKeys where mapping[key] != nil {
        findings.problem(
          path, "the key `\(key)` would make Megatron-Bridge's loader run code", help: "values here are data only")
      }
      return .mapping(
        ConfigMapping(mapping.entries.map { ConfigMapping.Entry($0.key, escaped($0.value, at: path, &findings)) }))
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
