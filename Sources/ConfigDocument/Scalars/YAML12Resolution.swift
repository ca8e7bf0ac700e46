/// Plain scalars by the core schema of YAML 1.2.
///
/// Source: YAML 1.2.2, section 10.3.2.
enum YAML12Resolution {
  static func read(plain text: String) -> ConfigValue {
    guard let first = text.utf8.first else { return .null }
    switch first {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
      return commonNumber(text) ?? number(text) ?? .string(text)
    case UInt8(ascii: "~"): return text == "~" ? .null : .string(text)
    default: return word(text) ?? .string(text)
    }
  }

  private static func word(_ text: String) -> ConfigValue? {
    guard text.utf8.count <= 5 else { return nil }
    switch text {
    case "true", "True", "TRUE": return .bool(true)
    case "false", "False", "FALSE": return .bool(false)
    case "null", "Null", "NULL": return .null
    default: return nil
    }
  }

  private static func number(_ text: String) -> ConfigValue? {
    switch text {
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .float(.infinity)
    case "-.inf", "-.Inf", "-.INF": return .float(-.infinity)
    case ".nan", ".NaN", ".NAN": return .float(.nan)
    default: break
    }
    var scanner = ByteScanner(text)
    if scanner.take("0"), scanner.next == UInt8(ascii: "o") || scanner.next == UInt8(ascii: "x") {
      return prefixed(scanner)
    }
    return decimalNumber(text)
  }

  /// An integer or a float in decimal digits.
  static func decimalNumber(_ text: String) -> ConfigValue? {
    var scanner = ByteScanner(text)
    let isNegative = scanner.next == UInt8(ascii: "-")
    _ = scanner.take("+-")
    let start = scanner.position
    let whole = scanner.digits()
    if scanner.isAtEnd, whole > 0 {
      return integerValue(scanner.bytes[start...], base: 10, isNegative: isNegative)
    }
    if scanner.take(".") {
      guard scanner.digits() + whole > 0 else { return nil }
    } else if whole == 0 {
      return nil
    }
    if scanner.take("eE") {
      _ = scanner.take("+-")
      guard scanner.digits() > 0 else { return nil }
    }
    return scanner.isAtEnd ? doubleValue(text).map { .float($0) } : nil
  }

  private static func prefixed(_ scanner: ByteScanner) -> ConfigValue? {
    let base = scanner.next == UInt8(ascii: "o") ? 8 : 16
    let digits = scanner.bytes[(scanner.position + 1)...]
    guard digits.allSatisfy({ $0.hexDigit.map { $0 < base } ?? false }) else { return nil }
    return integerValue(digits, base: base, isNegative: false)
  }
}

/// A decimal number, correctly rounded; too large a one is infinite, as it is to Python.
func doubleValue(_ text: String) -> Double? {
  Double(text)
}
