import ArgumentParser
import CommandSupport
import ConfigDocument
import Estimation
import LaunchModel
import Reporting
import Validation

/// `moonlight estimate`: parameters, memory, operations and time, before anything is queued.
struct EstimateCommand: SessionCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "estimate",
    abstract: "Estimates parameters, memory, operations and time of a run.",
    discussion: """
      Memory is counted rank by rank from the placement of every layer; beside it stands what Megatron-LM's own report \
      says. Data that lie here are counted, for the epochs that the run makes. Time is an estimate, from measured and assumed constants of the GPU that `cluster.gpu_type` names; what they \
      are is printed with it.

      EXAMPLES
        moonlight estimate pretrain.yaml
        moonlight estimate moonlight_16b_pretrain_config --mfu 0.35 --format json
      """)

  enum Format: String, ArgumentWord {
    case table, json
  }

  @Argument(
    help: ArgumentHelp("A config, `-`, or the name of a recipe.", valueName: "file"),
    completion: Completions.configOrRecipe)
  var file: String

  @OptionGroup var assumptionOptions: AssumptionOptions

  @Option(help: "How it is written.")
  var format = Format.table

  @OptionGroup var cluster: ClusterOptions

  @OptionGroup var overrideOptions: OverrideOptions

  @OptionGroup var reading: ReadingOptions

  func run(in session: Session) throws -> ExitStatus {
    let opened = try session.openOrFail(file, overrides: Overrides(overrideOptions, cluster))
    let errors = opened.diagnostics.filter { $0.severity == .error }
    guard errors.allSatisfy(\.code.concernsFilesOnly),
      let estimate = opened.run.estimate(try assumptionOptions.assumptions(for: opened.config))
    else {
      session.console.complain(
        TextReport(style: session.console.errorStyle, width: session.console.width).text(of: opened.diagnostics))
      return opened.hasErrors ? opened.status : .failure
    }
    let report = EstimateReport(opened.run, estimate, epochs: EpochCount(countingDataOf: opened.config))
    switch format {
    case .table: session.console.write(report.text(style: session.console.outputStyle))
    case .json: session.console.write(document: try JSONEmitter().emit(.mapping(report.tree)))
    }
    return .success
  }
}

/// What estimates take for granted.
struct AssumptionOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Peak of one GPU in TFLOP/s.", valueName: "n"))
  var peakTflops: Double?

  @Option(
    help: ArgumentHelp(
      "Share of the peak that matrix products alone reach, 0 to 1.", valueName: "n"))
  var mfu: Double?

  @Option(help: ArgumentHelp("GiB that CUDA, NCCL and the allocator take beside what is counted.", valueName: "n"))
  var reservedGib: Double?

  @Option(help: ArgumentHelp("GB/s of a GPU's own memory.", valueName: "n"))
  var memoryBandwidth: Double?

  @Option(help: ArgumentHelp("GB/s between GPUs of a node.", valueName: "n"))
  var nodeBandwidth: Double?

  @Option(help: ArgumentHelp("GB/s and GPU between nodes.", valueName: "n"))
  var networkBandwidth: Double?

  /// - Parameter config: names the GPUs.
  func assumptions(for config: LaunchConfig) throws -> Assumptions {
    func positive(_ value: Double?, _ name: String, upTo limit: Double = 1e9) throws -> Double? {
      guard let value else { return nil }
      guard value > 0, value <= limit else {
        throw CommandFailure.usage("\(name) must be above 0 and at most \(limit)")
      }
      return value
    }
    var result = config.assumptions
    if let value = try positive(peakTflops, "--peak-tflops") { result.peakFLOPs = value * 1e12 }
    if let value = try positive(mfu, "--mfu", upTo: 1) { result.computeUtilization = value }
    if let reservedGib {
      guard reservedGib >= 0, reservedGib < 1e6 else { throw CommandFailure.usage("--reserved-gib must be at least 0") }
      result.reservedGiB = reservedGib
    }
    if let value = try positive(memoryBandwidth, "--memory-bandwidth") { result.memoryBandwidth = value * 1e9 }
    if let value = try positive(nodeBandwidth, "--node-bandwidth") { result.nodeBandwidth = value * 1e9 }
    if let value = try positive(networkBandwidth, "--network-bandwidth") { result.networkBandwidth = value * 1e9 }
    return result
  }
}
