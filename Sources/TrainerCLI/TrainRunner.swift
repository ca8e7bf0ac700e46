import CommandSupport
import ConfigDocument
import Estimation
import FileAccess
import LaunchModel
import Reporting
import Trainer
import Training

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Runs a plan on the CPU engine and says what happens.
struct TrainRunner {
  private let plan: RunPlan
  private let console: Console
  private let threads: Int
  private let resume: Bool
  private let adapterFormat: AdapterFormat
  private let keepsFP32Products: Bool
  private let isQuiet: Bool

  init(
    _ plan: RunPlan, console: Console, threads: Int?, resume: Bool, adapterFormat: AdapterFormat,
    keepsFP32Products: Bool, isQuiet: Bool
  ) throws {
    if let threads, !(1...256).contains(threads) {
      throw CommandFailure.usage("--threads must be between 1 and 256, but is \(threads)")
    }
    self.plan = plan
    self.console = console
    self.threads = threads ?? max(1, min(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 256))
    self.resume = resume
    self.adapterFormat = adapterFormat
    self.keepsFP32Products = keepsFP32Products
    self.isQuiet = isQuiet
  }

  /// What a run would train, without training it; empty where that is everything.
  func adapters() throws -> String { adapters(try configuration(try vocabSize())) }

  func run() throws -> ExitStatus {
    let config = plan.run.config
    let vocabSize = try vocabSize()
    let configuration = try configuration(vocabSize)
    say(engine(configuration.settings))
    say(idleFields)
    say(adapters(configuration))
    try announceMemory(configuration.settings)
    let observer = ConsoleObserver(console, totalSteps: plan.steps, isQuiet: isQuiet)
    do {
      let run = try TrainingRun(
        config, vocabSize: vocabSize, threads: threads, resume: resume, adapterFormat: adapterFormat,
        keepsFP32Products: keepsFP32Products, observer: observer)
      try ResolvedConfigFile.write(config, to: try run.runFile("config.yaml"))
      let ending = try run.run()
      observer.end()
      return try finish(run, ending)
    } catch {
      observer.end()
      throw error
    }
  }

  private func vocabSize() throws -> Int {
    guard let vocabSize = plan.run.paddedVocabSize else {
      throw CommandFailure("the vocabulary is undefined", help: "write model.vocab_size", status: .failure)
    }
    return vocabSize
  }

  private func configuration(_ vocabSize: Int) throws -> EngineConfiguration {
    do {
      return try EngineConfiguration(
        plan.run.config, vocabSize: vocabSize, threads: threads, keepsFP32Products: keepsFP32Products)
    } catch {
      throw CommandFailure("\(error)", status: .failure)
    }
  }

  private func adapters(_ configuration: EngineConfiguration) -> String {
    configuration.adapters.map { AdapterText($0, plan.run.config.peft).text } ?? ""
  }

  /// How many fields are of no effect; a dry run lists them.
  private var idleFields: String {
    let count = plan.support?.withoutEffect.reduce(0) { $0 + $1.fields.count } ?? 0
    return count == 0 ? "" : "\(count) field\(count == 1 ? " has" : "s have") no effect here; --dry-run lists them\n"
  }

  /// On what the run goes, and how the layout becomes one process.
  private func engine(_ settings: EngineSettings) -> String {
    var line = "CPU engine, \(threads) thread\(threads == 1 ? "" : "s")"
    if settings.products == .bf16 { line += ", bf16 products" }
    if plan.run.worldSize > 1 {
      line +=
        "; the \(plan.run.worldSize) ranks fold into one process: replicas become micro-batches, split matrices whole ones"
    }
    return line + "\n"
  }

  /// Says what the run will take, and refuses what this machine does not have.
  private func announceMemory(_ settings: EngineSettings) throws {
    let saving = plan.run.config.checkpoint.save == nil ? 0 : MemoryPlan.runtimeOfSaving
    let memory: MemoryPlan
    do { memory = try MemoryPlan(settings, runtime: MemoryPlan.runtimeOfTrainer + saving) } catch {
      throw CommandFailure("\(error)", status: .failure)
    }
    // People hold it against what they measure, which two digits of one GiB are too few for.
    let total = Numbers.bytes(Double(memory.total), digits: 3)
    say(
      """
      memory: \(total) (weights \(Numbers.bytes(memory.weights + memory.masterWeights)), gradients \
      \(Numbers.bytes(memory.gradients)), optimizer \(Numbers.bytes(memory.optimizerStates)), activations \
      \(Numbers.bytes(memory.activations + memory.workspace)))

      """)
    if let available = HostMachine.current.memoryBytes, memory.total > available {
      throw CommandFailure(
        "the run takes \(total), but this machine has \(Numbers.bytes(available))",
        help: memory.total - memory.activations - memory.workspace > available
          ? "weights, gradients and optimizer states alone do not fit: `moonlight export` writes what a cluster runs"
          : "a smaller train.micro_batch_size or recompute.recompute_granularity: full takes less",
        status: .failure)
    }
  }

  /// Says how a run ended.
  ///
  /// - Returns: success; where a signal ended the run the status that a shell gives such a program, so that a script does
  ///   not go on as if everything were done.
  private func finish(_ run: TrainingRun, _ ending: TrainingRun.Ending) throws -> ExitStatus {
    var status = ExitStatus.success
    let curve = try run.runFile("loss.svg")
    let drawing = LossCurve(run.history, title: plan.run.config.recipe.name).svg
    try writing(OutputFile.write(drawing, to: curve))
    switch ending {
    case .finished: break
    case .finishedBefore:
      say(
        "step \(run.step) of \(plan.steps) was done before: nothing is left to train; a larger train.train_iters goes on\n"
      )
    case .stopped(let reason):
      if case .signal(let number) = reason { status = .signal(number) }
      let kept = run.config.checkpoint.save == nil ? "nothing is saved" : "which is saved; the same command goes on"
      console.complain("\(reason): stopped behind step \(run.step) of \(plan.steps), \(kept)\n")
    }
    if !isQuiet { console.write(RunSummary(run.history).text) }
    return status
  }

  private func say(_ text: String) {
    if !isQuiet { console.complain(text) }
  }
}

/// Prints what a run tells.
private final class ConsoleObserver: RunObserver {
  private let console: Console
  private let isQuiet: Bool
  private var progress: ProgressLine
  private var hasLine = false
  private var lastLine = -Double.infinity
  private let totalSteps: Int

  init(_ console: Console, totalSteps: Int, isQuiet: Bool) {
    self.console = console
    self.isQuiet = isQuiet
    self.totalSteps = totalSteps
    progress = ProgressLine(.plain, totalSteps: totalSteps)
  }

  func resumed(from folder: String, step: Int, differences: [ResumeDifference]) {
    say("resuming behind step \(step), from \(folder)\n")
    for difference in differences.prefix(20) { say("  \(difference)\n") }
    if differences.count > 20 { say("  and \(differences.count - 20) more\n") }
  }

  func warned(_ remarks: [String]) {
    for remark in remarks { tell("warning: \(remark)\n") }
  }

  func missed(checkpoint folder: String) { say("no checkpoint in \(folder): the run starts anew\n") }

  func noted(_ text: String) { say(text + "\n") }

  func loaded(weights folder: String) { say("weights of \(folder)\n") }

  func advanced(_ metrics: StepMetrics) {
    guard !isQuiet else { return }
    let columns = console.errorColumns
    progress.style = columns.map { .terminal(columns: $0) } ?? .plain
    let line = progress.text(metrics)
    // Into a file or a pipe goes a line every two seconds, and each one that says something new.
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let now = Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    guard columns != nil || metrics.evalLoss != nil || metrics.step == totalSteps || now - lastLine >= 2 else { return }
    lastLine = now
    hasLine = true
    console.complain(progress: line)
  }

  func saved(_ folder: String) { say("saved \(folder)\n") }

  /// Leaves the progress line as it stands.
  func end() {
    if hasLine { console.complain(progress: progress.ending) }
    hasLine = false
  }

  private func say(_ text: String) {
    if !isQuiet { tell(text) }
  }

  private func tell(_ text: String) {
    if hasLine { console.complain(progress: progress.interruption) }
    console.complain(text)
  }
}
