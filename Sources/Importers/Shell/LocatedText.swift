import Diagnostics

/// A text with the place of each of its bytes in the file that it comes from.
///
/// What a shell makes of a script is put together from several places; each byte keeps its own.
struct LocatedText {
  private(set) var bytes: [UInt8] = []
  private var offsets: [Int] = []
  /// What stands in it that only a running shell knows: before which of its bytes, and where in the text.
  private(set) var unknowns: [(index: Int, place: SourceRange)] = []

  init() {}

  init(_ text: some StringProtocol, at start: Int) {
    bytes = Array(text.utf8)
    offsets = Array(start..<(start + bytes.count))
  }

  /// A text that all stands where something else does.
  init(_ text: some StringProtocol, allAt place: Int) {
    bytes = Array(text.utf8)
    offsets = bytes.map { _ in place }
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The first thing in it that only a running shell knows.
  var unknown: SourceRange? { unknowns.first?.place }

  var isEmpty: Bool { bytes.isEmpty && unknowns.isEmpty }

  /// Its text, with what is not known as it stands in the script.
  func spelled(in sources: ScriptSources) -> String {
    var result = ""
    var start = 0
    for (index, place) in unknowns {
      result += String(decoding: bytes[start..<index], as: UTF8.self) + sources.text(in: place)
      start = index
    }
    return result + String(decoding: bytes[start...], as: UTF8.self)
  }

  /// Its bytes, each with its place.
  var located: [(byte: UInt8, place: Int)] { zip(bytes, offsets).map { ($0, $1) } }

  /// From its first to its last byte; where these are of different places, the first one's word alone.
  var range: SourceRange {
    guard let first = offsets.first else { return unknown ?? SourceRange(0, 0) }
    var end = first
    for offset in offsets {
      guard offset >= end, offset - end < 4 else { break }
      end = offset + 1
    }
    return SourceRange(first, end)
  }

  mutating func append(_ byte: UInt8, at offset: Int) {
    bytes.append(byte)
    offsets.append(offset)
  }

  mutating func append(_ other: LocatedText) {
    unknowns += other.unknowns.map { ($0.index + bytes.count, $0.place) }
    bytes += other.bytes
    offsets += other.offsets
  }

  mutating func appendUnknown(_ range: SourceRange) { unknowns.append((bytes.count, range)) }

  /// Its part behind the first so many bytes.
  func dropFirst(_ count: Int) -> LocatedText {
    var result = self
    result.bytes.removeFirst(count)
    result.offsets.removeFirst(count)
    result.unknowns = unknowns.filter { $0.index >= count }.map { ($0.index - count, $0.place) }
    return result
  }

  /// Its first so many bytes.
  func prefix(_ count: Int) -> LocatedText {
    var result = self
    (result.bytes, result.offsets) = (Array(bytes.prefix(count)), Array(offsets.prefix(count)))
    result.unknowns = unknowns.filter { $0.index < count }
    return result
  }

  /// Its words, as a shell splits what a variable holds.
  func words() -> [LocatedText] {
    var result: [LocatedText] = []
    var word = LocatedText()
    var rest = unknowns[...]
    for (index, (byte, offset)) in zip(bytes, offsets).enumerated() {
      while let next = rest.first, next.index == index { word.appendUnknown(rest.removeFirst().place) }
      if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n") {
        if !word.isEmpty { result.append(word) }
        word = LocatedText()
      } else {
        word.append(byte, at: offset)
      }
    }
    for next in rest { word.appendUnknown(next.place) }
    if !word.isEmpty { result.append(word) }
    return result
  }

  /// A part of it, by bytes, with what is not known at its ends.
  func part(_ range: Range<Int>) -> LocatedText {
    var result = LocatedText()
    (result.bytes, result.offsets) = (Array(bytes[range]), Array(offsets[range]))
    result.unknowns = unknowns.filter { (range.lowerBound...range.upperBound).contains($0.index) }.map {
      ($0.index - range.lowerBound, $0.place)
    }
    return result
  }

  /// Without the ends of lines at its end, as what a command prints is taken.
  var withoutLineEnds: LocatedText {
    part(0..<(bytes.lastIndex { $0 != UInt8(ascii: "\n") } ?? -1) + 1)
  }

  /// With other bytes in the same places.
  ///
  /// - Parameter first: whether the first byte alone changes.
  func mapped(first: Bool, _ change: (UInt8) -> UInt8) -> LocatedText {
    var result = self
    result.bytes = bytes.enumerated().map { !first || $0 == 0 ? change($1) : $1 }
    return result
  }

  /// Its parts between separators: blanks among them part alike, however many there are, and others each by itself.
  func fields(by separators: [UInt8]) -> [LocatedText] {
    if separators.allSatisfy({ " \t\n".utf8.contains($0) }) { return words() }
    return parts(between: separators)
  }

  /// Its lines, without their ends.
  func lines() -> [LocatedText] {
    var lines = parts(between: [UInt8(ascii: "\n")])
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  private func parts(between separators: [UInt8]) -> [LocatedText] {
    var parts: [LocatedText] = []
    var start = 0
    for (index, byte) in bytes.enumerated() where separators.contains(byte) {
      parts.append(part(start..<index))
      start = index + 1
    }
    return parts + [part(start..<bytes.count)]
  }
}
