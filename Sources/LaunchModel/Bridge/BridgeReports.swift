import ConfigDocument
import Diagnostics

extension BridgeReader {
  /// - Parameter isSafe: the name can only have been meant.
  func rename(_ entry: Node.Entry, to name: String, isSafe: Bool) -> Fix {
    Fix(
      "rename it to `\(name)`", isSafe ? .safe : .unsafe, in: file,
      edits: [TextEdit(entry.keyRange, format.text(of: name))])
  }

  /// A line with the class above an entry of a block mapping.
  func insertion(of target: String, before entry: Node.Entry) -> Fix? {
    let position = file.position(at: entry.keyRange.start)
    let indentation = file.line(position.line).text.prefix { $0 == " " }
    guard indentation.count == position.column - 1, format == .yaml else { return nil }
    return Fix(
      "write the class", .safe, in: file,
      edits: [
        TextEdit(
          SourceRange(entry.keyRange.start, entry.keyRange.start), "_target_: \(target)\(file.lineEnd)\(indentation)")
      ])
  }

  mutating func passOver(_ range: SourceRange, path: String, _ message: String) {
    report(.bridgePassedOver, range, severity: .note, path: path, message)
  }

  mutating func report(
    _ rule: FieldRule, _ range: SourceRange, severity: Severity = .error, path: String, _ message: String,
    help: String? = nil, fix: Fix? = nil
  ) {
    diagnostics.append(
      Diagnostic(rule.code, severity, message, help: help, path: path, at: SourceLocation(file, range), fix: fix))
  }
}

extension Node {
  var isNull: Bool { scalar?.value(in: .v1_2) == .null }
}

extension SourceFile {
  /// As its first line ends.
  var lineEnd: String { text.utf8.contains(UInt8(ascii: "\r")) ? "\r\n" : "\n" }

  /// The whole line of a place with its end, where the value begins and ends on it.
  func lineRange(around range: SourceRange) -> SourceRange? {
    let line = position(at: range.start).line
    let bytes = Array(text.utf8)
    var start = range.start
    while start > 0, bytes[start - 1] != UInt8(ascii: "\n") { start -= 1 }
    var end = range.end
    while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
    guard position(at: start).line == line else { return nil }
    return SourceRange(start, min(end + 1, bytes.count))
  }
}
