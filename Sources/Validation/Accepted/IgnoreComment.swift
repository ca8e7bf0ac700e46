import ConfigDocument
package import Diagnostics

/// `# moonlight: ignore CODE[, CODE]`: findings that a team accepts. What follows the last code is a reason for people, and it
/// may follow a comment for people on its line: `# they are slow # moonlight: ignore CODE`.
package struct IgnoreComment: Sendable {
  /// A code that the comment names.
  package struct Code: Sendable {
    package let code: DiagnosticCode
    package let range: SourceRange
  }

  /// From its own `#` to the end of the line.
  package let range: SourceRange
  /// Whether there is nothing but comments on its line.
  let isAlone: Bool
  /// None where the comment breaks off before the first one.
  package let codes: [Code]

  /// - Returns: `nil` for any other comment.
  init?(_ comment: YAMLComment, in file: SourceFile) {
    let text = file.text(in: comment.range).utf8
    var offset = comment.range.start
    var before = UInt8(ascii: " ")
    for byte in text {
      if byte == UInt8(ascii: "#"), isBlank(before) {
        let range = SourceRange(offset, comment.range.end)
        if let codes = Self.codes(in: range, of: file) {
          (self.range, isAlone, self.codes) = (range, comment.isAlone, codes)
          return
        }
      }
      before = byte
      offset += 1
    }
    return nil
  }

  /// The codes that a comment names; `nil` for one that is about something else.
  private static func codes(in range: SourceRange, of file: SourceFile) -> [Code]? {
    var reader = CommentReader(file.text(in: range).utf8, at: range.start)
    reader.skip { $0 == UInt8(ascii: "#") || isBlank($0) }
    for word in ["moonlight:", "ignore"] {
      guard reader.take(word) else { return nil }
      reader.skip(isBlank)
    }
    var codes: [Code] = []
    while let code = reader.code() {
      codes.append(code)
      reader.skip(isBlank)
      guard reader.take(",") else { break }
      reader.skip(isBlank)
    }
    return codes
  }

  /// Those of a YAML text, in order.
  package static func comments(in file: SourceFile) -> [IgnoreComment] {
    // Only a text that holds the word is read once more.
    guard file.text.bytes(behind: "moonlight:") != nil else { return [] }
    return YAMLComment.comments(in: file).compactMap { IgnoreComment($0, in: file) }
  }

  /// The text of such a comment.
  static func text(_ codes: [DiagnosticCode]) -> String {
    "# moonlight: ignore " + codes.map(\.rawValue).joined(separator: ", ")
  }
}

private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

/// Walks through the bytes of a comment.
private struct CommentReader {
  private var rest: Substring.UTF8View
  /// Of the next byte, in the file.
  private var offset: Int

  init(_ bytes: Substring.UTF8View, at offset: Int) {
    rest = bytes
    self.offset = offset
  }

  mutating func skip(_ isSkipped: (UInt8) -> Bool) {
    while let byte = rest.first, isSkipped(byte) { drop(1) }
  }

  mutating func take(_ word: String) -> Bool {
    guard rest.starts(with: word.utf8) else { return false }
    drop(word.utf8.count)
    return true
  }

  /// Capital letters, a dash and digits.
  mutating func code() -> IgnoreComment.Code? {
    let text = rest.prefix { byte in
      (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || byte == UInt8(ascii: "-")
    }
    guard let dash = text.firstIndex(of: UInt8(ascii: "-")), dash > text.startIndex,
      text.index(after: dash) < text.endIndex
    else { return nil }
    let range = SourceRange(offset, offset + text.count)
    let code = DiagnosticCode(rawValue: String(decoding: text, as: UTF8.self))
    drop(text.count)
    return IgnoreComment.Code(code: code, range: range)
  }

  private mutating func drop(_ count: Int) {
    rest = rest.dropFirst(count)
    offset += count
  }
}
