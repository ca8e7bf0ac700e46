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
  ///
  /// Where it is wider than the terminal, the text of its last column goes on in further lines, or its columns stand in
  /// blocks below each other, each beginning with the first column.
  package func text(style: TerminalStyle = .plain) -> String {
    let widths = columns.indices.map { column in
      max(
        DisplayWidth.columns(of: columns[column].title),
        rows.map { $0.indices.contains(column) ? DisplayWidth.columns(of: $0[column]) : 0 }.max() ?? 0)
    }
    guard let limit = style.width, total(widths) > limit, let last = columns.last else {
      return lines(Array(columns.indices), widths, rows, style)
    }
    let rest = limit - total(widths.dropLast()) - Self.gap.count
    if last.alignment == .left, rest >= max(Self.narrowest, DisplayWidth.columns(of: last.title)) {
      let broken = rows.flatMap { breakingLast(of: $0, rest) }
      return lines(Array(columns.indices), widths.dropLast() + [rest], broken, style)
    }
    return blocks(widths, limit).map { lines($0, widths, rows, style) }.joined(separator: "\n")
  }

  /// Columns that broken text needs at least.
  private static let narrowest = 20

  private func total(_ widths: some Collection<Int>) -> Int {
    widths.reduce(0, +) + max(0, widths.count - 1) * Self.gap.count
  }

  /// A row as several, with the text of the last column broken at blanks.
  private func breakingLast(of row: [String], _ width: Int) -> [[String]] {
    guard row.count == columns.count, let text = row.last, DisplayWidth.columns(of: text) > width else { return [row] }
    let parts = wrapped(text, width: width).split(separator: "\n").map(String.init)
    return parts.enumerated().map { index, part in
      (index == 0 ? Array(row.dropLast()) : Array(repeating: "", count: columns.count - 1)) + [part]
    }
  }

  /// As many columns a block as fit beside the first one.
  private func blocks(_ widths: [Int], _ limit: Int) -> [[Int]] {
    var blocks: [[Int]] = []
    var block = [0]
    for column in columns.indices.dropFirst() {
      if block.count > 1, total((block + [column]).map { widths[$0] }) > limit {
        blocks.append(block)
        block = [0]
      }
      block.append(column)
    }
    return blocks + [block]
  }

  private func lines(_ shown: [Int], _ widths: [Int], _ rows: [[String]], _ style: TerminalStyle) -> String {
    let titles = style.paint(line(columns.map(\.title), shown, widths), .strong)
    return ([titles] + rows.map { line($0, shown, widths) }).map { $0 + "\n" }.joined()
  }

  private func line(_ cells: [String], _ shown: [Int], _ widths: [Int]) -> String {
    var line = ""
    for index in shown {
      let column = columns[index]
      let cell = cells.indices.contains(index) ? cells[index] : ""
      let padding = String(repeating: " ", count: max(0, widths[index] - DisplayWidth.columns(of: cell)))
      if index != shown.first { line += Self.gap }
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
