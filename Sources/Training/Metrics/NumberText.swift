#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Numbers for people, by C's rules and without its locale.
enum NumberText {
  /// A fixed number of decimals.
  static func fixed(_ value: Double, _ decimals: Int) -> String { print("%.*f", [decimals, value]) }

  /// Significant digits with an exponent, as in `3.00e-04`.
  static func scientific(_ value: Double, _ decimals: Int) -> String { print("%.*e", [decimals, value]) }

  /// Significant digits, with an exponent only where the number needs one.
  static func general(_ value: Double, _ digits: Int) -> String { print("%.*g", [digits, value]) }

  private static func print(_ format: String, _ arguments: [any CVarArg]) -> String {
    // Long enough for any double without decimals, which has at most 309 digits.
    var buffer = [CChar](repeating: 0, count: 400)
    let count = withVaList(arguments.map { ($0 as? Int).map { Int32(clamping: $0) } ?? $0 }) {
      vsnprintf(&buffer, buffer.count, format, $0)
    }
    return String(decoding: buffer.prefix(max(0, min(Int(count), buffer.count - 1))).map(UInt8.init), as: UTF8.self)
  }

  /// Seconds as `4s`, `2m05s`, `3h07m`, `2d04h`.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
    let total = Int(seconds.rounded())
    let padded = { (value: Int) in value < 10 ? "0\(value)" : "\(value)" }
    switch total {
    case ..<60: return "\(total)s"
    case ..<3600: return "\(total / 60)m\(padded(total % 60))s"
    case ..<86_400: return "\(total / 3600)h\(padded(total / 60 % 60))m"
    default: return "\(total / 86_400)d\(padded(total / 3600 % 24))h"
    }
  }

  /// A count as `950`, `1.2k`, `3.4M`.
  static func count(_ value: Double) -> String {
    guard value.isFinite else { return "?" }
    for (unit, name) in [(1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")] where abs(value) >= unit * 0.9995 {
      let scaled = value / unit
      return fixed(scaled, abs(scaled) < 9.995 ? 2 : abs(scaled) < 99.95 ? 1 : 0) + name
    }
    return fixed(value, 0)
  }
}
