import ArgumentParser
import CommandSupport
import ConfigDocument
import Diagnostics
import LaunchModel
import MoonlightRecipes
import RecipeKit
import Reporting
import Topology
import Validation

/// `moonlight stages`: which layers every pipeline stage holds.
struct Stages: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "stages",
    abstract: "Shows which layers each pipeline stage holds.",
    discussion: """
      A layout is written as Megatron's string (`Et*7|t*7|t*7|t*6L`), as counts (`8+7+7+6`), `balanced` by cost, or \
      `even`. Without a file the model is Moonlight-16B-A3B with so many layers.

      EXAMPLES
        moonlight stages pretrain.yaml
        moonlight stages pretrain.yaml --ranks
        moonlight stages --layout 8+7+7+6 --num-layers 27 --pp 4
        moonlight stages --layout balanced --num-layers 27 --pp 4 --format megatron
        moonlight stages pretrain.yaml --pp 8 --layout balanced
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case table, json, megatron
  }

  @Argument(help: ArgumentHelp("A config, `-`, or the name of a recipe.", valueName: "file"))
  var file: String?

  @Option(help: ArgumentHelp("The layout, instead of the file's.", valueName: "layout"))
  var layout: String?

  @Option(help: ArgumentHelp("Decoder layers.", valueName: "n"))
  var numLayers: Int?

  @Option(help: ArgumentHelp("Pipeline stages; as many as the layout has if not given.", valueName: "n"))
  var pp: Int?

  @Option(help: ArgumentHelp("Virtual stages of each.", valueName: "n"))
  var vp: Int?

  @Flag(help: "Shows the global ranks of each stage.")
  var ranks = false

  @Option(help: "How the stages are written.")
  var format = Format.table

  @Option(name: .shortAndLong, help: ArgumentHelp("File to write; standard output if not given.", valueName: "file"))
  var output: String?

  @OptionGroup var overrideOptions: OverrideOptions

  func validate() throws {
    if file == nil {
      guard layout != nil, numLayers != nil else {
        throw ValidationError("Name a file, or give --layout and --num-layers.")
      }
      if ranks { throw ValidationError("--ranks needs a file: ranks depend on all parallel sizes.") }
    }
  }

  func run(in session: Session) throws -> ExitStatus {
    let subject: Subject
    if let file {
      subject = try self.subject(of: file, session)
    } else {
      subject = try self.subject(in: session)
    }
    guard subject.status == .success, let map = subject.run.stages else {
      session.console.complain(
        TextReport(style: session.console.errorStyle, width: session.console.width).text(of: subject.problems))
      return subject.status == .success ? .failure : subject.status
    }
    let grid = ranks ? subject.run.grid : nil
    if ranks, grid == nil {
      throw CommandFailure(
        "the ranks are undefined: " + subject.run.gridProblems.map(\.description).joined(separator: "; "),
        help: "`moonlight validate` says more", status: .failure)
    }
    let report = StageReport(
      map: map, reading: subject.reading, moeLayers: subject.run.architecture.moeLayers, grid: grid)
    try session.write(try text(of: report, session.console), to: output)
    return .success
  }

  private func text(of report: StageReport, _ console: Console) throws -> String {
    switch format {
    case .table: report.table(style: output == nil ? console.outputStyle : .plain)
    case .json: try JSONEmitter().emit(.mapping(report.tree))
    case .megatron: report.map.layout.megatronString + "\n"
    }
  }

  // MARK: What is shown

  private struct Subject {
    let run: RunFacts
    let reading: LayoutReading?
    /// Not `.success` where the config is too broken to say anything.
    let status: ExitStatus
    /// Why there is no stage map.
    let problems: [Diagnostic]

    init(_ run: RunFacts, reading: LayoutReading?, status: ExitStatus = .success, problems: [Diagnostic]) {
      self.run = run
      self.reading = reading
      self.status = status
      self.problems = problems
    }
  }

  /// The file, with the flags in place of what it says.
  private func subject(of path: String, _ session: Session) throws -> Subject {
    var assignments: [String] = []
    if let numLayers { assignments.append("model.num_layers=\(numLayers)") }
    if let pp { assignments.append("parallelism.pipeline_model_parallel_size=\(pp)") }
    if let vp { assignments.append("parallelism.virtual_pipeline_model_parallel_size=\(vp)") }
    if let layout { assignments.append("parallelism.pipeline_model_parallel_layout=\(Self.assigned(layout))") }
    let overrides = Overrides(overrideOptions.assignments + assignments)
    let opened = try session.openOrFail(path, overrides: overrides)
    let reading = (try? opened.config.resolvedLayout())?.reading
    // A layout that follows from the rest was `auto`.
    let isDerived =
      if case .derived = opened.config.parallelism.origin(of: \.pipelineModelParallelLayout) { true } else { false }
    let misread = opened.diagnostics.filter { $0.severity == .error && ["DOC", "FIELD"].contains($0.code.family) }
    guard misread.isEmpty else {
      return Subject(opened.run, reading: nil, status: opened.status, problems: misread)
    }
    return Subject(
      opened.run, reading: isDerived && reading != nil ? .auto : reading,
      problems: opened.diagnostics.filter { $0.severity == .error } + Self.unreported(opened.run, opened.diagnostics))
  }

  /// No file: a model of so many layers with nothing but a pipeline.
  private func subject(in session: Session) throws -> Subject {
    let layers = numLayers ?? 0
    guard (1...TopologyLimits.elements).contains(layers) else {
      throw CommandFailure.usage("--num-layers must be between 1 and \(TopologyLimits.elements)")
    }
    var flags = FlagLayer()
    flags.set("--num-layers", Path.model.numLayers, .int(layers))
    flags.set("--num-layers", Path.model.moeLayerFrequency, .list([0] + Array(repeating: 1, count: layers - 1)))
    flags.set("--vp", Path.parallelism.virtualPipelineModelParallelSize, vp.map { .int($0) })
    let text = layout ?? "auto"
    flags.set("--layout", Path.parallelism.pipelineModelParallelLayout, Self.value(of: text), written: text)
    flags.set("--pp", Path.parallelism.pipelineModelParallelSize, .int(try pp ?? impliedPipeline(text, layers)))
    // One GPU for each stage, so that nothing but the pipeline can be wrong.
    let recipe = Recipe.moonlight16BPretrain.layer()
    let config = LaunchConfig.resolve([recipe, flags.layer])
    let reading = (try? config.resolvedLayout())?.reading
    let run = RunFacts(config)
    let found = Validator.diagnostics(run, reading: flags.diagnostics).filter {
      $0.severity == .error && (["PIPE", "FIELD"].contains($0.code.family))
    }
    return Subject(
      run, reading: Self.isBalanced(text) && reading != nil ? .auto : reading,
      status: flags.diagnostics.isEmpty ? .success : .usage, problems: found + Self.unreported(run, found))
  }

  /// The stages of the layout itself, dealt to so many virtual ones.
  private func impliedPipeline(_ text: String, _ layers: Int) throws(CommandFailure) -> Int {
    guard !Self.isBalanced(text), text != "even" else { throw .usage("`--layout \(text)` needs --pp") }
    guard let stages = (try? LayoutNotation(text).resolve(numLayers: layers))?.layout.stages.count else { return 1 }
    guard let vp, vp > 1, stages % vp == 0 else { return stages }
    return stages / vp
  }

  private static func isBalanced(_ layout: String) -> Bool { layout == "balanced" || layout == "auto" }

  private static func value(of layout: String) -> ConfigValue {
    if isBalanced(layout) { return PipelineLayoutText.automatic.configValue }
    return layout == "even" ? .null : .string(layout)
  }

  /// As `--set` takes it; quoted, since YAML would read `14` as a number.
  private static func assigned(_ layout: String) -> String { FlowText.yaml(value(of: layout)) }

  /// What the topology refuses, in case no rule has said so.
  private static func unreported(_ run: RunFacts, _ diagnostics: [Diagnostic]) -> [Diagnostic] {
    guard run.stages == nil, !diagnostics.contains(where: { $0.severity == .error && $0.code.family == "PIPE" }) else {
      return []
    }
    let path = Path.parallelism.pipelineModelParallelLayout
    let origin = run.config.parallelism.origin(of: \.pipelineModelParallelLayout).location
    if let error = run.layoutError {
      var place = origin
      if let origin, let part = error.range, part.upperBound <= origin.range.end - origin.range.start {
        let start = origin.range.start + part.lowerBound
        place = SourceLocation(origin.file, SourceRange(start, origin.range.start + part.upperBound))
      }
      return [Diagnostic("PIPE-00", .error, error.message, help: error.help, path: path.description, at: place)]
    }
    return run.stageViolations.map {
      Diagnostic(DiagnosticCode(rawValue: $0.code), .error, $0.description, path: path.description, at: origin)
    }
  }
}
