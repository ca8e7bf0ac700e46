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
    if let colon = Self.colon(in: written) {
      let keys = parents(of: indentation, above: number, isItem: isItem) + [Self.key(written[..<colon])]
      // A cursor right behind the colon has no place for a value yet.
      guard colon + 1 < before.count else { return nil }
      return CompletionPlace(.value, keys, valueRange(before))
    }
    guard !isItem else {
      return CompletionPlace(
        .value, parents(of: indentation, above: number, isItem: true), SourceRange(offset - written.count, offset))
    }
    let behind = Array(file.text(in: SourceRange(offset, line.range.end)).utf8)
    let rest = behind.prefix { $0.isWordByte }.count
    let hasColon = behind.dropFirst(rest).first == UInt8(ascii: ":")
    return CompletionPlace(
      .key, parents(of: indentation, above: number, isItem: false),
      SourceRange(offset - written.count, offset + rest), hasColon: hasColon)
  }

  /// The last item where a list stands in brackets, else everything behind the blanks behind the colon.
  private func valueRange(_ before: [UInt8]) -> SourceRange {
    let separators = Set(" [,".utf8)
    let word = before.reversed().prefix { !separators.contains($0) }.count
    return SourceRange(offset - word, offset)
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
    for (index, byte) in line.enumerated() {
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
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
