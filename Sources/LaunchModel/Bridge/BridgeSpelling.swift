package import ConfigDocument
package import Releases

/// The spelling of a ConfigContainer of Megatron-Bridge: its attributes hold our sections, some of them several, and the
/// class of its dataset says where the fields of the data stand.
package struct BridgeSpelling: Spelling {
  package let release: Release
  /// `nil` for a class that the release does not have.
  package let dataset: DatasetClass?
  private let places: BridgePlaces

  /// - Parameter dataset: the class of the container's data; for one that is not known, fields stand where they do to
  ///   pretrain.
  package init(_ release: Release, dataset: DatasetClass?) {
    self.release = release
    self.dataset = dataset
    places = BridgePlaces.of(dataset ?? release.pretraining, in: release)
  }

  package func keys(of path: FieldPath) -> [String]? {
    guard let attribute = release.classes.attribute(ofSection: path.section)?.name else { return nil }
    if path.field.isEmpty { return [attribute] }
    if let keys = places.keys(of: path) { return keys }
    guard let name = release.ownName(of: path.field, in: path.section) else { return nil }
    let own = FieldPath(path.section, name)
    if let keys = places.keys(of: own) { return keys }
    let keys = [attribute, name]
    // Where another field has the name, this one has no place.
    return [path, own].contains(self.path(ofKeys: keys)) ? keys : nil
  }

  package func path(ofKeys keys: [String]) -> FieldPath? {
    guard let name = keys.first, let attribute = release.classes.attribute(named: name) else { return nil }
    guard keys.count > 1 else { return attribute.sections.first.map { FieldPath($0, "") } }
    if let path = places.path(ofKeys: keys) { return path }
    guard keys.count == 2 else { return nil }
    var path: FieldPath?
    for section in attribute.sections {
      guard let schema = LaunchConfig.section(named: section)?.schema else { continue }
      // The name that the release has, and no other.
      let identity = schema.identity(of: keys[1])
      guard schema.name(of: identity, in: release) == keys[1] else { continue }
      if schema.field(named: identity) != nil {
        path = FieldPath(section, identity)
        break
      }
      // Carried, unless another section declares it.
      if path == nil, CarriedFields.field(identity, of: section, in: release) != nil {
        path = FieldPath(section, identity)
      }
    }
    return path.flatMap { places.keys(of: $0) == nil ? $0 : nil }
  }

  /// Whether something below these keys is a field of ours.
  func isHolder(_ keys: [String]) -> Bool { places.isHolder(keys) }

  /// Whether these keys lead to an object that holds fields of ours and nothing else.
  package func isObject(_ keys: [String]) -> Bool {
    keys.count == 2 && keys[0] == "dataset" && dataset?.objects[keys[1]] != nil
  }

  /// Words for objects of Python become these objects.
  package func value(_ value: ConfigValue, of path: FieldPath) -> ConfigValue {
    guard case .string(let word) = value, let kind = BridgeWords.kind(ofField: path.field) else { return value }
    return BridgeWords.value(word, kind) ?? value
  }

  package var hasLayoutNotations: Bool { false }
}

extension Release {
  /// The class of data to pretrain on.
  package var pretraining: DatasetClass { dataset(of: .tokens) }

  package func dataset(of source: DatasetClass.Source) -> DatasetClass { description.classes.datasets[source] }

  /// The class of a `dataset` by the last part of its name: classes are also reached through modules that import them.
  func dataset(named target: String) -> DatasetClass? {
    description.classes.datasets.all.first { dataset in
      ([dataset.className] + dataset.sameClasses).contains { $0.unqualified == target.unqualified }
    }
  }

  package func adapter(_ scheme: PEFTScheme) -> String {
    switch scheme {
    case .lora: description.classes.adapters.lora
    case .dora: description.classes.adapters.dora
    }
  }

  /// Whether the class of a kind of adapter has a field.
  package func hasField(_ name: String, inAdapter scheme: PEFTScheme) -> Bool {
    fields.field(name, of: "peft_" + scheme.rawValue) != nil
  }
}

extension String {
  /// `TrainingConfig` of `megatron.bridge.training.config.TrainingConfig`.
  package var unqualified: String { split(separator: ".").last.map(String.init) ?? self }
}
