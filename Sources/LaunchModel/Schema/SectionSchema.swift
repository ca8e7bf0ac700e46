import Releases

/// The fields of one section, each a property.
///
/// A struct: a key path into a class checks at every read that nobody writes, and rules read hundreds of fields a config.
public protocol SectionFields: Sendable {
  static var schema: SectionSchema { get }
  static var fields: Self { get }
}

extension SectionFields {
  /// What is known of a field beside its type.
  @inlinable @inline(__always)
  public static func declaration<Value>(of field: KeyPath<Self, Field<Value>>) -> FieldDeclaration {
    schema.fields[fields[keyPath: field].index]
  }
}

/// One section of the launch config: its name, its meaning and its fields.
public final class SectionSchema: Sendable {
  public let name: String
  public let documentation: String
  /// `null` is a value of the whole section: no adapter, no overlap.
  public let isNullable: Bool
  /// Keys are the user's own: environment variables.
  public let isOpen: Bool
  /// In the order of emission.
  public let fields: [FieldDeclaration]
  /// The fields that must be written.
  let requiredFields: [FieldDeclaration]
  /// The fields that got another name.
  let renames: [FieldRename]
  private let indexByName: [String: Int]

  init(
    _ name: String, _ fields: [FieldDeclaration], nullable: Bool = false, open: Bool = false, _ documentation: String
  ) {
    self.name = name
    self.documentation = documentation
    self.isNullable = nullable
    self.isOpen = open
    self.fields = fields
    requiredFields = fields.filter(\.isRequired)
    renames = FieldRename.all.filter { $0.section == name }
    indexByName = Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0.index) })
  }

  public func field(named name: String) -> FieldDeclaration? {
    indexByName[name].map { fields[$0] }
  }
}
