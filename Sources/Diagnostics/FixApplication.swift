extension SourceFile {
  /// This file's text with fixes applied, and how many were.
  ///
  /// A fix is taken whole or not at all: one that overlaps an earlier one is left for the next run.
  public func applying(_ fixes: [Fix]) -> (text: String, applied: Int) {
    var taken: [TextEdit] = []
    var applied = 0
    for fix in fixes where fix.file === self && !fix.edits.isEmpty {
      let edits = fix.edits.filter { !taken.contains($0) }
      let clashes = edits.contains { edit in taken.contains { $0.overlaps(edit) } }
      guard !clashes else { continue }
      taken += edits
      applied += 1
    }
    var result = text
    // From the back, so that what stands before an edit keeps its offsets.
    for edit in taken.sorted(by: { ($0.range.start, $0.range.end) > ($1.range.start, $1.range.end) }) {
      let range = wholeScalars(edit.range)
      let utf8 = result.utf8
      let end = min(range.end, utf8.count)
      let start = min(range.start, end)
      result.replaceSubrange(
        utf8.index(utf8.startIndex, offsetBy: start)..<utf8.index(utf8.startIndex, offsetBy: end), with: edit.text)
    }
    return (result, applied)
  }
}

extension TextEdit {
  /// Whether both touch the same text; two insertions at one place do as well, since their order would be a guess.
  fileprivate func overlaps(_ other: TextEdit) -> Bool {
    if range.start == other.range.start { return true }
    return range.start < other.range.end && other.range.start < range.end
  }
}

/// A text as it was read, and what was found in it.
package protocol CheckedText {
  var file: SourceFile { get }
  var diagnostics: [Diagnostic] { get }
}

extension CheckedText {
  /// One fix can make room for the next, but not forever.
  private static var mostRounds: Int { 32 }

  /// Applies fixes, reads what comes of it, and goes on until none is left.
  ///
  /// Guesses can undo each other and go round in a circle. Then the best of its texts is taken: the one with the fewest
  /// errors, then with the fewest warnings, then the first in the order of the alphabet. That is the same text wherever
  /// the circle is entered, so another call changes nothing.
  ///
  /// - Parameter read: reads a text in place of this one; `nil` for one that cannot be read, which is then not taken.
  /// - Returns: what was read last, and how many fixes it took.
  package func mended(takingUnsafe: Bool, read: (String, Self) -> Self?) -> (last: Self, count: Int) {
    var (current, count) = (self, 0)
    var passed: [(text: Self, count: Int)] = [(self, 0)]
    for _ in 0..<Self.mostRounds {
      let file = current.file
      let (text, applied) = file.applying(current.diagnostics.nextFixes(in: file, takingUnsafe: takingUnsafe))
      guard applied > 0, text != file.text else { break }
      if let entry = passed.firstIndex(where: { $0.text.file.text == text }) {
        return passed[entry...].min { $0.text.isBetter(than: $1.text) }.map { ($0.text, $0.count) } ?? (current, count)
      }
      guard let next = read(text, current) else { break }
      (current, count) = (next, count + applied)
      passed.append((current, count))
    }
    return (current, count)
  }

  private func isBetter(than other: Self) -> Bool {
    func number(_ text: Self, _ severity: Severity) -> Int { text.diagnostics.count { $0.severity == severity } }
    for severity in [Severity.error, .warning] where number(self, severity) != number(other, severity) {
      return number(self, severity) < number(other, severity)
    }
    return file.text < other.file.text
  }
}

extension [Diagnostic] {
  /// The fixes of a file to apply together, of errors and warnings: what a note says is accepted as it is. First the safe
  /// ones. Guesses come where nothing safe is left, since what is mended
  /// safely may have been what a guess was about.
  public func nextFixes(in file: SourceFile, takingUnsafe: Bool) -> [Fix] {
    let all = filter { $0.severity > .note }.compactMap(\.fix).filter { $0.file === file }
    let safe = all.filter { $0.applicability == .safe }
    return safe.isEmpty && takingUnsafe ? all : safe
  }
}
