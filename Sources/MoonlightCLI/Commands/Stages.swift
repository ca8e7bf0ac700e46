import ArgumentParser
import CommandSupport
import ConfigDocument
import Reporting
import Topology

/// `moonlight stages`: which layers every pipeline stage holds, and what that costs.
struct Stages: PipelineCommand {
  static let configuration = CommandConfiguration(
    commandName: "stages",
    abstract: "Shows which layers each pipeline stage holds, and how well they are balanced.",
    discussion: """
      A layout is written as Megatron's string (`Et*7|t*7|t*7|t*6L`), as counts (`8+7+7+6`), or is `balanced` by cost, \
      `documented`, or `even`. Without a file the model is Moonlight-16B-A3B where there are 27 layers; else every \
      layer weighs as much as one of its MoE layers. Costs are computed from operations unless --weights gives them.

      EXAMPLES
        moonlight stages pretrain.yaml
        moonlight stages pretrain.yaml --ranks
        moonlight stages --layout 8+7+7+6 --num-layers 27 --pp 4
        moonlight stages --layout balanced --num-layers 27 --pp 8 --allow-empty-stages
        moonlight stages --layout balanced --num-layers 27 --pp 4 --format megatron
        moonlight stages pretrain.yaml --pp 8 --layout balanced --weights decoder=1,dense=0.9,loss=2.5
        moonlight stages pretrain.yaml --format svg -o stages.svg
      """)

  enum Format: String, ArgumentWord {
    case table, json, megatron, svg
  }

  @OptionGroup var options: PipelineOptions

  @OptionGroup var cluster: ClusterOptions

  @OptionGroup var overrideOptions: OverrideOptions

  @Flag(help: "Shows the global ranks of each stage.")
  var ranks = false

  @Option(help: "How the stages are written.")
  var format = Format.table

  @Option(
    name: .shortAndLong, help: ArgumentHelp("File to write; standard output if not given.", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup var overwriting: OverwriteOptions

  /// A million: no cluster has as many, and a list of more is of use to nobody.
  private static let mostRanks = 1 << 20

  func validate() throws {
    if ranks, options.file == nil {
      throw ValidationError("--ranks needs a file: ranks depend on all parallel sizes.")
    }
  }

  @OptionGroup var reading: ReadingOptions

  func run(in session: Session) throws -> ExitStatus {
    let subject = try PipelineSubject(self, session)
    let grid = ranks ? subject.run.grid : nil
    if ranks, grid == nil {
      throw CommandFailure(
        "the ranks are undefined: " + subject.run.gridErrors.map(\.message.text).joined(separator: "; "),
        help: "`moonlight validate` says more", status: .failure)
    }
    guard !ranks || subject.run.worldSize <= Self.mostRanks else {
      throw CommandFailure(
        "\(subject.run.worldSize) ranks are too many to list: --ranks shows up to \(Self.mostRanks)",
        help: "leave out --ranks; the stages are the same for any number of replicas", status: .failure)
    }
    try session.write(
      reported: try text(of: subject.report(grid: grid), session.console), to: output, force: overwriting.force,
      isForPeople: format == .table)
    return .success
  }

  private func text(of report: StageReport, _ console: Console) throws -> String {
    switch format {
    case .table: report.table(style: output == nil ? console.outputStyle : .plain)
    case .json: try JSONEmitter().emit(.mapping(report.tree))
    case .megatron: report.map.layout.megatronString + "\n"
    case .svg: StageMapDrawing(report).drawing.svg
    }
  }
}
