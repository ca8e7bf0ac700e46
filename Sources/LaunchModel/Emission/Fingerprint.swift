import ConfigDocument
import Releases

extension LaunchConfig {
  /// SHA-256, in hexadecimal, of the release and of every value that is not the release's default.
  ///
  /// The same for two configs that mean the same, however they are written; a field that is added later and left alone
  /// changes nothing.
  public var fingerprint: String {
    SHA256.hexadecimal(of: Array(FlowText.yaml(.mapping(meaning)).utf8))
  }

  private var meaning: ConfigMapping {
    let (config, defaults) = (withCanonicalLayout(), LaunchConfig(for: release))
    var tree: ConfigMapping = [
      "schema_version": .int(Self.schemaVersion), "megatron_bridge": .string(release.megatronBridge),
    ]
    for section in Self.sections {
      let (storage, fallback) = (config[keyPath: section.storage], defaults[keyPath: section.storage])
      let fields = storage.differences(from: fallback, release)
      if storage.isPresent != fallback.isPresent || !fields.entries.isEmpty {
        tree[section.schema.name] = storage.isPresent ? .mapping(fields) : .null
      }
    }
    return tree
  }
}

extension SectionStorage {
  /// The values that are others than those of a section in which nothing was written.
  fileprivate func differences(from fallback: SectionStorage, _ release: Release) -> ConfigMapping {
    var result = ConfigMapping()
    guard isPresent else { return result }
    for field in schema.fields {
      let value = field.normalized(value(of: field))
      if let value, value != field.normalized(fallback.value(of: field)) {
        result[schema.name(of: field.name, in: release)] = value
      }
    }
    for entry in carried.sorted(by: { $0.name < $1.name }) {
      let field = CarriedFields.field(entry.name, of: schema.name, in: release)
      if field?.isDefault(entry.value) != true { result[entry.name] = entry.value }
    }
    return result
  }
}
