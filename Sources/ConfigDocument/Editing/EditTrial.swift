import Diagnostics

/// Tries edits out: whether the text after them reads as the tree that is expected.
struct EditTrial {
  let document: ParsedDocument
  let edits: [TextEdit]
  /// The whole tree after the edits; ranges in it mean nothing.
  let expected: Node

  /// - Throws: ``EditError/unsupported`` where the text does not read as well as before, ``EditError/shared`` where it
  ///   reads as another tree.
  func run() throws(EditError) {
    let text = document.file
    let whole = Part(text: text, base: 0, tree: expected, diagnosticCount: document.diagnostics.count)
    let part = touchedEntries ?? whole
    let edits = edits.map {
      TextEdit(SourceRange($0.range.start - part.base, $0.range.end - part.base), $0.text)
    }
    let fix = Fix("", .safe, in: part.text, edits: edits)
    let after = DocumentReader.read(text: part.text.applying([fix]).text, name: text.name, format: document.format)
    guard let result = after.root, after.diagnostics.count <= part.diagnosticCount else { throw .unsupported }
    // With the place itself right, what differs stands elsewhere: behind an anchor that is used more than once.
    guard result.hasSameContent(as: part.tree) else { throw .shared }
  }

  /// A part of the text that can be read alone, and what it is to say.
  private struct Part {
    let text: SourceFile
    /// Where it begins in the whole.
    let base: Int
    let tree: Node
    /// Problems that it has already.
    let diagnosticCount: Int
  }

  /// The entries at the left margin whose lines are touched; `nil` where these cannot be told from the others.
  ///
  /// A config is a block of sections. What stands in one of them says nothing of the next, which begins with a key at the
  /// left margin again; but for anchors, which reach anywhere, and duplicate keys.
  private var touchedEntries: Part? {
    guard document.format == .yaml, let root = document.root, let entries = root.entries,
      let changed = expected.entries,
      !document.diagnostics.contains(where: { $0.severity == .error }),
      document.diagnostics.count < DocumentLimit.diagnosticCount
    else { return nil }
    let starts = entries.map(\.keyRange.start)
    guard startsOfLines(starts, in: document.file.text), let first = edits.map(\.range.start).min(),
      let last = edits.map(\.range.end).max(), let lowest = starts.first, first >= lowest
    else { return nil }
    // An edit at the very border belongs to both sides.
    let low = starts.lastIndex { $0 < first } ?? 0
    let high = starts.firstIndex { $0 > last } ?? starts.count
    let start = starts[low]
    let end = high < starts.count ? starts[high] : document.file.text.utf8.count
    let untouched = Set((entries[..<low] + entries[high...]).map(\.key))
    let rest = changed.filter { !untouched.contains($0.key) }
    guard !rest.isEmpty else { return nil }
    return Part(
      text: SourceFile(name: document.file.name, text: String(document.file.text(in: SourceRange(start, end)))),
      base: start, tree: Node(.mapping(rest), root.range),
      diagnosticCount: document.diagnostics.count {
        $0.location.map { (start..<max(end, start + 1)).contains($0.range.start) } ?? false
      })
  }

  /// Whether these are ascending offsets of the left margin, in a text with nothing but comments before the first one and
  /// without anchors or brackets around it all.
  private func startsOfLines(_ starts: [Int], in text: String) -> Bool {
    var text = text
    return text.withUTF8 { buffer in
      let bytes = TextBytes(buffer)
      let margin = buffer.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
      guard let first = starts.first, document.root?.range.start == first, bytes.skipVoid(margin) == first,
        bytes[first] != UInt8(ascii: "{"), buffer.firstPlace(of: UInt8(ascii: "&")) == nil
      else { return false }
      return zip(starts, starts.dropFirst()).allSatisfy { $0 < $1 }
        && starts.allSatisfy { $0 == margin || bytes.isLineBreak($0 - 1) }
    }
  }
}
