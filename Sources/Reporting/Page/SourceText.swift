import Diagnostics

/// The text of a config with every finding below the line that it is about.
struct SourceText {
  private let file: SourceFile
  private let diagnostics: [Diagnostic]
  /// Of longer texts the lines around findings come first, and the whole when it is asked for.
  private static let mostLines = 60
  private static let surroundings = 3

  init(_ file: SourceFile, _ diagnostics: [Diagnostic]) {
    self.file = file
    self.diagnostics = diagnostics
  }

  var html: String {
    let count = file.lineCount - (file.line(file.lineCount).text.isEmpty ? 1 : 0)
    var found: [Int: [Diagnostic]] = [:]
    var elsewhere: [Diagnostic] = []
    for diagnostic in diagnostics {
      if let line = line(of: diagnostic), line <= count {
        found[line, default: []].append(diagnostic)
      } else {
        elsewhere.append(diagnostic)
      }
    }
    let all = stride(from: 1, through: count, by: 1)
    let head = elsewhere.map(finding).joined()
    guard count > Self.mostLines else { return source(head + lines(Array(all), found)) }
    let near = all.filter { isNear($0, found) }
    let text = head + lines(near, found)
    return (text.isEmpty ? "" : source(text))
      + HTML.folded("All \(count) lines", source(lines(Array(all), found)))
  }

  private func source(_ html: String) -> String { HTML.element("div", kind: "source", html) + "\n" }

  /// Lines with what was found on them; where some are left out, dots.
  private func lines(_ numbers: [Int], _ found: [Int: [Diagnostic]]) -> String {
    var text = ""
    var last = 0
    for number in numbers {
      if number != last + 1 { text += HTML.element("div", kind: "line", "<span class=\"number\"></span>...") + "\n" }
      last = number
      let label = "<span class=\"number\">\(number)</span>"
      let line = label + HTML.text(String(file.line(number).text))
      text += HTML.element("div", kind: found[number] == nil ? "line" : "line marked", line) + "\n"
      text += (found[number] ?? []).map(finding).joined()
    }
    return text
  }

  private func isNear(_ line: Int, _ found: [Int: [Diagnostic]]) -> Bool {
    (line - Self.surroundings...line + Self.surroundings).contains { found[$0] != nil }
  }

  /// `nil` for a finding in another file, or in none.
  private func line(of diagnostic: Diagnostic) -> Int? {
    guard let location = diagnostic.location, location.file === file else { return nil }
    return file.position(at: location.range.start).line
  }

  private func finding(_ diagnostic: Diagnostic) -> String {
    var text = "<b>\(diagnostic.severity.rawValue) \(diagnostic.code.rawValue)</b> " + HTML.text(diagnostic.message)
    for place in diagnostic.related {
      text += "<br>" + HTML.element("code", HTML.text(place.path)) + ": " + HTML.text(place.message)
    }
    if let help = diagnostic.help { text += "<br>help: " + HTML.text(help) }
    if let fix = diagnostic.fix {
      text += "<br>fix\(fix.applicability == .safe ? "" : " (unsafe)"): " + HTML.text(fix.title)
    }
    return HTML.element("div", kind: "finding \(diagnostic.severity.rawValue)", text) + "\n"
  }
}
