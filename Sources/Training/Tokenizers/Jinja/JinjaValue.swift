/// A value within a Jinja template.
indirect enum JinjaValue {
  case undefined
  case none
  case boolean(Bool)
  case integer(Int)
  case string(String)
  case list([JinjaValue])
  case mapping([(key: String, value: JinjaValue)])
  case namespace(JinjaNamespace)
  case macro(JinjaMacro)

  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .boolean(let value): value
    case .integer(let value): value != 0
    case .string(let value): !value.isEmpty
    case .list(let items): !items.isEmpty
    case .mapping(let entries): !entries.isEmpty
    case .namespace, .macro: true
    }
  }

  /// As Python prints it; `nil` for what no template of a chat should print.
  var text: String? {
    switch self {
    case .undefined: ""
    case .none: "None"
    case .boolean(let value): value ? "True" : "False"
    case .integer(let value): String(value)
    case .string(let value): value
    case .list, .mapping, .namespace, .macro: nil
    }
  }

  /// Python's equality; a boolean is the number 0 or 1.
  static func areEqual(_ left: JinjaValue, _ right: JinjaValue) -> Bool {
    switch (left, right) {
    case (.undefined, .undefined), (.none, .none): true
    case (.string(let left), .string(let right)): Array(left.utf8) == Array(right.utf8)
    case (.list(let left), .list(let right)): left.count == right.count && zip(left, right).allSatisfy(areEqual)
    default: left.number.map { $0 == right.number } ?? false
    }
  }

  /// Of a number or a boolean.
  var number: Int? {
    switch self {
    case .boolean(let value): value ? 1 : 0
    case .integer(let value): value
    default: nil
    }
  }

  func member(_ key: String) -> JinjaValue? {
    switch self {
    case .mapping(let entries): entries.first { $0.key == key }?.value
    case .namespace(let namespace): namespace.values[key]
    default: nil
    }
  }
}

/// What `namespace()` makes: the one thing that a loop can change for those outside of it.
final class JinjaNamespace {
  var values: [String: JinjaValue] = [:]
}

/// Why a template is not rendered.
struct JinjaError: Error, Hashable, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
