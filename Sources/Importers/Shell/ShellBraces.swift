import Diagnostics

// `a{1..3}` and `{a,b}c`, which are several words.
extension ShellScript {
  /// The words that the brackets that open here make of the word around them, which begins at a place before; `nil` where they
  /// make none.
  mutating func readBraceWords(from wordStart: Int) -> [LocatedText]? {
    guard depth < Self.depthLimit, let close = closingBrace(), let alternatives = alternatives(in: index + 1..<close)
    else { return nil }
    let wordEnd = wordEnd(from: close + 1)
    let (before, after) = (raw(wordStart..<index), raw(close + 1..<wordEnd))
    var words: [LocatedText] = []
    for alternative in alternatives where !isTooLong {
      let text = ComposedText(Self.joined([before, alternative, after], by: []))
      spend(32 + text.bytes.count)
      within(text.bytes, 0..<text.bytes.count, base: base, text) { words += $0.readWord(splits: true) }
    }
    index = wordEnd
    return words
  }

  /// The text of the script itself.
  private mutating func raw(_ range: Range<Int>) -> LocatedText {
    let outer = index
    defer { index = outer }
    index = range.lowerBound
    var text = LocatedText()
    while index < range.upperBound { readByte(into: &text) }
    return text
  }

  /// The `}` of the `{` that stands here, in the same word.
  private func closingBrace() -> Int? {
    var depth = 0
    for place in index..<limit {
      switch bytes[place] {
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"):
        depth -= 1
        if depth == 0 { return place }
      case let byte where Self.endsCommand(byte) || " \t'\"`<>".utf8.contains(byte): return nil
      default: break
      }
    }
    return nil
  }

  /// `1..3`, `01..10`, `a..c` or `a,b`.
  private mutating func alternatives(in range: Range<Int>) -> [LocatedText]? {
    let text = String(decoding: bytes[range], as: UTF8.self)
    let start = place(range.lowerBound)
    let ends = text.split(separator: ".", omittingEmptySubsequences: false)
    if ends.count == 3 || ends.count == 5, ends[1].isEmpty, ends.count == 3 || ends[3].isEmpty {
      if let first = Int(ends[0]), let last = Int(ends[2]), let step = ends.count == 5 ? Int(ends[4]) : 1 {
        let width = ends[0].hasPrefix("0") || ends[2].hasPrefix("0") ? max(ends[0].count, ends[2].count) : 0
        let size = step == 0 ? 1 : step == .min ? .max : abs(step)
        return Self.progression(from: first, through: last, by: first <= last ? size : -size)?.map { number in
          let digits = String(number)
          return LocatedText(String(repeating: "0", count: max(0, width - digits.count)) + digits, allAt: start)
        }
      }
      if ends.count == 3, ends[0].utf8.count == 1, ends[2].utf8.count == 1, let first = ends[0].utf8.first,
        let last = ends[2].utf8.first, Self.isOfName(first, first: true), Self.isOfName(last, first: true)
      {
        let step = first <= last ? 1 : -1
        return stride(from: Int(first), through: Int(last), by: step).map { byte in
          one(UInt8(truncatingIfNeeded: byte), at: start)
        }
      }
    }
    // Commas between brackets of their own part nothing here.
    var (depth, begin) = (0, range.lowerBound)
    var parts: [LocatedText] = []
    for place in range {
      switch bytes[place] {
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"): depth -= 1
      case UInt8(ascii: ",") where depth == 0:
        parts.append(raw(begin..<place))
        begin = place + 1
      default: break
      }
    }
    return parts.isEmpty ? nil : parts + [raw(begin..<range.upperBound)]
  }

  /// Where the word ends that goes on here.
  private mutating func wordEnd(from start: Int) -> Int {
    var end = start
    var quote: UInt8?
    while end < limit {
      let byte = bytes[end]
      if let open = quote {
        if byte == open { quote = nil }
      } else if "'\"`".utf8.contains(byte) {
        quote = byte
      } else if byte == UInt8(ascii: "$"), end + 1 < limit, "{(".utf8.contains(bytes[end + 1]) {
        let outer = index
        index = end + 2
        let isBrace = bytes[end + 1] == UInt8(ascii: "{")
        skipNested(
          to: UInt8(ascii: isBrace ? "}" : ")"), from: UInt8(ascii: isBrace ? "{" : "("), opened: end)
        (end, index) = (min(index, limit), outer)
        continue
      } else if Self.endsCommand(byte) || " \t<>".utf8.contains(byte) {
        return end
      }
      end += byte == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(end, limit)
  }
}
