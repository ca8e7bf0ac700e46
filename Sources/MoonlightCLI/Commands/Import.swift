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
    abstract: "Writes the launch config that Megatron-LM's arguments say.",
    discussion: """
      Reads a shell script that calls pretrain_gpt.py (its variables and arrays included), a list of arguments (one a \
      line, or a list of YAML or JSON), and the MODEL_ARGS of Megatron-LM's own tests. Every value has a comment that \
      says where it comes from. `moonlight validate` takes the same files as they are.

      EXAMPLES
        moonlight import pretrain.sh -o pretrain.yaml
        moonlight import arguments.txt --megatron-bridge 0.3.1 --num-nodes 2
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

  @OptionGroup var reading: ReadingOptions

  func run(in session: Session) throws -> ExitStatus {
    let bytes: [UInt8]
    do { bytes = try InputFile.read(file, limit: DocumentLimit.byteCount) } catch {
      throw CommandFailure("`\(file)` cannot be read: \(error)", status: .noInput)
    }
    let document = DocumentReader.read(bytes: bytes, name: file == "-" ? "<stdin>" : file)
    guard ArgumentFile.recognises(document) else {
      throw CommandFailure(
        """
        `\(file)` holds no arguments of Megatron-LM
        help: a launch config or a file of Megatron-Bridge needs no import; `moonlight validate` reads it. \
        `moonlight import-hf` takes a config.json
        """, status: .notAConfig)
    }
    let imported = ArgumentConfig(document, for: release)
    let found = imported.document.diagnostics
    if !found.isEmpty {
      let report = TextReport(style: session.console.errorStyle, width: session.console.width)
      session.console.complain(report.text(of: found) + "\n")
    }
    guard !found.contains(where: { $0.severity == .error }) else { return .failure }
    try session.write(imported.yaml(header: ["from \(file), by \(toolVersionLine)"]), to: output)
    return .success
  }
}
