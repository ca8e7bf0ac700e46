import ConfigDocument
import Diagnostics

/// Places in a text as the protocol counts them: lines from 0, and within a line what was agreed on from 0.
struct TextPositions {
  let file: SourceFile
  let encoding: PositionEncoding

  /// The offset of a position. One beyond the end of its line is at its end, one beyond the text at the end of that, and
  /// one between the halves of a character before it.
  func offset(line: Int, character: Int) -> Int {
    guard line >= 0 else { return 0 }
    guard line < file.lineCount else { return file.text.utf8.count }
    let start = lineStart(line)
    var units = 0
    var offset = start
    for scalar in file.text(in: SourceRange(start, file.line(line + 1).range.end)).unicodeScalars {
      units += encoding.width(scalar)
      guard units <= character else { break }
      offset += UTF8.width(scalar)
    }
    return offset
  }

  func position(at offset: Int) -> ConfigValue {
    let offset = min(max(offset, 0), file.text.utf8.count)
    let line = file.position(at: offset).line - 1
    let units = encoding.count(file.text(in: SourceRange(min(lineStart(line), offset), offset)))
    return ["line": .int(line), "character": .int(units)]
  }

  func range(_ range: SourceRange) -> ConfigValue {
    ["start": position(at: range.start), "end": position(at: range.end)]
  }

  /// A byte order mark counts as a character of its line.
  private func lineStart(_ line: Int) -> Int { line == 0 ? 0 : file.line(line + 1).range.start }

  // MARK: What clients send

  /// - Throws: `invalidParams` for what is no position.
  func offset(_ position: ConfigValue?) throws(CallError) -> Int {
    guard let line = position?["line"]?.number, let character = position?["character"]?.number else {
      throw CallError(.invalidParams, "a position has a line and a character")
    }
    return offset(line: line, character: character)
  }

  func range(_ range: ConfigValue?) throws(CallError) -> SourceRange {
    let start = try offset(range?["start"])
    return SourceRange(start, try offset(range?["end"]))
  }
}
