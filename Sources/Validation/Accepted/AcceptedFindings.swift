import ConfigDocument
import Diagnostics
import LaunchModel

/// What the text of a file says of findings that are accepted there.
struct AcceptedFindings {
  /// One code, and where it is accepted.
  private struct Entry {
    let code: DiagnosticCode
    /// Of the code itself.
    let range: SourceRange
    let reach: Reach
    /// The comment that names this code and no other.
    let comment: IgnoreComment?
  }

  private enum Reach {
    case wholeFile
    /// - isFirst: the line is the first with anything on it, so what has no line of its own belongs here.
    case line(Int, isFirst: Bool)
  }

  private let file: SourceFile
  /// What the file holds; `nil` for a base, whose tree is not at hand.
  private let root: Node?
  private let isBase: Bool
  private let entries: [Entry]
  /// Comments that name no code.
  private let empty: [IgnoreComment]

  init(_ document: ParsedDocument) {
    let isJSON = document.format == .json
    file = document.file
    root = document.root
    isBase = false
    let comments = isJSON ? [] : IgnoreComment.comments(in: file)
    entries = isJSON ? Self.ignoredCodes(of: document) : Self.entries(of: comments, in: file)
    empty = comments.filter(\.codes.isEmpty)
  }

  /// The same of a file that a config builds on: its comments.
  init(base file: SourceFile) {
    self.file = file
    root = nil
    isBase = true
    entries = Self.entries(of: IgnoreComment.comments(in: file), in: file)
    empty = []
  }

  private static func ignoredCodes(of document: ParsedDocument) -> [Entry] {
    (document.root?[LaunchConfig.ignoreKey]?.items ?? []).compactMap { item in
      item.scalar.map {
        Entry(code: DiagnosticCode(rawValue: $0.text), range: item.range, reach: .wholeFile, comment: nil)
      }
    }
  }

  private static func entries(of comments: [IgnoreComment], in file: SourceFile) -> [Entry] {
    comments.flatMap { comment in
      let line = lineMeant(by: comment, in: file)
      let reach = Reach.line(line, isFirst: comment.isAlone && file.firstLineWithContent == line)
      return comment.codes.map {
        Entry(code: $0.code, range: $0.range, reach: reach, comment: comment.codes.count == 1 ? comment : nil)
      }
    }
  }

  /// The line of the comment, or the next with anything on it where the comment has one of its own.
  private static func lineMeant(by comment: IgnoreComment, in file: SourceFile) -> Int {
    let line = file.position(at: comment.range.start).line
    guard comment.isAlone else { return line }
    return (line..<file.lineCount).lazy.map { $0 + 1 }.first { file.hasContent(onLine: $0) } ?? line
  }

  var isEmpty: Bool { entries.isEmpty && empty.isEmpty }

  /// The findings without those that are accepted.
  ///
  /// - Parameter notesIdle: adds a note for each code that accepts nothing.
  func removed(from diagnostics: [Diagnostic], notesIdle: Bool) -> [Diagnostic] {
    guard !isEmpty else { return diagnostics }
    var used: Set<Int> = []
    var kept: [Diagnostic] = []
    var refused: [Int: Diagnostic] = [:]
    for diagnostic in diagnostics {
      let matching = entries.indices.filter { reaches(entries[$0], diagnostic) }
      if diagnostic.severity == .error {
        for index in matching { refused[index] = diagnostic }
        kept.append(diagnostic)
      } else if matching.isEmpty {
        kept.append(diagnostic)
      } else {
        used.formUnion(matching)
      }
    }
    for index in entries.indices where !used.contains(index) && (notesIdle || refused[index] != nil) {
      kept.append(note(on: entries[index], refused: refused[index] != nil))
    }
    guard notesIdle else { return kept }
    return kept
      + empty.map { comment in
        Diagnostic(
          DocumentRule.idleIgnore.code, .note, "this comment names no code",
          help: "write it as in `\(IgnoreComment.text(["BATCH-01"]))`",
          at: SourceLocation(file, comment.range))
      }
  }

  private func reaches(_ entry: Entry, _ diagnostic: Diagnostic) -> Bool {
    guard entry.code == diagnostic.code else { return false }
    guard let place = diagnostic.location else {
      if case .line(_, let isFirst) = entry.reach { return isFirst && !isBase }
      return true
    }
    guard place.file === file else { return false }
    switch entry.reach {
    case .wholeFile: return true
    case .line(let line, let isFirst):
      let start = place.range.start
      return isFirst && start == 0 || place.start.line == line
        || root?.key(ofValueAt: start).map { file.position(at: $0.start).line == line } ?? false
    }
  }

  private func note(on entry: Entry, refused: Bool) -> Diagnostic {
    var fix: Fix?
    if let comment = entry.comment {
      fix = Fix(
        "remove the comment", .safe, in: file, edits: [TextEdit(file.whole(comment), "")])
    }
    let message: String
    var help: String?
    if refused {
      message = "\(entry.code) is an error here, and errors are not ignored"
    } else if RuleReference.rule(entry.code.rawValue) == nil {
      message = "there is no rule \(entry.code)"
      help = nearestName(to: entry.code.rawValue, among: RuleReference.all.map(\.code)).map { "did you mean `\($0)`?" }
    } else if case .wholeFile = entry.reach {
      message = "there is no \(entry.code) to ignore in this file"
    } else {
      message = "there is no \(entry.code) to ignore on this line"
    }
    return Diagnostic(
      DocumentRule.idleIgnore.code, .note, message, help: help, at: SourceLocation(file, entry.range), fix: fix
    )
  }
}

extension SourceFile {
  /// Whether a line holds anything but a comment.
  fileprivate func hasContent(onLine number: Int) -> Bool {
    let first = line(number).text.utf8.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }
    return first != nil && first != UInt8(ascii: "#")
  }

  fileprivate var firstLineWithContent: Int? {
    lineCount > 0 ? (1...lineCount).first { hasContent(onLine: $0) } : nil
  }

  /// A comment with the blanks before it, or with its line where there is nothing else.
  fileprivate func whole(_ comment: IgnoreComment) -> SourceRange {
    let number = position(at: comment.range.start).line
    let line = line(number).range
    let before = text(in: SourceRange(line.start, comment.range.start)).utf8
    let blanks = before.reversed().prefix { $0 == 0x20 || $0 == 0x09 }.count
    if blanks == before.count {
      return SourceRange(line.start, number < lineCount ? self.line(number + 1).range.start : line.end)
    }
    return SourceRange(comment.range.start - blanks, comment.range.end)
  }
}

extension Node {
  /// The innermost key whose value holds an offset.
  fileprivate func key(ofValueAt offset: Int) -> SourceRange? {
    switch content {
    case .scalar: return nil
    case .sequence(let items):
      return items.first { $0.holds(offset) }.flatMap { $0.key(ofValueAt: offset) }
    case .mapping(let entries):
      return entries.first { $0.value.holds(offset) }.map { $0.value.key(ofValueAt: offset) ?? $0.keyRange }
    }
  }

  private func holds(_ offset: Int) -> Bool { range.start <= offset && offset <= range.end }
}
