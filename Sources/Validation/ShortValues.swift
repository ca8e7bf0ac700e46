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

extension Double {
  /// With one decimal, as sentences write numbers: `0.6`.
  var tenths: String { decimal(places: 1) }

  /// With two decimals: `-0.59`.
  var hundredths: String { decimal(places: 2) }

  private func decimal(places: Int) -> String {
    guard isFinite, magnitude < 1e12 else { return "\(self)" }
    let unit = places == 1 ? 10 : 100
    let scaled = Int((magnitude * Double(unit)).rounded())
    let fraction = "\(scaled % unit)"
    let padding = String(repeating: "0", count: places - fraction.utf8.count)
    return "\(self < 0 && scaled > 0 ? "-" : "")\(scaled / unit).\(padding)\(fraction)"
  }
}
