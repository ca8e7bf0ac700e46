package import ConfigDocument
package import LaunchModel
import Releases

/// A config as the ConfigContainer of its release, in the form that its `from_yaml` loads in strict mode.
///
/// Every field goes to the class that owns it, every value of a field that has one here is written out, and nothing is
/// written that the class would refuse.
package enum BridgeConfig {
  /// - Parameter config: resolved and without errors.
  package static func tree(of config: LaunchConfig) -> Exported<ConfigMapping> {
    let config = config.withExplicitStages()
    let dataset = BridgeDataset(config)
    var remarks = ExportRemarks()
    var tree: ConfigMapping = ["_target_": .string(config.release.classes.container)]
    for attribute in config.release.classes.attributes {
      let value =
        switch attribute.name {
        case "dataset": dataset.tree(&remarks)
        case "peft": adapter(config, dataset.spelling, &remarks)
        default: value(of: attribute, config, dataset.spelling, &remarks)
        }
      if let value { tree[attribute.name] = value }
    }
    checkTokenizer(config, &remarks)
    return Exported(tree, notes: remarks.notes, problems: remarks.problems)
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
    of attribute: ContainerAttribute, _ config: LaunchConfig, _ spelling: BridgeSpelling, _ remarks: inout ExportRemarks
  ) -> ConfigValue? {
    let storages = attribute.sections.compactMap { LaunchConfig.section(named: $0) }.map { config[keyPath: $0.storage] }
    if storages.allSatisfy({ !$0.isPresent }) {
      // Bridge asks for these two objects whatever is in them.
      return ["profiling", "rerun_state_machine"].contains(attribute.name) ? nil : .null
    }
    var tree: ConfigMapping = ["_target_": .string(config.release.className(of: attribute))]
    for storage in storages {
      for field in storage.schema.fields {
        add(
          FieldPath(storage.schema.name, field.name), storage.values[field.index],
          isDefault: storage.values[field.index] == field.defaultValue, spelling, to: &tree, &remarks)
      }
      for value in storage.carried {
        add(
          FieldPath(storage.schema.name, value.name), value.value, isDefault: false, spelling, to: &tree, &remarks)
      }
    }
    if attribute.name == "model" {
      let usesTE = config.model.transformerImplementation != .local
      tree["transformer_layer_spec"] = BridgeValue.partial(
        config.release.classes.blockSpec, ["use_transformer_engine": .bool(usesTE)])
    }
    return .mapping(tree)
  }

  private static func add(
    _ path: FieldPath, _ value: ConfigValue, isDefault: Bool, _ spelling: BridgeSpelling, to tree: inout ConfigMapping,
    _ remarks: inout ExportRemarks
  ) {
    if let reason = BridgeOmission.reason(path, in: spelling.release) {
      if !isDefault { remarks.notExported(path, reason) }
    } else if BridgeOmission.runtime.contains(path) {
      remarks.notExported(path, "every process finds it out for itself")
    } else if let name = spelling.keys(of: path)?.last {
      tree.entries.append(ConfigMapping.Entry(name, BridgeValue.of(value, at: path, in: spelling, &remarks)))
    }
  }

  private static func adapter(
    _ config: LaunchConfig, _ spelling: BridgeSpelling, _ remarks: inout ExportRemarks
  ) -> ConfigValue {
    guard config.peft.isPresent else { return .null }
    let storage = config.peft.storage
    var tree: ConfigMapping = ["_target_": .string(config.release.adapter(config.peft.peftScheme))]
    for field in storage.schema.fields {
      let path = FieldPath(storage.schema.name, field.name)
      if path == Path.peft.peftScheme { continue }
      let isDefault = storage.values[field.index] == field.defaultValue
      if config.peft.peftScheme == .dora, BridgeOmission.loraOnly.contains(field.name) {
        if !isDefault { remarks.notExported(path, "DoRA has no such field") }
        continue
      }
      add(path, storage.values[field.index], isDefault: isDefault, spelling, to: &tree, &remarks)
    }
    for value in storage.carried {
      add(FieldPath(storage.schema.name, value.name), value.value, isDefault: false, spelling, to: &tree, &remarks)
    }
    return .mapping(tree)
  }

  private static func checkTokenizer(_ config: LaunchConfig, _ remarks: inout ExportRemarks) {
    guard config.tokenizer.tokenizerType == .byteLevel else { return }
    remarks.problem(
      Path.tokenizer.tokenizerType, "`ByteLevelTokenizer` belongs to the CPU engine; Megatron has no such tokenizer",
      help:
        """
        set \(Path.tokenizer.tokenizerType) to HuggingFaceTokenizer with a tokenizer_model, or to NullTokenizer for \
        tokens
        """)
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
