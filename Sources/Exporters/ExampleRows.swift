import ConfigDocument
import FileAccess

/// What a row of examples to finetune on is.
enum ExampleRows: Sendable {
  /// A conversation, under one of the names that Megatron-Bridge looks for.
  case conversations
  /// A prompt and its completion.
  case pairs

  /// - Returns: `nil` where the file cannot be read here, or its first row is neither.
  init?(of path: String) {
    guard let head = try? InputFile.readHead(path, count: Self.headLength) else { return nil }
    let lines = String(decoding: head, as: UTF8.self).split(whereSeparator: \.isNewline)
    guard let line = lines.first(where: { $0.contains { !$0.isWhitespace } }) else { return nil }
    let row = DocumentReader.read(text: String(line), name: path, format: .json).root
    if ["messages", "conversations", "conversation"].contains(where: { row?[$0] != nil }) {
      self = .conversations
    } else if [("prompt", "completion"), ("input", "output")].contains(where: { row?[$0] != nil && row?[$1] != nil }) {
      self = .pairs
    } else {
      return nil
    }
  }

  /// Enough for a row; one that is longer is not looked at.
  private static let headLength = 1 << 20
}
