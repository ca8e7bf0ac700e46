import ArgumentParser
import CommandSupport
import Trainer
import Training

/// `moonlight-trainer verify`.
struct Verify: TrainerCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Holds the files of a checkpoint against the checksums taken when it was written.",
    discussion: """
      A run verifies what it loads by itself; this reads every file. Weights of others have no checksums: their files are \
      held against their own headers and index.

      EXAMPLES
        moonlight-trainer verify nemo_experiments/default
        moonlight-trainer verify nemo_experiments/default/checkpoints/iter_0000100
      """)

  @Argument(
    help: ArgumentHelp(
      "A run's directory, its folder of checkpoints, one of them, or a Hugging Face directory.", valueName: "dir"))
  var directory: String

  func run(in session: TrainerSession) throws -> ExitStatus {
    for line in try CheckpointCheck(directory).lines { session.console.write(line + "\n") }
    return .success
  }
}
