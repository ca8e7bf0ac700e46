import Foundation
import Testing

@testable import ConfigDocument

/// What Tests/Reference/yaml_reference.py recorded.
enum ReferenceFixture {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/ConfigDocument")

  static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
  }

  static func tree(_ name: String) throws -> Node {
    let document = DocumentReader.read(text: try text(name), name: name)
    try #require(document.diagnostics.isEmpty)
    return try #require(document.root)
  }

  static func string(_ node: Node) throws -> String { try #require(node.scalar).text }
}

/// What another reader made of a text.
enum ReferenceReading {
  case value(ConfigValue)
  /// An integer beyond 64 bits.
  case largeInteger(String)
  case date
  case error

  /// From `["int", "7"]` and the like.
  init(_ node: Node) throws {
    let items = try #require(node.items)
    let kind = try ReferenceFixture.string(try #require(items.first))
    let content = items.count > 1 ? items[1] : items[0]
    switch kind {
    case "null": self = .value(.null)
    case "bool": self = .value(content.value(in: .v1_2))
    case "int":
      let digits = try ReferenceFixture.string(content)
      self = Int(digits).map { .value(.int($0)) } ?? .largeInteger(digits)
    case "float": self = .value(.float(try #require(Double(try ReferenceFixture.string(content)))))
    case "str": self = .value(.string(try ReferenceFixture.string(content)))
    case "list":
      self = .value(.list(try #require(content.items).map { try ReferenceReading($0).content }))
    case "map":
      var mapping = ConfigMapping()
      for pair in try #require(content.items) {
        let pair = try #require(pair.items)
        mapping.entries.append(.init(try ReferenceFixture.string(pair[0]), try ReferenceReading(pair[1]).content))
      }
      self = .value(.mapping(mapping))
    case "date": self = .date
    case "error": self = .error
    default:
      Issue.record("unknown kind \(kind)")
      self = .error
    }
  }

  /// The value inside of collections; dates are not compared there.
  private var content: ConfigValue {
    switch self {
    case .value(let value): value
    case .largeInteger(let digits): .float(Double(digits) ?? .nan)
    case .date: .string("(a date)")
    case .error: .string("(an error)")
    }
  }

  /// What ``Scalar/value(in:)`` must return for a scalar that reads like this.
  func agrees(with value: ConfigValue, for text: String) -> Bool {
    switch self {
    case .value(let expected): return value.isSame(as: expected)
    case .largeInteger(let digits):
      guard case .float(let number) = value, let expected = Double(digits) else { return false }
      // Decimals are exactly rounded; other bases are within a unit in the last place.
      return abs(number - expected) <= expected.magnitude.ulp
    case .date, .error: return value.isSame(as: .string(text))
    }
  }
}

extension ConfigValue {
  /// With the keys of every mapping in order, since readers keep merged keys in orders of their own.
  var sorted: ConfigValue {
    switch self {
    case .list(let items): .list(items.map(\.sorted))
    case .mapping(let mapping):
      .mapping(
        ConfigMapping(
          mapping.entries.map { .init($0.key, $0.value.sorted) }.sorted {
            $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
          }))
    default: self
    }
  }
}
