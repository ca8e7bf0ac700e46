@testable import Training

/// A parsed fixture: enough to look into the reference scripts' outputs.
enum FixtureJSON {
  struct Entry {
    let key: String
    let value: FixtureJSON
  }

  case null
  case boolean(Bool)
  case number(Double)
  case integer(Int)
  case text(String)
  case list([FixtureJSON])
  case object([Entry])

  static func load(_ name: String) throws -> FixtureJSON {
    var value = FixtureJSON.null
    try FileReader.readJSON(fixture(name)) { value = try FixtureJSON(&$0) }
    return value
  }

  init(_ cursor: inout JSONCursor) throws {
    switch try cursor.kind() {
    case .null:
      try cursor.null()
      self = .null
    case .boolean: self = .boolean(try cursor.boolean())
    case .string: self = .text(try cursor.string())
    case .number:
      var copy = cursor
      if let value = try? copy.integer() {
        cursor = copy
        self = .integer(value)
      } else {
        self = .number(try cursor.double())
      }
    case .array:
      var items: [FixtureJSON] = []
      try cursor.array { items.append(try FixtureJSON(&$0)) }
      self = .list(items)
    case .object:
      var entries: [Entry] = []
      try cursor.object { entries.append(Entry(key: $1, value: try FixtureJSON(&$0))) }
      self = .object(entries)
    }
  }

  subscript(_ key: String) -> FixtureJSON {
    if case .object(let entries) = self { entries.first { $0.key == key }?.value ?? .null } else { .null }
  }

  var items: [FixtureJSON] { if case .list(let items) = self { items } else { [] } }
  var entries: [Entry] { if case .object(let entries) = self { entries } else { [] } }
  var string: String? { if case .text(let value) = self { value } else { nil } }
  var int: Int? { if case .integer(let value) = self { value } else { nil } }

  var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  var ints: [Int] { items.compactMap(\.int) }
  var doubles: [Double] { items.compactMap(\.double) }
}
