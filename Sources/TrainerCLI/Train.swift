import ArgumentParser
import CommandSupport
import Diagnostics
import Estimation
import LaunchModel
import Trainer
import Training

/// `moonlight-trainer train`.
struct Train: TrainerCommand, ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Runs a launch config.",
    discussion: """
      The config is read as `moonlight validate` reads it, and refused where that refuses it.
      With --engine megatron this node is checked, the run directory written, and the command becomes torchrun; on more \
      than one node start it on each, with MASTER_ADDR and NODE_RANK set. Under Slurm let the scheduler do that: \
      `moonlight export FILE --to slurm -o launch`, then `sbatch launch/launch.sbatch`.

      EXAMPLES
        moonlight-trainer train pretrain.yaml --dry-run
        moonlight-trainer train tiny.yaml
        moonlight-trainer train tiny.yaml --set train.train_iters=20 --no-resume
        moonlight-trainer train pretrain.yaml --engine megatron --dry-run
      """)

  @Argument(
    help: ArgumentHelp("The config; `-` reads standard input.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml", "json"]))
  var file: String

  @Flag(help: "Prints what the run would be, with --engine megatron what would be run, and does nothing.")
  var dryRun = false

  @Flag(help: "Shows no progress.")
  var quiet = false

  @Flag(inversion: .prefixedNo, help: "Goes on where the last run of the same directory stood.")
  var resume = true

  @Option(help: "Threads of the CPU engine; all processors if not given.")
  var threads: Int?

  @Flag(
    help: """
      Multiplies in fp32 where mixed_precision is bf16, and in Muon's iteration. Without it operands of linear layers, experts \
      and attention are rounded to bf16 and summed in fp32, as on a GPU, and the iteration's where muon_fp32_matmul_prec is \
      medium.
      """)
  var fp32Products = false

  @Option(
    help: ArgumentHelp(
      """
      For which transformers adapters are saved: 4, 5, or the form that peft reads on both where there is one \
      (common).
      """, valueName: "common|4|5"))
  var peftFormat = AdapterFormat.common

  @Option(
    help: """
      Which engine trains: this process (cpu), or Megatron-Bridge under torchrun on this node (megatron). If not given, \
      cpu where the model fits this machine and no cluster is named.
      """)
  var engine: EngineKind?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Sets any field, as for `moonlight`.", valueName: "section.field=value"))
  var assignments: [String] = []

  @OptionGroup var reading: ReadingOptions

  func validate() throws {
    guard engine == .megatron else { return }
    if threads != nil { throw ValidationError("--threads is for --engine cpu.") }
    if fp32Products { throw ValidationError("--fp32-products is for --engine cpu.") }
    if peftFormat != .common { throw ValidationError("--peft-format is for --engine cpu.") }
    if !resume { throw ValidationError("--no-resume is for --engine cpu; Megatron resumes from checkpoint.load.") }
  }

  func run(in session: TrainerSession) throws -> ExitStatus {
    let console = session.console
    let opened = try session.openOrFail(file, assignments: assignments, resumes: resume)
    let start = try startCheck(opened)
    let diagnostics = start?.diagnostics ?? opened.diagnostics
    session.complain(about: diagnostics.filter { $0.severity != .note })
    guard !diagnostics.contains(where: { $0.severity == .error }) else {
      let status: ExitStatus = opened.hasErrors ? opened.status : start?.isMissingInput == true ? .noInput : .failure
      throw CommandFailure("nothing is run: `\(file)` has errors", status: status)
    }
    if engine == .megatron {
      let handover = MegatronHandover(opened.config, file: file, console: console, isQuiet: quiet)
      return try dryRun ? handover.dryRun() : handover.run()
    }
    guard let plan = RunPlan(opened.run, engine: engine, host: .current) else {
      throw CommandFailure(
        "the run of `\(file)` is undefined", help: "give its length and its batch size", status: .failure)
    }
    guard !dryRun else {
      console.write(RunPlanText(plan, epochs: try epochs(plan), style: console.outputStyle).text)
      guard let support = plan.support else { return .success }
      guard support.refusals.isEmpty else { return .failure }
      console.write(try runner(plan, console).adapters())
      return .success
    }
    guard plan.engine.kind == .cpu else {
      throw CommandFailure(
        "this run needs the engine megatron: \(plan.engine.reason)",
        help: plan.engine.help(file), status: .failure)
    }
    return try runner(plan, console).run()
  }

  /// Where this process is to train, the samples are made, as a run begins: so all that is wrong with them is seen.
  private func epochs(_ plan: RunPlan) throws -> EpochCount? {
    let config = plan.run.config
    guard let counted = EpochCount(countingDataOf: config) else { return nil }
    guard plan.support?.refusals.isEmpty == true, counted.parts.allSatisfy(\.source.isExact),
      let vocabSize = plan.run.paddedVocabSize
    else { return counted }
    let samples = try RunData(config, vocabSize: vocabSize).train.samplesPerEpoch
    return EpochCount(countingDataOf: config, samples: samples)
  }

  private func runner(_ plan: RunPlan, _ console: Console) throws -> TrainRunner {
    try TrainRunner(
      plan, console: console, threads: threads, resume: resume, adapterFormat: peftFormat,
      keepsFP32Products: fp32Products, isQuiet: quiet)
  }

  /// Where this process is to train: a look at what it reads.
  private func startCheck(_ opened: ConfigInputs.Opened) throws -> StartCheck? {
    guard !opened.hasErrors, let plan = RunPlan(opened.run, engine: engine, host: .current), plan.engine.kind == .cpu
    else { return nil }
    return try StartCheck(opened)
  }
}

extension EngineKind: ArgumentWord {}
extension AdapterFormat: ArgumentWord {}
