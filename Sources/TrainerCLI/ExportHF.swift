import ArgumentParser
import CommandSupport
import Trainer
import Training

/// `moonlight-trainer export-hf`.
struct ExportHF: TrainerCommand {
  static let configuration = CommandConfiguration(
    commandName: "export-hf",
    abstract: "Writes a checkpoint as a Hugging Face directory.",
    discussion: """
      A checkpoint of adapters is folded into the weights it was trained on.

      EXAMPLES
        moonlight-trainer export-hf nemo_experiments/default/checkpoints exported --dtype bf16
      """)

  enum Format: String, ArgumentWord {
    case fp32, fp16, bf16

    var type: SafetensorsType {
      switch self {
      case .fp32: .float32
      case .fp16: .float16
      case .bf16: .bfloat16
      }
    }
  }

  @Argument(
    help: ArgumentHelp(
      "A run's directory, its folder of checkpoints, one of them, or a Hugging Face directory.",
      valueName: "checkpoint"))
  var checkpoint: String

  @Argument(help: ArgumentHelp("The directory to write; it must not exist.", valueName: "out"))
  var output: String

  @Option(help: "Format of the weights.")
  var dtype = Format.bf16

  @Option(
    help: """
      Routed experts one by one (separate), or fused into one tensor as transformers 5 alone reads them (fused).
      """)
  var experts = WeightExport.Experts.separate

  @Option(help: "Largest file, in bytes.")
  var maxShardSize = 5_000_000_000

  func run(in session: TrainerSession) throws -> ExitStatus {
    guard maxShardSize > 0 else { throw CommandFailure.usage("--max-shard-size must be above 0") }
    let files = try WeightExport.run(
      from: try WeightSource(checkpoint), to: output, as: dtype.type, experts: experts, maximumShardBytes: maxShardSize)
    session.console.write("\(output): \(files.joined(separator: ", "))\n")
    return .success
  }
}

extension WeightExport.Experts: ArgumentWord {}
