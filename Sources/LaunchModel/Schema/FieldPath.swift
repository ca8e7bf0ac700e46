/// The name of a field with its section, as in `parallelism.tensor_model_parallel_size`.
public struct FieldPath: Hashable, Sendable, CustomStringConvertible {
  public let section: String
  /// Empty for the section itself.
  public let field: String

  public init(_ section: String, _ field: String) {
    self.section = section
    self.field = field
  }

  public var description: String { field.isEmpty ? section : "\(section).\(field)" }
}

extension FieldPath: Comparable {
  public static func < (left: FieldPath, right: FieldPath) -> Bool {
    (left.section, left.field) < (right.section, right.field)
  }
}

/// The paths of a section's fields, spelled like the fields: `Path.parallelism.tensorModelParallelSize`.
@dynamicMemberLookup
public struct SectionPaths<Fields: Sendable>: Sendable {
  public init() {}
}

extension SectionPaths where Fields: SectionFields {
  /// Inlined, so that a literal key path need not be made.
  @inlinable @inline(__always)
  public subscript<Value>(dynamicMember field: KeyPath<Fields, Field<Value>>) -> FieldPath {
    FieldPath(Fields.schema.name, Fields.declaration(of: field).name)
  }

  /// The section itself.
  public var whole: FieldPath { FieldPath(Fields.schema.name, "") }
}
