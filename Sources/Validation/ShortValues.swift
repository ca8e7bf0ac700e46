import ConfigDocument

extension ConfigValue {
  /// A scalar as it stands in a file.
  var short: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .float(let value): "\(value)"
    case .string(let value): value
    case .list(let items): "[" + items.map(\.short).joined(separator: ", ") + "]"
    case .mapping: "{…}"
    }
  }
}
