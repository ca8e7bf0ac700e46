/// What a reader makes of a scalar.
enum ScalarReading {
  case value(ConfigValue)
  /// A date, which a config has no use for.
  case timestamp
  /// The reader stops with an error.
  case refused
}

extension ScalarReading {
  /// Whether two readers agree; not-a-number agrees with itself.
  func agrees(with other: ScalarReading) -> Bool {
    switch (self, other) {
    case (.value(.float(let left)), .value(.float(let right))): left == right || left.isNaN && right.isNaN
    case (.value(let left), .value(let right)): left == right
    case (.timestamp, .timestamp), (.refused, .refused): true
    default: false
    }
  }

  /// With the value, as in "the string `on`".
  var description: String {
    switch self {
    case .timestamp: "a date"
    case .refused: "an error"
    case .value(.null): "null"
    case .value(.bool(let value)): "the boolean \(value)"
    case .value(.int(let value)): "the integer \(value)"
    case .value(.float(let value)): "the number \(floatText(value))"
    case .value(.string(let value)): "the string `\(value)`"
    case .value(.list): "a list"
    case .value(.mapping): "a mapping"
    }
  }

  /// Without the value, as in "a boolean"; `nil` for strings and refusals.
  var kindIfNotString: String? {
    switch self {
    case .timestamp: "a date"
    case .value(.null): "null"
    case .value(.bool): "a boolean"
    case .value(.int), .value(.float): "a number"
    default: nil
    }
  }
}

/// A number that is the same to every reader, as nearly all are.
func commonNumber(_ text: String) -> ConfigValue? {
  commonInteger(text).map { .int($0) } ?? commonFraction(text).map { .float($0) }
}

/// A decimal integer that is one to every reader, as nearly all are: no underscores, no zero in front, within 18 digits.
private func commonInteger(_ text: String) -> Int? {
  var value = 0
  var digits = 0
  var sign: UInt8?
  for byte in text.utf8 {
    if sign == nil, digits == 0, byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") {
      sign = byte
      continue
    }
    guard byte.isDigit, digits < 18, digits == 0 || value > 0 else { return nil }
    value = value * 10 + Int(byte - UInt8(ascii: "0"))
    digits += 1
  }
  return digits == 0 ? nil : sign == UInt8(ascii: "-") ? -value : value
}

/// A decimal fraction that is one number to every reader, as nearly all are: digits on both sides of a point and, where there
/// is an exponent, a sign before its digits.
private func commonFraction(_ text: String) -> Double? {
  var text = text
  let isCommon = text.withUTF8 { bytes in
    var place = 0
    func digits() -> Bool {
      let start = place
      while place < bytes.count, bytes[place].isDigit { place += 1 }
      return place > start
    }
    if bytes.first == UInt8(ascii: "-") { place = 1 }
    guard digits(), place < bytes.count, bytes[place] == UInt8(ascii: ".") else { return false }
    place += 1
    guard digits() else { return false }
    if place + 1 < bytes.count, bytes[place] | 0x20 == UInt8(ascii: "e") {
      guard bytes[place + 1] == UInt8(ascii: "-") || bytes[place + 1] == UInt8(ascii: "+") else { return false }
      place += 2
      guard digits() else { return false }
    }
    return place == bytes.count
  }
  return isCommon ? doubleValue(text) : nil
}

/// An integer written in some base, with underscores between its digits.
///
/// Beyond 64 bits it comes back as a float, exactly rounded for decimals; `nil` without any digit.
func integerValue(_ digits: ArraySlice<UInt8>, base: Int, isNegative: Bool) -> ConfigValue? {
  var exact = 0
  var rough = 0.0
  var overflows = false
  var count = 0
  for byte in digits where !byte.isUnderscore {
    let digit = Int(byte.hexDigit ?? 0)
    count += 1
    rough = rough * Double(base) + Double(digit)
    let (product, over) = exact.multipliedReportingOverflow(by: base)
    let (sum, overSum) = product.addingReportingOverflow(isNegative ? -digit : digit)
    overflows = overflows || over || overSum
    exact = overflows ? 0 : sum
  }
  guard count > 0 else { return nil }
  if !overflows { return .int(exact) }
  if base == 10 { rough = Double(String(decoding: digits.filter { !$0.isUnderscore }, as: UTF8.self)) ?? rough }
  return .float(isNegative ? -rough : rough)
}
