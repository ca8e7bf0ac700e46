import ArgumentParser
import CommandSupport
import ConfigDocument
import LaunchModel
import Trainer
import Training

/// `moonlight-trainer samples`.
struct Samples: TrainerCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "samples",
    abstract: "Shows the first samples of a run: what the model reads, and what it is to produce.",
    discussion: """
      One JSON object a line: `tokens`, the `targets` that follow each, and `loss_mask`, 1 where a target counts in the \
      loss. They are the CPU engine's, in its order; a sequence is filled up to seq_length.

      EXAMPLES
        moonlight-trainer samples finetune.yaml --count 1
        moonlight-trainer samples finetune.yaml --set dataset.shuffle=false
      """)

  @Argument(help: ArgumentHelp("The config; `-` reads standard input.", valueName: "file"))
  var file: String

  @Option(help: "How many.")
  var count = 3

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Sets any field, as for `moonlight`.", valueName: "section.field=value"))
  var assignments: [String] = []

  @OptionGroup var reading: ReadingOptions

  func validate() throws {
    if count < 1 { throw ValidationError("--count must be at least 1, but is \(count).") }
  }

  func run(in session: TrainerSession) throws -> ExitStatus {
    let opened = try session.openOrFail(file, assignments: assignments)
    guard !opened.hasErrors else {
      session.complain(about: opened.diagnostics.filter { $0.severity == .error })
      throw CommandFailure("`\(file)` has errors", status: opened.status)
    }
    guard let vocabSize = opened.run.paddedVocabSize else {
      throw CommandFailure("the vocabulary of `\(file)` is undefined", status: .failure)
    }
    var samples = try RunData(opened.config, vocabSize: vocabSize).train
    for index in 0..<count {
      let sample = try samples.sample(index)
      let mask = sample.lossMask ?? Array(repeating: 1, count: sample.targets.count)
      let tree: ConfigMapping = [
        "tokens": .list(sample.tokens.map { .int(Int($0)) }), "targets": .list(sample.targets.map { .int(Int($0)) }),
        "loss_mask": .list(mask.map { .int(Int($0)) }),
      ]
      session.console.write(try FlowText.json(.mapping(tree)) + "\n")
    }
    return .success
  }
}
