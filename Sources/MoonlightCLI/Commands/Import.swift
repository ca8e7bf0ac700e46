import ArgumentParser
import CommandSupport
import ConfigDocument
import Diagnostics
import FileAccess
import Importers
import LaunchModel
import Releases
import Reporting

/// `moonlight import`: what people have already, as a launch config.
struct Import: SessionCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Writes the launch config that arguments, overrides or a config.json say.",
    discussion: """
      Reads a shell script that calls pretrain_gpt.py (its variables, arrays, loops and functions, and what it sources), a \
      list of arguments (one a line, or a list of YAML or JSON), the MODEL_ARGS of Megatron-LM's own tests, MindSpeed's and \
      slime's scripts, and a Hugging Face config.json. With --recipe also what says a part of a config only: overrides of \
      Megatron-Bridge (a file of sections, or `train.train_iters=100`), ms-swift's `megatron` commands and verl's \
      overrides. Every value has a comment that says where it comes from. `moonlight validate` takes the same files as \
      they are.

      EXAMPLES
        moonlight import pretrain.sh -o pretrain.yaml
        moonlight import arguments.txt --megatron-bridge \(Release.beforeNaming.megatronBridge)
        moonlight import sft.sh --recipe moonlight_16b_sft_config
        moonlight import Moonlight-16B-A3B/config.json --recipe moonlight_16b_pretrain_config
        moonlight validate pretrain.sh

      Exit status: 0 written, 1 arguments that cannot be read, 65 no arguments, 66 cannot be read, 73 cannot write.
      """)

  @Argument(
    help: ArgumentHelp(
      "A script, a list of arguments, overrides or a config.json, or the directory that holds one; `-` reads standard input.",
      valueName: "file"),
    completion: .file())
  var file: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("File to write; standard output if not given.", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup var overwriting: OverwriteOptions

  @Option(help: BaseRecipe.help)
  var recipe: String?

  @OptionGroup var reading: ReadingOptions

  func run(in session: Session) throws -> ExitStatus {
    let document = try read()
    if HuggingFaceModel.recognises(document) { return try importModel(document, in: session) }
    guard let imported = session.inputs(on: recipe).imported(document, path: file) else {
      throw CommandFailure(
        """
        `\(file)` holds no arguments and no overrides
        help: a launch config or a file of Megatron-Bridge needs no import; `moonlight validate` reads it
        """, status: .notAConfig)
    }
    let found = imported.document.diagnostics
    if !found.isEmpty {
      let report = TextReport(style: session.console.errorStyle, width: session.console.width)
      session.console.complain(report.text(of: found) + "\n")
    }
    guard !found.contains(where: { $0.severity == .error }) else { return .failure }
    try write(imported.yaml(header: ["from \(file), by \(toolVersionLine)"]), in: session)
    return .success
  }

  /// The file, or the config.json of a folder.
  private func read() throws(CommandFailure) -> ParsedDocument {
    var path = file
    while true {
      do throws(InputError) {
        let bytes = try InputFile.read(path, limit: DocumentLimit.byteCount)
        return DocumentReader.read(bytes: bytes, name: path == "-" ? "<stdin>" : path)
      } catch {
        let model = (file.hasSuffix("/") ? file : file + "/") + HuggingFaceModel.fileName
        guard error == .isDirectory, path == file else {
          throw CommandFailure("`\(path)` cannot be read: \(error)", status: .noInput)
        }
        guard InputFile.exists(model) else { throw Self.refusal(ofFolder: file) }
        path = model
      }
    }
  }

  /// What reads a folder that this command does not.
  private static func refusal(ofFolder path: String) -> CommandFailure {
    let (what, help) =
      switch CheckpointFolder.description(in: path, step: nil) {
      case .runConfig(let config):
        ("is a checkpoint", "its run's config is `\(config)`; `moonlight validate` and `moonlight migrate` read that")
      case .trainerState:
        (
          "is a checkpoint of the CPU engine",
          "`moonlight-trainer export-hf` writes it as a Hugging Face directory, whose config.json is read here"
        )
      case nil:
        ("is a directory without a config.json", "name the script, the list of arguments or the config.json in it")
      }
    return CommandFailure("`\(path)` \(what)\nhelp: \(help)", status: .noInput)
  }

  /// The model section of a config.json, on a recipe where one is named.
  private func importModel(_ document: ParsedDocument, in session: Session) throws -> ExitStatus {
    let model = try HuggingFaceModel(file: document, for: release ?? .current)
    for note in model.notes(session.recipes) { session.console.complain("note: \(note)\n") }
    let tree = model.tree(for: release, on: recipe)
    try write(YAMLEmitter(header: ["from \(document.file.name), by \(toolVersionLine)"]).emit(tree), in: session)
    return .success
  }

  private func write(_ text: String, in session: Session) throws(CommandFailure) {
    try session.write(generated: text, to: output, force: overwriting.force)
  }
}
