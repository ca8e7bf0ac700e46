import ArgumentParser
import CommandSupport
import ConfigDocument
import Diagnostics
import FileAccess
import LaunchModel
import Reporting
import Validation

/// `moonlight validate`: what Megatron would refuse.
struct Validate: SessionCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Checks launch configs for everything that Megatron would refuse.",
    discussion: """
      Files that Megatron-Bridge wrote (`_target_` keys) are checked in place, under their own names. So are scripts and \
      lists of arguments that `moonlight import` takes, and with --recipe the overrides that Megatron-Bridge, ms-swift or \
      verl lay over a model.

      EXAMPLES
        moonlight validate pretrain.yaml lora.yaml
        moonlight validate --set cluster.num_nodes=3 pretrain.yaml
        moonlight validate --fix pretrain.yaml
        moonlight validate --num-nodes 2 --gpus-per-node 8 run_config.yaml
        moonlight validate --recipe moonlight_16b_pretrain_config overrides.yaml
        moonlight validate --format sarif configs/*.yaml > moonlight.sarif
        moonlight generate pretrain | moonlight validate -

      Exit status: 0 all accepted, 1 errors (with --strict also warnings), 65 not YAML or JSON, 66 cannot be read; of \
      several files the worst.
      """)

  enum Format: String, ArgumentWord {
    case text, json, github, sarif
  }

  @Argument(
    help: ArgumentHelp("Configs to check; `-` reads standard input.", valueName: "file"), completion: Completions.config
  )
  var files: [String]

  @Option(help: "How findings are written.")
  var format = Format.text

  @Flag(help: "Mends what can only have been meant otherwise, in the file.")
  var fix = false

  @Flag(help: "Applies fixes that are guesses, too.")
  var unsafeFixes = false

  @Flag(help: "Warnings are refused like errors.")
  var strict = false

  @Flag(name: .shortAndLong, help: "Prints errors only, and no summary.")
  var quiet = false

  @OptionGroup var cluster: ClusterOptions

  @OptionGroup var overrideOptions: OverrideOptions

  @Option(help: BaseRecipe.help)
  var recipe: String?

  @OptionGroup var reading: ReadingOptions

  func validate() throws {
    if isFixing, files.contains("-") { throw ValidationError("Standard input cannot be mended in place; name a file.") }
  }

  private var isFixing: Bool { fix || unsafeFixes }

  func run(in session: Session) throws -> ExitStatus {
    let overrides = Overrides(overrideOptions, cluster)
    if overrides.hasUsageError {
      let faults = overrides.diagnostics.filter { $0.code == FieldRule.override.code }
      session.console.complain(
        TextReport(style: session.console.errorStyle, width: session.console.width).text(of: faults))
      return .usage
    }
    var status = ExitStatus.success
    var reports: [FileReport] = []
    for path in files {
      let (report, outcome) = try check(path, overrides, session)
      reports.append(report)
      status = max(status, outcome)
      // Each file is reported as it is done; the other formats are one value for all.
      if format == .text { session.console.write(text(of: report, session.console)) }
    }
    switch format {
    case .text: if !quiet { session.console.complain(summary(of: reports)) }
    case .json: session.console.write(document: JSONReport.text(of: reports))
    case .github: session.console.write(GitHubReport.text(of: reports))
    case .sarif: session.console.write(document: SARIFReport.text(of: reports, version: toolVersion))
    }
    return status
  }

  private func check(_ path: String, _ overrides: Overrides, _ session: Session) throws -> (FileReport, ExitStatus) {
    do {
      var opened = try session.inputs(on: recipe).open(path, overrides: overrides, acceptsRecipes: false)
      if isFixing { opened = try mend(opened, path, overrides, session) }
      let derived = DerivedValues(opened.run, opened.diagnostics)
      let shown = quiet ? opened.diagnostics.filter { $0.severity == .error } : opened.diagnostics
      let report = FileReport(
        name: opened.name, diagnostics: shown, derived: derived, isStrict: strict,
        isForeign: opened.loaded.document.isOther(amongMany: files.count > 1))
      return (report, max(opened.status, report.isAccepted ? .success : .failure))
    } catch let error as InputError {
      let diagnostic = Diagnostic(
        DiagnosticCode(rawValue: RuleReference.unreadableInput.code), .error, "`\(path)` cannot be read: \(error)")
      return (FileReport(name: path, diagnostics: [diagnostic], derived: nil), .noInput)
    }
  }

  /// Applies fixes until none is left, writes the file once, and says how many they were.
  private func mend(
    _ opened: ConfigInputs.Opened, _ path: String, _ overrides: Overrides, _ session: Session
  ) throws -> ConfigInputs.Opened {
    let mended = opened.mended(takingUnsafe: unsafeFixes) { text, last in
      let next = session.inputs(on: recipe).open(text: text, as: last, path: path, overrides: overrides)
      return next.loaded.document.isUnreadable ? nil : next
    }
    guard mended.count > 0 else { return opened }
    try writing(OutputFile.rewrite(path, with: mended.last.file.text))
    session.console.complain("\(path): \(mended.count == 1 ? "1 fix" : "\(mended.count) fixes") applied\n")
    return mended.last
  }

  private func text(of report: FileReport, _ console: Console) -> String {
    if report.diagnostics.isEmpty { return quiet ? "" : "\(report.name): ok\n" }
    if report.isForeign, let only = report.diagnostics.first, report.diagnostics.count == 1 {
      let start = only.location.map(\.start)
      let place = start.flatMap { $0.line > 1 || $0.column > 1 ? "\($0.line):\($0.column):" : nil } ?? ""
      let severity = console.outputStyle.paint("\(only.severity)[\(only.code)]", .error)
      return "\(report.name):\(place) \(severity): \(only.message)\n"
    }
    let text = TextReport(style: console.outputStyle, width: console.width).text(of: report.diagnostics) + "\n"
    return text + (report.isAccepted && !quiet ? "\(report.name): ok\n" : "")
  }

  /// `3 files checked: 2 errors, 1 warning`.
  private func summary(of reports: [FileReport]) -> String {
    let parts = [Severity.error, .warning, .note].compactMap { severity -> String? in
      let count = reports.reduce(0) { $0 + $1.count(of: severity) }
      return count > 0 ? counted(count, severity.rawValue) : nil
    }
    let found = parts.isEmpty ? "no problems" : parts.joined(separator: ", ")
    return "\(counted(reports.count, "file")) checked: \(found)\(mendable(reports))\n"
  }

  /// How many of the findings fixes would mend, where none were asked for: `; --fix mends 2, --unsafe-fixes 1 more`.
  private func mendable(_ reports: [FileReport]) -> String {
    // What a note says is accepted as it is.
    let fixes = reports.flatMap(\.diagnostics).filter { $0.severity > .note }.compactMap(\.fix)
    let safe = fixes.count { $0.applicability == .safe }
    var parts: [String] = []
    if safe > 0, !isFixing { parts.append("--fix mends \(safe)") }
    if fixes.count > safe, !unsafeFixes {
      parts.append(
        "--unsafe-fixes \(parts.isEmpty ? "mends " : "")\(fixes.count - safe)\(parts.isEmpty ? "" : " more")")
    }
    return parts.isEmpty ? "" : "; " + parts.joined(separator: ", ")
  }
}

extension ParsedDocument {
  /// Whether this is no config: then one line is enough. So it is where it cannot be read and was not meant as one, among
  /// the many files that a hook hands over.
  fileprivate func isOther(amongMany: Bool) -> Bool {
    if let root { isForeign || root.entries == nil } else { amongMany && !namesSections }
  }
}
