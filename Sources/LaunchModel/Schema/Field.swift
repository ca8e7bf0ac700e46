public import ConfigDocument
public import Releases

/// One field of the launch config, declared once: decoding, encoding, default, range, documentation, `--set` path,
/// JSON Schema and reference all come from here.
///
/// What a value must be able to do stands in the extensions, here and with ``Section``: a requirement of the type itself is
/// looked up among all conformances of the program whenever a process first meets the type, about 0.1 ms each.
public struct Field<Value: Sendable>: Sendable {
  /// Position among the fields of its section, whose schema has the ``FieldDeclaration``.
  @usableFromInline let index: Int
  @usableFromInline let defaultValue: Value
}

extension Field where Value: FieldValue {
  /// The value of this field in its section; decoding and setting have both checked its type.
  @inlinable @inline(__always) func value(in section: SectionStorage) -> Value {
    // Taken out once: without optimisation each access copies all that a section holds.
    let stored = section.contents[0].values[index]
    return Value(stored.value, word: stored.word) ?? defaultValue
  }
}

/// The part of a ``Field`` that does not depend on its type.
public final class FieldDeclaration: Sendable {
  public let name: String
  /// Position among the fields of its section.
  public let index: Int
  /// With the words of all releases.
  public let type: FieldType
  private let typesByRelease: [FieldType]
  public let defaultValue: ConfigValue
  public let bounds: Bounds
  public let aliases: [String]
  public let documentation: String
  /// Ours, whether or not a class of Megatron's has it: read for every release.
  public let isOwn: Bool
  private let isValue: @Sendable (ConfigValue) -> Bool
  private let normalize: @Sendable (ConfigValue) -> ConfigValue?
  /// The words it takes; none where it takes other things.
  private let words: [String]
  /// Which of them the default is.
  let defaultWord: WordIndex

  fileprivate init<Value: FieldValue>(
    name: String, index: Int, of value: Value.Type, defaultValue: ConfigValue, bounds: Bounds, aliases: [String],
    documentation: String, isOwn: Bool
  ) {
    self.name = name
    self.index = index
    type = Value.fieldType
    typesByRelease = Release.all.map { Value.fieldType(in: $0) }
    self.defaultValue = defaultValue
    self.bounds = bounds
    self.aliases = aliases
    self.documentation = documentation
    self.isOwn = isOwn
    isValue = { Value($0) != nil }
    normalize = { Value($0)?.configValue }
    words = if case .choice(let words) = type.wrapped { words } else { [] }
    defaultWord = WordIndex(defaultValue, among: words)
  }

  /// What the field takes in a release.
  public func type(in release: Release) -> FieldType { typesByRelease[release.rawValue] }

  /// A field without a usable default must be written.
  public var isRequired: Bool {
    switch defaultValue {
    case .int(let number): !bounds.contains(Double(number))
    case .float(let number): !bounds.contains(number)
    default: false
    }
  }

  /// Whether a value is of this field's type; its range is another matter.
  public func accepts(_ value: ConfigValue) -> Bool { isValue(value) }

  /// The one form of a value that can be written in several: 1 and 1.0 for a number, a path by itself or with a null
  /// weight. `nil` where it is of another type.
  package func normalized(_ value: ConfigValue) -> ConfigValue? { normalize(value) }

  /// Which of the field's words a value is.
  func word(of value: ConfigValue) -> WordIndex { WordIndex(value, among: words) }
}

/// The fields of a section while it is made, in the order of emission:
///
///     numLayers = list.add("num_layers", default: 0, in: .groupSize, "Decoder layers.")
struct FieldList {
  private(set) var declarations: [FieldDeclaration] = []

  /// - Parameters:
  ///   - name: Megatron's own name, as it stands in files.
  ///   - defaultValue: what Megatron takes where nothing is written. A default out of bounds marks a required field.
  ///   - bounds: the numbers that have a meaning.
  ///   - aliases: other names people write: Megatron-LM's, Hugging Face's, abbreviations.
  ///   - isOwn: read for every release, whether or not it has a class with the field.
  ///   - documentation: one or two sentences in Markdown.
  mutating func add<Value: FieldValue>(
    _ name: String, default defaultValue: Value, in bounds: Bounds = .finite, aliases: [String] = [],
    isOwn: Bool = false, _ documentation: String
  ) -> Field<Value> {
    let declaration = FieldDeclaration(
      name: name, index: declarations.count, of: Value.self, defaultValue: defaultValue.configValue,
      bounds: bounds, aliases: aliases, documentation: documentation, isOwn: isOwn)
    declarations.append(declaration)
    return Field(index: declaration.index, defaultValue: defaultValue)
  }
}
