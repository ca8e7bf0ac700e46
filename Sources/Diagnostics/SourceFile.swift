/// A text with a name: a file, standard input, or the argument of a flag.
///
/// Positions inside it are UTF-8 offsets; ``position(at:)`` turns one into a line and a column.
public final class SourceFile: Sendable {
  /// What messages call it: the path as the user wrote it, `<stdin>`, or `--set 1`.
  public let name: String
  public let text: String
  /// Whether no report may show a line of it: somebody may have led here who must not see what stands here.
  public let isWithheld: Bool

  /// UTF-8 offset of the first byte of each line; the first line begins behind a byte order mark, as in editors.
  private let lineStarts: [Int]

  public init(name: String, text: String, isWithheld: Bool = false) {
    var text = text
    self.lineStarts = text.withUTF8(Self.lineStarts)
    self.name = name
    self.text = text
    self.isWithheld = isWithheld
  }

  private static func lineStarts(of bytes: UnsafeBufferPointer<UInt8>) -> [Int] {
    var starts: [Int] = []
    // About as many as the lines of a config are long.
    starts.reserveCapacity(bytes.count / 32 + 2)
    starts.append(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
    func noteLineEnd(at index: Int) {
      if bytes[index] == UInt8(ascii: "\n"), index > 0, bytes[index - 1] == UInt8(ascii: "\r") { starts.removeLast() }
      starts.append(index + 1)
    }
    var index = 0
    while let word = ByteWord(bytes, at: index) {
      for place in word.places(of: UInt8(ascii: "\n")).union(word.places(of: UInt8(ascii: "\r"))) {
        noteLineEnd(at: index + place)
      }
      index += 8
    }
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "\n") || bytes[index] == UInt8(ascii: "\r") { noteLineEnd(at: index) }
      index += 1
    }
    return starts
  }

  public var lineCount: Int { lineStarts.count }

  /// The line and column of a UTF-8 offset; offsets beyond either end are clamped.
  public func position(at offset: Int) -> SourcePosition {
    let offset = min(max(offset, 0), text.utf8.count)
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    let scalars = text.utf8Slice(min(lineStarts[low], offset)..<offset).unicodeScalars.count
    return SourcePosition(line: low + 1, column: scalars + 1)
  }

  /// A line, counted from 1; where there is no such line, an empty one at the nearer end of the text.
  public func line(_ number: Int) -> SourceLine {
    guard number >= 1, number <= lineStarts.count else {
      let place = number < 1 ? 0 : text.utf8.count
      return SourceLine(self, number: number, range: SourceRange(place, place))
    }
    let start = lineStarts[number - 1]
    let utf8 = text.utf8
    var end = number < lineStarts.count ? lineStarts[number] : utf8.count
    while end > start, case let last = utf8[utf8.index(utf8.startIndex, offsetBy: end - 1)],
      last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r")
    {
      end -= 1
    }
    return SourceLine(self, number: number, range: SourceRange(start, end))
  }

  /// The text of a range. A range beyond either end is clamped, and one that begins or ends inside a character is
  /// widened to all of it, so any range of numbers is a range of this text.
  public func text(in range: SourceRange) -> Substring {
    let whole = wholeScalars(range)
    return text.utf8Slice(whole.start..<whole.end)
  }

  /// The range clamped to the text, and widened where it begins or ends inside a scalar.
  public func wholeScalars(_ range: SourceRange) -> SourceRange {
    let utf8 = text.utf8
    let count = utf8.count
    func isInsideScalar(_ offset: Int) -> Bool {
      offset > 0 && offset < count && utf8[utf8.index(utf8.startIndex, offsetBy: offset)] & 0xC0 == 0x80
    }
    var start = min(max(range.start, 0), count)
    var end = min(max(range.end, start), count)
    while isInsideScalar(start) { start -= 1 }
    while isInsideScalar(end) { end += 1 }
    return SourceRange(start, end)
  }
}

/// A line of a ``SourceFile``, without its line end.
///
/// It knows where it stands in its file by offsets alone. A `String.Index` is good for the string it was made from and
/// no other, so none leaves this file.
public struct SourceLine: Sendable {
  public let file: SourceFile
  /// From 1.
  public let number: Int
  /// In the file's text.
  public let range: SourceRange

  fileprivate init(_ file: SourceFile, number: Int, range: SourceRange) {
    self.file = file
    self.number = number
    self.range = range
  }

  public var text: Substring { file.text(in: range) }

  /// The part of this line that lies within so many bytes of a place in the file; whole characters only.
  package func excerpt(around offset: Int, reach: Int) -> SourceRange {
    let focus = min(max(offset, range.start), range.end)
    let near = file.wholeScalars(SourceRange(focus - reach, focus + reach))
    return SourceRange(max(near.start, range.start), min(near.end, range.end))
  }
}

extension String {
  /// The part between two UTF-8 offsets, which must lie within the text.
  fileprivate func utf8Slice(_ range: Range<Int>) -> Substring {
    self[utf8.index(startIndex, offsetBy: range.lowerBound)..<utf8.index(startIndex, offsetBy: range.upperBound)]
  }
}

/// A place a person can find: both numbers count from 1, columns in Unicode scalars.
public struct SourcePosition: Hashable, Comparable, Sendable {
  public let line: Int
  public let column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  public static func < (left: SourcePosition, right: SourcePosition) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// A half-open range of UTF-8 offsets in one ``SourceFile``.
public struct SourceRange: Hashable, Sendable {
  public let start: Int
  public let end: Int

  public init(_ start: Int, _ end: Int) {
    self.start = start
    self.end = max(start, end)
  }
}

/// A range together with the file it belongs to.
public struct SourceLocation: Sendable {
  public let file: SourceFile
  public let range: SourceRange

  public init(_ file: SourceFile, _ range: SourceRange) {
    self.file = file
    self.range = range
  }

  public var start: SourcePosition { file.position(at: range.start) }
  public var end: SourcePosition { file.position(at: range.end) }

  /// `file:line:column`, as compilers print it.
  public var description: String { "\(file.name):\(start.line):\(start.column)" }
}

extension SourceLocation: Equatable {
  public static func == (left: SourceLocation, right: SourceLocation) -> Bool {
    left.file === right.file && left.range == right.range
  }
}
