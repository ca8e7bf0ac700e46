import ArgumentParser
import CommandSupport
import ConfigDocument
import Importers
import LaunchModel
import Releases

/// `moonlight import-hf`.
struct ImportHF: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "import-hf",
    abstract: "Writes the model section that a Hugging Face config.json describes.",
    discussion: """
      For the models of multi-latent attention that the release's Megatron-Bridge builds: DeepSeek-V2 and V3, Kimi-K2, and \
      in newer ones Kimi-K2.5 and GLM-4.7-Flash. `moonlight generate` takes the same file with --hf-config, and \
      `moonlight import` with --recipe what it is to be trained with.

      EXAMPLES
        moonlight import-hf Moonlight-16B-A3B/config.json
        moonlight import-hf Moonlight-16B-A3B -o model.yaml
      """)

  @Argument(help: ArgumentHelp("config.json, or the directory that holds it.", valueName: "file"), completion: .file())
  var file: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("File to write; standard output if not given.", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup var overwriting: OverwriteOptions

  @Option(
    help: ArgumentHelp(
      "The release that reads it, and that is named in what is written; `moonlight releases` lists them.",
      valueName: "release"))
  var megatronBridge: Release?

  var release: Release? { megatronBridge }

  func run(in session: Session) throws -> ExitStatus {
    let model = try HuggingFaceModel(path: file, for: release ?? .current)
    for note in model.notes(session.recipes) { session.console.complain("note: \(note)\n") }
    let text = YAMLEmitter(header: ["from \(file)"]).emit(model.tree(for: release))
    try session.write(generated: text, to: output, force: overwriting.force)
    return .success
  }
}
