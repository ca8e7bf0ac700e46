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
      Reads a shell script that calls pretrain_gpt.py (its variables, arrays and counting loops, and what it sources), a \
      list of arguments (one a line, or a list of YAML or JSON), the MODEL_ARGS of Megatron-LM's own tests, slime's \
      scripts, and a Hugging Face config.json. With --recipe also what says a part of a config only: overrides of \
      Megatron-Bridge (a file of sections, or `train.train_iters=100`), ms-swift's `megatron` commands and verl's \
      overrides. Every value has a comment that says where it comes from. `moonlight validate` takes the same files as \
      they are.

      EXAMPLES
        moonlight import pretrain.sh -o pretrain.yaml
        moonlight import arguments.txt --megatron-bridge 0.3.1
        moonlight import sft.sh --recipe moonlight_16b_sft_config
        moonlight import Moonlight-16B-A3B/config.json --recipe moonlight_16b_pretrain_config
        moonlight validate pretrain.sh

      Exit status: 0 written, 1 arguments that cannot be read, 65 no arguments, 66 cannot be read, 73 cannot write.
      """)

  @Argument(
    help: ArgumentHelp("A script or list of arguments; `-` reads standard input.", valueName: "file"),
    completion: .file())
  var file: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("File to write; standard output if not given.", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup var base: BaseRecipeOptions

  @OptionGroup var reading: ReadingOptions

  func run(in session: Session) throws -> ExitStatus {
    let bytes: [UInt8]
    do { bytes = try InputFile.read(file, limit: DocumentLimit.byteCount) } catch {
      throw CommandFailure("`\(file)` cannot be read: \(error)", status: .noInput)
    }
    let document = DocumentReader.read(bytes: bytes, name: file == "-" ? "<stdin>" : file)
    if HuggingFaceModel.recognises(document) { return try importModel(document, in: session) }
    guard let imported = session.inputs(on: base.recipe).imported(document, path: file) else {
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
    try session.write(imported.yaml(header: ["from \(file), by \(toolVersionLine)"]), to: output)
    return .success
  }
  /// The model section of a config.json, on a recipe where one is named.
  private func importModel(_ document: ParsedDocument, in session: Session) throws -> ExitStatus {
    let model = try HuggingFaceModel(file: document, for: release ?? .current)
    for note in model.notes(session.recipes) { session.console.complain("note: \(note)\n") }
    let tree = model.tree(for: release, on: base.recipe)
    try session.write(YAMLEmitter(header: ["from \(file), by \(toolVersionLine)"]).emit(tree), to: output)
    return .success
  }
}
