/// The type of a field as data: decoding, documentation and the JSON Schema all read it.
public indirect enum FieldType: Hashable, Sendable {
  case bool
  case int
  case float
  case string
  /// One of these words, exactly.
  case choice([String])
  case list(FieldType)
  case optional(FieldType)
  /// Any of these, tried in order.
  case union([FieldType])
  /// String keys with values of one type.
  case dictionary(FieldType)
  /// A mapping with these keys and no others; a key is required unless its type is optional.
  case record([RecordKey])
  case any

  public struct RecordKey: Hashable, Sendable {
    public let name: String
    public let type: FieldType

    public init(_ name: String, _ type: FieldType) {
      self.name = name
      self.type = type
    }
  }
}

extension FieldType {
  /// How messages and the reference call it: `integer`, `list of strings or null`.
  public var description: String {
    switch self {
    case .bool: "true or false"
    case .int: "integer"
    case .float: "number"
    case .string: "string"
    case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
    case .list(let element): "list of \(element.plural)"
    case .optional(let wrapped): "\(wrapped.description) or null"
    case .union(let types): types.map(\.description).joined(separator: " or ")
    case .dictionary(let element): "mapping to \(element.plural)"
    case .record(let keys): "mapping with \(keys.map { "`\($0.name)`" }.joined(separator: ", "))"
    case .any: "any value"
    }
  }

  private var plural: String {
    switch self {
    case .bool: "booleans"
    case .int: "integers"
    case .float: "numbers"
    case .string: "strings"
    case .list(let element): "lists of \(element.plural)"
    case .any: "values"
    default: "(\(description))"
    }
  }

  /// Whether null is a value of this type.
  public var acceptsNull: Bool {
    switch self {
    case .optional, .any: true
    case .union(let types): types.contains(where: \.acceptsNull)
    default: false
    }
  }

  /// Whether a word is among those that it is chosen from.
  func offers(_ word: String) -> Bool {
    switch self {
    case .choice(let words): words.contains(word)
    case .list(let element), .optional(let element), .dictionary(let element): element.offers(word)
    case .union(let types): types.contains { $0.offers(word) }
    case .bool, .int, .float, .string, .record, .any: false
    }
  }

  /// The type without its null.
  public var wrapped: FieldType {
    if case .optional(let wrapped) = self { wrapped } else { self }
  }
}
