public import ConfigDocument
import Releases

extension LaunchConfig {
  /// The whole config as a tree, in the order of emission: every field that the release has with its value,
  /// derived ones included.
  public var tree: ConfigMapping {
    var tree: ConfigMapping = ["schema_version": .int(Self.schemaVersion)]
    for section in Self.sections {
      let storage = self[keyPath: section.storage]
      tree.entries.append(ConfigMapping.Entry(section.schema.name, storage.tree(for: release)))
    }
    return tree
  }

  /// Comments that stand behind values in a YAML file: where a derived value comes from.
  package var comments: [[String]: String] {
    var comments: [[String]: String] = [:]
    for section in Self.sections {
      let storage = self[keyPath: section.storage]
      for field in section.schema.fields {
        guard case .derived(let reason, let from) = storage.origins[field.index] else { continue }
        let sources = from.map(\.field).joined(separator: ", ")
        comments[[section.schema.name, section.schema.name(of: field.name, in: release)]] =
          sources.isEmpty ? reason : "from \(sources): \(reason)"
      }
    }
    return comments
  }
}

extension SectionStorage {
  fileprivate func tree(for release: Release) -> ConfigValue {
    guard isPresent else { return .null }
    var tree = ConfigMapping()
    for field in schema.fields where schema.declares(field, in: release) {
      tree.entries.append(ConfigMapping.Entry(schema.name(of: field.name, in: release), value(of: field)))
    }
    for value in carried {
      tree.entries.append(ConfigMapping.Entry(schema.name(of: value.name, in: release), value.value))
    }
    return .mapping(tree)
  }
}
