/// Writes a value as canonical YAML: the same value gives the same bytes.
///
/// Block style with two spaces of indentation; lists of scalars in brackets where the line stays within 100 columns;
/// a blank line around each section of the root. Reading it back gives the same value in YAML 1.1 and 1.2.
package struct YAMLEmitter: Sendable {
  /// Comment lines at the top, without the `# `.
  package var header: [String]
  /// A comment behind the value at a path, or behind the key where a section or a list begins.
  package var comments: [[String]: String]

  /// Whether texts of several lines stand as they are, in a literal block (`|`), where YAML can hold them so.
  package var showsLines: Bool

  package init(header: [String] = [], comments: [[String]: String] = [:], showsLines: Bool = false) {
    self.header = header
    self.comments = comments
    self.showsLines = showsLines
  }

  /// The text, with a line end at its end.
  package func emit(_ value: ConfigValue) -> String {
    var writer = BlockWriter(comments: comments, showsLines: showsLines)
    writer.header(header)
    writer.root(value)
    return writer.text
  }
}

/// Columns that a list in brackets may reach.
private let lineWidth = 100

private struct BlockWriter {
  let comments: [[String]: String]
  let showsLines: Bool
  var text = ""
  private var path: [String] = []

  init(comments: [[String]: String], showsLines: Bool) {
    self.comments = comments
    self.showsLines = showsLines
  }

  mutating func header(_ lines: [String]) {
    // A line break of any kind inside a line would end the comment.
    for line in lines.flatMap({ $0.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) }) {
      text += line.isEmpty ? "#\n" : "# \(commentText(line))\n"
    }
    if !lines.isEmpty { text += "\n" }
  }

  mutating func root(_ value: ConfigValue) {
    guard case .mapping(let mapping) = value, !mapping.entries.isEmpty else {
      if !value.isInline(within: lineWidth) { return items(of: value, indent: 0, lead: "") }
      text += FlowText.yaml(value)
      return endLine()
    }
    var previousIsSection = false
    for (index, entry) in mapping.distinctEntries.enumerated() {
      let isSection = if case .mapping(let inner) = entry.value { !inner.entries.isEmpty } else { false }
      if index > 0, isSection || previousIsSection { text += "\n" }
      self.entry(entry, indent: 0, lead: "")
      previousIsSection = isSection
    }
  }

  /// `key: value`; `lead` stands before it in place of the indentation.
  private mutating func entry(_ entry: ConfigMapping.Entry, indent: Int, lead: String) {
    path.append(entry.key)
    defer { path.removeLast() }
    let key = yamlString(entry.key)
    if key.utf8.count > FlowText.longestSimpleKey {
      text += lead + "? " + key + "\n" + spaces(indent) + ":"
    } else {
      text += lead + key + ":"
    }
    if let lines = literalLines(entry.value) {
      literal(lines, behind: " ", indent: indent)
    } else if entry.value.isInline(within: lineWidth - indent - key.unicodeScalars.count - 2) {
      text += " " + FlowText.yaml(entry.value)
      endLine()
    } else {
      endLine()
      block(entry.value, indent: indent + 2, lead: spaces(indent + 2))
    }
  }

  private mutating func block(_ value: ConfigValue, indent: Int, lead: String) {
    guard case .mapping(let mapping) = value else { return items(of: value, indent: indent, lead: lead) }
    var lead = lead
    for entry in mapping.distinctEntries {
      self.entry(entry, indent: indent, lead: lead)
      lead = spaces(indent)
    }
  }

  private mutating func items(of value: ConfigValue, indent: Int, lead: String) {
    guard case .list(let items) = value else { return }
    var lead = lead
    for (index, item) in items.enumerated() {
      path.append(String(index))
      if let lines = literalLines(item) {
        literal(lines, behind: lead + "- ", indent: indent)
      } else if item.isInline(within: lineWidth - indent - 2) {
        text += lead + "- " + FlowText.yaml(item)
        endLine()
      } else {
        block(item, indent: indent + 2, lead: lead + "- ")
      }
      path.removeLast()
      lead = spaces(indent)
    }
  }

  /// The lines of a text that a literal block holds to the byte: it ends with one line end, and has nothing that a
  /// reader would take for something else.
  private func literalLines(_ value: ConfigValue) -> [Substring]? {
    guard showsLines, case .string(let string) = value, string.hasSuffix("\n"), !string.hasSuffix("\n\n"),
      string.unicodeScalars.allSatisfy({ $0 == "\n" || !isForbiddenInText($0) }), !string.contains("\r\n")
    else { return nil }
    return string.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
  }

  private mutating func literal(_ lines: [Substring], behind lead: String, indent: Int) {
    text += lead + "|2\n"
    for line in lines { text += line.isEmpty ? "\n" : spaces(indent + 2) + line + "\n" }
  }

  private mutating func endLine() {
    if let comment = comments[path] { text += "  # " + commentText(comment) }
    text += "\n"
  }

  private func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }
}

/// A comment that stays one line and holds nothing that YAML forbids.
private func commentText(_ text: some StringProtocol) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars { result.append(isForbiddenInText(scalar) ? " " : scalar) }
  return String(result)
}

/// Whether a character cannot stand in a comment or a literal block, or does not show what it is.
private func isForbiddenInText(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar {
  case "\0"..<" ", "\u{7F}"..<"\u{A0}", "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}",
    _ where scalar.isDirectionControl:
    true
  default: false
  }
}

extension ConfigValue {
  /// Whether the value stands behind its key: scalars and empty collections always, lists of them where they fit.
  fileprivate func isInline(within width: Int) -> Bool {
    switch self {
    case .mapping(let mapping): return mapping.entries.isEmpty
    case .list(let items):
      guard items.allSatisfy(\.isScalarOrEmpty) else { return false }
      return items.isEmpty || FlowText.yaml(self).unicodeScalars.count <= width
    default: return true
    }
  }

  private var isScalarOrEmpty: Bool {
    switch self {
    case .mapping(let mapping): mapping.entries.isEmpty
    case .list(let items): items.isEmpty
    default: true
    }
  }
}
