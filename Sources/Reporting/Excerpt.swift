import Diagnostics

/// The lines of one file that a diagnostic is about, with its places marked.
struct Excerpt {
  struct Mark {
    enum Kind {
      case primary(Severity)
      case secondary
    }

    let range: SourceRange
    let kind: Kind
    let label: String

    init(_ range: SourceRange, _ kind: Kind, label: String) {
      self.range = range
      self.kind = kind
      self.label = label
    }
  }

  let file: SourceFile
  /// The one that the heading names stands first.
  var marks: [Mark]

  init(_ file: SourceFile, _ marks: [Mark]) {
    self.file = file
    self.marks = marks
  }

  /// Digits of the largest line number shown.
  var gutterWidth: Int {
    isFlag ? 1 : marks.map { String(file.position(at: $0.range.start).line).utf8.count }.max() ?? 1
  }

  /// A flag of the command line is no file: it has no line numbers.
  private var isFlag: Bool { file.name.hasPrefix("--") }

  func lines(gutter: Int, arrow: String, width: Int, style: TerminalStyle) -> [String] {
    guard let first = marks.first else { return [] }
    let indent = String(repeating: " ", count: gutter)
    let start = file.position(at: first.range.start)
    let place = isFlag ? "on the command line" : "\(DisplayWidth.shown(file.name)):\(start.line):\(start.column)"
    var lines = [indent + style.paint(arrow, .frame) + " " + place]
    // Nothing to show of an empty file.
    guard !file.text.isEmpty else { return lines }
    guard !file.isWithheld else {
      lines.append(
        indent + style.paint(" | ", .frame) + "(outside the config's project; --show-external shows its lines)")
      return lines
    }
    lines.append(indent + " " + style.paint("|", .frame))

    var previous: Int?
    for (number, marks) in marksByLine {
      if let previous, number > previous + 1 { lines.append(style.paint("...", .frame)) }
      previous = number
      let line = ExcerptLine(file, number, marks, width: width - gutter - 3)
      let digits = isFlag ? "" : String(number)
      let margin = String(repeating: " ", count: max(0, gutter - digits.utf8.count)) + digits
      lines.append(style.paint("\(margin) |", .frame) + (line.text.isEmpty ? "" : " " + line.text))
      for underline in line.underlines {
        let role: TextRole =
          switch underline.kind {
          case .primary(let severity): severity.role
          case .secondary: .frame
          }
        lines.append(
          indent + style.paint(" | ", .frame) + String(repeating: " ", count: underline.column)
            + style.paint(underline.text, role))
      }
    }
    return lines
  }

  /// Ascending; within a line in the order of the text.
  private var marksByLine: [(number: Int, marks: [Mark])] {
    if marks.count == 1 { return [(file.position(at: marks[0].range.start).line, marks)] }
    var lines: [Int: [Mark]] = [:]
    for mark in marks { lines[file.position(at: mark.range.start).line, default: []].append(mark) }
    return lines.sorted { $0.key < $1.key }.map {
      (number: $0.key, marks: $0.value.sorted { $0.range.start < $1.range.start })
    }
  }
}
