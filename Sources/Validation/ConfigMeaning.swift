package import ConfigDocument
package import LaunchModel
package import Releases

/// What a config means, field by field: the values of what is written, and for the rest what its release takes. So
/// configs for different releases can be compared: a field that got another name or place is one field.
package struct ConfigMeaning {
  package let config: LaunchConfig
  /// What each section carries, by name: asked for every field that a release has.
  private let carried: [String: [String: ConfigValue]]

  package init(_ config: LaunchConfig) {
    self.config = config
    var carried: [String: [String: ConfigValue]] = [:]
    for section in LaunchConfig.sections {
      carried[section.schema.name] = Dictionary(
        config[keyPath: section.storage].carried.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
    self.carried = carried
  }

  private var release: Release { config.release }

  /// Every field that either of two releases has, each once, by the newest of its places.
  package static func fields(of left: Release, and right: Release) -> [FieldPath] {
    LaunchConfig.sections.flatMap { section -> [FieldPath] in
      let schema = section.schema
      var names = schema.fields.filter { schema.declares($0, in: left) || schema.declares($0, in: right) }.map(\.name)
      var known = Set(names)
      for release in [left, right] {
        for name in CarriedFields.names(of: schema.name, in: release).map(schema.identity)
        where known.insert(name).inserted { names.append(name) }
      }
      return names.map { FieldPath(schema.name, $0) }.filter { $0.newestPlace == $0 }
    }
  }

  /// The value of a field; `nil` where the release has no such field, and where its section is not there.
  package func value(of path: FieldPath) -> ConfigValue? {
    switch path {
    case Path.parallelism.expertTensorParallelSize: return .int(config.parallelSizes.expertTensor)
    case Path.scheduler.lrWSDDecayIters: return annealingSteps
    case Path.dataset.datasetName:
      let name = config.dataset.datasetName
      return name.map { .string(release.dataset(of: .huggingFace).namedDatasets?.knownName(of: $0) ?? $0) } ?? .null
    case Path.train.rampupBatchSize where release.rampUp == .ignored: return .null
    default: break
    }
    var fallback: ConfigValue?
    for place in path.places {
      guard let section = LaunchConfig.section(named: place.section), config[keyPath: section.storage].isPresent else {
        continue
      }
      let (value, isWritten) = value(at: place, section)
      if isWritten, let value, value != .null { return value }
      fallback = fallback ?? value
    }
    return fallback ?? release.fixedValue(ofField: path.description).flatMap(Self.value)
  }

  /// Whether the release has a field.
  package func hasField(_ path: FieldPath) -> Bool {
    path.places.contains { place in
      LaunchConfig.section(named: place.section)?.schema.hasField(named: place.field, in: release) ?? false
    }
  }

  /// Whether a field does anything beside the others of the config.
  package func isOfConsequence(_ path: FieldPath) -> Bool {
    switch (path.section, path.field) {
    // Deprecated in some releases, which take one number for both backends.
    case ("model", "moe_deepep_num_sms"), ("model", "moe_hybridep_num_sms"):
      config.model.moeTokenDispatcherType == .flex
        && path.field.contains(config.model.moeFlexDispatcherBackend.rawValue)
    case ("model", "cuda_graph_use_single_mempool"): config.model.cudaGraphImplementation != "none"
    case ("profiling", "memory_snapshot_path"): value(of: FieldPath("profiling", "record_memory_history")) == true
    case ("dataset", "hf_rewrite"), ("dataset", "val_proportion"):
      config.dataset.kind == .sft && config.dataset.doValidation && isOfNamedDataset
    case ("dataset", "do_validation"), ("dataset", "do_test"): config.dataset.kind == .sft
    case ("checkpoint", "async_strategy"): config.checkpoint.asyncSave
    default: true
    }
  }

  /// Whether the examples are those of a dataset of Hugging Face.
  private var isOfNamedDataset: Bool {
    config.dataset.datasetName != nil || config.dataset.storage.value(named: "path_or_dataset") != nil
  }

  /// Whether a value was computed from others.
  package func isDerived(_ path: FieldPath) -> Bool {
    if case .derived? = config.value(at: path)?.origin { true } else { false }
  }

  /// Whether somebody has set a field, in whichever of its places.
  package func isWritten(_ path: FieldPath) -> Bool {
    path.places.contains { place in
      switch config.value(at: place)?.origin {
      case nil, .schemaDefault?: false
      case _?: true
      }
    }
  }

  /// Whether a value is what the release takes where nothing is set.
  package func isDefault(_ value: ConfigValue, of path: FieldPath) -> Bool {
    path.places.contains { defaultValue(at: $0).map { Self.isSame($0, value) } ?? false }
      || Release.fieldsOfOneDefault.contains(path.description) && value == .null
  }

  /// Whether a field means another thing in two configs. One that does nothing does not, nor one that only one of the
  /// releases has, while it stands at its default.
  package func differs(from other: ConfigMeaning, at path: FieldPath) -> Bool {
    guard isOfConsequence(path) || other.isOfConsequence(path) else { return false }
    return switch (value(of: path), other.value(of: path)) {
    case (nil, nil): false
    case (let value?, nil): !isDefault(value, of: path)
    case (nil, let value?): !other.isDefault(value, of: path)
    case (let left?, let right?):
      !Self.isSame(left, right)
        && !(Release.fieldsOfOneDefault.contains(path.description) && isDefault(left, of: path)
          && other.isDefault(right, of: path))
    }
  }

  /// Whether two values say the same: 1 and 1.0, `fp32` and `float32`.
  package static func isSame(_ left: ConfigValue, _ right: ConfigValue) -> Bool {
    if left == right { return true }
    if let one = Double(left), let other = Double(right) { return one == other }
    switch (left, right) {
    case (.string(let one), .string(let other)): return (longForms[one] ?? one) == (longForms[other] ?? other)
    // As JSON writes what it has no number for.
    case (.float(let number), .string(".inf")), (.string(".inf"), .float(let number)): return number == .infinity
    case (.list(let one), .list(let other)):
      return one.count == other.count && zip(one, other).allSatisfy { isSame($0, $1) }
    default: return false
    }
  }

  private static let longForms = ["fp32": "float32", "bf16": "bfloat16", "fp16": "float16"]

  // MARK: Parts

  private func value(at path: FieldPath, _ section: LaunchConfig.SectionEntry) -> (value: ConfigValue?, isWritten: Bool)
  {
    let (schema, storage) = (section.schema, config[keyPath: section.storage])
    if let field = schema.field(named: path.field) {
      guard schema.declares(field, in: release) else { return (nil, false) }
      if case .schemaDefault = storage.origins[field.index] { return (storage.value(of: field), false) }
      return (storage.value(of: field), true)
    }
    if let carried = carried[schema.name], !carried.isEmpty,
      let written = carried[schema.name(of: path.field, in: release)] ?? carried[path.field]
    {
      return (written, true)
    }
    return (defaultValue(at: path), false)
  }

  private func defaultValue(at path: FieldPath) -> ConfigValue? {
    guard let section = LaunchConfig.section(named: path.section) else { return nil }
    if let field = section.schema.field(named: path.field) {
      return section.schema.declares(field, in: release)
        ? LaunchConfig(for: release)[keyPath: section.storage].defaultValue(of: field) : nil
    }
    return CarriedFields.field(path.field, of: path.section, in: release).flatMap { Self.value($0.defaultText) }
  }

  /// Unset, a WSD schedule anneals from its start where the release says so.
  private var annealingSteps: ConfigValue {
    let scheduler = config.scheduler
    if let steps = scheduler.lrWSDDecayIters { return .int(steps) }
    guard release.annealsThroughoutByDefault, scheduler.lrDecayStyle == .warmupStableDecay,
      config.train.trainSamples == nil,
      let steps = scheduler.lrDecayIters ?? config.train.trainIters
    else { return .null }
    return .int(steps)
  }

  private static func value(_ json: String) -> ConfigValue? {
    json == #""<required>""# ? nil : ConfigValue(json: json)
  }
}

extension FieldPath {
  /// All places that a field ever had, the newest first.
  fileprivate var places: [FieldPath] { Self.renamed[self] ?? [self] }

  /// Those of fields with several, by each of them.
  private static let renamed: [FieldPath: [FieldPath]] = {
    var renamed: [FieldPath: [FieldPath]] = [:]
    for field in RenamedField.all {
      let parts = field.names.reversed().map { $0.split(separator: ".", maxSplits: 1).map(String.init) }
      var places: [FieldPath] = []
      for part in parts {
        guard let schema = LaunchConfig.section(named: part[0])?.schema else { continue }
        let place = FieldPath(part[0], schema.identity(of: part[1]))
        if !places.contains(place) { places.append(place) }
      }
      for part in parts where renamed[FieldPath(part[0], part[1])] == nil {
        renamed[FieldPath(part[0], part[1])] = places
      }
    }
    return renamed
  }()

  /// The place of a field in the newest release that has it.
  package var newestPlace: FieldPath { places.first ?? self }
}
