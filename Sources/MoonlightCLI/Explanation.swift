import CommandSupport
import ConfigDocument
import LaunchModel
import Releases
import Reporting
import Validation

/// What `explain` says of something, for people and for programs.
struct Explanation {
  let text: String
  let tree: ConfigMapping

  // MARK: A code

  init(_ rule: RuleReference, style: TerminalStyle) {
    text = style.paint("\(rule.code): \(rule.title)", .strong) + "\n\n" + rule.text + "\n"
    tree = ["code": .string(rule.code), "title": .string(rule.title), "text": .string(rule.text)]
  }

  // MARK: A value

  init(valueAt path: FieldPath, in opened: ConfigInputs.Opened, style: TerminalStyle) {
    let documentation = Self.field(path)?.documentation
    var tree = Self.tree(of: path, documentation)
    guard let (value, origin) = opened.config.value(at: path) else {
      tree["is_set"] = false
      text = style.paint("\(path)", .strong) + " is not set\n" + Self.paragraph(documentation, style)
      self.tree = tree
      return
    }
    let history = opened.loaded.resolution.history(of: path)
    tree["is_set"] = true
    tree["value"] = value
    tree["origin"] = .string(origin.description)
    tree["history"] = .list(history.map { ["value": $0.value, "origin": .string($0.origin.description)] })
    self.tree = tree
    var text = style.paint("\(path): \(FlowText.yaml(value))", .strong) + "\n"
    text += "  \(origin.description)\n" + Self.paragraph(documentation, style)
    if history.count > 1 {
      text += "\n" + style.paint("How it came about", .strong) + ", the last one wins\n"
      for step in history { text += "  \(FlowText.yaml(step.value))  \(step.origin.description)\n" }
    }
    self.text = text
  }

  /// Every value that a section has, with its origin.
  init(_ section: SectionSchema, in opened: ConfigInputs.Opened, style: TerminalStyle) {
    let release = opened.config.release
    let names =
      section.fields.filter { section.declares($0, in: release) }.map(\.name)
      + (LaunchConfig.section(named: section.name).map { opened.config[keyPath: $0.storage].carried.map(\.name) } ?? [])
    let values = names.compactMap { name -> (path: FieldPath, value: ConfigValue, origin: Origin)? in
      let path = FieldPath(section.name, name)
      return opened.config.value(at: path).map { (path, $0.value, $0.origin) }
    }
    var table = TextTable([.init(section.name), .init("value"), .init("origin")])
    for (path, value, origin) in values {
      table.add([
        section.name(of: path.field, in: release), shortened(FlowText.yaml(value)), origin.description,
      ])
    }
    text = Self.paragraph(section.documentation, style, indent: "") + "\n" + table.text(style: style)
    tree = [
      "section": .string(section.name), "documentation": .string(section.documentation),
      "values": .list(
        values.map {
          ["path": .string($0.path.description), "value": $0.value, "origin": .string($0.origin.description)]
        }),
    ]
  }

  // MARK: A field

  init(_ path: FieldPath, for release: Release, style: TerminalStyle) {
    guard let field = Self.field(path) else {
      let documentation = "A field of Megatron's that is checked for its type and passed on."
      text = style.paint("\(path)", .strong) + "\n" + Self.paragraph(documentation, style)
      tree = Self.tree(of: path, documentation)
      return
    }
    let facts = Self.facts(of: path, field, in: release)
    text =
      style.paint("\(path)", .strong) + "\n" + Self.paragraph(field.documentation, style)
      + facts.map { "  \($0.name.isEmpty ? $0.text : "\($0.name): \($0.text)")\n" }.joined()
    tree = Self.tree(of: path, field, in: release)
  }

  /// What each field of a section is.
  init(_ section: SectionSchema, for release: Release, style: TerminalStyle) {
    let fields = section.fields.filter { section.declares($0, in: release) }
    let carried = CarriedFields.names(of: section.name, in: release)
    var text = style.paint(section.name, .strong) + "\n" + Self.paragraph(section.documentation, style)
    for field in fields {
      text += "\n" + style.paint(section.name(of: field.name, in: release), .strong) + "\n"
      text += Self.paragraph(field.documentation, style)
      let facts = Self.facts(of: FieldPath(section.name, field.name), field, in: release).map {
        $0.name.isEmpty ? $0.text : "\($0.name) \($0.text)"
      }
      text += Self.paragraph(facts.joined(separator: "; "), style)
    }
    if !carried.isEmpty {
      text += "\n" + style.paint("Checked for their type and passed on", .strong) + "\n"
      text += Self.paragraph(carried.joined(separator: ", "), style)
    }
    self.text = text
    tree = [
      "section": .string(section.name), "documentation": .string(section.documentation),
      "fields": .list(
        fields.map { .mapping(Self.tree(of: FieldPath(section.name, $0.name), $0, in: release)) }),
      "carried": .list(carried.map { .string($0) }),
    ]
  }

  // MARK: Parts

  private static func field(_ path: FieldPath) -> FieldDeclaration? {
    LaunchConfig.section(named: path.section)?.schema.field(named: path.field)
  }

  private static func facts(
    of path: FieldPath, _ field: FieldDeclaration, in release: Release
  ) -> [(name: String, text: String)] {
    var facts = [("type", field.type(in: release).description)]
    if !field.bounds.description.isEmpty { facts.append(("range", field.bounds.description)) }
    let fallback = LaunchConfig.defaultValue(of: path, in: release)
    facts.append(fallback.map { ("default", FlowText.yaml($0)) } ?? ("", "required"))
    if !field.aliases.isEmpty { facts.append(("also known as", field.aliases.joined(separator: ", "))) }
    return facts
  }

  private static func tree(of path: FieldPath, _ documentation: String?) -> ConfigMapping {
    var tree: ConfigMapping = ["path": .string(path.description)]
    if let documentation { tree["documentation"] = .string(documentation) }
    return tree
  }

  private static func tree(of path: FieldPath, _ field: FieldDeclaration, in release: Release) -> ConfigMapping {
    var tree = tree(of: path, field.documentation)
    tree["type"] = .string(field.type(in: release).description)
    if !field.bounds.description.isEmpty { tree["range"] = .string(field.bounds.description) }
    tree["is_required"] = .bool(field.isRequired)
    if let fallback = LaunchConfig.defaultValue(of: path, in: release) { tree["default"] = fallback }
    tree["aliases"] = .list(field.aliases.map { .string($0) })
    return tree
  }

  private static func paragraph(_ text: String?, _ style: TerminalStyle, indent: String = "  ") -> String {
    text.map { wrapped($0, width: style.textWidth, indent: indent) } ?? ""
  }
}
