import FileAccess

/// A file with what a command shows: a page, a drawing, JSON, a table. It has no room for a seal, so it is written over
/// nothing but one that begins as it does.
package struct ReportedFile {
  private let text: String
  private let path: String

  package init(_ text: String, at path: String) {
    self.text = text
    self.path = path
  }

  /// - Parameter force: writes over whatever is there.
  /// - Throws: status 73.
  package func write(force: Bool) throws(CommandFailure) {
    if !force, isInTheWay {
      throw CommandFailure(
        "`\(path)` is a file of another kind, which would be lost", help: "`--force` writes over it",
        status: .cannotWrite)
    }
    do throws(OutputError) {
      try OutputFile.write(text, to: path)
    } catch {
      throw CommandFailure("\(error)", status: .cannotWrite)
    }
  }

  /// Whether there is something that would be lost.
  private var isInTheWay: Bool {
    let present: String
    do throws(InputError) {
      present = String(decoding: try InputFile.readRegular(path, limit: Self.limit).bytes, as: UTF8.self)
    } catch .tooLarge {
      return true
    } catch {
      // No file, or no regular one: whoever writes it says what is wrong.
      return false
    }
    guard !present.isEmpty, present != text else { return false }
    guard let beginning = Self.beginning(of: text) else { return present.dropLast().contains("\n") }
    return !present.hasPrefix(beginning)
  }

  /// What all texts of a kind begin with: a table with the name of its first line, all others with what stands before their
  /// first colon, as `{"layout"` and a page's `<title>moonlight`. `nil` for a text of one line.
  private static func beginning(of text: String) -> Substring? {
    let line = text.prefix { $0 != "\n" }
    if let gap = line.firstRange(of: "  ") { return line[..<gap.upperBound] }
    return text.firstIndex(of: ":").map { text[...$0] }
  }

  /// No report comes near it.
  private static let limit = 1 << 28
}
