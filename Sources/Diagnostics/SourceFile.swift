/// A text with a name: a file, standard input, or the argument of a flag.
///
/// Positions inside it are UTF-8 offsets; ``position(at:)`` turns one into a line and a column.
public final class SourceFile: Sendable {
  /// What messages call it: the path as the user wrote it, `<stdin>`, or `--set 1`.
  public let name: String
  public let text: String

  /// UTF-8 offset of the first byte of each line; the first line begins behind a byte order mark, as in editors.
  private let lineStarts: [Int]

  public init(name: String, text: String) {
    var text = text
    text.makeContiguousUTF8()
    self.name = name
    self.text = text
    var starts = [text.utf8.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0]
    var index = 0
    var previousWasCarriageReturn = false
    for byte in text.utf8 {
      index += 1
      switch byte {
      case UInt8(ascii: "\n"):
        if previousWasCarriageReturn { starts[starts.count - 1] = index } else { starts.append(index) }
        previousWasCarriageReturn = false
      case UInt8(ascii: "\r"):
        starts.append(index)
        previousWasCarriageReturn = true
      default:
        previousWasCarriageReturn = false
      }
    }
    self.lineStarts = starts
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

  /// The text of a line, counted from 1, without its line end; empty where there is no such line.
  public func line(_ number: Int) -> Substring {
    guard number >= 1, number <= lineStarts.count else { return "" }
    let start = lineStarts[number - 1]
    let end = number < lineStarts.count ? lineStarts[number] : text.utf8.count
    let line = text.utf8Slice(start..<end)
    guard let last = line.unicodeScalars.lastIndex(where: { $0 != "\n" && $0 != "\r" }) else { return "" }
    return line[...last]
  }

  /// The text of a range; ranges beyond either end are clamped.
  public func text(in range: SourceRange) -> Substring {
    let end = min(max(range.end, 0), text.utf8.count)
    return text.utf8Slice(min(max(range.start, 0), end)..<end)
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
