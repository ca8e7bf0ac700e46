public import ConfigDocument

/// One field of the launch config, declared once: decoding, encoding, default, range, documentation, `--set` path,
/// JSON Schema and reference all come from here.
///
///     public let numLayers = Field<Int>("num_layers", default: 0, in: .groupSize, "Decoder layers.")
public struct Field<Value: FieldValue>: Sendable {
  public let declaration: FieldDeclaration
  @usableFromInline let defaultValue: Value

  /// - Parameters:
  ///   - name: Megatron's own name, as it stands in files.
  ///   - defaultValue: what Megatron takes where nothing is written. A default out of bounds marks a required field.
  ///   - bounds: the numbers that have a meaning.
  ///   - aliases: other names people write: Megatron-LM's, Hugging Face's, abbreviations.
  ///   - documentation: one or two sentences in Markdown.
  public init(
    _ name: String, default defaultValue: Value, in bounds: Bounds = .finite, aliases: [String] = [],
    _ documentation: String
  ) {
    self.defaultValue = defaultValue
    declaration = FieldDeclaration(
      name: name, type: Value.fieldType, defaultValue: defaultValue.configValue, bounds: bounds, aliases: aliases,
      documentation: documentation, isOfType: { Value($0) != nil })
    FieldCollector.current?.declarations.append(declaration)
  }

  /// The value of this field among those of its section; decoding and setting have both checked its type.
  @inlinable @inline(__always) func value(in values: [ConfigValue]) -> Value {
    Value(values[declaration.index]) ?? defaultValue
  }
}

/// The part of a ``Field`` that does not depend on its type.
///
/// `index` is set once, by the ``SectionSchema`` that owns it, before the schema can be seen by anyone.
public final class FieldDeclaration: @unchecked Sendable {
  public let name: String
  public let type: FieldType
  public let defaultValue: ConfigValue
  public let bounds: Bounds
  public let aliases: [String]
  public let documentation: String
  private let isOfType: @Sendable (ConfigValue) -> Bool

  /// Position among the fields of its section. Every read of a field asks for it: too often for a check of exclusive
  /// access, which a value that is set once does not need.
  @exclusivity(unchecked) public internal(set) var index = 0

  init(
    name: String, type: FieldType, defaultValue: ConfigValue, bounds: Bounds, aliases: [String],
    documentation: String, isOfType: @escaping @Sendable (ConfigValue) -> Bool
  ) {
    self.name = name
    self.type = type
    self.defaultValue = defaultValue
    self.bounds = bounds
    self.aliases = aliases
    self.documentation = documentation
    self.isOfType = isOfType
  }

  /// A field without a usable default must be written.
  public var isRequired: Bool {
    switch defaultValue {
    case .int(let number): !bounds.contains(Double(number))
    case .float(let number): !bounds.contains(number)
    default: false
    }
  }

  /// Whether a value is of this field's type; its range is another matter.
  public func accepts(_ value: ConfigValue) -> Bool { isOfType(value) }

}

/// Gathers the declarations of a section while its fields are made, in their order. A mirror would find them as well,
/// but takes longer than everything else that a command does with a config.
final class FieldCollector: @unchecked Sendable {
  @TaskLocal static var current: FieldCollector?

  /// Touched only by whoever put the collector in place, and for as long as it is there.
  var declarations: [FieldDeclaration] = []

  /// What a closure declares; nothing where the fields had been made before.
  static func declarations(of make: () -> Void) -> [FieldDeclaration] {
    let collector = FieldCollector()
    $current.withValue(collector, operation: make)
    return collector.declarations
  }
}
