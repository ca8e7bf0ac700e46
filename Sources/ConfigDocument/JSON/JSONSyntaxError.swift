import Diagnostics

/// What strict JSON has to say, each with its exact place.
extension JSONReader {
  func trailingComma(_ comma: Int) -> Unreadable {
    let range = SourceRange(comma, comma + 1)
    return syntaxError(
      "JSON allows no comma before a closing bracket", help: "remove the comma", at: range,
      fix: Fix("remove the comma", .safe, in: file, edits: [TextEdit(range, "")]))
  }

  func missingComma(_ opening: Int, closing: UInt8) -> Unreadable {
    guard position < bytes.count else { return unclosed(opening) }
    let end = endOfLast
    if bytes[position] == UInt8(ascii: "]") || bytes[position] == UInt8(ascii: "}") {
      let wanted = String(UnicodeScalar(closing))
      return syntaxError(
        "`\(bytes.text(opening, opening + 1))` is closed by `\(bytes.text(position, position + 1))`",
        help: "close it with `\(wanted)`", at: SourceRange(position, position + 1),
        related: RelatedPlace("", "opened here", at: SourceLocation(file, SourceRange(opening, opening + 1))))
    }
    if bytes[position] == UInt8(ascii: ":") {
      return syntaxError(
        "expected a comma or `\(UnicodeScalar(closing))`, found `:`", help: "a comma or a brace may be missing before",
        at: SourceRange(position, position + 1))
    }
    return syntaxError(
      "a comma is missing here", help: "items of an array or object are separated by commas",
      at: SourceRange(end, end),
      fix: Fix("insert a comma", .unsafe, in: file, edits: [TextEdit(SourceRange(end, end), ",")]))
  }

  func unclosed(_ opening: Int) -> Unreadable {
    syntaxError(
      "the text ends before this `\(bytes.text(opening, opening + 1))` is closed",
      help: "the file may be cut off", at: SourceRange(opening, opening + 1),
      related: RelatedPlace("", "the text ends here", at: SourceLocation(file, SourceRange(bytes.count, bytes.count))))
  }

  func badKey() -> Unreadable {
    if bytes[position] == UInt8(ascii: "'") { return singleQuotes() }
    var end = position
    while bytes[end].isASCIILetter || bytes[end].isDigit || bytes[end].isUnderscore || bytes[end] == UInt8(ascii: "-")
      || bytes[end] >= 0x80
    {
      end += 1
    }
    guard end > position else {
      return syntaxError("expected a key in double quotes", at: SourceRange(position, characterEnd(position)))
    }
    let range = SourceRange(position, end)
    let key = bytes.text(position, end)
    let quoted = doubleQuoted(key)
    return syntaxError(
      "the key `\(shortened(key))` must stand in double quotes", help: "write \(shortened(quoted))", at: range,
      fix: Fix("write \(shortened(quoted))", .safe, in: file, edits: [TextEdit(range, quoted)]))
  }

  func missingColon(_ key: String) -> Unreadable {
    let end = endOfLast
    return syntaxError("a colon is missing after the key `\(shortened(key))`", at: SourceRange(end, end))
  }

  func missingValue(_ key: String) -> Unreadable {
    let end = endOfLast
    return syntaxError(
      "the key `\(shortened(key))` has no value", help: "write `null` for none", at: SourceRange(end, end))
  }

  func badToken(_ text: String, _ range: SourceRange) -> Unreadable {
    switch bytes[range.start] {
    case UInt8(ascii: "'"): return singleQuotes()
    case UInt8(ascii: "`"): return syntaxError("JSON strings stand in double quotes, not in backticks", at: range)
    case UInt8(ascii: ","): return syntaxError("a value is missing before this comma", at: range)
    case UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: ":"):
      return syntaxError("expected a value, found `\(bytes.text(range.start, range.end))`", at: range)
    default: break
    }
    if range.start >= bytes.count { return syntaxError("the text ends where a value is expected", at: range) }
    guard !text.isEmpty else {
      let end = characterEnd(range.start)
      return syntaxError("unexpected `\(shortened(bytes.text(range.start, end)))`", at: SourceRange(range.start, end))
    }
    if let value = Self.misspelledWords[text] {
      return syntaxError(
        "`\(shortened(text))` is no JSON value", help: "write `\(value)`", at: range,
        fix: Fix("write \(value)", .safe, in: file, edits: [TextEdit(range, value)]))
    }
    if Self.nonFinite.contains(text) {
      return syntaxError("JSON has no `\(shortened(text))`; numbers are finite", at: range)
    }
    return badNumberOrWord(text, range)
  }

  private func badNumberOrWord(_ text: String, _ range: SourceRange) -> Unreadable {
    let first = bytes[range.start]
    guard first.isDigit || [UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ".")].contains(first) else {
      let quoted = doubleQuoted(text)
      return syntaxError(
        "`\(shortened(text))` is no JSON value; strings stand in double quotes", help: "write \(shortened(quoted))",
        at: range,
        fix: Fix("write \(shortened(quoted))", .unsafe, in: file, edits: [TextEdit(range, quoted)]))
    }
    let reason =
      switch true {
      case first == UInt8(ascii: "+"): "JSON numbers have no plus sign"
      case first == UInt8(ascii: "."): "JSON numbers begin with a digit"
      case text.hasSuffix("."): "JSON numbers have a digit behind the point"
      case text.contains("_"): "JSON numbers have no underscores"
      case text.hasPrefix("0x") || text.hasPrefix("0X"): "JSON numbers are decimal"
      case first == UInt8(ascii: "0"): "JSON numbers have no leading zeros"
      default: "this is no number that JSON knows"
      }
    return syntaxError("`\(shortened(text))`: \(reason)", at: range)
  }

  private func singleQuotes() -> Unreadable {
    var end = position + 1
    while end < bytes.count, bytes[end] != UInt8(ascii: "'"), !bytes.isLineBreak(end) {
      end += bytes[end] == UInt8(ascii: "\\") && end + 1 < bytes.count ? 2 : 1
    }
    guard bytes[end] == UInt8(ascii: "'") else {
      return syntaxError(
        "JSON strings stand in double quotes, not in single ones", at: SourceRange(position, position + 1))
    }
    let range = SourceRange(position, end + 1)
    let content = bytes.text(position + 1, end)
    guard !content.contains("\\"), !content.contains("\"") else {
      return syntaxError("JSON strings stand in double quotes, not in single ones", at: range)
    }
    let quoted = doubleQuoted(content)
    return syntaxError(
      "JSON strings stand in double quotes, not in single ones", help: "write \(shortened(quoted))", at: range,
      fix: Fix("write \(shortened(quoted))", .safe, in: file, edits: [TextEdit(range, quoted)]))
  }

  func comment() -> Unreadable {
    var end = bytes.lineEnd(position)
    if bytes[position + 1] == UInt8(ascii: "*") {
      end = position + 2
      while end < bytes.count,
        !(bytes[end - 1] == UInt8(ascii: "/") && bytes[end - 2] == UInt8(ascii: "*")) || end < position + 4
      {
        end += 1
      }
    }
    let range = SourceRange(position, min(end, bytes.count))
    return syntaxError(
      "JSON allows no comments", help: "remove it, or write the config as YAML", at: range,
      fix: Fix("remove the comment", .unsafe, in: file, edits: [TextEdit(range, "")]))
  }

  func behindTheEnd() -> Unreadable {
    syntaxError(
      "the document ended before this; a file holds one JSON value",
      help: "a bracket may be closed too early", at: SourceRange(position, characterEnd(position)))
  }

  func unclosedString(_ start: Int) -> Unreadable {
    syntaxError(
      "the text ends before this string is closed", help: "the file may be cut off", at: SourceRange(start, start + 1))
  }

  func controlInString(_ start: Int) -> Unreadable {
    if bytes.isLineBreak(position) {
      return syntaxError(
        "this string is not closed before the line ends", help: "close it, or write a line end inside it as `\\n`",
        at: SourceRange(start, position))
    }
    let byte = bytes[position]
    let digits = String(byte, radix: 16)
    let escape = byte == 0x09 ? "\\t" : "\\u00" + (digits.utf8.count < 2 ? "0" : "") + digits
    let range = SourceRange(position, position + 1)
    return syntaxError(
      "a control character inside a string must be written as `\(escape)`", at: range,
      fix: Fix("write \(escape)", .safe, in: file, edits: [TextEdit(range, escape)]))
  }

  func badEscape(_ start: Int) -> Unreadable {
    let isUnicode = bytes[start + 1] == UInt8(ascii: "u")
    let end = isUnicode ? max(position, start + 2) : characterEnd(min(start + 1, bytes.count))
    return syntaxError(
      isUnicode
        ? "`\\u` must be followed by four hexadecimal digits" : "JSON has no escape `\(bytes.text(start, end))`",
      help: isUnicode ? nil : "write `\\\\` for a backslash", at: SourceRange(start, min(end, bytes.count)))
  }

  func loneSurrogate(_ start: Int) -> Unreadable {
    syntaxError(
      "`\(bytes.text(start, start + 6))` is half of a surrogate pair",
      help: "write both halves, or the character itself",
      at: SourceRange(start, start + 6))
  }

  // MARK: Helpers

  /// Words of other languages, and what they are in JSON.
  private static let misspelledWords = [
    "True": "true", "TRUE": "true", "False": "false", "FALSE": "false", "None": "null", "Null": "null",
    "NULL": "null", "nil": "null", "undefined": "null",
  ]
  private static let nonFinite: Set<String> = ["NaN", "nan", "Infinity", "-Infinity", "+Infinity", "inf", "-inf"]

  /// Behind the last thing before the current position that is no blank.
  private var endOfLast: Int { bytes.trimBack(position, floor: 0) }

  /// Behind the character that begins at an offset.
  private func characterEnd(_ offset: Int) -> Int {
    guard offset < bytes.count else { return offset }
    var end = offset + 1
    while bytes[end] & 0xC0 == 0x80 { end += 1 }
    return end
  }

  private func syntaxError(
    _ message: String, help: String? = nil, at range: SourceRange, related: RelatedPlace? = nil, fix: Fix? = nil
  ) -> Unreadable {
    Unreadable(
      Diagnostic(
        DocumentRule.syntaxError.code, .error, message, help: help, at: SourceLocation(file, clamped(range)),
        related: related.map { [$0] } ?? [], fix: fix))
  }

  func unreadable(
    _ rule: DocumentRule, _ message: String, help: String? = nil, at range: SourceRange
  ) -> Unreadable {
    Unreadable(Diagnostic(rule.code, .error, message, help: help, at: SourceLocation(file, clamped(range))))
  }

  private func clamped(_ range: SourceRange) -> SourceRange {
    SourceRange(min(range.start, bytes.count), min(range.end, bytes.count))
  }
}
