/// Numbers as Python's `int` and `float` read them from a text, and as argparse tells them from options.
enum PythonNumber {
  /// `int(text)`: with blanks around it, and underscores between digits.
  static func int(_ text: String) -> Int? { withoutUnderscores(text).flatMap { Int($0) } }

  /// `float(text)`: no hexadecimal numbers, which Swift reads.
  static func float(_ text: String) -> Double? {
    guard let plain = withoutUnderscores(text), !plain.utf8.contains(where: { "xXpP".utf8.contains($0) }) else {
      return nil
    }
    return Double(plain)
  }

  private static func withoutUnderscores(_ text: String) -> String? {
    let blanks = " \t\n\r"
    let trimmed = text.drop { blanks.contains($0) }
    let bytes = Array(trimmed.utf8.reversed().drop { blanks.utf8.contains($0) }.reversed())
    let underscore = UInt8(ascii: "_")
    for index in bytes.indices where bytes[index] == underscore {
      guard index > 0, index + 1 < bytes.count, isDigit(bytes[index - 1]), isDigit(bytes[index + 1]) else { return nil }
    }
    return String(decoding: bytes.filter { $0 != underscore }, as: UTF8.self)
  }

  /// Whether argparse takes a word that begins with a dash for a negative number: `-1` and `-0.5`, but not `-1e-5`.
  static func isNegative(_ text: String) -> Bool {
    guard text.utf8.first == UInt8(ascii: "-") else { return false }
    let parts = text.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
    let areDigits = parts.allSatisfy { $0.utf8.allSatisfy(isDigit) }
    return areDigits && parts.count <= 2 && parts.last?.isEmpty == false
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
