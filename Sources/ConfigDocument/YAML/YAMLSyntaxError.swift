import Diagnostics

/// Turns what libyaml objects to into what a person can act on.
///
/// libyaml says where it got stuck and what it would have liked; what was probably meant has to be read off the text
/// around that place.
struct YAMLSyntaxError {
  let bytes: TextBytes
  let file: SourceFile
  /// Where libyaml got stuck.
  let offset: Int
  /// Where what it was reading began.
  let context: Int
  private let problem: YAMLProblem

  init(_ problem: YAMLProblem, _ bytes: TextBytes, _ file: SourceFile) {
    self.problem = problem
    self.bytes = bytes
    self.file = file
    offset = min(max(problem.offset, 0), bytes.count)
    context = min(max(problem.contextOffset ?? problem.offset, 0), bytes.count)
  }

  /// Keyed by the wording of libyaml 0.2.5 (`scanner.c`, `parser.c`); what another version words otherwise still comes
  /// out with its place.
  var diagnostic: Diagnostic {
    switch problem.problem {
    case "could not find expected ':'": missingColon
    case "mapping values are not allowed in this context": unexpectedColon
    case "did not find expected key": unexpectedInMapping
    case "did not find expected '-' indicator": notAnItem
    case "did not find expected ',' or ']'", "did not find expected ',' or '}'": unclosedBracket
    case "did not find expected node content": missingValue
    case "did not find expected <document start>": behindTheEnd
    case "block sequence entries are not allowed in this context": listBehindKey
    case "mapping keys are not allowed in this context": mustBeQuoted(offset)
    case "found unexpected end of stream", "found unexpected document indicator": unclosedQuote
    case "found character that cannot start any token":
      bytes[offset] == 0x09 ? tab : mustBeQuoted(offset)
    case "found a tab character that violates indentation",
      "found a tab character where an indentation space is expected":
      tab
    case "did not find expected alphabetic or numeric character": mustBeQuoted(context)
    case "found undefined tag handle":
      error(
        "the tag `\(shortened(word(offset)))` is not declared", help: "quote the text if it should begin with `!`",
        at: wordRange(offset))
    case "did not find expected comment or line break":
      error(
        "a text block begins on the line after `\(bytes.text(context, context + 1))`",
        help: "move the text to the next line, indented, or quote it", at: SourceRange(offset, restOfLine(offset)))
    case "found unknown escape character": unknownEscape
    case "did not find expected hexdecimal number": badEscape("this escape needs more hexadecimal digits")
    case "found invalid Unicode character escape code":
      badEscape("an escape for half of a surrogate pair; write the character itself")
    case "found incompatible YAML document":
      error("this version of YAML is unknown; use 1.1 or 1.2", at: SourceRange(context, restOfLine(context)))
    default: other
    }
  }

  // MARK: Characters

  private var tab: Diagnostic {
    let start = bytes[offset] == 0x09 ? offset : bytes.lineStart(offset)
    var end = start
    while bytes[end] == 0x09 { end += 1 }
    let range = SourceRange(start, end)
    let fix = Fix(
      "write two spaces for each tab", .unsafe, in: file,
      edits: [TextEdit(range, String(repeating: "  ", count: end - start))])
    return Diagnostic(
      DocumentRule.tabIndentation.code, .error, "YAML does not allow tabs as indentation",
      help: "indent with spaces", at: SourceLocation(file, range), fix: end > start ? fix : nil)
  }

  /// A bare text that begins with a character that means something to YAML.
  private func mustBeQuoted(_ start: Int) -> Diagnostic {
    let end = restOfLine(start)
    let text = bytes.text(start, end)
    let indicator = bytes[start] == UInt8(ascii: "`") ? "a backtick" : "`\(bytes.text(start, start + 1))`"
    // Inside brackets or before a comment it is not clear where the text ends.
    let isClear = !text.isEmpty && text.utf8.count < 1000 && !holds(text, anyOf: ",[]{}#:\"'")
    let quoted = doubleQuoted(text)
    // `@500` is rather a number with something in front of it than a text.
    let rest = Scalar(String(text.dropFirst()), .plain).value(in: .v1_2)
    let isText = if case .string = rest { true } else { false }
    let fix = Fix(
      "write \(shortened(quoted))", isText ? .safe : .unsafe, in: file,
      edits: [TextEdit(SourceRange(start, end), quoted)])
    return error(
      "a bare text cannot begin with \(indicator)", help: "put it in quotes",
      at: SourceRange(start, isClear ? end : start + 1), fix: isClear ? fix : nil)
  }

  private var unclosedQuote: Diagnostic {
    let quote = bytes.text(context, context + 1)
    let end = restOfLine(context)
    return error(
      "this \(quote == "'" ? "single" : "double") quote is never closed", help: "close it with `\(quote)`",
      at: SourceRange(context, max(end, context + 1)))
  }

  private var unknownEscape: Diagnostic {
    let range = SourceRange(offset, characterEnd(offset + 1))
    let text = bytes.text(range.start, range.end)
    return error(
      "`\(text)` is no escape", help: "write `\\\\` for a backslash, or use single quotes", at: range,
      fix: Fix("double the backslash", .unsafe, in: file, edits: [TextEdit(SourceRange(offset, offset), "\\")]))
  }

  /// The mark stands behind `\u`; the escape begins at the backslash before.
  private func badEscape(_ message: String) -> Diagnostic {
    var start = offset
    while start > context, bytes[start] != UInt8(ascii: "\\") { start -= 1 }
    var end = start + 2
    while bytes[end].hexDigit != nil, end < start + 6 { end += 1 }
    return error(message, at: SourceRange(start, end))
  }

  private var other: Diagnostic {
    let what = problem.problem.hasPrefix("found") || problem.problem.hasPrefix("did") ? "the YAML reader " : ""
    let during = problem.context.isEmpty ? "" : " (\(problem.context))"
    return error(what + problem.problem + during, at: SourceRange(offset, characterEnd(offset)))
  }

  // MARK: Helpers

  func holds(_ text: String, anyOf characters: String) -> Bool {
    let wanted = Set(characters.utf8)
    return text.utf8.contains { wanted.contains($0) }
  }

  func error(
    _ message: String, help: String? = nil, at range: SourceRange, related: RelatedPlace? = nil, fix: Fix? = nil
  ) -> Diagnostic {
    let end = min(range.end, bytes.count)
    return Diagnostic(
      DocumentRule.syntaxError.code, .error, message, help: help,
      at: SourceLocation(file, SourceRange(min(range.start, end), end)), related: related.map { [$0] } ?? [], fix: fix)
  }

  func related(_ message: String, _ start: Int, _ end: Int) -> RelatedPlace {
    RelatedPlace("", message, at: SourceLocation(file, SourceRange(start, end)))
  }

  /// Before the comment, blanks and line end behind an offset.
  func restOfLine(_ start: Int) -> Int {
    let end = bytes.lineEnd(start)
    var comment = start
    while comment < end, !(bytes[comment] == UInt8(ascii: "#") && bytes.isBlank(comment - 1)) { comment += 1 }
    return bytes.trimBack(comment, floor: start)
  }

  /// Behind the character that begins at an offset; a line end is none.
  func characterEnd(_ offset: Int) -> Int {
    guard offset < bytes.count, !bytes.isLineBreak(offset) else { return min(offset, bytes.count) }
    var end = offset + 1
    while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
    return end
  }

  func wordRange(_ start: Int) -> SourceRange {
    var end = start
    while end < bytes.count, !bytes.isBlank(end), !bytes.isLineBreak(end) { end += 1 }
    return SourceRange(start, end)
  }

  func word(_ start: Int) -> String { bytes.text(start, wordRange(start).end) }

  func line(_ offset: Int) -> Int { file.position(at: offset).line }
}
