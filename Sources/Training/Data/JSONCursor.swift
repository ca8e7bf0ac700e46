#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// A problem of JSON text, by its place.
package struct JSONError: Error, Hashable, CustomStringConvertible {
  package let message: String
  /// The byte of the text where it shows, from 0.
  package let offset: Int

  package var description: String { "\(message) at byte \(offset)" }
}

/// Reads JSON (RFC 8259, strictly) front to back without building a tree.
///
/// The trainer reads gigabytes of JSON lines and headers with thousands of tensors; a reader asks for what it expects
/// and skips the rest. Config files, where places and all mistakes matter, are read by ConfigDocument instead.
/// Does not own the bytes: they must outlive it.
package struct JSONCursor {
  let bytes: UnsafeRawBufferPointer
  package private(set) var offset: Int
  private var depth = 0

  /// Deeper nesting is refused, so that recursion is bounded.
  package static let maximumDepth = 64
  private let maximumDepth: Int
  private let allowsRepeatedKeys: Bool

  /// - Parameters:
  ///   - maximumDepth: of the nesting.
  ///   - allowsRepeatedKeys: hands repeated keys of an object out like any others.
  package init(
    _ bytes: UnsafeRawBufferPointer, maximumDepth: Int = Self.maximumDepth, allowsRepeatedKeys: Bool = false
  ) {
    self.bytes = bytes
    self.maximumDepth = maximumDepth
    self.allowsRepeatedKeys = allowsRepeatedKeys
    offset = 0
  }

  /// What stands next.
  package enum Kind: String, Sendable {
    case object, array, string, number, boolean, null
  }

  package func error(_ message: String) -> JSONError { JSONError(message: message, offset: offset) }

  private var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func skipSpace() {
    while offset < bytes.count {
      switch bytes[offset] {
      case 0x20, 0x09, 0x0A, 0x0D: offset += 1
      default: return
      }
    }
  }

  /// The kind of the next value.
  package mutating func kind() throws(JSONError) -> Kind {
    skipSpace()
    guard let current else { throw error("the text ends where a value is expected") }
    switch current {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    default: throw error("no JSON value begins here")
    }
  }

  /// Only white space may follow.
  package mutating func finish() throws(JSONError) {
    skipSpace()
    if offset < bytes.count { throw error("text follows the JSON value") }
  }

  private mutating func expect(_ kind: Kind) throws(JSONError) {
    let found = try self.kind()
    if found != kind { throw error("expected \(kind.rawValue), found \(found.rawValue)") }
  }

  // MARK: Containers

  private mutating func enter() throws(JSONError) {
    depth += 1
    if depth > maximumDepth { throw error("nested deeper than \(maximumDepth)") }
    offset += 1
    skipSpace()
  }

  /// Behind an element: true where another one follows.
  private mutating func continues(to close: UInt8) throws(JSONError) -> Bool {
    skipSpace()
    switch current {
    case UInt8(ascii: ","):
      offset += 1
      skipSpace()
      if current == close { throw error("a comma stands before the closing bracket") }
      return true
    case close:
      leave()
      return false
    case nil: throw error("the text ends inside an object or array")
    default: throw error("expected a comma or closing bracket")
    }
  }

  private mutating func leave() {
    offset += 1
    depth -= 1
  }

  /// Reads an object; `body` is called behind each key and must consume exactly one value.
  /// - Throws: ``JSONError``, also for a repeated key unless these are allowed, and what `body` throws.
  package mutating func object(_ body: (inout JSONCursor, String) throws -> Void) throws {
    try expect(.object)
    try enter()
    if current == UInt8(ascii: "}") { return leave() }
    var seen: Set<String> = []
    repeat {
      skipSpace()
      let start = offset
      let key = try string()
      guard seen.insert(key).inserted || allowsRepeatedKeys else {
        throw JSONError(message: "key \"\(key)\" is repeated", offset: start)
      }
      skipSpace()
      guard current == UInt8(ascii: ":") else { throw error("expected a colon") }
      offset += 1
      try body(&self, key)
    } while try continues(to: UInt8(ascii: "}"))
  }

  /// Reads an array; `body` must consume exactly one element.
  package mutating func array(_ body: (inout JSONCursor) throws -> Void) throws {
    try expect(.array)
    try enter()
    if current == UInt8(ascii: "]") { return leave() }
    repeat { try body(&self) } while try continues(to: UInt8(ascii: "]"))
  }

  // MARK: Scalars

  /// A whole number that fits `Int`; `1.0` and `1e3` are no whole numbers here.
  package mutating func integer() throws(JSONError) -> Int {
    try expect(.number)
    let start = offset
    let range = try number()
    var value = 0
    var index = range.lowerBound
    let negative = bytes[index] == UInt8(ascii: "-")
    if negative { index += 1 }
    while index < range.upperBound {
      let byte = bytes[index]
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else {
        throw JSONError(message: "expected a whole number", offset: start)
      }
      let digit = Int(byte - UInt8(ascii: "0"))
      let (scaled, first) = value.multipliedReportingOverflow(by: 10)
      let (sum, second) =
        negative ? scaled.subtractingReportingOverflow(digit) : scaled.addingReportingOverflow(digit)
      if first || second { throw JSONError(message: "the number is too large", offset: start) }
      value = sum
      index += 1
    }
    return value
  }

  /// Any number, rounded to the nearest double.
  package mutating func double() throws(JSONError) -> Double {
    try expect(.number)
    let start = offset
    let range = try number()
    guard let value = Double(Substring(decoding: bytes[range], as: UTF8.self)), value.isFinite else {
      throw JSONError(message: "the number is out of range", offset: start)
    }
    return value
  }

  package mutating func boolean() throws(JSONError) -> Bool {
    try expect(.boolean)
    if current == UInt8(ascii: "t") {
      try word("true")
      return true
    }
    try word("false")
    return false
  }

  package mutating func null() throws(JSONError) {
    try expect(.null)
    try word("null")
  }

  private mutating func word(_ word: StaticString) throws(JSONError) {
    let count = word.utf8CodeUnitCount
    guard offset + count <= bytes.count, let start = bytes.baseAddress,
      memcmp(start + offset, word.utf8Start, count) == 0
    else { throw error("expected \(word)") }
    offset += count
  }

  /// Moves behind a number of JSON's grammar.
  private mutating func number() throws(JSONError) -> Range<Int> {
    let start = offset
    if current == UInt8(ascii: "-") { offset += 1 }
    let first = offset
    try digits()
    if bytes[first] == UInt8(ascii: "0"), offset > first + 1 {
      throw JSONError(message: "a number begins with a superfluous zero", offset: start)
    }
    if current == UInt8(ascii: ".") {
      offset += 1
      try digits()
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      offset += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { offset += 1 }
      try digits()
    }
    return start..<offset
  }

  private mutating func digits() throws(JSONError) {
    let start = offset
    while offset < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[offset]) { offset += 1 }
    if offset == start { throw error("expected a digit") }
  }

  /// Moves behind the next value, checking its form (strings for UTF-8 only when they are read).
  package mutating func skip() throws {
    switch try kind() {
    case .object: try object { cursor, _ in try cursor.skip() }
    case .array: try array { cursor in try cursor.skip() }
    case .string: _ = try stringExtent()
    case .number: _ = try number()
    case .boolean: _ = try boolean()
    case .null: try null()
    }
  }
}

// MARK: - Strings

extension JSONCursor {
  /// A string with its escapes resolved.
  package mutating func string() throws(JSONError) -> String {
    let (range, escaped) = try stringExtent()
    let content = UnsafeRawBufferPointer(rebasing: bytes[range])
    if let bad = UTF8Validation.firstInvalid(in: content) {
      throw JSONError(message: "the string is not valid UTF-8", offset: range.lowerBound + bad)
    }
    if !escaped { return String(decoding: content, as: UTF8.self) }
    return try unescape(range)
  }

  /// Moves behind a string; its content without the quotes, and whether a backslash is in it.
  private mutating func stringExtent() throws(JSONError) -> (Range<Int>, escaped: Bool) {
    try expect(.string)
    offset += 1
    let start = offset
    var escaped = false
    while offset < bytes.count {
      let byte = bytes[offset]
      if byte == UInt8(ascii: "\"") {
        offset += 1
        return (start..<(offset - 1), escaped)
      }
      if byte == UInt8(ascii: "\\") {
        escaped = true
        offset += 1
      } else if byte < 0x20 {
        throw error("a control character stands in a string")
      }
      offset += 1
    }
    offset = min(offset, bytes.count)
    throw error("the text ends inside a string")
  }

  private func unescape(_ range: Range<Int>) throws(JSONError) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(range.count)
    var index = range.lowerBound
    while index < range.upperBound {
      let escapeStart = bytes[index..<range.upperBound].firstIndex(of: UInt8(ascii: "\\")) ?? range.upperBound
      result.append(contentsOf: bytes[index..<escapeStart])
      index = escapeStart
      if index == range.upperBound { break }
      guard index + 1 < range.upperBound else { throw JSONError(message: "unfinished escape", offset: index) }
      let escape = bytes[index + 1]
      index += 2
      switch escape {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(escape)
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "f"): result.append(0x0C)
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "u"):
        let scalar = try unicodeEscape(&index, before: range.upperBound)
        result.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
      default: throw JSONError(message: "unknown escape", offset: index - 1)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The scalar of `\uXXXX`, or of a surrogate pair; `index` stands behind the `u`.
  private func unicodeEscape(_ index: inout Int, before end: Int) throws(JSONError) -> Unicode.Scalar {
    let start = index - 2
    let unit = try hexadecimal(&index, before: end)
    if let scalar = Unicode.Scalar(unit) { return scalar }
    if unit < 0xDC00, index + 2 <= end, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u") {
      index += 2
      let low = try hexadecimal(&index, before: end)
      if (0xDC00...0xDFFF).contains(low), let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
      {
        return scalar
      }
    }
    throw JSONError(message: "a surrogate stands alone", offset: start)
  }

  private func hexadecimal(_ index: inout Int, before end: Int) throws(JSONError) -> UInt32 {
    guard index + 4 <= end else { throw JSONError(message: "unfinished escape", offset: index) }
    var value: UInt32 = 0
    for byte in bytes[index..<(index + 4)] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw JSONError(message: "expected four hexadecimal digits", offset: index)
      }
      value = value << 4 | UInt32(digit)
    }
    index += 4
    return value
  }
}
