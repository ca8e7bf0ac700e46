import Estimation

/// Numbers as people read them.
package enum Numbers {
  /// `1,048,576`.
  package static func grouped(_ number: Int) -> String {
    var digits = Array(String(number.magnitude))
    var index = digits.count - 3
    while index > 0 {
      digits.insert(",", at: index)
      index -= 3
    }
    return (number < 0 ? "-" : "") + String(digits)
  }

  /// The whole part; numbers beyond what fits in digits keep Swift's form.
  package static func grouped(_ value: Double) -> String { abs(value) < 1e15 ? grouped(Int(value)) : "\(value)" }

  /// With so many digits behind the point; numbers beyond what fits in digits keep Swift's form.
  package static func decimal(_ value: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 1e15 else { return "\(value)" }
    let whole = Int(scaled) / Int(scale)
    let fraction = String(Int(scaled) % Int(scale))
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(whole)" }
    return "\(sign)\(whole)." + String(repeating: "0", count: max(0, digits - fraction.utf8.count)) + fraction
  }

  /// Bytes in GiB with two digits.
  package static func gibibytes(_ bytes: Double) -> String { decimal(bytes / gibibyte, 2) }

  /// `15.96B`, `13.76M`, `512`.
  package static func millions(_ count: Double) -> String {
    switch abs(count) {
    case 1e12...: decimal(count / 1e12, 2) + "T"
    case 1e9...: decimal(count / 1e9, 2) + "B"
    case 1e6...: decimal(count / 1e6, 2) + "M"
    case 1e4...: decimal(count / 1e3, 1) + "k"
    default: decimal(count, 0)
    }
  }
}
