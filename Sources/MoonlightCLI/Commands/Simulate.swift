import ArgumentParser
import CommandSupport
import ConfigDocument
import Estimation
import Reporting
import Topology
import Validation

/// `moonlight simulate`: one training step of a pipeline, event by event.
struct Simulate: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Simulates a training step of a pipeline: bubble, waiting, micro-batches in flight.",
    discussion: """
      The passes run in Megatron's order (1F1B, or interleaved with virtual stages), each as soon as its rank is free \
      and its input is there. Times are in the unit of the weights: what a layer takes forward and backward for one \
      micro-batch. Of a config the step is also simulated in seconds, with the passes that `estimate` takes its time from.

      EXAMPLES
        moonlight simulate pretrain.yaml
        moonlight simulate pretrain.yaml --pp 4 --layout balanced --format svg -o step.svg
        moonlight simulate --layout 8+7+7+6 --num-layers 27 --pp 4 --num-microbatches 16
        moonlight simulate pretrain.yaml --weights times.yaml --point-to-point 0.4
      """)

  enum Format: String, ArgumentWord {
    case text, json, svg
  }

  @OptionGroup var options: PipelineOptions

  @OptionGroup var cluster: ClusterOptions

  @OptionGroup var overrideOptions: OverrideOptions

  @Option(help: ArgumentHelp("Micro-batches of a step; the config's if not given.", valueName: "n"))
  var numMicrobatches: Int?

  @Option(help: ArgumentHelp("How many times a forward pass a backward pass takes.", valueName: "factor"))
  var backwardRatio = 2.0

  @Option(help: ArgumentHelp("Time to send a result to the next rank, in the unit of the weights.", valueName: "time"))
  var pointToPoint = 0.0

  @Option(help: "How the result is written.")
  var format = Format.text

  @Option(
    name: .shortAndLong, help: ArgumentHelp("File to write; standard output if not given.", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup var overwriting: OverwriteOptions

  func validate() throws {
    for (name, value) in [("backward-ratio", backwardRatio), ("point-to-point", pointToPoint)]
    where !(value >= 0 && value <= 1e6) {
      throw ValidationError("--\(name) must be a number from 0 to 1e6.")
    }
    if let numMicrobatches, numMicrobatches < 1 { throw ValidationError("--num-microbatches must be at least 1.") }
    if options.file == nil, numMicrobatches == nil {
      throw ValidationError("Without a file, --num-microbatches says how many micro-batches a step has.")
    }
  }

  @OptionGroup var assumptionOptions: AssumptionOptions

  @OptionGroup var reading: ReadingOptions

  func run(in session: Session) throws -> ExitStatus {
    let subject = try PipelineSubject(self, session)
    let report = try subject.simulation(
      numMicrobatches: numMicrobatches, backwardRatio: backwardRatio, pointToPoint: pointToPoint,
      assumptions: assumptionOptions.assumptions(for: subject.run.config))
    let text =
      switch format {
      case .text: report.text(style: output == nil ? session.console.outputStyle : .plain)
      case .json: try JSONEmitter().emit(.mapping(report.tree))
      case .svg: TimelineDrawing(report).drawing.svg
      }
    try session.write(
      reported: text, to: output, force: overwriting.force,
      otherBeginnings: format == .text ? SimulationReport.beginnings : [])
    return .success
  }
}
