import FileAccess

/// A file with what a command shows: a page, a drawing, JSON, a table. It has no room for a seal, so it is written over
/// nothing but one that begins as it does.
package struct ReportedFile {
  private let text: String
  private let path: String
  private let otherBeginnings: [String]

  /// - Parameter otherBeginnings: of texts of the same kind, where they do not all begin alike.
  package init(_ text: String, at path: String, otherBeginnings: [String] = []) {
    self.text = text
    self.path = path
    self.otherBeginnings = otherBeginnings
  }

  /// - Parameter force: writes over whatever is there.
  /// - Throws: status 73.
  package func write(force: Bool) throws(CommandFailure) {
    if !force, isInTheWay {
      throw CommandFailure(
        "`\(path)` is a file of another kind, which would be lost", help: "`--force` writes over it",
        status: .cannotWrite)
    }
    try writing(OutputFile.write(text, to: path))
  }

  /// Whether there is something that would be lost.
  private var isInTheWay: Bool {
    switch PresentFile(at: path, before: text, limit: Self.limit) {
    case .nothingToLose: return false
    case .tooLarge: return true
    case .text(let present):
      guard let beginning = Self.beginning(of: text) else { return present.dropLast().contains("\n") }
      return !Self.withoutDigits(present).starts(with: Self.withoutDigits(beginning))
        && !otherBeginnings.contains(where: present.hasPrefix)
    }
  }

  /// What all texts of a kind begin with, but for numbers: a table with the name of its first line, or with the first part
  /// of a sentence, as `8 GPUs in nodes of 8,`; all others with what stands before their first colon, as `{"layout"` and a
  /// page's `<title>moonlight`. `nil` for a text of one line.
  private static func beginning(of text: String) -> Substring? {
    let line = text.prefix { $0 != "\n" }
    if let gap = line.firstRange(of: "  ") { return line[..<gap.upperBound] }
    if let end = line.firstIndex(where: { $0 == ":" || $0 == "," }) { return line[...end] }
    return text.firstIndex(of: ":").map { text[...$0] }
  }

  private static func withoutDigits(_ text: some StringProtocol) -> some Sequence<UInt8> {
    text.utf8.lazy.filter { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  /// No report comes near it.
  private static let limit = 1 << 28
}
