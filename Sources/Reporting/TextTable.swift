/// Rows of text in aligned columns, for a terminal.
package struct TextTable {
  package enum Alignment: Sendable { case left, right }

  package struct Column: Sendable {
    let title: String
    let alignment: Alignment

    package init(_ title: String, _ alignment: Alignment = .left) {
      self.title = title
      self.alignment = alignment
    }
  }

  private let columns: [Column]
  private var rows: [[String]] = []
  private static let gap = "  "

  package init(_ columns: [Column]) { self.columns = columns }

  /// - Parameter cells: one a column; missing ones are empty.
  package mutating func add(_ cells: [String]) { rows.append(cells) }

  /// The table with a line of titles, each line with a line end.
  package func text(style: TerminalStyle = .plain) -> String {
    let widths = columns.indices.map { column in
      max(
        DisplayWidth.columns(of: columns[column].title),
        rows.map { $0.indices.contains(column) ? DisplayWidth.columns(of: $0[column]) : 0 }.max() ?? 0)
    }
    let titles = style.paint(line(columns.map(\.title), widths), .strong)
    return ([titles] + rows.map { line($0, widths) }).map { $0 + "\n" }.joined()
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var line = ""
    for (index, column) in columns.enumerated() {
      let cell = cells.indices.contains(index) ? cells[index] : ""
      let padding = String(repeating: " ", count: max(0, widths[index] - DisplayWidth.columns(of: cell)))
      if index > 0 { line += Self.gap }
      line += column.alignment == .left ? cell + padding : padding + cell
    }
    while line.last == " " { line.removeLast() }
    return line
  }
}

/// A paragraph in lines of a width, broken at blanks; a word longer than the width stands alone.
package func wrapped(_ text: String, width: Int, indent: String = "") -> String {
  var lines: [String] = []
  for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
    var line = ""
    var columns = 0
    for word in paragraph.split(separator: " ") {
      let size = DisplayWidth.columns(of: word)
      if columns > 0, columns + 1 + size > width - indent.utf8.count {
        lines.append(line)
        (line, columns) = ("", 0)
      }
      line += columns > 0 ? " " + word : String(word)
      columns += columns > 0 ? 1 + size : size
    }
    lines.append(line)
  }
  return lines.map { $0.isEmpty ? "\n" : indent + $0 + "\n" }.joined()
}
