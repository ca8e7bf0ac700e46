import ArgumentParser

/// Examples of a help text as they were written: ArgumentParser breaks long lines, and a command broken in the middle
/// cannot be copied.
enum HelpExamples {
  private static let title = "EXAMPLES"

  /// - Parameter help: the text of a command's help, its lines broken to fit the terminal.
  static func restored(in help: String, of command: any ParsableCommand.Type) -> String {
    let (written, shown) = (lines(of: command.configuration.discussion), lines(of: help))
    guard let examples = block(in: written), let broken = block(in: shown) else { return help }
    return (Array(shown[..<broken.lowerBound]) + written[examples] + shown[broken.upperBound...]).joined(
      separator: "\n")
  }

  private static func lines(of text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// The lines from the title to the next empty one.
  private static func block(in lines: [Substring]) -> Range<Int>? {
    guard let first = lines.firstIndex(where: { $0 == title }) else { return nil }
    return first..<(lines[first...].firstIndex { $0.utf8.allSatisfy { $0 == UInt8(ascii: " ") } } ?? lines.endIndex)
  }
}
