import ArgumentParser
import CommandSupport
import ConfigDocument
import Diagnostics
import FileAccess
import LaunchModel
import Migration
import Releases
import Reporting

/// `moonlight migrate`: a config made one for another release.
struct Migrate: SessionCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Makes a config one for another release of Megatron, in place of its text.",
    discussion: """
      Takes launch configs and files that Megatron-Bridge wrote. Comments and the order of the text stay. Fields are called \
      as the release calls them, and what nobody has set and would mean something else is written out. Each change is \
      listed with its reason. Where the release has no place for something, nothing is written. Of files that `extends` names, \
      only what is wrong with them is said.

      EXAMPLES
        moonlight migrate pretrain.yaml --to \(Release.current.megatronBridge) --dry-run
        moonlight migrate pretrain.yaml --to \(Release.current.megatronBridge)
        moonlight migrate run_config.yaml --megatron-bridge \(Release.beforeNaming.megatronBridge) --to \(Release.current.megatronBridge) -o run_config-\(Release.current.megatronBridge).yaml
        moonlight migrate - --to \(Release.current.megatronBridge) < pretrain.yaml > pretrain-\(Release.current.megatronBridge).yaml

      Exit status: 0 written or nothing to do, 1 something cannot be carried over, 65 not YAML or JSON, 66 cannot read, 73 \
      cannot write.
      """)

  @Argument(
    help: ArgumentHelp("A config, or `-` for standard input.", valueName: "file"), completion: Completions.config)
  var file: String

  @Option(name: .customLong("to"), help: ArgumentHelp("The release that it is to be for.", valueName: "release"))
  var target: Release

  @Flag(help: "Prints what would change, and writes nothing.")
  var dryRun = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("File to write; the config itself if not given, standard output for `-`.", valueName: "path"))
  var output: String?

  @Flag(help: "Leaves out what the release has no place for, with a warning.")
  var allowLosses = false

  @Flag(name: .shortAndLong, help: "Prints errors and warnings only.")
  var quiet = false

  @OptionGroup var reading: ReadingOptions

  func validate() throws {
    if output?.isEmpty == true { throw ValidationError("-o needs a path.") }
    if dryRun, output != nil { throw ValidationError("--dry-run writes nothing; leave out -o.") }
  }

  func run(in session: Session) throws -> ExitStatus {
    let document = try read()
    if document.isUnreadable || document.root?.entries == nil || document.isForeign {
      // Reading again says what is wrong with it.
      let opened = try session.openOrFail(file)
      complain(opened.diagnostics.filter { $0.severity == .error }, session)
      return max(opened.status, .failure)
    }
    if let named = document.namedRelease, let asked = release, named != asked {
      throw CommandFailure(
        "`\(name)` says that it is for \(named.megatronBridge), and `--megatron-bridge` for \(asked.megatronBridge)",
        help: "leave out `--megatron-bridge`", status: .usage)
    }
    let migration = Migrator(
      recipes: session.recipes, files: ConfigInputs.files(for: file, showsExternal: reading.showExternal),
      from: release,
      dropsLosses: allowLosses
    ).migrate(document, path: file, to: target)
    report(migration, document, session.console)
    if migration.isRefused, !dryRun {
      let help = "`--allow-losses` leaves out what the release has no place for"
      session.console.complain(
        CommandFailure("nothing was written", help: migration.isRefusedForLosses ? help : nil, status: .failure))
      return .failure
    }
    try deliver(migration, session)
    return migration.isRefused ? .failure : .success
  }

  private var name: String { file == "-" ? "<stdin>" : file }

  private func read() throws -> ParsedDocument {
    do throws(InputError) {
      return DocumentReader.read(bytes: try InputFile.read(file, limit: DocumentLimit.byteCount), name: name)
    } catch {
      throw CommandFailure("`\(file)` cannot be read: \(error)", status: .noInput)
    }
  }

  private func deliver(_ migration: Migration, _ session: Session) throws {
    let console = session.console
    if dryRun {
      let diff = UnifiedDiff.text(
        from: migration.before.text, to: migration.text, name: name, style: console.outputStyle)
      return console.write(document: diff)
    }
    // A file that stays as it is is not touched; what goes elsewhere is wanted there.
    if let output { return try session.write(migration.text, to: output) }
    if file == "-" { return console.write(document: migration.text) }
    guard migration.text != migration.before.text else { return }
    try writing(OutputFile.rewrite(file, with: migration.text))
  }

  // MARK: Report

  private func report(_ migration: Migration, _ document: ParsedDocument, _ console: Console) {
    let style = console.errorStyle
    if migration.isNoOp {
      let reason = document.namedRelease == nil && release == nil ? " as far as can be seen" : ""
      console.complain("\(name): is for megatron-bridge \(target.megatronBridge) already\(reason); nothing to do\n")
      if document.namedRelease == nil, release == nil {
        console.complain(
          style.paint("help", .help) + ": if it was written for another release, say that one with --megatron-bridge\n")
      }
      return
    }
    if !quiet {
      console.complain(
        "\(name): from megatron-bridge \(migration.source.megatronBridge) to \(migration.target.megatronBridge)\n")
    }
    for remark in migration.remarks where !quiet || remark.kind != .change {
      let place = remark.path.isEmpty ? "" : remark.path + ": "
      switch remark.kind {
      case .change: console.complain("  \(place)\(remark.message)\n")
      case .warning: console.complain(style.paint("warning", .warning) + ": \(place)\(remark.message)\n")
      case .loss, .refusal: console.complain(style.paint("error", .error) + ": \(place)\(remark.message)\n")
      }
      if let help = remark.help { console.complain("  " + style.paint("help", .help) + ": \(help)\n") }
    }
  }

  private func complain(_ diagnostics: [Diagnostic], _ session: Session) {
    session.console.complain(
      TextReport(style: session.console.errorStyle, width: session.console.width).text(of: diagnostics))
  }
}
