import ArgumentParser
import CommandSupport
import Trainer
import Training

/// `moonlight-trainer merge`.
struct Merge: TrainerCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Folds an adapter into its base and writes a Hugging Face directory.",
    discussion: """
      The adapter is one of ours or one that the peft library saved: LoRA or DoRA.

      EXAMPLES
        moonlight-trainer merge base/ nemo_experiments/lora/checkpoints merged
        moonlight-trainer merge base/ adapter/ merged --dtype fp32
      """)

  @Argument(help: ArgumentHelp("A folder of checkpoints, one of them, or a Hugging Face directory.", valueName: "base"))
  var base: String

  @Argument(
    help: ArgumentHelp("The adapter, or a folder of checkpoints of which the latest counts.", valueName: "adapter"))
  var adapter: String

  @Argument(help: ArgumentHelp("The directory to write; it must not exist.", valueName: "out"))
  var output: String

  @Option(help: "Format of the weights; the base's if not given.")
  var dtype: ExportHF.Format?

  @Option(
    help: """
      Routed experts one by one (separate), or fused into one tensor as transformers 5 alone reads them (fused).
      """)
  var experts = WeightExport.Experts.separate

  @Option(help: "Largest file, in bytes.")
  var maxShardSize = 5_000_000_000

  func run(in session: TrainerSession) throws -> ExitStatus {
    guard maxShardSize > 0 else { throw CommandFailure.usage("--max-shard-size must be above 0") }
    let source = try WeightSource(adapter, base: base)
    for note in source.notes { session.console.complain(note + "\n") }
    let files = try WeightExport.run(
      from: source, to: output, as: dtype?.type, experts: experts, maximumShardBytes: maxShardSize)
    session.console.write("\(output): \(files.joined(separator: ", "))\n")
    return .success
  }
}
