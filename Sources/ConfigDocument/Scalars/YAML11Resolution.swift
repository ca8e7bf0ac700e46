/// Plain scalars as PyYAML's SafeLoader resolves and constructs them: YAML 1.1, with PyYAML's own deviations.
///
/// Source: `yaml/resolver.py` and `yaml/constructor.py` of PyYAML 6.0.3.
enum YAML11Resolution {
  static func read(plain text: String) -> ScalarReading {
    guard let first = text.utf8.first else { return .value(.null) }
    switch first {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
      if let number = commonNumber(text) { return .value(number) }
      return number(text) ?? (isTimestamp(text) ? .timestamp : .value(.string(text)))
    case UInt8(ascii: "~"): return .value(text == "~" ? .null : .string(text))
    // Both have tags of their own, for which SafeLoader has no constructor.
    case UInt8(ascii: "="), UInt8(ascii: "<"): return text == "=" || text == "<<" ? .refused : .value(.string(text))
    default: return .value(word(text) ?? .string(text))
    }
  }

  static func word(_ text: String) -> ConfigValue? {
    guard text.utf8.count <= 5 else { return nil }
    switch text {
    case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": return .bool(true)
    case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": return .bool(false)
    case "null", "Null", "NULL": return .null
    default: return nil
    }
  }

  private static func number(_ text: String) -> ScalarReading? {
    var scanner = ByteScanner(text)
    let isSigned = scanner.take("+-")
    let isNegative = isSigned && scanner.bytes[0] == UInt8(ascii: "-")
    if let special = special(text, isSigned: isSigned, isNegative: isNegative) { return .value(.float(special)) }
    if scanner.next == UInt8(ascii: ".") { return isSigned ? nil : pointFirst(scanner) }
    guard scanner.next.isDigit else { return nil }
    let digits = scanner.position
    if scanner.take("0"), scanner.next == UInt8(ascii: "b") || scanner.next == UInt8(ascii: "x") {
      return prefixed(scanner, isNegative: isNegative)
    }
    scanner.skip { $0.isDigit || $0.isUnderscore }
    let whole = scanner.bytes[digits..<scanner.position]
    switch scanner.next {
    case UInt8(ascii: "."): return fraction(scanner)
    case UInt8(ascii: ":"): return sexagesimal(scanner, whole, isNegative: isNegative)
    default: break
    }
    guard scanner.isAtEnd else { return nil }
    if whole.count > 1, whole.first == UInt8(ascii: "0") {
      guard whole.allSatisfy({ $0.isUnderscore || $0 < UInt8(ascii: "8") }) else { return nil }
      return integerValue(whole, base: 8, isNegative: isNegative).map { .value($0) } ?? .refused
    }
    return integerValue(whole, base: 10, isNegative: isNegative).map { .value($0) } ?? .refused
  }

  /// Infinities and not-a-number; only the former may have a sign.
  private static func special(_ text: String, isSigned: Bool, isNegative: Bool) -> Double? {
    switch isSigned ? text.dropFirst() : Substring(text) {
    case ".inf", ".Inf", ".INF": isNegative ? -.infinity : .infinity
    case ".nan", ".NaN", ".NAN": isSigned ? nil : .nan
    default: nil
    }
  }

  /// `.5`, which PyYAML takes without a sign only.
  private static func pointFirst(_ scanner: ByteScanner) -> ScalarReading? {
    var scanner = scanner
    guard scanner.take("."), scanner.next.isDigit else { return nil }
    scanner.skip { $0.isDigit || $0.isUnderscore }
    return exponent(scanner)
  }

  private static func fraction(_ scanner: ByteScanner) -> ScalarReading? {
    var scanner = scanner
    guard scanner.take(".") else { return nil }
    scanner.skip { $0.isDigit || $0.isUnderscore }
    return exponent(scanner)
  }

  /// The rest of a float: an exponent must have a sign.
  private static func exponent(_ scanner: ByteScanner) -> ScalarReading? {
    var scanner = scanner
    if scanner.take("eE") {
      guard scanner.take("+-"), scanner.digits() > 0 else { return nil }
    }
    guard scanner.isAtEnd else { return nil }
    return decimal(scanner.bytes[...]).map { .value(.float($0)) } ?? .refused
  }

  private static func prefixed(_ scanner: ByteScanner, isNegative: Bool) -> ScalarReading? {
    var scanner = scanner
    let isBinary = scanner.next == UInt8(ascii: "b")
    scanner.position += 1
    let start = scanner.position
    let count = scanner.skip { byte in
      byte.isUnderscore || (isBinary ? byte == UInt8(ascii: "0") || byte == UInt8(ascii: "1") : byte.hexDigit != nil)
    }
    guard count > 0, scanner.isAtEnd else { return nil }
    let value = integerValue(scanner.bytes[start...], base: isBinary ? 2 : 16, isNegative: isNegative)
    // `0x_` is an integer to the resolver and an error to the constructor.
    return value.map { .value($0) } ?? .refused
  }

  /// `1:30` is 90, and `1:30.5` is 90.5.
  private static func sexagesimal(
    _ scanner: ByteScanner, _ whole: ArraySlice<UInt8>, isNegative: Bool
  ) -> ScalarReading? {
    var scanner = scanner
    var parts = [whole]
    while scanner.take(":") {
      let start = scanner.position
      let count = scanner.digits(upTo: 2)
      guard count > 0, count == 1 || scanner.bytes[start] < UInt8(ascii: "6") else { return nil }
      parts.append(scanner.bytes[start..<scanner.position])
    }
    let isFloat = scanner.next == UInt8(ascii: ".")
    if isFloat, let last = parts.popLast() {
      scanner.position += 1
      scanner.skip { $0.isDigit || $0.isUnderscore }
      parts.append(scanner.bytes[last.startIndex..<scanner.position])
    }
    guard scanner.isAtEnd, isFloat || whole.first != UInt8(ascii: "0") else { return nil }
    return isFloat
      ? .value(.float((isNegative ? -1 : 1) * sexagesimalFloat(parts)))
      : .value(sexagesimalInteger(parts, isNegative: isNegative))
  }

  /// In the order that PyYAML adds them up, so that the last digit is the same.
  private static func sexagesimalFloat(_ parts: [ArraySlice<UInt8>]) -> Double {
    var sum = 0.0
    var base = 1.0
    for part in parts.reversed() {
      sum += (decimal(part) ?? 0) * base
      base *= 60
    }
    return sum
  }

  private static func sexagesimalInteger(_ parts: [ArraySlice<UInt8>], isNegative: Bool) -> ConfigValue {
    var sum = 0
    var rough = 0.0
    var overflows = false
    for part in parts {
      let value = integerValue(part, base: 10, isNegative: isNegative)
      rough = rough * 60 + abs(decimal(part) ?? 0)
      guard case .int(let digits)? = value else {
        overflows = true
        continue
      }
      let (product, over) = sum.multipliedReportingOverflow(by: 60)
      let (next, overSum) = product.addingReportingOverflow(digits)
      overflows = overflows || over || overSum
      sum = overflows ? 0 : next
    }
    return overflows ? .float(isNegative ? -rough : rough) : .int(sum)
  }

  /// A decimal number with underscores between its digits.
  private static func decimal(_ bytes: ArraySlice<UInt8>) -> Double? {
    doubleValue(String(decoding: bytes.filter { !$0.isUnderscore }, as: UTF8.self))
  }

  private static func isTimestamp(_ text: String) -> Bool {
    var scanner = ByteScanner(text)
    guard scanner.digits(upTo: 4) == 4, scanner.take("-") else { return false }
    let month = scanner.digits(upTo: 2)
    guard month > 0, scanner.take("-") else { return false }
    let day = scanner.digits(upTo: 2)
    guard day > 0 else { return false }
    if scanner.isAtEnd { return month == 2 && day == 2 }
    guard scanner.take("Tt") || blanks(&scanner) > 0 else { return false }
    guard scanner.digits(upTo: 2) > 0, twoDigits(&scanner), twoDigits(&scanner) else { return false }
    if scanner.take(".") { _ = scanner.digits() }
    if scanner.isAtEnd { return true }
    _ = blanks(&scanner)
    if scanner.take("Z") { return scanner.isAtEnd }
    guard scanner.take("+-"), scanner.digits(upTo: 2) > 0 else { return false }
    return scanner.isAtEnd || twoDigits(&scanner) && scanner.isAtEnd
  }

  private static func twoDigits(_ scanner: inout ByteScanner) -> Bool {
    scanner.take(":") && scanner.digits(upTo: 2) == 2
  }

  private static func blanks(_ scanner: inout ByteScanner) -> Int {
    scanner.skip { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
  }
}
