import CommandSupport
import ConfigDocument
import Estimation
import FileAccess
import LaunchModel
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
  private let isQuiet: Bool

  init(_ plan: RunPlan, console: Console, threads: Int?, resume: Bool, isQuiet: Bool) throws {
    if let threads, !(1...256).contains(threads) {
      throw CommandFailure.usage("--threads must be between 1 and 256, but is \(threads)")
    }
    self.plan = plan
    self.console = console
    self.threads = threads ?? max(1, min(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 256))
    self.resume = resume
    self.isQuiet = isQuiet
  }

  func run() throws -> ExitStatus {
    let config = plan.run.config
    guard let vocabSize = plan.run.paddedVocabSize else {
      throw CommandFailure("the vocabulary is undefined", help: "write model.vocab_size", status: .failure)
    }
    let configuration: EngineConfiguration
    do { configuration = try EngineConfiguration(config, vocabSize: vocabSize, threads: threads) } catch {
      throw CommandFailure("\(error)", status: .failure)
    }
    say(folding)
    if let adapters = configuration.adapters { say(AdapterText(adapters, config.peft).text) }
    try announceMemory(configuration.settings)
    let observer = ConsoleObserver(console, totalSteps: plan.steps, isQuiet: isQuiet)
    do {
      let run = try TrainingRun(config, vocabSize: vocabSize, threads: threads, resume: resume, observer: observer)
      try writeConfig(config, to: try run.runFile("config.yaml"))
      let ending = try run.run()
      observer.end()
      try finish(run, ending)
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      observer.end()
      throw CommandFailure("\(error)", status: ExitStatus(of: error))
    }
    return .success
  }

  /// How the layout becomes one process.
  private var folding: String {
    var line = "CPU engine, \(threads) thread\(threads == 1 ? "" : "s")"
    if plan.run.worldSize > 1 {
      line += "; the \(plan.run.worldSize) ranks fold into one process: replicas become micro-batches, split matrices whole ones"
    }
    return line + "\n"
  }

  /// Says what the run will take, and refuses what this machine does not have.
  private func announceMemory(_ settings: EngineSettings) throws {
    let memory: MemoryPlan
    do { memory = try MemoryPlan(settings) } catch { throw CommandFailure("\(error)", status: .failure) }
    let total = memoryText(Double(memory.total))
    say(
      """
      memory: \(total) (weights \(memoryText(Double(memory.weights + memory.masterWeights))), gradients \
      \(memoryText(Double(memory.gradients))), optimizer \(memoryText(Double(memory.optimizerStates))), activations \
      \(memoryText(Double(memory.activations + memory.workspace))))

      """)
    if let available = HostMachine.current.memoryBytes, memory.total > available {
      throw CommandFailure(
        "the run takes \(total), but this machine has \(memoryText(Double(available)))",
        help: "a smaller train.micro_batch_size or recompute.recompute_granularity: full takes less", status: .failure)
    }
  }

  private func writeConfig(_ config: LaunchConfig, to path: String) throws {
    let text = YAMLEmitter(header: ["fingerprint: sha256:\(config.fingerprint)"], comments: config.comments)
      .emit(.mapping(config.withCanonicalLayout().tree))
    do { try OutputFile.write(text, to: path) } catch {
      throw CommandFailure("\(error)", status: .cannotWrite)
    }
  }

  private func finish(_ run: TrainingRun, _ ending: TrainingRun.Ending) throws {
    let curve = try run.runFile("loss.svg")
    do { try OutputFile.write(LossCurve(run.history, title: plan.run.config.recipe.name).svg, to: curve) } catch {
      throw CommandFailure("\(error)", status: .cannotWrite)
    }
    if case .interrupted(let signal) = ending {
      say("\(signal) came: stopped behind step \(run.step) of \(plan.steps), which is saved; the same command goes on\n")
    }
    if !isQuiet { console.write(RunSummary(run.history).text + "\n") }
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
  private let isTerminal: Bool
  private var lastLine = -Double.infinity
  private let totalSteps: Int

  init(_ console: Console, totalSteps: Int, isQuiet: Bool) {
    self.console = console
    self.isQuiet = isQuiet
    self.totalSteps = totalSteps
    isTerminal = isatty(STDERR_FILENO) == 1
    progress = ProgressLine(isTerminal ? .terminal(columns: console.width) : .plain, totalSteps: totalSteps)
  }

  func resumed(from folder: String, step: Int, differences: [ConfigDifference]) {
    say("resuming behind step \(step), from \(folder)\n")
    for difference in differences.prefix(20) { say("  \(difference)\n") }
    if differences.count > 20 { say("  and \(differences.count - 20) more\n") }
  }

  func loaded(weights folder: String) { say("weights of \(folder)\n") }

  func advanced(_ metrics: StepMetrics) {
    guard !isQuiet else { return }
    let line = progress.text(metrics)
    // Into a file or a pipe goes a line every two seconds, and each one that says something new.
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let now = Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    guard isTerminal || metrics.evalLoss != nil || metrics.step == totalSteps || now - lastLine >= 2 else { return }
    lastLine = now
    hasLine = true
    console.complain(line)
  }

  func saved(_ folder: String) { say("saved \(folder)\n") }

  /// Leaves the progress line as it stands.
  func end() {
    if hasLine { console.complain(progress.ending) }
    hasLine = false
  }

  private func say(_ text: String) {
    guard !isQuiet else { return }
    console.complain((hasLine ? progress.interruption : "") + text)
  }
}
