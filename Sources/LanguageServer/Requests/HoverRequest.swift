import ConfigDocument
import Diagnostics
import LaunchModel
import Validation

/// `textDocument/hover`: what is wrong here and why, what a field is, and where its value comes from.
enum HoverRequest: DocumentRequest {
  static let method = "textDocument/hover"
  static let capability = (name: "hoverProvider", value: ConfigValue.bool(true))

  static func answer(_ subject: RequestSubject) throws(CallError) -> ConfigValue {
    let offset = try subject.offset()
    let analysis = subject.analysis
    var parts: [String] = []
    var range: SourceRange?
    for diagnostic in analysis.diagnostics {
      let place = subject.forms.range(of: diagnostic)
      guard place.holds(offset), place.start < place.end, let rule = RuleReference.rule(diagnostic.code.rawValue) else {
        continue
      }
      range = range ?? place
      parts.append("**\(rule.code): \(rule.title)**\n\n\(rule.text)")
    }
    if let code = ignoredCode(at: offset, in: analysis), let rule = RuleReference.rule(code.code.rawValue) {
      parts.append("**\(rule.code): \(rule.title)**\n\n\(rule.text)")
      range = code.range
    }
    if let place = CursorPlace(offset, in: analysis.document.root) {
      if let path = place.path(in: analysis.spelling), let text = text(of: path, place, analysis) {
        range = range ?? place.entry.keyRange
        parts.append(text)
      } else if place.keys == ["extends"] {
        range = range ?? place.entry.keyRange
        parts.append(
          "**`extends`**: what this config builds on: a recipe, a path relative to this file, or several, lowest first."
        )
      }
    }
    guard !parts.isEmpty, let range else { return .null }
    return [
      "contents": ["kind": "markdown", "value": .string(parts.joined(separator: "\n\n---\n\n"))],
      "range": analysis.positions.range(range),
    ]
  }

  private static func ignoredCode(at offset: Int, in analysis: Analysis) -> IgnoreComment.Code? {
    guard analysis.document.format == .yaml else { return nil }
    return IgnoreComment.comments(in: analysis.file).flatMap(\.codes).first { $0.range.holds(offset) }
  }

  private static func text(of path: FieldPath, _ place: CursorPlace, _ analysis: Analysis) -> String? {
    let name = analysis.spelling.name(of: path)
    guard let section = LaunchConfig.section(named: path.section)?.schema else { return nil }
    if path.field.isEmpty { return "**`\(name)`**\n\n\(section.documentation)" }
    var lines: [String] = []
    var heading = "**`\(name)`**"
    if name != path.description { heading += " (`\(path)` in a launch config)" }
    if let field = section.field(named: path.field) {
      lines.append("type: \(field.type(in: analysis.config.release).description)")
      if !field.bounds.description.isEmpty { lines.append("range: \(field.bounds.description)") }
      let fallback = analysis.config.defaultValue(of: path)
      lines.append(fallback.map { "default: \(Markdown.code($0))" } ?? "required")
      heading += "\n\n\(field.documentation)"
    } else if let field = CarriedFields.field(path.field, of: path.section, in: analysis.config.release) {
      lines.append("type: \(field.type.description)")
      lines.append("default: \(Markdown.code(field.defaultText))")
      heading += "\n\nA field of Megatron's that is checked for its type and passed on."
    } else if !section.isOpen {
      return nil
    }
    if let (value, origin) = analysis.config.value(at: path) {
      lines.append("value: \(Markdown.code(value)), \(origin.message.text(in: analysis.spelling))")
    }
    let history = analysis.loaded.resolution.history(of: path)
    if history.count > 1 {
      lines.append("how it came about, the last one wins:")
      lines += history.map { "  \(Markdown.code($0.value)), \($0.origin.message.text(in: analysis.spelling))" }
    }
    return heading + "\n\n"
      + lines.map { $0.hasPrefix("  ") ? "  - \($0.dropFirst(2))" : "- \($0)" }.joined(separator: "\n")
  }
}
