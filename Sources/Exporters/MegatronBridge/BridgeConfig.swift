package import ConfigDocument
package import LaunchModel
import Releases

/// A config as the ConfigContainer of megatron-bridge 0.3.1, in the form that its `from_yaml` loads in strict mode.
///
/// Every field goes to the class that owns it, every value of a field that has one here is written out, and nothing is
/// written that the class would refuse.
package enum BridgeConfig {
  /// - Parameter config: resolved and without errors.
  package static func tree(of config: LaunchConfig) -> Exported<ConfigMapping> {
    let config = config.withExplicitStages()
    var findings = Findings()
    var tree: ConfigMapping = ["_target_": .string(BridgeSection.container)]
    for section in BridgeSection.plain {
      if let value = value(of: section, config, &findings) { tree[section.attribute] = value }
    }
    tree["dataset"] = BridgeDataset.tree(of: config, &findings)
    tree["peft"] = adapter(config, &findings)
    checkTokenizer(config, &findings)
    return Exported(tree, notes: findings.notes, problems: findings.problems)
  }

  /// The same as the text of a file.
  package static func yaml(of config: LaunchConfig) -> Exported<String> {
    let header = [
      "ConfigContainer of megatron-bridge \(config.release.megatronBridge) for "
        + "\(config.recipe.basedOn ?? config.recipe.name), written by moonlight \(toolVersion)",
      "fingerprint of the launch config: sha256:\(config.fingerprint)",
    ]
    return tree(of: config).map { YAMLEmitter(header: header).emit(.mapping($0)) }
  }

  /// - Returns: `nil` for a section that is left to the class's defaults.
  private static func value(
    of section: BridgeSection, _ config: LaunchConfig, _ findings: inout Findings
  ) -> ConfigValue? {
    let storages = section.sections.compactMap { LaunchConfig.section(named: $0) }.map { config[keyPath: $0.storage] }
    if storages.allSatisfy({ !$0.isPresent }) {
      // Bridge asks for these two objects whatever is in them.
      return ["profiling", "rerun_state_machine"].contains(section.attribute) ? nil : .null
    }
    var tree: ConfigMapping = ["_target_": .string(section.target)]
    for storage in storages {
      for field in storage.schema.fields {
        add(
          field.name, storage.values[field.index], isDefault: storage.values[field.index] == field.defaultValue,
          of: storage.schema.name, in: config.release, to: &tree, &findings)
      }
      for value in storage.carried {
        add(
          value.name, value.value, isDefault: false, of: storage.schema.name, in: config.release, to: &tree, &findings)
      }
    }
    if section.target == BridgeSection.modelProvider {
      let usesTE = config.model.transformerImplementation != .local
      tree["transformer_layer_spec"] = BridgeValue.partial(
        BridgeSection.blockSpec, ["use_transformer_engine": .bool(usesTE)])
    }
    return .mapping(tree)
  }

  private static func add(
    _ name: String, _ value: ConfigValue, isDefault: Bool, of section: String, in release: Release,
    to tree: inout ConfigMapping, _ findings: inout Findings
  ) {
    let path = FieldPath(section, name)
    if let reason = BridgeOmission.reason(path, release) {
      if !isDefault { findings.notExported(path, reason) }
    } else if BridgeOmission.runtime.contains(path) {
      findings.notExported(path, "every process finds it out for itself")
    } else {
      tree.entries.append(ConfigMapping.Entry(name, BridgeValue.of(value, at: path, &findings)))
    }
  }

  private static func adapter(_ config: LaunchConfig, _ findings: inout Findings) -> ConfigValue {
    guard config.peft.isPresent else { return .null }
    let storage = config.peft.storage
    var tree: ConfigMapping = ["_target_": .string(BridgeSection.adapter(config.peft.peftScheme))]
    for field in storage.schema.fields {
      let path = FieldPath("peft", field.name)
      if path == Path.peft.peftScheme { continue }
      if config.peft.peftScheme == .dora, BridgeOmission.loraOnly.contains(field.name) {
        if storage.values[field.index] != field.defaultValue { findings.notExported(path, "DoRA has no such field") }
        continue
      }
      tree[field.name] = BridgeValue.of(storage.values[field.index], at: path, &findings)
    }
    for value in storage.carried {
      tree[value.name] = BridgeValue.of(value.value, at: FieldPath("peft", value.name), &findings)
    }
    return .mapping(tree)
  }

  private static func checkTokenizer(_ config: LaunchConfig, _ findings: inout Findings) {
    guard config.tokenizer.tokenizerType == .byteLevel else { return }
    findings.problem(
      Path.tokenizer.tokenizerType, "`ByteLevelTokenizer` belongs to the CPU engine; Megatron has no such tokenizer",
      help:
        "set tokenizer.tokenizer_type to HuggingFaceTokenizer with a tokenizer_model, or to NullTokenizer for tokens")
  }
}

extension LaunchConfig {
  /// The same config with the virtual pipeline that its layout implies written out: Megatron-Bridge decides about overlap
  /// before it reads a layout, and would take it for a plain pipeline.
  func withExplicitStages() -> LaunchConfig {
    var copy = withCanonicalLayout()
    let pipeline = parallelism.pipelineModelParallelSize
    guard parallelism.virtualPipelineModelParallelSize == nil, pipeline > 0,
      let stages = (try? resolvedLayout())?.layout.stages.count, stages > pipeline, stages % pipeline == 0
    else { return copy }
    copy.parallelism.virtualPipelineModelParallelSize = stages / pipeline
    return copy
  }
}
