import ConfigDocument
import LaunchModel
import Releases

/// The reference writes a config by Megatron-Bridge's classes; this is how it is spelled in a launch config.
struct ReferenceSpelling {
  private let release: Release

  init(_ release: Release) { self.release = release }

  func ours(_ config: ConfigValue) -> ConfigValue {
    guard case .mapping(let sections) = config else { return config }
    var result = ConfigMapping()
    for section in sections.entries {
      guard case .mapping(let fields) = section.value else {
        result[section.key] = section.value
        continue
      }
      if result[section.key] == nil { result[section.key] = .mapping(ConfigMapping()) }
      for field in fields.entries {
        for (name, value) in spelled(section.key, field.key, field.value) {
          let home = home(of: name, in: section.key)
          var target = ConfigMapping()
          // Taken out while it grows, so that no field copies those before it.
          if case .mapping(let own)? = result[home] { (target, result[home]) = (own, .null) }
          target[name] = value
          result[home] = .mapping(target)
        }
      }
    }
    return .mapping(result)
  }

  /// `model`, `parallelism` and `recompute` are one class there: a field belongs where this package declares it.
  private func home(of name: String, in section: String) -> String {
    let shared = ["model", "parallelism", "recompute"]
    guard shared.contains(section), LaunchConfig.section(named: section)?.schema.field(named: name) == nil else {
      return section
    }
    return shared.first { LaunchConfig.section(named: $0)?.schema.field(named: name) != nil } ?? shared[0]
  }

  private func spelled(_ section: String, _ name: String, _ value: ConfigValue) -> [(String, ConfigValue)] {
    switch (section, name, value) {
    case ("recipe", "description", .null), ("dataset", "data_paths", .null),
      ("dataset", "packed_sequence_specs", .null), ("dataset", "offline_packing_specs", .null):
      return []
    case ("dataset", "seed", _): return [("random_seed", value)]
    // A launch config has no objects within `dataset`.
    case ("dataset", "packed_sequence_specs", .mapping(let fields)),
      ("dataset", "offline_packing_specs", .mapping(let fields)), ("dataset", "hf_dataset", .mapping(let fields)):
      return fields.entries.map { ($0.key, $0.value) }
    case (_, _, .string(let word)) where name.hasSuffix("dtype") && name != "moe_router_dtype":
      return [(name, .string(["float32": "fp32", "bfloat16": "bf16", "float16": "fp16"][word] ?? word))]
    default: return [(name, value)]
    }
  }
}
