import ArgumentParser
import CommandSupport
import ConfigDocument
import LaunchModel
import Releases

/// `moonlight import-hf`.
struct ImportHF: SessionCommand, ReleaseCommand {
  static let configuration = CommandConfiguration(
    commandName: "import-hf",
    abstract: "Writes the model section that a Hugging Face config.json describes.",
    discussion: """
      For models of the architecture DeepseekV3ForCausalLM. `moonlight generate` takes the same file with --hf-config.

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

  @Option(
    help: ArgumentHelp(
      "The release that the file is to name; `moonlight releases` lists them.", valueName: "release"))
  var megatronBridge: Release?

  var release: Release? { megatronBridge }

  func run(in session: Session) throws -> ExitStatus {
    let model = try HuggingFaceModel(file)
    for warning in model.warnings { session.console.complain("note: \(warning)\n") }
    try session.write(YAMLEmitter(header: ["from \(file)"]).emit(model.tree(for: release)), to: output)
    return .success
  }
}
