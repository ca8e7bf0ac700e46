import Diagnostics

/// The mistakes of structure: colons, indentation, brackets.
extension YAMLSyntaxError {
  // MARK: Colons

  /// A line among `key: value` lines that has no colon.
  var missingColon: Diagnostic { missingColon(from: context) }

  private func missingColon(from start: Int) -> Diagnostic {
    let end = restOfLine(start)
    let range = SourceRange(start, end)
    let text = bytes.text(start, end)
    if bytes[start] == UInt8(ascii: "-"), !bytes.isBlank(start + 1) {
      return missingSpace(after: start, name: "dash", in: range)
    }
    if bytes[start] == UInt8(ascii: "\"") || bytes[start] == UInt8(ascii: "'") {
      return error("expected a colon behind this text", help: "a key stands on one line", at: range)
    }
    if let colon = gluedColon(start, end) { return missingSpace(after: colon, name: "colon", in: range) }
    let words = text.split(separator: " ", omittingEmptySubsequences: true)
    if words.count > 2, words[1] == "=", let equals = find(UInt8(ascii: "="), start, end) {
      let fix = Fix(
        "write a colon", .unsafe, in: file,
        edits: [TextEdit(SourceRange(bytes.trimBack(equals, floor: start), equals + 1), ":")])
      return error("a key and its value are separated by a colon, not by `=`", at: range, fix: fix)
    }
    let fix =
      words.count == 2
      ? Fix(
        "write `\(shortened(words[0])): \(shortened(words[1]))`", .unsafe, in: file,
        edits: [TextEdit(SourceRange(start + words[0].utf8.count, start + words[0].utf8.count), ":")]) : nil
    return error("a colon is missing in `\(shortened(text))`", help: "expected `key: value`", at: range, fix: fix)
  }

  /// A colon where a value has already begun.
  var unexpectedColon: Diagnostic {
    let lineStart = bytes.lineStart(offset)
    let keyStart = bytes.skipBlanks(lineStart)
    if bytes.text(keyStart, keyStart + 3) == "---" {
      return error(
        "a mapping cannot begin on the line of `---`", help: "begin it on the next line",
        at: SourceRange(bytes.skipBlanks(keyStart + 3), offset + 1))
    }
    if let first = separator(keyStart, offset) {
      let start = bytes.skipBlanks(first + 1)
      let end = restOfLine(start)
      let text = bytes.text(start, end)
      let isBare = start < offset && bytes[start].isASCIILetter && !holds(text, anyOf: "\"'#")
      let fix = Fix(
        "write \(shortened(doubleQuoted(text)))", .unsafe, in: file,
        edits: [TextEdit(SourceRange(start, end), doubleQuoted(text))])
      return error(
        "`\(shortened(bytes.text(keyStart, first)))` already has a value on this line; a second colon is not allowed",
        help: "put the value in quotes if the colon belongs to it", at: SourceRange(offset, offset + 1),
        related: related("the value begins here", start, end), fix: isBare ? fix : nil)
    }
    guard let above = contentLine(above: lineStart) else { return strayColon }
    let aboveStart = bytes.skipBlanks(above)
    let aboveEnd = restOfLine(aboveStart)
    let key = SourceRange(keyStart, bytes.trimBack(offset, floor: keyStart))
    let last = bytes[key.end - 1]
    if last == UInt8(ascii: "\"") || last == UInt8(ascii: "'") {
      return error(
        "a quoted text over several lines cannot be a key", help: "write the key on one line",
        at: SourceRange(offset, offset + 1))
    }
    if keyStart - lineStart > aboveStart - above {
      return tooDeep(key, below: above)
    }
    if let colon = gluedColon(aboveStart, aboveEnd) {
      return missingSpace(after: colon, name: "colon", in: SourceRange(aboveStart, aboveEnd))
    }
    // The first line of a mapping: without its colon it is a text that goes on below.
    if keyStart - lineStart == aboveStart - above, separator(aboveStart, aboveEnd) == nil {
      return missingColon(from: aboveStart)
    }
    return strayColon
  }

  private func tooDeep(_ key: SourceRange, below above: Int) -> Diagnostic {
    let start = bytes.skipBlanks(above)
    let text = shortened(bytes.text(key.start, key.end))
    return error(
      "`\(text)` is indented deeper than line \(line(above)), which already has a value",
      help: "indent both lines alike, or leave the value of line \(line(above)) empty", at: key,
      related: related("this line has a value", start, restOfLine(start)))
  }

  private var strayColon: Diagnostic {
    error("a colon is not allowed here", help: "put the text in quotes", at: SourceRange(offset, offset + 1))
  }

  private func missingSpace(after place: Int, name: String, in range: SourceRange) -> Diagnostic {
    error(
      "a space is missing behind the \(name) in `\(shortened(bytes.text(range.start, range.end)))`",
      at: SourceRange(place, place + 1),
      fix: Fix("insert a space", .unsafe, in: file, edits: [TextEdit(SourceRange(place + 1, place + 1), " ")]))
  }

  // MARK: Indentation

  /// Something that is neither the next key of a mapping nor its end.
  var unexpectedInMapping: Diagnostic {
    let lineStart = bytes.lineStart(offset)
    let end = max(restOfLine(offset), characterEnd(offset))
    guard bytes.skipBlanks(lineStart) == offset else { return behindAValue }
    switch bytes[offset] {
    case UInt8(ascii: "]"), UInt8(ascii: "}"):
      return error("`\(bytes.text(offset, offset + 1))` closes no bracket", at: SourceRange(offset, offset + 1))
    case UInt8(ascii: "-") where bytes.isBlank(offset + 1) || bytes.isLineBreak(offset + 1):
      return error(
        "a list item stands among the keys of a mapping",
        help: "indent the list below its key, which must have no other value", at: SourceRange(offset, end))
    case UInt8(ascii: ":"):
      return error("a key is missing before this colon", at: SourceRange(offset, offset + 1))
    default: break
    }
    let indents = enclosingIndents(lineStart)
    let width = offset - lineStart
    guard let deepest = indents.last, !indents.contains(width) else {
      return error("expected `key: value`", at: SourceRange(offset, end))
    }
    if width > deepest, let above = contentLine(above: lineStart) {
      return tooDeep(SourceRange(offset, separator(offset, end) ?? end), below: above)
    }
    let choices = indents.map(String.init).joined(separator: " or ")
    return error(
      "the indentation of \(width) \(width == 1 ? "space" : "spaces") fits no line above",
      help: "indent by \(choices)", at: SourceRange(offset, end))
  }

  /// Something behind a value that was already complete.
  private var behindAValue: Diagnostic {
    let end = max(restOfLine(offset), characterEnd(offset))
    let before = bytes[bytes.trimBack(offset, floor: 0) - 1]
    let text = shortened(bytes.text(offset, end))
    if before == UInt8(ascii: "'") || before == UInt8(ascii: "\""),
      let opening = openingOnEarlierLine(before, closing: bytes.trimBack(offset, floor: 0) - 1)
    {
      return error(
        "this quote is not closed on its line; the text runs on to the next quote, on line "
          + "\(file.position(at: offset).line)", help: "write the closing quote",
        at: SourceRange(opening, restOfLine(opening)))
    }
    switch before {
    case UInt8(ascii: "'"):
      return error(
        "`\(text)` stands behind a closing quote", help: "write an apostrophe inside single quotes twice: `''`",
        at: SourceRange(offset, end))
    case UInt8(ascii: "\""):
      return error(
        "`\(text)` stands behind a closing quote", help: "write a quote inside double quotes as `\\\"`",
        at: SourceRange(offset, end))
    case UInt8(ascii: "]"), UInt8(ascii: "}"):
      return error("`\(text)` stands behind a closing bracket", at: SourceRange(offset, end))
    default: return error("`\(text)` is not expected here", at: SourceRange(offset, end))
    }
  }

  /// Where a quoted text begins that is closed on a later line: the last quote of the nearest line above with an odd
  /// number of them; `nil` where the text begins on the line on which it is closed.
  private func openingOnEarlierLine(_ quote: UInt8, closing: Int) -> Int? {
    var (start, end) = (bytes.lineStart(closing), closing)
    var isLastLine = true
    while true {
      let quotes = (start..<end).filter { bytes[$0] == quote && ($0 == start || bytes[$0 - 1] != UInt8(ascii: "\\")) }
      if quotes.count % 2 == 1 { return isLastLine ? nil : quotes.last }
      guard start > 0 else { return nil }
      end = start - 1
      start = bytes.lineStart(end)
      isLastLine = false
    }
  }

  /// A line in a list that is no item of it.
  var notAnItem: Diagnostic {
    let end = max(restOfLine(offset), characterEnd(offset))
    return error(
      "`\(shortened(bytes.text(offset, end)))` stands in a list but does not begin with `- `",
      help: "make it an item, or indent it like the key that the list belongs to", at: SourceRange(offset, end),
      related: context < offset ? related("the list begins here", context, context + 1) : nil)
  }

  var listBehindKey: Diagnostic {
    error(
      "a list cannot begin on the line of its key",
      help: "begin it on the next line, write it in brackets, or put the text in quotes",
      at: SourceRange(offset, max(restOfLine(offset), offset + 1)))
  }

  var behindTheEnd: Diagnostic {
    let range = SourceRange(offset, max(restOfLine(offset), characterEnd(offset)))
    if bytes[bytes.skipVoid(0)] == UInt8(ascii: "%") {
      return error("a line that begins with `%` must be followed by `---`", at: range)
    }
    return error(
      "the document ended before this", help: "a bracket or quote may be closed too early, or a key lacks its colon",
      at: range)
  }

  // MARK: Brackets

  var unclosedBracket: Diagnostic {
    let opening = bytes.text(context, context + 1)
    let closing = opening == "[" ? "]" : "}"
    let openedHere = related("opened here", context, context + 1)
    let found = bytes.text(offset, characterEnd(offset))
    if found == "]" || found == "}" {
      return error(
        "`\(opening)` is closed by `\(found)`", help: "close it with `\(closing)`", at: SourceRange(offset, offset + 1),
        related: openedHere)
    }
    let lineStart = bytes.lineStart(offset)
    let start = bytes.skipBlanks(lineStart)
    let isNewEntry =
      offset < bytes.count && bytes.lineStart(context) < lineStart
      && start - lineStart <= indent(context)
    if offset >= bytes.count || isNewEntry {
      return error(
        "this `\(opening)` is never closed", help: "close it with `\(closing)`", at: SourceRange(context, context + 1),
        related: isNewEntry ? related("the next entry begins here", start, max(restOfLine(start), start)) : nil)
    }
    if found == ":" {
      return error(
        "a colon is not allowed here", help: "a comma may be missing before, or the text must be quoted",
        at: SourceRange(offset, offset + 1), related: openedHere)
    }
    let end = bytes.trimBack(offset, floor: context)
    return error(
      "a comma or `\(closing)` is missing here", at: SourceRange(end, characterEnd(offset)), related: openedHere)
  }

  var missingValue: Diagnostic {
    let found = bytes.text(offset, characterEnd(offset))
    let range = SourceRange(offset, characterEnd(offset))
    switch found {
    case ",": return error("a value is missing before this comma", help: "remove the comma, or quote it", at: range)
    case "]", "}": return error("`\(found)` closes no bracket", at: range)
    case ":": return error("a key is missing before this colon", at: range)
    case "": return error("the text ends where a value is expected", help: "the file may be cut off", at: range)
    default: return error("expected a value, found `\(found)`", at: range)
    }
  }

  // MARK: Lines around

  /// The start of the nearest line above that holds more than blanks and a comment.
  private func contentLine(above lineStart: Int) -> Int? {
    var start = lineStart
    while start > 0 {
      start = bytes.lineStart(start - (bytes[start - 1] == 0x0A && bytes[start - 2] == 0x0D ? 2 : 1))
      let content = bytes.skipBlanks(start)
      if !bytes.isLineBreak(content), bytes[content] != UInt8(ascii: "#"), content < bytes.count { return start }
    }
    return nil
  }

  /// The indentations of the lines that the next line could continue, smallest first.
  private func enclosingIndents(_ lineStart: Int) -> [Int] {
    var indents: [Int] = []
    var start = lineStart
    var steps = 0
    while indents.first != 0, steps < 10_000, let above = contentLine(above: start) {
      let width = bytes.skipBlanks(above) - above
      if width < indents.first ?? .max { indents.insert(width, at: 0) }
      start = above
      steps += 1
    }
    return indents
  }

  private func indent(_ offset: Int) -> Int {
    let start = bytes.lineStart(offset)
    return bytes.skipBlanks(start) - start
  }

  /// The first colon that separates a key from its value.
  private func separator(_ start: Int, _ end: Int) -> Int? {
    (start..<max(start, end)).first {
      bytes[$0] == UInt8(ascii: ":") && (bytes.isBlank($0 + 1) || bytes.isLineBreak($0 + 1))
    }
  }

  /// A colon that would separate a key from its value if there were a space behind it; none in `http://x`.
  private func gluedColon(_ start: Int, _ end: Int) -> Int? {
    guard let colon = find(UInt8(ascii: ":"), start, end), colon > start, colon + 1 < end else { return nil }
    return bytes[colon + 1] == UInt8(ascii: "/") || bytes.isBlank(colon + 1) ? nil : colon
  }

  private func find(_ byte: UInt8, _ start: Int, _ end: Int) -> Int? {
    (start..<max(start, end)).first { bytes[$0] == byte }
  }
}
