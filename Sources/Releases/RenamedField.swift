/// A field that has another name in other releases: one field all the same.
public struct RenamedField: Sendable {
  /// Its names with the section of a launch config that has them, the oldest first: `optimizer.muon_use_nesterov`.
  public let names: [String]

  private init(_ names: String...) { self.names = names }

  /// The name in a release; of several that it takes, the newest. `nil` where it has none of them.
  public func name(in release: Release) -> String? {
    names.last { release.hasField(named: $0) }
  }

  /// Those of one section, and those that moved to another or into an object.
  public static let all =
    FieldRename.all.map { RenamedField("\($0.section).\($0.oldName)", "\($0.section).\($0.newName)") } + [
      RenamedField("train.skip_train", "validation.skip_train"),
      RenamedField("dataset.packed_sequence_specs", "dataset.offline_packing_specs"),
    ]

  /// The field that has a name in some release.
  public static func named(_ name: String) -> RenamedField? { byName[name] }

  private static let byName = Dictionary(
    all.flatMap { field in field.names.map { ($0, field) } }, uniquingKeysWith: { first, _ in first })
}

extension Release {
  /// Whether the classes of a section have a field.
  ///
  /// - Parameter name: with its section, as in `optimizer.muon_nesterov`.
  public func hasField(named name: String) -> Bool {
    let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return false }
    return hasField(parts[1], ofSection: parts[0])
  }

  /// Whether the classes of a section have a field. Where several sections share a class, its fields are the first one's.
  public func hasField(_ name: String, ofSection section: String) -> Bool {
    guard let attribute = description.classes.attributes.first(where: { $0.sections.first == section }) else {
      return false
    }
    return hasField(name, of: attribute)
  }

  /// Whether a class that an attribute of a container may be of has a field.
  public func hasField(_ name: String, of attribute: ContainerAttribute) -> Bool {
    fields.hasField(name, ofAny: attribute.fieldClasses)
  }

  /// The name that a field of another release has here.
  ///
  /// - Parameter name: with its section.
  /// - Returns: the same name where it is a field here; `nil` where there is no such field.
  public func name(ofField name: String) -> String? {
    RenamedField.named(name).map { $0.name(in: self) } ?? (hasField(named: name) ? name : nil)
  }
}
