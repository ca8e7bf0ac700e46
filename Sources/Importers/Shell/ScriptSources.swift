package import Diagnostics

/// The texts that a script is made of: its own, and those that it sources.
///
/// Places in them are numbers of one space: the bytes of a sourced text come behind those of all texts before.
struct ScriptSources {
  let main: SourceFile
  private var sourced: [(file: SourceFile, base: Int, command: SourceRange)] = []
  private var byteCount: Int

  init(_ main: SourceFile) {
    self.main = main
    byteCount = main.text.utf8.count
  }

  /// - Parameter command: what sources it.
  /// - Returns: the place of its first byte.
  mutating func add(_ file: SourceFile, sourcedAt command: SourceRange) -> Int {
    // A text that ends with a place of its own keeps it apart from the next one's first.
    let base = byteCount + 1
    sourced.append((file, base, command))
    byteCount = base + file.text.utf8.count
    return base
  }

  func location(of range: SourceRange) -> SourceLocation {
    guard let text = text(at: range.start) else { return SourceLocation(main, range) }
    return SourceLocation(text.file, SourceRange(range.start - text.base, range.end - text.base))
  }

  /// Where it stands in the script itself: for what a sourced text says, the command that sources it.
  func rangeInMain(_ range: SourceRange) -> SourceRange {
    text(at: range.start).map { rangeInMain($0.command) } ?? range
  }

  func text(in range: SourceRange) -> Substring {
    let location = location(of: range)
    return location.file.text(in: location.range)
  }

  /// `line 12`, with the file where it is a sourced one.
  func line(of range: SourceRange) -> String {
    let location = location(of: range)
    let line = "line \(location.start.line)"
    return location.file === main ? line : "\(line) of \(location.file.name)"
  }

  private func text(at place: Int) -> (file: SourceFile, base: Int, command: SourceRange)? {
    sourced.last { $0.base <= place }
  }
}

/// Reads the text that a script sources, by its path as the script gives it; `nil` for one that is not to be had.
package typealias SourcedTexts = (String) -> SourceFile?
