/// A field that releases call by different names; its meaning is the same.
public struct RenamedField: Hashable, Sendable {
  /// The section of a launch config that it belongs to.
  public let section: String
  /// The oldest first.
  public let names: [String]

  init(_ section: String, _ names: String...) {
    self.section = section
    self.names = names
  }

  /// Every rename between the releases; which name a release has, its table of fields tells.
  public static let all = [
    RenamedField("optimizer", "muon_use_nesterov", "muon_nesterov"),
    RenamedField("dist", "lazy_init", "lazy_mpu_init"),
    RenamedField("dataset", "rewrite", "hf_rewrite"),
    RenamedField("dataset", "dataset_subset", "subset"),
    RenamedField("dataset", "hf_kwargs", "load_kwargs"),
  ]

  /// All names of a field in any release, the oldest first; its one name if it never changed.
  public static func names(of field: String, in section: String) -> [String] {
    all.first { $0.section == section && $0.names.contains(field) }?.names ?? [field]
  }
}

extension Release {
  /// What the release's class calls a field of a section, which may be given by any of its names.
  ///
  /// - Returns: `nil` where the release has no such field.
  public func ownName(of field: String, in section: String) -> String? {
    guard let attribute = description.classes.attribute(ofSection: section) else { return nil }
    return RenamedField.names(of: field, in: section).first { name in
      attribute.fieldClasses.contains { fields.field(name, of: $0) != nil }
    }
  }
}
