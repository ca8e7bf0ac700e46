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
    if let variables = environment(config) { tree["env_vars"] = variables }
    checkTokenizer(config, &remarks)
    return Exported(tree, notes: remarks.notes, problems: remarks.problems)
  }

  /// Which programs run a file.
  package enum Programs: Sendable {
    /// Those of Megatron-Bridge, or of whoever loads the file.
    case others
    /// Those of a launch, which start from these weights if they make them themselves.
    case launch(base: String?)
  }

  /// The same as the text of a file.
  package static func yaml(of config: LaunchConfig, for programs: Programs = .others) -> Exported<String> {
    let header = [
      "ConfigContainer of \(config.release.packages) for "
        + "\(config.recipe.basedOn ?? config.recipe.name), written by moonlight \(toolVersion)",
      "fingerprint of the launch config: sha256:\(config.fingerprint)",
    ]
    var (run, remarks) = (config, ExportRemarks())
    switch programs {
    case .launch(let base?): run.checkpoint.pretrainedCheckpoint = base
    case .launch: break
    case .others: remarks.warnOfQueryNorm(config)
    }
    var exported = tree(of: run).map { YAMLEmitter(header: header).emit(.mapping($0)) }
    exported.notes += remarks.notes
    return exported
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
    let owner = config.release.className(of: attribute)
    var tree: ConfigMapping = ["_target_": .string(owner)]
    for storage in storages {
      for field in storage.schema.fields {
        add(
          FieldPath(storage.schema.name, field.name), storage.value(of: field),
          isDefault: storage.value(of: field) == storage.defaultValue(of: field), owner: owner, spelling, to: &tree,
          &remarks)
      }
      for value in storage.carried {
        add(
          FieldPath(storage.schema.name, value.name), value.value, isDefault: false, owner: owner, spelling, to: &tree,
          &remarks)
      }
    }
    if attribute.name == "tokenizer" { trustRemoteCode(config, &tree) }
    BridgeAliases.settle(&tree, of: attribute.name, isWritten: { isWritten($0, in: storages) }, &remarks)
    if attribute.name == "model" {
      let usesTE = config.model.transformerImplementation != .local
      tree["transformer_layer_spec"] = BridgeValue.partial(
        config.release.classes.blockSpec, ["use_transformer_engine": .bool(usesTE)])
    }
    return .mapping(tree)
  }

  private static func isWritten(_ name: String, in storages: [SectionStorage]) -> Bool {
    storages.contains { storage in
      storage.carried.contains { $0.name == name }
        || storage.schema.fields.contains { $0.name == name && storage.isWritten($0.index) }
    }
  }

  private static func add(
    _ path: FieldPath, _ value: ConfigValue, isDefault: Bool, owner: String, _ spelling: BridgeSpelling,
    to tree: inout ConfigMapping, _ remarks: inout ExportRemarks
  ) {
    if BridgeOmission.runtime.contains(path) {
      remarks.notExported(path, "every process finds it out for itself")
    } else if let name = spelling.keys(of: path)?.last {
      tree.entries.append(ConfigMapping.Entry(name, BridgeValue.of(value, at: path, in: spelling, &remarks)))
    } else if !isDefault {
      remarks.notExported(path, BridgeOmission.reason(path, in: spelling.release, owner: owner.unqualified))
    }
  }

  private static func adapter(
    _ config: LaunchConfig, _ spelling: BridgeSpelling, _ remarks: inout ExportRemarks
  ) -> ConfigValue {
    guard config.peft.isPresent else { return .null }
    let storage = config.peft.storage
    let scheme = config.peft.peftScheme
    let owner = config.release.adapter(scheme)
    var tree: ConfigMapping = ["_target_": .string(owner)]
    let declared = storage.schema.fields.map { field in
      (field.name, storage.value(of: field), storage.value(of: field) == storage.defaultValue(of: field))
    }
    for (name, value, isDefault) in declared + storage.carried.map({ ($0.name, $0.value, false) }) {
      let path = FieldPath(storage.schema.name, name)
      if path == Path.peft.peftScheme { continue }
      if config.release.hasField(name, inAdapter: scheme) {
        add(path, value, isDefault: isDefault, owner: owner, spelling, to: &tree, &remarks)
      } else if !isDefault {
        remarks.notExported(path, BridgeOmission.reason(path, in: config.release, owner: owner.unqualified))
      }
    }
    return .mapping(tree)
  }

  /// The variables of a run, where the release's container holds them.
  private static func environment(_ config: LaunchConfig) -> ConfigValue? {
    let variables = config.envVars.storage.carried
    guard config.release.holdsEnvironment, !variables.isEmpty else { return nil }
    return .mapping(
      ConfigMapping(
        variables.map { variable in
          switch variable.value {
          // As a process sees it: the release would write `True`.
          case .bool(let flag): ConfigMapping.Entry(variable.name, .int(flag ? 1 : 0))
          case .string(let text):
            ConfigMapping.Entry(variable.name, .string(BridgeValue.escapedInterpolations(text)))
          case .null: ConfigMapping.Entry(variable.name, "")
          default: ConfigMapping.Entry(variable.name, variable.value)
          }
        }))
  }

  /// Where the tokenizer's class has a field for it, arguments of Hugging Face's loader are not asked.
  private static func trustRemoteCode(_ config: LaunchConfig, _ tree: inout ConfigMapping) {
    let name = "trust_remote_code"
    guard tree[name] == nil, config.release.ownName(of: name, in: "tokenizer") != nil,
      let written = config.tokenizer.hfTokenizerKwargs?[name]
    else { return }
    tree[name] = written
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
