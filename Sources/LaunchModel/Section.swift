public import ConfigDocument

/// One section of a resolved config, with typed access: `config.parallelism.tensorModelParallelSize`.
@dynamicMemberLookup
public struct Section<Fields: SectionFields>: Sendable {
  public var storage: SectionStorage

  public init() { storage = SectionStorage(Fields.schema) }

  public subscript<Value>(dynamicMember field: KeyPath<Fields, Field<Value>>) -> Value {
    // Inlined, so that a literal key path costs no more than an array access: rules read hundreds of fields a config.
    @inlinable @inline(__always) get { Fields.fields[keyPath: field].value(in: storage.values) }
    set { storage.set(Fields.fields[keyPath: field].declaration, to: newValue.configValue, .program) }
  }

  /// Whether anybody wrote the field: a recipe, a file, a flag, a program.
  @inlinable @inline(__always)
  public func isWritten<Value>(_ field: KeyPath<Fields, Field<Value>>) -> Bool {
    switch storage.origins[Fields.fields[keyPath: field].declaration.index] {
    case .schemaDefault, .derived: false
    case .recipe, .file, .flag, .program: true
    }
  }

  /// Where the value of a field comes from.
  @inlinable @inline(__always)
  public func origin<Value>(of field: KeyPath<Fields, Field<Value>>) -> Origin {
    storage.origins[Fields.fields[keyPath: field].declaration.index]
  }

  /// A field of Megatron's that has no property here, if it was written; in an open section, any key.
  package func carried(_ name: String) -> ConfigValue? {
    guard !storage.carried.isEmpty else { return nil }
    return storage.carried.first { $0.name == name }?.value
  }

  /// `false` where the section is `null`: no adapter, no overlap, no profiling.
  public var isPresent: Bool { storage.isPresent }
}

/// The values of one section and their origins, by the index of the declaration.
///
/// A value whose contents are shared until one of its copies changes: a config is copied into every set of facts, and
/// rules take sections out of it, hundreds of times a validation.
public struct SectionStorage: Sendable {
  @usableFromInline var contents: Contents

  /// Changed only while one storage refers to it, which makes it as safe to send as a struct, and a check of exclusive
  /// access at every read more than it needs.
  @usableFromInline
  final class Contents: @unchecked Sendable {
    @usableFromInline let schema: SectionSchema
    @exclusivity(unchecked) @usableFromInline var values: [ConfigValue]
    @exclusivity(unchecked) @usableFromInline var origins: [Origin]
    @exclusivity(unchecked) var carried: [CarriedValue]
    @exclusivity(unchecked) var isPresent: Bool
    @exclusivity(unchecked) var sectionOrigin: Origin

    init(_ schema: SectionSchema) {
      self.schema = schema
      values = schema.fields.map(\.defaultValue)
      origins = Array(repeating: .schemaDefault, count: values.count)
      carried = []
      isPresent = !schema.isNullable
      sectionOrigin = .schemaDefault
    }

    init(copying other: Contents) {
      schema = other.schema
      values = other.values
      origins = other.origins
      carried = other.carried
      isPresent = other.isPresent
      sectionOrigin = other.sectionOrigin
    }
  }

  public struct CarriedValue: Sendable {
    public let name: String
    public var value: ConfigValue
    public var origin: Origin
  }

  init(_ schema: SectionSchema) { contents = Contents(schema) }

  public var schema: SectionSchema { contents.schema }
  @inlinable public var values: [ConfigValue] { contents.values }
  @inlinable public var origins: [Origin] { contents.origins }
  /// Fields of Megatron's classes that this package has no use for, carried through to the exporters as written.
  public var carried: [CarriedValue] { contents.carried }
  public var isPresent: Bool { contents.isPresent }
  /// Where the section as a whole was written, or set to null.
  public var sectionOrigin: Origin { contents.sectionOrigin }

  /// Changes this storage's own contents, and nobody else's.
  private mutating func change(_ change: (Contents) -> Void) {
    if !isKnownUniquelyReferenced(&contents) { contents = Contents(copying: contents) }
    change(contents)
  }

  mutating func set(_ field: FieldDeclaration, to value: ConfigValue, _ origin: Origin) {
    change {
      $0.values[field.index] = value
      $0.origins[field.index] = origin
      $0.isPresent = true
    }
  }

  mutating func carry(_ name: String, _ value: ConfigValue, _ origin: Origin) {
    change {
      if let index = $0.carried.firstIndex(where: { $0.name == name }) {
        $0.carried[index].value = value
        $0.carried[index].origin = origin
      } else {
        $0.carried.append(CarriedValue(name: name, value: value, origin: origin))
      }
      $0.isPresent = true
    }
  }

  /// The section as a whole: `null`, which takes back what it held, or there.
  mutating func setPresence(_ isPresent: Bool, _ origin: Origin) {
    if !isPresent { self = SectionStorage(schema) }
    change {
      $0.isPresent = isPresent
      $0.sectionOrigin = origin
    }
  }

  /// The value of a field by name, typed or carried.
  public func value(named name: String) -> (value: ConfigValue, origin: Origin)? {
    if let field = schema.field(named: name) { return (values[field.index], origins[field.index]) }
    return carried.first { $0.name == name }.map { ($0.value, $0.origin) }
  }
}
