import ArgumentParser
import CommandSupport
import Exporters
import FileAccess
import LaunchModel
import Releases
import Reporting

/// The launchers as help names them: `a, b and c`.
private let launchers = {
  let names = Launchers.all.map(\.name)
  return names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
}()

/// `moonlight export`: the same config for Megatron's own programs.
struct ExportCommand: SessionCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Writes a config as Megatron-Bridge, Megatron-LM or a launcher reads it.",
    discussion: """
      megatron-bridge is one YAML file, megatron-lm a list of arguments of pretrain_gpt.py: `mapfile -t arguments < FILE` \
      reads it, and `"${arguments[@]}"` passes it on. \(launchers) print the launch script; with \
      -o they write a folder with everything a launch needs: script, config, and the Python programs it runs.
      What the target takes otherwise than it is written here, or not at all, is listed on standard error.

      EXAMPLES
        moonlight export pretrain.yaml --to megatron-bridge -o bridge.yaml
        moonlight export pretrain.yaml --to megatron-lm --arguments-format shell
        moonlight export pretrain.yaml --to torchrun -o launch
        moonlight export finetune.yaml --to torchrun --only import -o convert
        moonlight export pretrain.yaml --to slurm -o launch \\
          --set cluster.account=llm \\
          --set cluster.container_image=registry.example.com#llm/megatron-bridge:\(Release.current.megatronBridge)
      """)

  @Argument(
    help: ArgumentHelp("A config, `-`, or the name of a recipe.", valueName: "file"),
    completion: Completions.configOrRecipe)
  var file: String

  @Option(name: .customLong("to"), help: "What it is for.")
  var target: ExportTarget

  @Option(help: "How the arguments of megatron-lm are written: one a line, as a bash array, or as YAML.")
  var argumentsFormat: ArgumentsFormat?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "File to write, for \(launchers) the folder; standard output if not given.", valueName: "path"),
    completion: .file())
  var output: String?

  @Flag(name: .shortAndLong, help: "Prints errors only.")
  var quiet = false

  @Flag(help: "Exports the config even where it has errors.")
  var allowInvalid = false

  @OptionGroup var overwriting: OverwriteOptions

  @Option(help: ArgumentHelp("Of a launch the one step: prepare, import, train or export.", valueName: "step"))
  var only: LaunchPlan.Step?

  @OptionGroup var cluster: ClusterOptions

  @OptionGroup var overrideOptions: OverrideOptions

  func validate() throws {
    if argumentsFormat != nil {
      guard case .megatronLM = target else {
        throw ValidationError("--arguments-format is for --to \(ExportTarget.megatronLM.name).")
      }
    }
    if only != nil {
      guard case .launch = target else { throw ValidationError("--only is for \(launchers).") }
    }
    if output?.isEmpty == true { throw ValidationError("-o needs a path.") }
    if let output, unfitForOneLine(output), case .launch = target {
      throw ValidationError("The folder of a launch cannot hold a line break or control character.")
    }
  }

  @OptionGroup var reading: ReadingOptions

  func run(in session: Session) throws -> ExitStatus {
    let opened = try session.openOrFail(file, overrides: Overrides(overrideOptions, cluster))
    if overrideOptions.overrides.hasUsageError || opened.hasErrors && !(allowInvalid && opened.isReadable) {
      let shown = opened.diagnostics.filter { $0.severity == .error }
      session.console.complain(
        TextReport(style: session.console.errorStyle, width: session.console.width).text(of: shown))
      return overrideOptions.overrides.hasUsageError ? .usage : opened.status
    }
    let release = opened.config.release
    switch target {
    case .megatronBridge: return try deliver(BridgeConfig.yaml(of: opened.config), release, session)
    case .megatronLM:
      return try deliver(MegatronLMArguments.text(of: opened.config, as: argumentsFormat ?? .lines), release, session)
    case .launch(let launcher):
      return try deliver(
        Launch.launch(of: opened.config, by: launcher, directory: folder, only: only), release, session)
    }
  }

  /// The folder to write; `nil` prints.
  private var folder: String? { output == "-" ? nil : output }

  // MARK: Delivery

  private func deliver(_ text: Exported<String>, _ release: Release, _ session: Session) throws -> ExitStatus {
    try deliver(text, release, session) { try session.write(generated: $0, to: output, force: overwriting.force) }
  }

  private func deliver(_ launch: Exported<Launch>, _ release: Release, _ session: Session) throws -> ExitStatus {
    try deliver(launch, release, session) { launch in
      guard folder != nil else { return session.console.write(document: TextSeal.sealed(launch.file.text)) }
      let files = launch.files.map {
        SealedFile($0.text, at: launch.plan.directory + "/" + $0.name, isExecutable: $0.isExecutable)
      }
      // Nothing is written where one of them would be lost.
      if !overwriting.force { try SealedFile.check(files) }
      try writing(OutputFile.makeFolder(launch.plan.directory))
      for file in files { try file.write() }
    }
  }

  /// Writes what came out, unless something could not be exported.
  private func deliver<Value>(
    _ exported: Exported<Value>, _ release: Release, _ session: Session, write: (Value) throws -> Void
  ) throws -> ExitStatus {
    guard exported.problems.isEmpty else {
      for problem in exported.problems {
        session.console.complain(CommandFailure(problem.description, help: problem.help?.text, status: .failure))
      }
      return .failure
    }
    try write(exported.value)
    if !quiet {
      for note in exported.notes { session.console.complain(note.line) }
      session.console.complain(
        "note: made for \(release.packages); `moonlight releases \(release.megatronBridge) --requirements` writes what to "
          + "install\n")
    }
    return .success
  }
}

extension ExportTarget: ExpressibleByArgument {
  init?(argument: String) {
    guard let target = Self.all.first(where: { $0.name == argument }) else { return nil }
    self = target
  }

  static var allValueStrings: [String] { all.map(\.name) }

  static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}
extension LaunchPlan.Step: ArgumentWord {}
extension ArgumentsFormat: ArgumentWord {}

extension ConfigInputs.Opened {
  /// Whether there is a config at all, whatever is wrong with it.
  fileprivate var isReadable: Bool { !loaded.document.isUnreadable }
}
