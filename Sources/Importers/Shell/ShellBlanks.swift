import Diagnostics

// What is passed over: blanks, comments, redirections.
extension ShellScript {
  /// Blanks, continued lines and comments; with `andLines`, ends of lines.
  mutating func skipBlanks(andLines: Bool) {
    while index < limit {
      switch bytes[index] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): index += 1
      case UInt8(ascii: "\n") where andLines: index += 1
      case UInt8(ascii: "\\") where index + 1 < limit && bytes[index + 1] == UInt8(ascii: "\n"): index += 2
      case UInt8(ascii: "#"):
        while index < limit, bytes[index] != UInt8(ascii: "\n") { index += 1 }
      default: return
      }
    }
  }

  /// `> file`, `2>&1`, or a here-document with its text.
  mutating func skipRedirection() {
    let isDocument = bytes[index...].starts(with: "<<".utf8) && !bytes[index...].starts(with: "<<<".utf8)
    while index < limit, "<>&-".utf8.contains(bytes[index]) { index += 1 }
    skipBlanks(andLines: false)
    let word = readWord(splits: false).reduce(into: LocatedText()) { $0.append($1) }
    guard isDocument, !word.bytes.isEmpty else { return }
    while index < limit {
      while index < limit, bytes[index] != UInt8(ascii: "\n") { index += 1 }
      index += 1
      var end = index
      while end < limit, bytes[end] != UInt8(ascii: "\n") { end += 1 }
      guard index < limit else { return }
      if bytes[index..<end].elementsEqual(word.bytes) {
        index = end
        return
      }
    }
  }
}
