import ArgumentParser

/// Examples of a help text as they were written: ArgumentParser breaks long lines, and a command broken in the middle
/// cannot be copied.
enum HelpExamples {
  private static let title = "EXAMPLES"

  /// - Parameter help: the text of a command's help, its lines broken to fit the terminal.
  static func restored(in help: String, of command: any ParsableCommand.Type) -> String {
    guard let written = block(of: command.configuration.discussion), let broken = block(of: help),
      let range = help.firstRange(of: broken)
    else { return help }
    var restored = help
    restored.replaceSubrange(range, with: written)
    return restored
  }

  /// The lines from the title to the next empty one.
  private static func block(of text: String) -> String? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.firstIndex(of: Substring(title)) else { return nil }
    let last = lines[first...].firstIndex { $0.allSatisfy { $0 == " " } } ?? lines.endIndex
    return lines[first..<last].joined(separator: "\n")
  }
}
