public import ConfigDocument

/// One section of a resolved config, with typed access: `config.parallelism.tensorModelParallelSize`.
@dynamicMemberLookup
public struct Section<Fields: Sendable>: Sendable {
  public var storage: SectionStorage

  /// A field of Megatron's that has no property here, if it was written; in an open section, any key.
  package func carried(_ name: String) -> ConfigValue? {
    guard !storage.carried.isEmpty else { return nil }
    return storage.carried.first { $0.name == name }?.value
  }

  /// `false` where the section is `null`: no adapter, no overlap, no profiling.
  public var isPresent: Bool { storage.isPresent }
}

extension Section where Fields: SectionFields {
  public init() { storage = SectionStorage(Fields.schema) }

  public subscript<Value: FieldValue>(dynamicMember field: KeyPath<Fields, Field<Value>>) -> Value {
    // Inlined, so that a literal key path costs no more than an array access: rules read hundreds of fields a config.
    // On a line of its own, so that no more than the field is copied out of them.
    @inlinable @inline(__always) get {
      let field = Fields.fields[keyPath: field]
      return field.value(in: storage)
    }
    set { set(field, to: newValue, .program) }
  }

  mutating func set<Value: FieldValue>(_ field: KeyPath<Fields, Field<Value>>, to value: Value, _ origin: Origin) {
    storage.set(Fields.declaration(of: field), to: value.configValue, origin)
  }

  /// Whether anybody wrote the field: a recipe, a file, a flag, a program.
  @inlinable @inline(__always)
  public func isWritten<Value>(_ field: KeyPath<Fields, Field<Value>>) -> Bool {
    switch storage.origins[Fields.fields[keyPath: field].index] {
    case .schemaDefault, .derived: false
    case .recipe, .file, .flag, .program: true
    }
  }

  /// Where the value of a field comes from.
  @inlinable @inline(__always)
  public func origin<Value>(of field: KeyPath<Fields, Field<Value>>) -> Origin {
    storage.origins[Fields.fields[keyPath: field].index]
  }
}

/// The values of one section and their origins, by the index of the declaration.
public struct SectionStorage: Sendable {
  /// A single element: a config is copied into every set of facts, and rules take sections out of it, hundreds of times
  /// a validation, so that copies must share what they hold until one of them changes, as those of an array do.
  @usableFromInline var contents: [Contents]

  /// No more than a few words, which the compiler copies in place: of a larger one a rule that reads a field copies all.
  @usableFromInline
  struct Contents: Sendable {
    @usableFromInline var values: [StoredValue]
    @usableFromInline var origins: [Origin]
    var isPresent: Bool
    /// A single element again, of what is seldom asked for.
    var rest: [Rest]

    mutating func set(_ field: FieldDeclaration, to value: ConfigValue, _ origin: Origin) {
      values[field.index] = StoredValue(value, of: field)
      origins[field.index] = origin
      isPresent = true
    }
  }

  @usableFromInline
  struct StoredValue: Sendable {
    @usableFromInline let value: ConfigValue
    /// Where it is one of so many words, which of them.
    @usableFromInline let word: WordIndex

    init(_ value: ConfigValue, of field: FieldDeclaration) {
      self.value = value
      word = field.word(of: value)
    }

    /// Its default in the first release.
    init(ofDefault field: FieldDeclaration) {
      value = field.defaultValue
      word = field.defaultWord
    }
  }

  struct Rest: Sendable {
    let schema: SectionSchema
    /// The values where nothing is written, which are the release's.
    var defaults: [StoredValue]
    var carried: [CarriedValue] = []
    var sectionOrigin = Origin.schemaDefault
  }

  public struct CarriedValue: Sendable {
    public let name: String
    public var value: ConfigValue
    public var origin: Origin
  }

  init(_ schema: SectionSchema) {
    let defaults = schema.fields.map(StoredValue.init(ofDefault:))
    contents = [
      Contents(
        values: defaults, origins: Array(repeating: .schemaDefault, count: defaults.count),
        isPresent: !schema.isNullable, rest: [Rest(schema: schema, defaults: defaults)])
    ]
  }

  public var schema: SectionSchema { contents[0].rest[0].schema }
  @inlinable public var origins: [Origin] { contents[0].origins }
  /// Fields of Megatron's classes that this package has no use for, carried through to the exporters as written.
  public var carried: [CarriedValue] { contents[0].rest[0].carried }
  public var isPresent: Bool { contents[0].isPresent }
  /// Where the section as a whole was written, or set to null.
  public var sectionOrigin: Origin { contents[0].rest[0].sectionOrigin }

  /// What a field of this section is, written or not.
  public func value(of field: FieldDeclaration) -> ConfigValue { contents[0].values[field.index].value }

  mutating func set(_ field: FieldDeclaration, to value: ConfigValue, _ origin: Origin) {
    contents[0].set(field, to: value, origin)
  }

  /// Makes it the default of a release.
  mutating func setDefault(_ field: FieldDeclaration, to value: ConfigValue) {
    let stored = StoredValue(value, of: field)
    contents[0].values[field.index] = stored
    contents[0].rest[0].defaults[field.index] = stored
  }

  /// What the field is where nothing is written.
  package func defaultValue(of field: FieldDeclaration) -> ConfigValue {
    contents[0].rest[0].defaults[field.index].value
  }

  mutating func carry(_ name: String, _ value: ConfigValue, _ origin: Origin) {
    let carried = CarriedValue(name: name, value: value, origin: origin)
    if let index = self.carried.firstIndex(where: { $0.name == name }) {
      contents[0].rest[0].carried[index] = carried
    } else {
      contents[0].rest[0].carried.append(carried)
    }
    contents[0].isPresent = true
  }

  /// The section as a whole: `null`, which takes back what it held, or there.
  mutating func setPresence(_ isPresent: Bool, _ origin: Origin) {
    if !isPresent {
      let defaults = contents[0].rest[0].defaults
      contents[0].values = defaults
      contents[0].origins = Array(repeating: .schemaDefault, count: defaults.count)
      contents[0].rest[0].carried = []
    }
    contents[0].isPresent = isPresent
    contents[0].rest[0].sectionOrigin = origin
  }

  /// The value of a field by name, typed or carried.
  public func value(named name: String) -> (value: ConfigValue, origin: Origin)? {
    if let field = schema.field(named: name) { return (value(of: field), origins[field.index]) }
    return carried.first { $0.name == name }.map { ($0.value, $0.origin) }
  }
}
