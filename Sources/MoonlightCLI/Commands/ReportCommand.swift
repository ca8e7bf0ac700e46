import ArgumentParser
import CommandSupport
import FileAccess
import LaunchModel
import Planning
import Reporting

/// `moonlight report`: configs and runs as a page to look at.
struct ReportCommand: SessionCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Writes configs and runs as one page for a browser.",
    discussion: """
      Of a config the page shows findings beside the lines that they are about, stages, a simulated step, memory, other \
      layouts on the same GPUs, and every value with its origin; of runs their loss and other curves, one beside the \
      other. A run is its directory, or its metrics.jsonl. The page is one file that loads nothing.

      EXAMPLES
        moonlight report pretrain.yaml -o pretrain.html
        moonlight report pretrain.yaml pretrain-pp4.yaml -o both.html
        moonlight report nemo_experiments/one nemo_experiments/two -o runs.html
      """)

  @Argument(
    help: ArgumentHelp("Configs, recipes, and directories of runs.", valueName: "file"),
    completion: Completions.configOrRecipe)
  var files: [String]

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The page to write; `-` is standard output.", valueName: "page"),
    completion: .file(extensions: ["html"]))
  var output: String

  @OptionGroup var overwriting: OverwriteOptions

  @Flag(inversion: .prefixedNo, help: "Searches other layouts on the same GPUs.")
  var plan = true

  @OptionGroup var cluster: ClusterOptions

  @OptionGroup var overrideOptions: OverrideOptions

  @OptionGroup var reading: ReadingOptions

  /// Layouts of the table.
  private static let shownLayouts = 5
  private static let largestMetrics = 1 << 27

  func run(in session: Session) throws -> ExitStatus {
    var page = ReportPage(title: "moonlight: \(files.map(Self.lastName).joined(separator: ", "))")
    var runs: [RunMetrics] = []
    var status = ExitStatus.success
    for path in files {
      if let metrics = try Self.metrics(path) {
        runs.append(metrics)
        continue
      }
      let (section, outcome) = try config(path, session)
      page.add(section)
      status = max(status, outcome)
    }
    if !runs.isEmpty { page.add(RunsSection(runs)) }
    try session.write(reported: page.html, to: output, force: overwriting.force)
    return status
  }

  /// The metrics of a run; `nil` for what is no run.
  private static func metrics(_ path: String) throws(CommandFailure) -> RunMetrics? {
    let isFile = path.hasSuffix(".jsonl")
    let file = isFile ? path : path + "/metrics.jsonl"
    guard isFile || InputFile.exists(file) else { return nil }
    do {
      let bytes = try InputFile.read(file, limit: largestMetrics)
      return RunMetrics(name: lastName(path), text: String(decoding: bytes, as: UTF8.self))
    } catch {
      throw CommandFailure("`\(file)` cannot be read: \(error)", status: .noInput)
    }
  }

  private static func lastName(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  private func config(_ path: String, _ session: Session) throws -> (ConfigSection, ExitStatus) {
    let opened = try session.openOrFail(path, overrides: Overrides(overrideOptions, cluster))
    var section = ConfigSection(
      name: opened.name, file: opened.file, diagnostics: opened.diagnostics, run: opened.run)
    if let subject = PipelineSubject(opened) {
      section.stages = subject.report()
      section.simulation = try? subject.simulation()
    }
    section.estimate = opened.run.estimate(opened.config.assumptions)
    if plan, !opened.hasErrors {
      let request = PlanRequest(
        base: opened.config, worldSize: opened.run.worldSize, gpusPerNode: opened.config.cluster.gpusPerNode,
        gpuMemoryGiB: opened.config.cluster.gpuMemoryGiB, assumptions: opened.config.assumptions)
      var planner = Planner(request, limit: Self.shownLayouts)
      section.plan = planner?.search()
    }
    return (section, opened.status)
  }
}
