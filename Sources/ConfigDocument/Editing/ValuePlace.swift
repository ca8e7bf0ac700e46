import Diagnostics

// What has to stand between a value's new text and what is around it: one place for all who write one.

extension SourceFile {
  /// The edit that puts a text, on one line, in the place of a value; `nil` where it would not be read there: behind a `!`
  /// without a value, which makes another one of each text, and where a comment stands between a key and the lines of its
  /// value.
  package func edit(of node: Node, to written: String) -> TextEdit? {
    var text = text
    return text.withUTF8 { TextBytes($0).edit(of: node, to: written) }
  }
}

extension TextBytes {
  fileprivate func edit(of node: Node, to written: String) -> TextEdit? {
    let range = node.range
    if range.start == range.end, self[range.start - 1] == UInt8(ascii: "!") { return nil }
    let isOnLinesOfItsOwn =
      node.scalar == nil && !isBracket(range.start) && skipBlanks(lineStart(range.start)) == range.start
    guard isOnLinesOfItsOwn else { return edit(range, to: written) }
    let colon = trimBack(range.start, floor: 0)
    let line = lineStart(colon)
    guard self[colon - 1] == UInt8(ascii: ":"), !(line..<colon).contains(where: { self[$0] == UInt8(ascii: "#") })
    else {
      return nil
    }
    return edit(SourceRange(colon, range.end), to: " " + written)
  }

  /// The edit that puts a text, on one line, where another value stands, or none: with a space in front of it where none was,
  /// and one behind it before a comment, which libyaml takes for one right behind a quote, and nowhere else.
  func edit(_ range: SourceRange, to written: String) -> TextEdit {
    let isNew = range.start == range.end && !isBlank(range.start - 1)
    return TextEdit(range, (isNew ? " " : "") + written + (self[range.end] == UInt8(ascii: "#") ? " " : ""))
  }

  /// Whether a mapping or list that begins here is written in brackets.
  func isBracket(_ offset: Int) -> Bool { self[offset] == UInt8(ascii: "{") || self[offset] == UInt8(ascii: "[") }
}
