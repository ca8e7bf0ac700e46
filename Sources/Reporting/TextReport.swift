import ConfigDocument
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
    var text = ""
    text.reserveCapacity(512 * diagnostics.count)
    for (index, diagnostic) in diagnostics.enumerated() {
      if index > 0 { text += "\n" }
      write(diagnostic, to: &text)
    }
    return text
  }

  /// One of them, with a line end at its end.
  package func text(of diagnostic: Diagnostic) -> String {
    var text = ""
    write(diagnostic, to: &text)
    return text
  }

  /// At the end of a text, which all that is written goes into: a report is made of many small pieces.
  private func write(_ diagnostic: Diagnostic, to text: inout String) {
    style.paint(diagnostic.severity.role, in: &text) {
      $0 += diagnostic.severity.rawValue
      $0 += "["
      $0 += diagnostic.code.rawValue
      $0 += "]"
    }
    style.paint(.strong, in: &text) {
      $0 += ": "
      $0 += DisplayWidth.shown(diagnostic.message)
    }
    text += "\n"
    let excerpts = excerpts(of: diagnostic)
    let preview = diagnostic.fix.map(FixPreview.init)
    let gutter = max(excerpts.map(\.gutterWidth).max() ?? 1, preview?.gutterWidth ?? 1)
    for (index, excerpt) in excerpts.enumerated() {
      excerpt.write(gutter: gutter, arrow: index == 0 ? "-->" : ":::", width: width, style: style, to: &text)
    }
    let unplaced = diagnostic.related.filter { $0.location == nil }
    if !excerpts.isEmpty, !unplaced.isEmpty || diagnostic.help != nil || diagnostic.fix != nil {
      text.append(blanks: gutter + 1)
      style.paint("|", .frame, to: &text)
      text += "\n"
    }
    for place in unplaced { remark("note", .note, "\(place.path): \(place.message)", gutter, to: &text) }
    if let help = diagnostic.help { remark("help", .help, help, gutter, to: &text) }
    if let fix = diagnostic.fix {
      let title = fix.applicability == .safe ? fix.title : fix.title + " (unsafe)"
      remark("fix", .help, title, gutter, to: &text)
    }
    preview?.write(gutter: gutter, width: width, style: style, to: &text)
  }

  private func remark(_ kind: String, _ role: TextRole, _ said: String, _ gutter: Int, to text: inout String) {
    text.append(blanks: gutter + 1)
    style.paint("=", .frame, to: &text)
    text += " "
    style.paint(kind, role, to: &text)
    text += ": "
    text += DisplayWidth.shown(said)
    text += "\n"
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
