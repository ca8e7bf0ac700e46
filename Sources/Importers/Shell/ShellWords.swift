import Diagnostics

// Words: quotes, escapes, and the fields that expansions make.
extension ShellScript {
  /// One word of the text: none, one or, where expansions are split, several fields.
  mutating func readWord(splits: Bool) -> [LocatedText] {
    let start = index
    var fields: [LocatedText] = []
    var field: LocatedText?
    // In place: a copy for each byte would make a long word quadratic.
    func add(_ more: LocatedText) {
      if field == nil { field = more } else { field?.append(more) }
    }
    while index < limit, !isTooLong {
      let byte = bytes[index]
      if Self.endsCommand(byte) || " \t<>".utf8.contains(byte) { break }
      switch byte {
      case UInt8(ascii: "\\"):
        if index + 1 < limit, bytes[index + 1] != UInt8(ascii: "\n") {
          add(one(bytes[index + 1], at: place(index + 1)))
        }
        index += 2
      case UInt8(ascii: "'"): add(readSingleQuoted())
      case UInt8(ascii: "\""):
        let parts = readDoubleQuoted()
        // `"${a[@]}"` is as many fields as the array has.
        for (number, part) in parts.enumerated() {
          if number > 0 {
            fields.append(field ?? LocatedText())
            field = nil
          }
          add(part)
        }
      case UInt8(ascii: "$"), UInt8(ascii: "`"):
        let values = readExpansion()
        guard splits else {
          for (number, value) in values.enumerated() {
            if number > 0 { add(one(UInt8(ascii: " "), at: value.range.start)) }
            add(value)
          }
          continue
        }
        let words = values.flatMap { $0.words() }
        for (number, word) in words.enumerated() {
          if number > 0 {
            fields.append(field ?? LocatedText())
            field = nil
          }
          add(word)
        }
      case UInt8(ascii: "{") where splits:
        if let words = readBraceWords(from: start) { return words }
        readByte(into: &field)
      default: readByte(into: &field)
      }
    }
    if let field { fields.append(field) }
    return fields
  }

  /// Appends a byte of the text, or what stands in its place and is not known.
  mutating func readByte(into text: inout LocatedText) {
    if let unknown = composed?.unknowns[index] {
      text.appendUnknown(unknown)
    } else {
      text.append(bytes[index], at: place(index))
    }
    index += 1
  }

  private mutating func readByte(into text: inout LocatedText?) {
    var whole = text.take() ?? LocatedText()
    readByte(into: &whole)
    text = whole
  }

  func one(_ byte: UInt8, at offset: Int) -> LocatedText {
    var text = LocatedText()
    text.append(byte, at: offset)
    return text
  }

  mutating func readSingleQuoted() -> LocatedText {
    let start = index
    index += 1
    var text = LocatedText()
    while index < limit, bytes[index] != UInt8(ascii: "'") {
      noteLineEnd(inQuoteFrom: start)
      readByte(into: &text)
    }
    if index >= limit { unclosed = unclosed ?? ("this quote", SourceRange(place(start), place(start) + 1)) }
    index += 1
    return text
  }

  /// The fields that a quoted text makes: one, or as many as an array in it has.
  mutating func readDoubleQuoted() -> [LocatedText] {
    let start = index
    index += 1
    var fields: [LocatedText] = []
    var text = LocatedText()
    var isField = true
    while index < limit, bytes[index] != UInt8(ascii: "\""), !isTooLong {
      switch bytes[index] {
      case UInt8(ascii: "\\"):
        if index + 1 < limit, bytes[index + 1] != UInt8(ascii: "\n") {
          if !"\"\\$`".utf8.contains(bytes[index + 1]) { text.append(bytes[index], at: place(index)) }
          text.append(bytes[index + 1], at: place(index + 1))
        }
        index += 2
      case UInt8(ascii: "$"), UInt8(ascii: "`"):
        let values = readExpansion(isQuoted: true)
        if values.isEmpty, text.isEmpty, index < limit, bytes[index] == UInt8(ascii: "\"") { isField = false }
        for (number, value) in values.enumerated() {
          if number > 0 {
            fields.append(text)
            text = LocatedText()
          }
          text.append(value)
        }
      default:
        noteLineEnd(inQuoteFrom: start)
        readByte(into: &text)
      }
    }
    if index >= limit { unclosed = unclosed ?? ("this quote", SourceRange(place(start), place(start) + 1)) }
    index += 1
    return isField ? fields + [text] : fields
  }

  /// A value that is assigned may well go over several lines, and a word of a command seldom does.
  private mutating func noteLineEnd(inQuoteFrom start: Int) {
    guard firstLongQuote == nil, bytes[index] == UInt8(ascii: "\n"), start > 0, bytes[start - 1] != UInt8(ascii: "=")
    else { return }
    firstLongQuote = SourceRange(place(start), place(start) + 1)
  }
}
