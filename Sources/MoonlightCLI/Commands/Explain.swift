import ArgumentParser
import CommandSupport
import ConfigDocument
import Diagnostics
import FileAccess
import LaunchModel
import Releases
import Reporting
import Validation

/// `moonlight explain`: where a value comes from, what a field is, what a code means.
struct Explain: SessionCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explains a value of a config, a field, a section, or the code of a diagnostic.",
    discussion: """
      A field is named as `section.field`, or by any name that it alone has: `tp` for \
      `parallelism.tensor_model_parallel_size`.

      EXAMPLES
        moonlight explain pretrain.yaml parallelism.sequence_parallel
        moonlight explain pretrain.yaml optimizer
        moonlight explain moonlight_16b_pretrain_config optimizer.lr
        moonlight explain parallelism.expert_model_parallel_size
        moonlight explain BATCH-01 --format json
      """)

  enum Format: String, ArgumentWord {
    case text, json
  }

  @Argument(
    help: ArgumentHelp(
      "A config (or a recipe), followed by a path; or a path, a section or a code alone.", valueName: "file|path|code"),
    completion: Completions.subject)
  var subject: String

  @Argument(
    help: ArgumentHelp("The field, section.field, or a whole section.", valueName: "path"),
    completion: Completions.field)
  var path: String?

  @Option(help: "How it is written.")
  var format = Format.text

  @OptionGroup var cluster: ClusterOptions

  @OptionGroup var overrideOptions: OverrideOptions

  @OptionGroup var reading: ReadingOptions

  func run(in session: Session) throws -> ExitStatus {
    let style = session.console.outputStyle
    let explanation: Explanation
    if let path {
      let opened = try session.openOrFail(subject, overrides: Overrides(overrideOptions, cluster))
      if opened.loaded.document.isUnreadable {
        session.console.complain(
          TextReport(style: session.console.errorStyle, width: session.console.width).text(of: opened.diagnostics))
        return .notAConfig
      }
      // A file of Megatron-Bridge has its own names; ours are understood as well.
      let known = opened.loaded.spelling.path(ofName: path).flatMap { $0.field.isEmpty ? nil : $0 }
      switch try known.map(Subject.field) ?? Self.subject(path, in: opened.config.release) {
      case .field(let field): explanation = Explanation(valueAt: field, in: opened, style: style)
      case .section(let section): explanation = Explanation(section, in: opened, style: style)
      }
    } else if let rule = RuleReference.rule(subject.uppercased()) {
      explanation = Explanation(rule, style: style)
    } else {
      switch try field(session) {
      case .field(let field): explanation = Explanation(field, for: session.release, style: style)
      case .section(let section): explanation = Explanation(section, for: session.release, style: style)
      }
    }
    switch format {
    case .text: session.console.write(explanation.text)
    case .json: session.console.write(document: try JSONEmitter().emit(.mapping(explanation.tree)))
    }
    return .success
  }

  private enum Subject {
    case field(FieldPath)
    case section(SectionSchema)
  }

  /// The subject, which is no code.
  private func field(_ session: Session) throws(CommandFailure) -> Subject {
    do { return try Self.subject(subject, in: session.release) } catch {
      if InputFile.exists(subject) {
        throw .usage(
          "of `\(subject)` one value or section is explained, and none is named",
          help: "`moonlight explain \(subject) \(Path.train.globalBatchSize)`")
      }
      if subject.utf8.contains(UInt8(ascii: ".")) { throw error }
      throw .usage("`\(subject)` is no code and no field", help: help(error))
    }
  }

  private func help(_ failure: CommandFailure) -> String {
    let codes = RuleReference.all.map(\.code)
    let family = codes.filter { $0.hasPrefix(subject.uppercased() + "-") }
    if !family.isEmpty { return "rules of this family: \(family.joined(separator: ", "))" }
    if let near = nearestName(to: subject, among: codes) { return "did you mean `\(near)`?" }
    if let help = failure.help, help.hasPrefix("did you mean") { return help }
    return "a value takes a file and a path: `moonlight explain FILE section.field`"
  }

  private static func subject(_ path: String, in release: Release) throws(CommandFailure) -> Subject {
    let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
    if parts.count == 2, let section = LaunchConfig.section(named: parts[0])?.schema {
      if section.isOpen || section.hasField(named: parts[1], in: release) {
        return .field(FieldPath(parts[0], section.identity(of: parts[1])))
      }
      if let absence = FieldPath(parts[0], parts[1]).absence(in: release) {
        throw .usage(absence.message, help: absence.help)
      }
    }
    if let section = LaunchConfig.section(named: path)?.schema { return .section(section) }
    if let only = FieldNames.onlyField(named: path) { return .field(only) }
    if let rule = RuleReference.rule(path.uppercased()) {
      throw .usage("`\(path)` is a code, which no file has", help: "`moonlight explain \(rule.code)`")
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
}
