import ArgumentParser
import CommandSupport
import Trainer
import Training

/// `moonlight-trainer export-adapter`.
struct ExportAdapter: TrainerCommand {
  static let configuration = CommandConfiguration(
    commandName: "export-adapter",
    abstract: "Writes an adapter in the form that peft reads on another transformers.",
    discussion: """
      The adapter is one of ours or one that the peft library saved, on transformers 4 or 5.

      EXAMPLES
        moonlight-trainer export-adapter nemo_experiments/lora/checkpoints adapter
        moonlight-trainer export-adapter adapter/ adapter-4 --base base/ --peft-format 4
      """)

  @Argument(
    help: ArgumentHelp("The adapter, or a folder of checkpoints of which the latest counts.", valueName: "adapter"))
  var adapter: String

  @Argument(help: ArgumentHelp("The directory to write; it must not exist.", valueName: "out"))
  var output: String

  @Option(help: ArgumentHelp("The weights below the adapter; those it names if not given.", valueName: "checkpoint"))
  var base: String?

  @Option(
    help: ArgumentHelp(
      "4, 5, or the form that peft reads on both where there is one (common).", valueName: "common|4|5"))
  var peftFormat = AdapterFormat.common

  func run(in session: TrainerSession) throws -> ExitStatus {
    let source = try WeightSource(adapter, base: base)
    for note in source.notes { session.console.complain(note + "\n") }
    do {
      if let limitation = try AdapterExport.run(from: source, to: output, as: peftFormat) {
        session.console.complain("\(limitation)\n")
      }
      session.console.write("\(output): \(AdapterConfig.fileName), \(AdapterWeights.fileName)\n")
    } catch let error as SystemError {
      throw CommandFailure("\(error)", status: error.path.hasPrefix(output) ? .cannotWrite : .noInput)
    }
    return .success
  }
}
