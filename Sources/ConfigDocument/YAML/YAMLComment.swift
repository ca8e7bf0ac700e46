import Diagnostics

/// A comment of a YAML text. libyaml passes over comments without a word, so they are what stands behind a `#` that is in
/// no scalar: inside quotes and in the lines of a block scalar it is text.
package struct YAMLComment: Hashable, Sendable {
  /// From the `#` to the end of the line.
  package let range: SourceRange
  /// Whether nothing else stands on its line.
  package let isAlone: Bool

  /// The comments of a text in order; of one that libyaml cannot read to its end, those before the error.
  package static func comments(in file: SourceFile) -> [YAMLComment] {
    let text = Array(file.text.utf8)
    let check = TextCheck(text)
    guard check.controlCharacter == nil, check.tagDirectives <= DocumentLimit.directiveCount else { return [] }
    return text.withUnsafeBufferPointer { buffer in
      guard let events = YAMLEventStream(buffer, check) else { return [] }
      let bytes = TextBytes(buffer)
      let (scalars, end) = Self.scalars(of: events, bytes)
      return comments(of: bytes, from: check.byteOrderMarkLength, to: end, outside: scalars)
    }
  }

  /// Where the text of scalars stands, in order, and where libyaml stopped.
  private static func scalars(of events: YAMLEventStream, _ bytes: TextBytes) -> ([SourceRange], end: Int) {
    var scalars: [SourceRange] = []
    do throws(YAMLProblem) {
      while true {
        let event = try events.next()
        switch event.kind {
        case .streamEnd: return (scalars, bytes.count)
        case .scalar(let form, _):
          var start = min(bytes.skipProperties(event.start), event.end)
          // Behind the `|` of a block a comment may stand.
          if form == .block { start = min(bytes.lineEnd(start), event.end) }
          scalars.append(SourceRange(start, event.end))
        default: break
        }
      }
    } catch {
      return (scalars, min(error.offset, bytes.count))
    }
  }

  private static func comments(
    of bytes: TextBytes, from start: Int, to end: Int, outside scalars: [SourceRange]
  ) -> [YAMLComment] {
    var comments: [YAMLComment] = []
    var next = 0
    var offset = start
    while offset < end {
      while next < scalars.count, scalars[next].end <= offset { next += 1 }
      if next < scalars.count, scalars[next].start <= offset {
        offset = scalars[next].end
        continue
      }
      guard bytes[offset] == UInt8(ascii: "#"),
        offset == start || bytes.isBlank(offset - 1) || bytes.isLineBreak(offset - 1)
      else {
        offset += 1
        continue
      }
      let lineStart = max(bytes.lineStart(offset), start)
      let lineEnd = bytes.lineEnd(offset)
      comments.append(
        YAMLComment(range: SourceRange(offset, lineEnd), isAlone: bytes.skipBlanks(lineStart) == offset))
      offset = lineEnd
    }
    return comments
  }
}
