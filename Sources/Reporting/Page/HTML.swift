/// Pieces of HTML: text is escaped, and what is put together is not.
enum HTML {
  /// - Parameters:
  ///   - kind: the element's classes.
  ///   - content: HTML.
  static func element(_ name: String, kind: String = "", id: String? = nil, _ content: String) -> String {
    let classes = kind.isEmpty ? "" : " class=\"\(kind)\""
    let identity = id.map { " id=\"\(text($0))\"" } ?? ""
    return "<\(name)\(identity)\(classes)>\(content)</\(name)>"
  }

  /// A text as it is shown, line ends and tabs included.
  static func text(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { Drawing.escaped(ShownText.of(String($0))) }
      .joined(separator: "\n")
  }

  /// - Parameter rows: cells of HTML, the first row the titles.
  static func table(_ titles: [String], _ rows: [[String]], _ kind: String = "") -> String {
    let head = element("tr", titles.map { element("th", text($0)) }.joined())
    let body = rows.map { row in element("tr", row.map { element("td", $0) }.joined()) }.joined(separator: "\n")
    return element(
      "div", kind: "wide", element("table", kind: kind, element("thead", head) + "\n" + element("tbody", body))) + "\n"
  }

  /// Names and values, one a line.
  static func list(_ items: [(name: String, value: String)]) -> String {
    element("dl", items.map { element("dt", text($0.name)) + element("dd", text($0.value)) }.joined(separator: "\n"))
      + "\n"
  }

  static func folded(_ title: String, _ content: String) -> String {
    "<details>" + element("summary", text(title)) + content + "</details>\n"
  }

  /// A picture as wide as the page, and never so small that its labels cannot be read: it scrolls in a narrow window.
  static func picture(_ drawing: Drawing) -> String {
    let smallest = drawing.elements.reduce(14.0) { least, element in
      if case .label(let label) = element { min(least, label.size) } else { least }
    }
    let width = Int((drawing.width * leastText / smallest).rounded(.up))
    let svg = drawing.svg.replacing("<svg ", with: "<svg style=\"min-width: \(width)px\" ", maxReplacements: 1)
    return element("div", kind: "picture", svg) + "\n"
  }

  /// Pixels of the smallest labels.
  private static let leastText = 8.5
}
