import ConfigDocument
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

  func write(gutter: Int, arrow: String, width: Int, style: TerminalStyle, to text: inout String) {
    guard let first = marks.first else { return }
    text.append(blanks: gutter)
    style.paint(arrow, .frame, to: &text)
    text += " "
    if isFlag {
      text += "on the command line\n"
    } else {
      let start = file.position(at: first.range.start)
      text += DisplayWidth.shown(file.name)
      text += ":"
      text += String(start.line)
      text += ":"
      text += String(start.column)
      text += "\n"
    }
    // Nothing to show of an empty file.
    guard !file.text.isEmpty else { return }
    text.append(blanks: gutter)
    guard !file.isWithheld else {
      style.paint(" | ", .frame, to: &text)
      text += "(outside the config's project; --show-external shows its lines)\n"
      return
    }
    text += " "
    style.paint("|", .frame, to: &text)
    text += "\n"

    var previous: Int?
    for (number, marks) in marksByLine {
      if let previous, number > previous + 1 {
        style.paint("...", .frame, to: &text)
        text += "\n"
      }
      previous = number
      let line = ExcerptLine(file, number, marks, width: width - gutter - 3)
      style.paint(.frame, in: &text) {
        $0.append(number: isFlag ? nil : number, width: gutter)
        $0 += " |"
      }
      if !line.text.isEmpty {
        text += " "
        text += line.text
      }
      text += "\n"
      for underline in line.underlines {
        text.append(blanks: gutter)
        style.paint(" | ", .frame, to: &text)
        text.append(blanks: underline.column)
        style.paint(underline.kind.role, in: &text) {
          for _ in 0..<underline.width { $0 += underline.kind.sign }
          if !underline.label.isEmpty {
            $0 += " "
            $0 += underline.label
          }
        }
        text += "\n"
      }
    }
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

extension Excerpt.Mark.Kind {
  fileprivate var role: TextRole {
    switch self {
    case .primary(let severity): severity.role
    case .secondary: .frame
    }
  }

  fileprivate var sign: String {
    switch self {
    case .primary: "^"
    case .secondary: "-"
    }
  }
}

extension String {
  /// Appends a number, or none, at the right of so many columns.
  mutating func append(number: Int?, width: Int) {
    let digits = number.map { String($0) } ?? ""
    append(blanks: width - digits.utf8.count)
    self += digits
  }
}
