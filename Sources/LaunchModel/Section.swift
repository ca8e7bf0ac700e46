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
  @inlinable
  public func isWritten<Value>(_ field: KeyPath<Fields, Field<Value>>) -> Bool {
    switch storage.origins[Fields.fields[keyPath: field].declaration.index] {
    case .schemaDefault, .derived: false
    case .recipe, .file, .flag, .program: true
    }
  }

  /// Where the value of a field comes from.
  @inlinable
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
public struct SectionStorage: Sendable {
  public let schema: SectionSchema
  public internal(set) var values: [ConfigValue]
  public internal(set) var origins: [Origin]
  /// Fields of Megatron's classes that this package has no use for, carried through to the exporters as written.
  public internal(set) var carried: [CarriedValue] = []
  public internal(set) var isPresent: Bool
  /// Where the section as a whole was written, or set to null.
  public internal(set) var sectionOrigin: Origin = .schemaDefault

  public struct CarriedValue: Sendable {
    public let name: String
    public var value: ConfigValue
    public var origin: Origin
  }

  init(_ schema: SectionSchema) {
    self.schema = schema
    values = schema.fields.map(\.defaultValue)
    origins = Array(repeating: .schemaDefault, count: values.count)
    isPresent = !schema.isNullable
  }

  mutating func set(_ field: FieldDeclaration, to value: ConfigValue, _ origin: Origin) {
    values[field.index] = value
    origins[field.index] = origin
    isPresent = true
  }

  mutating func carry(_ name: String, _ value: ConfigValue, _ origin: Origin) {
    if let index = carried.firstIndex(where: { $0.name == name }) {
      carried[index].value = value
      carried[index].origin = origin
    } else {
      carried.append(CarriedValue(name: name, value: value, origin: origin))
    }
    isPresent = true
  }

  /// The value of a field by name, typed or carried.
  public func value(named name: String) -> (value: ConfigValue, origin: Origin)? {
    if let field = schema.field(named: name) { return (values[field.index], origins[field.index]) }
    return carried.first { $0.name == name }.map { ($0.value, $0.origin) }
  }
}
