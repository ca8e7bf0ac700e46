/// The declarations of one section: a final class whose stored properties are ``Field``s, in the order of
/// emission. A class, because the one instance is read all the time and a struct would be copied.
public protocol SectionFields: Sendable {
  static var schema: SectionSchema { get }
  static var fields: Self { get }
}

/// One section of the launch config: its name, its meaning and its fields.
public final class SectionSchema: Sendable {
  public let name: String
  public let documentation: String
  /// `null` is a value of the whole section: no adapter, no overlap.
  public let isNullable: Bool
  /// Keys are the user's own: environment variables.
  public let isOpen: Bool
  public let fields: [FieldDeclaration]
  private let indexByName: [String: Int]

  /// - Parameter fields: an instance of the section's ``SectionFields``; its stored properties are the declarations.
  public init(
    _ name: String, of fields: @autoclosure () -> some SectionFields, nullable: Bool = false, open: Bool = false,
    _ documentation: String
  ) {
    self.name = name
    self.documentation = documentation
    self.isNullable = nullable
    self.isOpen = open
    let declared = FieldCollector.declarations { _ = fields() }
    self.fields = declared.isEmpty ? Self.reflected(fields()) : declared
    var indexByName: [String: Int] = [:]
    for (index, field) in self.fields.enumerated() {
      field.index = index
      indexByName[field.name] = index
    }
    self.indexByName = indexByName
  }

  /// The same of fields that somebody has asked for before their schema.
  private static func reflected(_ fields: some SectionFields) -> [FieldDeclaration] {
    Mirror(reflecting: fields).children.compactMap { ($0.value as? any DeclaredField)?.declaration }
  }

  public func field(named name: String) -> FieldDeclaration? {
    indexByName[name].map { fields[$0] }
  }
}

/// Lets a mirror see the declaration inside a generic field.
private protocol DeclaredField {
  var declaration: FieldDeclaration { get }
}

extension Field: DeclaredField {}
