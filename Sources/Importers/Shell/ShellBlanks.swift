import Diagnostics

// What is no word of a command: blanks, comments, redirections and the texts that they bring.
extension ShellScript {
  /// Blanks, continued lines and comments; with `andLines`, ends of lines.
  mutating func skipBlanks(andLines: Bool) {
    while index < limit {
      switch bytes[index] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): index += 1
      case UInt8(ascii: "\n") where andLines: index = documentEnds[index] ?? index + 1
      case UInt8(ascii: "\\") where index + 1 < limit && bytes[index + 1] == UInt8(ascii: "\n"): index += 2
      case UInt8(ascii: "#"):
        while index < limit, bytes[index] != UInt8(ascii: "\n") { index += 1 }
      default: return
      }
    }
  }

  /// `> file`, `2>&1`, `< <(command)`, `<<< text`, or a here-document with its text.
  mutating func readRedirection(of command: inout ShellCommand) {
    let rest = bytes[index..<limit]
    if rest.starts(with: "<<<".utf8) {
      index += 3
      skipBlanks(andLines: false)
      command.input = Self.joined(readWord(splits: false), by: [UInt8(ascii: " ")])
      return
    }
    if rest.starts(with: "<<".utf8) {
      let isIndented = rest.dropFirst(2).first == UInt8(ascii: "-")
      index += isIndented ? 3 : 2
      skipBlanks(andLines: false)
      let start = index
      let end = Self.joined(readWord(splits: false), by: [])
      let isQuoted = bytes[start..<min(index, limit)].contains { "'\"\\".utf8.contains($0) }
      if !end.bytes.isEmpty { command.input = readDocument(to: end.bytes, isQuoted: isQuoted, isIndented: isIndented) }
      return
    }
    if rest.dropFirst().first == UInt8(ascii: "(") {
      let start = index
      index += 2
      return skipNested(to: UInt8(ascii: ")"), from: UInt8(ascii: "("), opened: start)
    }
    let isOutput = bytes[index] == UInt8(ascii: ">")
    while index < limit, "<>&-".utf8.contains(bytes[index]) {
      index += 1
      // `< <(command)`
      if index < limit, bytes[index] == UInt8(ascii: " ") { break }
    }
    let isOfStreams = bytes[index - 1] == UInt8(ascii: "&")
    skipBlanks(andLines: false)
    guard index < limit, !"<>".utf8.contains(bytes[index]) else { return }
    let file = Self.joined(readWord(splits: false), by: [])
    if isOutput, !isOfStreams, command.output == nil { command.output = file }
  }

  /// The lines behind this one, up to one that says no more than the end.
  private mutating func readDocument(to end: [UInt8], isQuoted: Bool, isIndented: Bool) -> LocatedText {
    func lineEnd(from start: Int) -> Int { bytes[start..<limit].firstIndex(of: UInt8(ascii: "\n")) ?? limit }
    let line = lineEnd(from: min(index, limit))
    // Behind a document of the same line.
    let first = documentEnds[line] ?? min(line + 1, limit)
    var (start, text) = (first, LocatedText())
    while start < limit {
      let last = lineEnd(from: start)
      let body = isIndented ? start + bytes[start..<last].prefix { $0 == UInt8(ascii: "\t") }.count : start
      if bytes[body..<last].elementsEqual(end) {
        documentEnds[line] = min(last + 1, limit)
        return text
      }
      text.append(readDocumentLine(body..<min(last + 1, limit), isQuoted: isQuoted))
      start = last + 1
    }
    documentEnds[line] = limit
    return text
  }

  private mutating func readDocumentLine(_ range: Range<Int>, isQuoted: Bool) -> LocatedText {
    let outer = index
    defer { index = outer }
    index = range.lowerBound
    var text = LocatedText()
    while index < range.upperBound {
      let next = index + 1 < range.upperBound ? bytes[index + 1] : nil
      switch bytes[index] {
      case UInt8(ascii: "\\") where !isQuoted && next.map { "\\$`\n".utf8.contains($0) } == true:
        if let next, next != UInt8(ascii: "\n") { text.append(next, at: place(index + 1)) }
        index += 2
      case UInt8(ascii: "$") where !isQuoted, UInt8(ascii: "`") where !isQuoted:
        text.append(Self.joined(readExpansion(isQuoted: true), by: [UInt8(ascii: " ")]))
      default: readByte(into: &text)
      }
    }
    return text
  }
}
