import ArgumentParser
import CommandSupport
import ConfigDocument
import LaunchModel
import Planning
import RecipeKit
import Reporting
import Validation

/// `moonlight plan`: every legal layout on so many GPUs, the fastest first.
struct PlanCommand: SessionCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Searches every legal parallel layout on so many GPUs, ranked by an estimated step time.",
    discussion: """
      All combinations are tried of TP, CP, EP and ETP that divide the GPUs, PP and VP that leave every stage a layer, \
      micro batches that divide the global batch, and six settings of recomputation. Megatron's rules and the memory \
      estimate filter them; the estimated time of a step, printed part by part, ranks them: use it to compare.

      EXAMPLES
        moonlight plan --recipe moonlight_16b_pretrain_config --gpus 16
        moonlight plan --gpus 64 --gpu-memory-gib 40 --top 5
        moonlight plan --gpus 64 --pp 4 --mbs 1
        moonlight plan big.yaml --gpus 128 --offload --fsdp
        moonlight plan --gpus 64 --emit 1 -o plan.yaml
      """)

  enum Format: String, ArgumentWord {
    case table, json
  }

  @Argument(
    help: ArgumentHelp("A config file, or a recipe; moonlight_16b_pretrain_config if not given.", valueName: "file"),
    completion: Completions.configOrRecipe)
  var file: String?

  @Option(help: ArgumentHelp("The same as <file>.", valueName: "name"), completion: Completions.configOrRecipe)
  var recipe: String?

  private var subject: String { file ?? recipe ?? "moonlight_16b_pretrain_config" }

  @Option(help: ArgumentHelp("GPUs in all; the config's if not given.", valueName: "n"))
  var gpus: Int?

  @Option(help: ArgumentHelp("GPUs of a node.", valueName: "n"))
  var gpusPerNode = 8

  @Option(help: ArgumentHelp("Memory of a GPU; the config's if not given.", valueName: "n"))
  var gpuMemoryGib: Double?

  @Option(
    help: ArgumentHelp(
      "GiB of a GPU to leave free; 3 % of its memory if not given, for what measured runs needed more than estimated.",
      valueName: "n"))
  var marginGib: Double?

  @OptionGroup(title: "SIZES THAT ARE HELD") var heldOptions: HeldSizeOptions

  @Flag(help: "Also tries master weights and optimizer states in host memory.")
  var offload = false

  @Flag(help: "Also tries Megatron-FSDP with each of its sharding strategies.")
  var fsdp = false

  @Option(help: ArgumentHelp("Rows to show.", valueName: "n"))
  var top = 10

  @Option(help: ArgumentHelp("Writes the config of this row.", valueName: "row"))
  var emit: Int?

  @Option(help: "How the rows are written.")
  var format = Format.table

  @Option(
    name: .shortAndLong, help: ArgumentHelp("File to write; standard output if not given.", valueName: "file"),
    completion: .file())
  var output: String?

  @OptionGroup var overwriting: OverwriteOptions

  @OptionGroup var assumptionOptions: AssumptionOptions

  @OptionGroup var overrideOptions: OverrideOptions

  func validate() throws {
    guard file == nil || recipe == nil else { throw ValidationError("Name one config: <file> or --recipe.") }
    guard (1...10_000).contains(top) else { throw ValidationError("--top must be between 1 and 10000.") }
    guard emit.map({ (1...10_000).contains($0) }) ?? true else { throw ValidationError("--emit counts rows from 1.") }
    for (name, count) in [("--gpus", gpus ?? 1), ("--gpus-per-node", gpusPerNode)]
    where !(1...PlanRequest.mostGPUs).contains(count) {
      throw ValidationError("\(name) must be between 1 and \(PlanRequest.mostGPUs), but is \(count).")
    }
    guard gpuMemoryGib.map({ $0 > 0 && $0 < 1e6 }) ?? true else {
      throw ValidationError("--gpu-memory-gib must be above 0 and below 1000000.")
    }
    guard marginGib.map({ $0 >= 0 && $0 < 1e6 }) ?? true else {
      throw ValidationError("--margin-gib must be at least 0 and below 1000000.")
    }
  }

  @OptionGroup var reading: ReadingOptions

  func run(in session: Session) throws -> ExitStatus {
    let opened = try session.openOrFail(subject, overrides: Overrides(overrideOptions.assignments))
    let misread = opened.diagnostics.filter { $0.severity == .error && ["DOC", "FIELD"].contains($0.code.family) }
    guard misread.isEmpty else {
      session.console.complain(
        TextReport(style: session.console.errorStyle, width: session.console.width).text(of: misread))
      return opened.status
    }
    let worldSize = gpus ?? opened.run.worldSize
    guard worldSize <= PlanRequest.mostGPUs else {
      throw CommandFailure(
        "\(worldSize) GPUs are too many to plan for: `\(subject)` may ask for up to \(PlanRequest.mostGPUs)",
        help: "`--gpus` takes another number", status: .failure)
    }
    guard worldSize <= gpusPerNode || worldSize % gpusPerNode == 0 else {
      let below = worldSize / gpusPerNode * gpusPerNode
      throw CommandFailure.usage(
        "\(worldSize) GPUs are no whole number of nodes of \(gpusPerNode); give \(below) or \(below + gpusPerNode), "
          + "or another --gpus-per-node")
    }
    let request = PlanRequest(
      base: opened.config, worldSize: worldSize, gpusPerNode: gpusPerNode,
      gpuMemoryGiB: gpuMemoryGib ?? opened.config.cluster.gpuMemoryGiB,
      marginGiB: marginGib, assumptions: try assumptionOptions.assumptions(for: opened.config),
      held: try heldOptions.sizes(worldSize: worldSize, base: opened.config),
      placements: (offload ? [.offloaded] : []) + (fsdp ? StatePlacement.allSharded : []))
    guard var planner = Planner(request, limit: max(top, emit ?? 0)) else {
      throw CommandFailure(
        "the model of `\(subject)` is undefined", help: "`moonlight validate` says more", status: .failure)
    }
    let codes = Set(planner.baseErrors.map(\.code))
    guard codes.allSatisfy(\.concernsFilesOnly) else {
      session.console.complain(
        TextReport(style: session.console.errorStyle, width: session.console.width).text(
          of: opened.diagnostics.filter { $0.severity == .error && codes.contains($0.code) }))
      throw CommandFailure("no layout can mend `\(subject)`", help: "mend the above first", status: .failure)
    }
    let result = planner.search()
    if let emit { return try write(row: emit, of: result, request, session) }
    let report = PlanReport(result, request)
    let text =
      switch format {
      case .table: report.text(style: output == nil ? session.console.outputStyle : .plain)
      case .json: try JSONEmitter().emit(.mapping(report.tree))
      }
    try session.write(reported: text, to: output, force: overwriting.force, isForPeople: format == .table)
    return result.rows.isEmpty ? .failure : .success
  }

  private func write(row number: Int, of result: PlanResult, _ request: PlanRequest, _ session: Session) throws
    -> ExitStatus
  {
    guard number <= result.rows.count else {
      throw CommandFailure("there is no row \(number): \(result.fitting) layouts fit", status: .failure)
    }
    let config = result.rows[number - 1].config
    let header = [
      "row \(number) of moonlight plan: \(result.rows[number - 1].choice.description)",
      "fingerprint: sha256:\(config.fingerprint)", "yaml-language-server: $schema=moonlight.schema.json",
    ]
    let text = YAMLEmitter(header: header, comments: config.comments).emit(.mapping(config.withCanonicalLayout().tree))
    try session.write(generated: text, to: output, force: overwriting.force)
    return .success
  }
}
