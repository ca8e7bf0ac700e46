import ArgumentParser
import CommandSupport
import ConfigDocument
import Diagnostics
import LaunchModel
import Releases
import Reporting
import Validation

/// `moonlight explain`: where a value comes from, what a field is, what a code means.
struct Explain: SessionCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explains a value of a config, a field, or the code of a diagnostic.",
    discussion: """
      EXAMPLES
        moonlight explain pretrain.yaml parallelism.sequence_parallel
        moonlight explain moonlight_16b_pretrain_config optimizer.lr
        moonlight explain parallelism.expert_model_parallel_size
        moonlight explain BATCH-01
      """)

  @Argument(
    help: ArgumentHelp(
      "A config (or a recipe), followed by a path; or a path or code alone.", valueName: "file|path|code"))
  var subject: String

  @Argument(help: ArgumentHelp("The field: section.field.", valueName: "path"))
  var path: String?

  @OptionGroup var cluster: ClusterOptions

  @OptionGroup var overrideOptions: OverrideOptions

  @OptionGroup var reading: ReadingOptions

  func run(in session: Session) throws -> ExitStatus {
    let style = session.console.outputStyle
    if let path {
      let opened = try session.openOrFail(subject, overrides: Overrides(overrideOptions, cluster))
      if opened.loaded.document.isUnreadable {
        session.console.complain(
          TextReport(style: session.console.errorStyle, width: session.console.width).text(of: opened.diagnostics))
        return .notAConfig
      }
      // A file of Megatron-Bridge has its own names; ours are understood as well.
      let known = opened.loaded.spelling.path(ofName: path).flatMap { $0.field.isEmpty ? nil : $0 }
      let field = try known ?? Self.field(path, in: opened.config.release)
      session.console.write(Self.text(of: field, in: opened, style: style))
    } else if let rule = RuleReference.rule(subject.uppercased()) {
      session.console.write(style.paint("\(rule.code): \(rule.title)", .strong) + "\n\n" + rule.text + "\n")
    } else if subject.utf8.contains(UInt8(ascii: ".")), let field = try? Self.field(subject, in: session.release) {
      session.console.write(Self.text(of: field, style: style))
    } else {
      throw CommandFailure.usage("`\(subject)` is no code and no field", help: Self.help(insteadOf: subject))
    }
    return .success
  }

  private static func help(insteadOf subject: String) -> String {
    let codes = RuleReference.all.map(\.code)
    let family = codes.filter { $0.hasPrefix(subject.uppercased() + "-") }
    if !family.isEmpty { return "rules of this family: \(family.joined(separator: ", "))" }
    return nearestName(to: subject, among: codes).map { "did you mean `\($0)`?" }
      ?? "a value takes a file and a path: `moonlight explain FILE section.field`"
  }

  private static func field(_ path: String, in release: Release) throws(CommandFailure) -> FieldPath {
    let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
    if parts.count == 2, let section = LaunchConfig.section(named: parts[0])?.schema {
      if section.isOpen || section.hasField(named: parts[1], in: release) {
        return FieldPath(parts[0], section.identity(of: parts[1]))
      }
      if let absence = FieldPath(parts[0], parts[1]).absence(in: release) {
        throw .usage(absence.message, help: absence.help)
      }
    }
    if let section = LaunchConfig.section(named: path)?.schema, section.field(named: path) == nil {
      throw .usage(
        "`\(path)` is a section: name a field of it, `\(path).FIELD`",
        help: "`moonlight schema --fields \(path)` lists them")
    }
    let begun = LaunchConfig.sections.flatMap { section in
      section.schema.fields.map { FieldPath(section.schema.name, $0.name).description }
    }.filter { $0.hasPrefix(path) }
    let meant =
      begun.isEmpty ? FieldNames.fieldAnywhere(parts.last ?? path, in: release).map { [$0.description] } ?? [] : begun
    let shown = meant.prefix(4).map { "`\($0)`" }.joined(separator: ", ") + (meant.count > 4 ? ", ..." : "")
    throw .usage(
      "`\(path)` names no field",
      help: meant.isEmpty
        ? "`moonlight schema --fields SECTION` lists the fields of a section" : "did you mean \(shown)?")
  }

  // MARK: A value

  private static func text(of path: FieldPath, in opened: ConfigInputs.Opened, style: TerminalStyle) -> String {
    guard let (value, origin) = opened.config.value(at: path) else {
      return style.paint("\(path)", .strong) + " is not set\n" + documentation(of: path)
    }
    var text = style.paint("\(path): \(FlowText.yaml(value))", .strong) + "\n"
    text += "  \(origin.description)\n" + documentation(of: path)
    let history = opened.loaded.resolution.history(of: path)
    guard history.count > 1 else { return text }
    text += "\n" + style.paint("How it came about", .strong) + ", the last one wins\n"
    for step in history { text += "  \(FlowText.yaml(step.value))  \(step.origin.description)\n" }
    return text
  }

  private static func documentation(of path: FieldPath) -> String {
    let field = LaunchConfig.section(named: path.section)?.schema.field(named: path.field)
    return field.map { wrapped($0.documentation, width: 80, indent: "  ") } ?? ""
  }

  // MARK: A field

  private static func text(of path: FieldPath, style: TerminalStyle) -> String {
    var text = style.paint("\(path)", .strong) + "\n"
    guard let field = LaunchConfig.section(named: path.section)?.schema.field(named: path.field) else {
      return text + "  A field of Megatron's that is checked for its type and passed on.\n"
    }
    text += wrapped(field.documentation, width: 80, indent: "  ")
    text += "  type: \(field.type.description)\n"
    if !field.bounds.description.isEmpty { text += "  range: \(field.bounds.description)\n" }
    text += field.isRequired ? "  required\n" : "  default: \(FlowText.yaml(field.defaultValue))\n"
    if !field.aliases.isEmpty { text += "  also known as: \(field.aliases.joined(separator: ", "))\n" }
    return text
  }
}
