/// Values on one line, as they stand inside brackets.
package enum FlowText {
  /// Keys longer than this need YAML's explicit `?`: libyaml and PyYAML look for a colon 1024 characters far.
  static let longestSimpleKey = 1000

  /// A value in YAML's flow style.
  package static func yaml(_ value: ConfigValue) -> String {
    switch value {
    case .null: return "null"
    case .bool(let value): return value ? "true" : "false"
    case .int(let value): return String(value)
    case .float(let value): return floatText(value)
    case .string(let value): return yamlString(value)
    case .list(let items): return "[" + items.map(yaml).joined(separator: ", ") + "]"
    case .mapping(let mapping):
      return "{" + mapping.distinctEntries.map { entry($0.key, $0.value) }.joined(separator: ", ") + "}"
    }
  }

  /// `key: value` of a YAML mapping.
  static func entry(_ key: String, _ value: ConfigValue) -> String {
    let name = yamlString(key)
    return (name.utf8.count > longestSimpleKey ? "? " + name + " : " : name + ": ") + yaml(value)
  }

  /// A value as JSON on one line.
  ///
  /// - Throws: ``EmissionError`` for a number that JSON cannot hold.
  package static func json(_ value: ConfigValue) throws(EmissionError) -> String {
    switch value {
    case .string(let text): return doubleQuoted(text)
    case .float(let number) where !number.isFinite: throw EmissionError(number: floatText(number), path: [])
    case .list(let items):
      var parts: [String] = []
      for item in items { parts.append(try json(item)) }
      return "[" + parts.joined(separator: ", ") + "]"
    case .mapping(let mapping):
      var parts: [String] = []
      for entry in mapping.distinctEntries { parts.append(doubleQuoted(entry.key) + ": " + (try json(entry.value))) }
      return "{" + parts.joined(separator: ", ") + "}"
    default: return yaml(value)
    }
  }
}

/// A value that the format has no way to write.
package struct EmissionError: Error, Hashable, CustomStringConvertible {
  /// `.inf`, `-.inf` or `.nan`.
  package let number: String
  package var path: [String]

  package var description: String {
    "JSON has no \(number)" + (path.isEmpty ? "" : ", the value of `\(path.joined(separator: "."))`")
  }
}

extension ConfigMapping {
  /// Without entries whose key stood before, since readers refuse them; ``subscript(_:)`` does not see them either.
  var distinctEntries: [Entry] {
    // Of few keys it is seen soonest that they differ.
    if entries.count <= 8,
      entries.indices.allSatisfy({ place in entries[..<place].allSatisfy { $0.key != entries[place].key } })
    {
      return entries
    }
    var seen: Set<String> = []
    return entries.filter { seen.insert($0.key).inserted }
  }
}
