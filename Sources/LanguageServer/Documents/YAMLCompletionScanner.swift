import Diagnostics

/// Finds out by indentation where in a YAML text a cursor is: the lines above need not be complete.
struct YAMLCompletionScanner {
  private let file: SourceFile
  private let offset: Int

  init(_ file: SourceFile, upTo offset: Int) {
    self.file = file
    self.offset = offset
  }

  var place: CompletionPlace? {
    let number = file.position(at: offset).line
    let line = file.line(number)
    let before = Array(file.text(in: SourceRange(line.range.start, offset)).utf8)
    if let comment = Self.commentStart(in: before) {
      let text = String(decoding: before[comment...], as: UTF8.self)
      guard text.contains("moonlight:"), text.contains("ignore ") else { return nil }
      return CompletionPlace(.ignoredCode, [], SourceRange(offset - before.wordLength, offset))
    }
    var content = before.prefix { $0 == UInt8(ascii: " ") }.count
    let indentation = content
    var isItem = false
    while content < before.count, before[content] == UInt8(ascii: "-"),
      content + 1 == before.count || before[content + 1] == UInt8(ascii: " ")
    {
      isItem = true
      content = min(content + 2, before.count)
    }
    let written = before[content...]
    let behind = Array(file.text(in: SourceRange(offset, line.range.end)).utf8)
    if let colon = Self.colon(in: written) {
      let keys = parents(of: indentation, above: number, isItem: isItem) + [Self.key(written[..<colon])]
      // A cursor right behind the colon has no place for a value yet.
      guard colon + 1 < before.count else { return nil }
      return place(inValue: written[(colon + 1)...], of: keys, behind)
    }
    guard !isItem else {
      return place(inValue: written, of: parents(of: indentation, above: number, isItem: true), behind)
    }
    return key(in: parents(of: indentation, above: number, isItem: false), written, behind)
  }

  private func key(in keys: [String], _ written: ArraySlice<UInt8>, _ behind: [UInt8]) -> CompletionPlace {
    let rest = behind.prefix { $0.isWordByte }.count
    let hasColon = behind.dropFirst(rest).first == UInt8(ascii: ":")
    return CompletionPlace(
      .key, keys, SourceRange(offset - written.count, offset + rest), hasColon: hasColon)
  }

  /// A place in a value, which may be a mapping or a list in brackets, on one line.
  ///
  /// - Returns: `nil` behind a complete value, and in one of several words.
  private func place(inValue text: ArraySlice<UInt8>, of keys: [String], _ behind: [UInt8]) -> CompletionPlace? {
    // The innermost bracket that is open, and the keys of those around it.
    var open: [(isMapping: Bool, key: String?)] = []
    var word = text.startIndex
    for index in text.indices {
      switch text[index] {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        open.append((text[index] == UInt8(ascii: "{"), nil))
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if open.popLast() == nil { return nil }
        // What is closed is complete.
        if open.isEmpty { return nil }
      case UInt8(ascii: ","):
        guard !open.isEmpty else { return nil }
        open[open.count - 1].key = nil
      case UInt8(ascii: ":") where open.last?.isMapping == true && open.last?.key == nil:
        open[open.count - 1].key = Self.key(text[word..<index])
      default: continue
      }
      word = index + 1
    }
    let written = text[word...].drop { $0 == UInt8(ascii: " ") }
    guard !written.contains(UInt8(ascii: " ")) else { return nil }
    let inner = keys + open.compactMap(\.key)
    if let last = open.last, last.isMapping, last.key == nil { return key(in: inner, written, behind) }
    let ends = Set(" ,]}#".utf8)
    let rest = behind.prefix { !ends.contains($0) }.count
    return CompletionPlace(.value, inner, SourceRange(offset - written.count, offset + rest))
  }

  /// The keys of the mappings that a line of this indentation is in, the outermost first.
  private func parents(of indentation: Int, above number: Int, isItem: Bool) -> [String] {
    var keys: [String] = []
    var limit = indentation
    // Items of a list may stand as far left as its key.
    var acceptsEqual = isItem
    var number = number - 1
    while number >= 1, limit > 0 || acceptsEqual {
      defer { number -= 1 }
      let line = Array(file.line(number).text.utf8)
      let column = line.prefix { $0 == UInt8(ascii: " ") }.count
      guard column < line.count, line[column] != UInt8(ascii: "#") else { continue }
      let isDash = line[column] == UInt8(ascii: "-")
      guard column < limit || acceptsEqual && column == limit && !isDash, !isDash,
        let colon = Self.colon(in: line[column...])
      else { continue }
      keys.insert(Self.key(line[column..<colon]), at: 0)
      limit = column
      acceptsEqual = false
    }
    return keys
  }

  /// The colon behind a key; quotes in keys are no matter here.
  private static func colon(in text: ArraySlice<UInt8>) -> Int? {
    text.indices.first { index in
      text[index] == UInt8(ascii: ":") && (index + 1 == text.endIndex || text[index + 1] == UInt8(ascii: " "))
    }
  }

  private static func key(_ text: ArraySlice<UInt8>) -> String {
    String(decoding: text.filter { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "'") && $0 != 0x20 }, as: UTF8.self)
  }

  private static func commentStart(in line: [UInt8]) -> Int? {
    var quote: UInt8?
    // A quote within a word is an apostrophe.
    let beforeQuotes = Set(" \t[{,:-".utf8)
    for (index, byte) in line.enumerated() {
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        if index == 0 || beforeQuotes.contains(line[index - 1]) { quote = byte }
      } else if byte == UInt8(ascii: "#"), index == 0 || line[index - 1] == 0x20 || line[index - 1] == 0x09 {
        return index
      }
    }
    return nil
  }
}

extension [UInt8] {
  /// Bytes of the word at the end.
  fileprivate var wordLength: Int { reversed().prefix { $0.isWordByte }.count }
}

extension UInt8 {
  /// Letters, digits, dashes and underscores.
  var isWordByte: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
