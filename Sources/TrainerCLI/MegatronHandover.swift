import CommandSupport
import Exporters
import FileAccess
import LaunchModel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Hands a run over to Megatron-Bridge: checks this node, writes the run directory, becomes torchrun.
///
/// What it runs is the launch that `moonlight export --to torchrun` writes, command for command.
struct MegatronHandover {
  private let config: LaunchConfig
  private let file: String
  private let console: Console
  private let isQuiet: Bool

  /// - Parameter file: the config's, as the user named it.
  init(_ config: LaunchConfig, file: String, console: Console, isQuiet: Bool) {
    self.config = config
    self.file = file
    self.console = console
    self.isQuiet = isQuiet
  }

  /// Prints the script with everything that would run. Needs neither Megatron nor a GPU.
  func dryRun() throws -> ExitStatus {
    console.write(document: TextSeal.sealed(try launch().file.text))
    return .success
  }

  /// - Returns: never, unless something stands in the way.
  func run() throws -> ExitStatus {
    let launch = try launch()
    var variables = Self.environment
    for variable in launch.plan.environment { variables[variable.name] = variable.value }
    let obstacles = self.obstacles(launch.plan, variables)
    for obstacle in obstacles.dropLast() { console.complain(obstacle) }
    if let last = obstacles.last {
      console.complain(last)
      throw CommandFailure(
        "nothing is started: \(obstacles.count == 1 ? "that is" : "these \(obstacles.count) are") in the way",
        help: "`--dry-run` prints what would run; `moonlight export \(file) --to slurm -o launch` writes a batch job",
        status: .failure)
    }
    let arguments: [String]
    do { arguments = try launch.plan.arguments(.train, variables) ?? [] } catch {
      throw CommandFailure("\(error.name) is not set", status: .failure)
    }
    try writing(OutputFile.makeFolder(config.runDirectory + "/logs"))
    try writing(launch.write())
    try ResolvedConfigFile.write(config, to: config.runDirectory + "/config.yaml")
    if !isQuiet {
      console.complain("\(launch.plan.directory) is written; starting \(arguments.first ?? "") on this node\n")
    }
    let code = ProgramRunner.replaceProcess(
      by: arguments, environment: launch.plan.environment.map { ($0.name, $0.value) })
    throw CommandFailure("`\(arguments.first ?? "")` cannot be started: \(systemMessage(code))", status: .failure)
  }

  /// The launch, or one line for each setting that torchrun cannot honour.
  private func launch() throws(CommandFailure) -> Launch {
    let exported = Launch.launch(of: config, by: TorchrunLauncher())
    for problem in exported.problems.dropLast() {
      console.complain(CommandFailure(problem.description, help: problem.help?.text, status: .failure))
    }
    if let last = exported.problems.last {
      throw CommandFailure(last.description, help: last.help?.text, status: .failure)
    }
    if !isQuiet {
      for note in exported.notes { console.complain(note.line) }
    }
    return exported.value
  }

  // MARK: What stands in the way

  private func obstacles(_ plan: LaunchPlan, _ variables: [String: String]) -> [CommandFailure] {
    var obstacles = rendezvous(variables)
    let check = EnvironmentCheck(config, variables: variables, run: ProgramRunner.run)
    obstacles += check.shortfalls.map { CommandFailure($0.message, status: .failure) }
    // A container has paths of its own.
    if !plan.isContained { obstacles += plan.prerequisites.compactMap(missing) }
    return obstacles
  }

  private func missing(_ prerequisite: LaunchPlan.Prerequisite) -> CommandFailure? {
    guard access(prerequisite.path, F_OK) != 0 else { return nil }
    return CommandFailure(
      "\(prerequisite.field): there is no `\(prerequisite.path)`",
      help: prerequisite.step.map {
        "the step `\($0.rawValue)` makes it: `moonlight export \(file) --to torchrun -o launch`, "
          + "then `launch/launch.sh \($0.rawValue)`"
      }, status: .failure)
  }

  /// On more than one node somebody has to say which one this is.
  private func rendezvous(_ variables: [String: String]) -> [CommandFailure] {
    let nodes = config.cluster.numNodes
    guard nodes > 1 else { return [] }
    var result: [CommandFailure] = []
    let rank = variables["NODE_RANK"] ?? ""
    let isRank = Int(rank).map { (0..<nodes).contains($0) } ?? false
    if !isRank {
      result.append(
        CommandFailure(
          "NODE_RANK is \(rank.isEmpty ? "not set" : "`\(rank)`"): the number of this node, 0 to \(nodes - 1)",
          help: "start this on each of the \(nodes) nodes, or `moonlight export \(file) --to slurm -o launch` and "
            + "`sbatch launch/launch.sbatch`", status: .failure))
    }
    if (variables["MASTER_ADDR"] ?? "").isEmpty {
      result.append(CommandFailure("MASTER_ADDR is not set: the name of the first node", status: .failure))
    }
    return result
  }

  private static var environment: [String: String] {
    var result: [String: String] = [:]
    var next = environ
    while let entry = next.pointee {
      let parts = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
      next += 1
    }
    return result
  }
}
