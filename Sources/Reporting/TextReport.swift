package import Diagnostics

/// Diagnostics for people: the message, the lines it is about with the places marked, help, and what a fix would change.
package struct TextReport: Sendable {
  let style: TerminalStyle
  /// Columns that excerpts may take.
  let width: Int

  package init(style: TerminalStyle = .plain, width: Int = 120) {
    self.style = style
    self.width = max(40, width)
  }

  /// All of them, a blank line between two.
  package func text(of diagnostics: [Diagnostic]) -> String {
    diagnostics.map(text).joined(separator: "\n")
  }

  /// One of them, with a line end at its end.
  package func text(of diagnostic: Diagnostic) -> String {
    let role = diagnostic.severity.role
    let head = style.paint("\(diagnostic.severity.rawValue)[\(diagnostic.code)]", role)
    var lines = [head + style.paint(": " + DisplayWidth.shown(diagnostic.message), .strong)]
    let excerpts = excerpts(of: diagnostic)
    let preview = diagnostic.fix.map(FixPreview.init)
    let gutter = max(excerpts.map(\.gutterWidth).max() ?? 1, preview?.gutterWidth ?? 1)
    for (index, excerpt) in excerpts.enumerated() {
      lines += excerpt.lines(gutter: gutter, arrow: index == 0 ? "-->" : ":::", width: width, style: style)
    }
    let bar = String(repeating: " ", count: gutter) + " "
    var remarks: [String] = []
    for place in diagnostic.related where place.location == nil {
      remarks.append(remark("note", .note, "\(place.path): \(place.message)", bar))
    }
    if let help = diagnostic.help { remarks.append(remark("help", .help, help, bar)) }
    if let fix = diagnostic.fix {
      let title = fix.applicability == .safe ? fix.title : fix.title + " (unsafe)"
      remarks.append(remark("fix", .help, title, bar))
    }
    if !remarks.isEmpty, !excerpts.isEmpty { lines.append(bar + style.paint("|", .frame)) }
    lines += remarks
    lines += preview?.lines(gutter: gutter, width: width, style: style) ?? []
    return lines.joined(separator: "\n") + "\n"
  }

  private func remark(_ kind: String, _ role: TextRole, _ text: String, _ bar: String) -> String {
    bar + style.paint("=", .frame) + " " + style.paint(kind, role) + ": " + DisplayWidth.shown(text)
  }

  /// One excerpt a file, that of the diagnostic itself first.
  private func excerpts(of diagnostic: Diagnostic) -> [Excerpt] {
    guard let location = diagnostic.location else { return [] }
    var excerpts = [Excerpt(location.file, [Excerpt.Mark(location.range, .primary(diagnostic.severity), label: "")])]
    for place in diagnostic.related {
      guard let location = place.location else { continue }
      let mark = Excerpt.Mark(location.range, .secondary, label: DisplayWidth.shown(place.message))
      if let index = excerpts.firstIndex(where: { $0.file === location.file }) {
        excerpts[index].marks.append(mark)
      } else {
        excerpts.append(Excerpt(location.file, [mark]))
      }
    }
    return excerpts
  }
}

extension Severity {
  var role: TextRole {
    switch self {
    case .note: .note
    case .warning: .warning
    case .error: .error
    }
  }
}
