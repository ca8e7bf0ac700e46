import Diagnostics

/// One line as it is shown, cut to a width around its first mark, with an underline for each mark.
struct ExcerptLine {
  struct Underline {
    /// Display column, from 0.
    let column: Int
    let width: Int
    let label: String
    let kind: Excerpt.Mark.Kind
  }

  private(set) var text = ""
  private(set) var underlines: [Underline] = []

  /// A tab goes to the next multiple of this.
  private static let tabWidth = 4
  private static let ellipsis = "..."
  /// Bytes to either side of the first mark that are looked at; a line may be the whole of a large file.
  private static let reach = 4096

  init(_ file: SourceFile, _ number: Int, _ marks: [Excerpt.Mark], width: Int) {
    let cells = Cells(file.line(number), around: marks.first?.range ?? SourceRange(0, 0))
    var window = 0..<cells.width
    if cells.width > width {
      let focus = cells.columns(of: marks.first?.range ?? SourceRange(0, 0))
      let room = max(8, width - 2 * Self.ellipsis.utf8.count)
      // As much before the mark as leaves a third of the line in front of it, more where the end of the line is near.
      let start = max(0, min(focus.lowerBound - room / 3, cells.width - room))
      window = start..<min(cells.width, start + room)
    }
    let isCutBefore = window.lowerBound > 0 || cells.isCutBefore
    let isCutBehind = window.upperBound < cells.width || cells.isCutBehind
    let visible = cells.text(in: window)
    text = visible.text
    if isCutBefore { text = Self.ellipsis + text }
    if isCutBehind { text += Self.ellipsis }
    let shift = (isCutBefore ? Self.ellipsis.utf8.count : 0) - visible.start

    for mark in marks {
      let columns = cells.columns(of: mark.range)
      let start = min(max(columns.lowerBound, visible.start), visible.end)
      let end = min(max(columns.upperBound, start + 1), max(visible.end, start + 1))
      underlines.append(Underline(column: start + shift, width: end - start, label: mark.label, kind: mark.kind))
    }
    while text.utf8.last == UInt8(ascii: " ") { text.unicodeScalars.removeLast() }
  }

  /// The characters of a line with the columns they take.
  private struct Cells {
    struct Cell {
      /// UTF-8 offset in the file.
      let offset: Int
      let column: Int
      let text: String
    }

    /// None where each byte is a cell of its own.
    private var cells: [Cell] = []
    private(set) var width = 0
    private let content: Substring
    private let isPrintableASCII: Bool
    /// UTF-8 offsets in the file.
    private let start: Int
    private var end: Int
    let isCutBefore: Bool
    let isCutBehind: Bool

    init(_ line: SourceLine, around range: SourceRange) {
      let part = line.excerpt(around: range.start, reach: ExcerptLine.reach)
      isCutBefore = part.start > line.range.start
      isCutBehind = part.end < line.range.end
      content = line.file.text(in: part)
      isPrintableASCII = content.isPrintableASCII
      start = part.start
      if isPrintableASCII {
        width = content.utf8.count
        end = start + width
        return
      }
      end = start
      for character in content {
        let columns: Int
        if character == "\t" {
          columns = ExcerptLine.tabWidth - width % ExcerptLine.tabWidth
          cells.append(Cell(offset: end, column: width, text: String(repeating: " ", count: columns)))
        } else if character != "\u{FEFF}" {
          columns = DisplayWidth.columns(of: character)
          cells.append(Cell(offset: end, column: width, text: DisplayWidth.shown(character)))
        } else {
          columns = 0
        }
        width += columns
        end += character.utf8.count
      }
    }

    /// The columns that a range of the file takes on this line; what lies outside the line is clamped.
    func columns(of range: SourceRange) -> Range<Int> {
      let start = column(at: range.start)
      return start..<max(start, range.end >= end ? width : column(at: range.end))
    }

    private func column(at offset: Int) -> Int {
      guard offset < end else { return width }
      if isPrintableASCII { return max(offset - start, 0) }
      return cells.last { $0.offset <= offset }?.column ?? 0
    }

    /// The characters that lie in a window, and the columns that they really begin and end at.
    func text(in window: Range<Int>) -> (text: String, start: Int, end: Int) {
      if isPrintableASCII {
        let bytes = content.utf8.dropFirst(window.lowerBound).prefix(window.count)
        return bytes.isEmpty
          ? ("", 0, 0) : (String(Substring(bytes)), window.lowerBound, window.lowerBound + bytes.count)
      }
      guard let first = cells.firstIndex(where: { $0.column >= window.lowerBound }) else { return ("", 0, 0) }
      let behind = cells[first...].firstIndex { $0.column >= window.upperBound } ?? cells.count
      let end = behind < cells.count ? cells[behind].column : width
      return (cells[first..<behind].map(\.text).joined(), cells[first].column, end)
    }
  }
}
