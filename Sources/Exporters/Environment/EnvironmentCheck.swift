package import LaunchModel

/// What a program said when it was asked something.
package struct ProgramAnswer: Hashable, Sendable {
  /// 0 for success; 127 where there is no such program.
  package let status: Int32
  package let output: String

  package init(status: Int32, output: String) {
    self.status = status
    self.output = output
  }
}

/// Whether this machine can run a config on Megatron: Python, its packages with their versions, GPUs.
package struct EnvironmentCheck: Sendable {
  /// Something that is missing, in one line.
  package struct Shortfall: Hashable, Sendable, CustomStringConvertible {
    package let message: String

    package var description: String { message }
  }

  /// A package that the launch imports.
  package struct Requirement: Hashable, Sendable {
    /// As pip calls it.
    let package: String
    /// The version that the launch's programs are for, which they check; `nil` for any.
    let version: String?
  }

  /// Runs a program with arguments and collects what it writes to standard output.
  package typealias Runner = @Sendable ([String]) -> ProgramAnswer

  private let config: LaunchConfig
  private let variables: [String: String]
  private let run: Runner

  /// - Parameter variables: the environment that the run will have.
  package init(_ config: LaunchConfig, variables: [String: String], run: @escaping Runner) {
    self.config = config
    self.variables = variables
    // Setup commands may bring the Python that has the packages.
    let setup = config.cluster.setupCommands.isEmpty ? [] : LaunchPlan.behindSetup(config.cluster.setupCommands)
    self.run = { command in run(setup + command) }
  }

  /// Whether a program is on the path; it is not run.
  private func isInstalled(_ program: String) -> Bool {
    run(["sh", "-c", #"command -v "$1""#, "sh", program]).status == 0
  }

  /// What every launch needs, and what this config adds.
  package var requirements: [Requirement] {
    var requirements = [
      Requirement(package: "torch", version: nil),
      Requirement(package: "megatron-core", version: config.release.megatronCore),
      Requirement(package: "megatron-bridge", version: config.release.megatronBridge),
    ]
    if config.model.transformerImplementation == .transformerEngine {
      requirements.append(Requirement(package: "transformer-engine", version: nil))
    }
    if config.optimizer.optimizer.isEmerging {
      requirements.append(Requirement(package: "emerging-optimizers", version: nil))
    }
    if config.model.moeTokenDispatcherType == .flex, config.model.moeFlexDispatcherBackend == .deepep {
      requirements.append(Requirement(package: "deep-ep", version: nil))
    }
    if config.logger.wandbProject != nil {
      requirements.append(Requirement(package: "wandb", version: nil))
    }
    if config.logger.mlflowExperiment != nil {
      requirements.append(Requirement(package: "mlflow", version: nil))
    }
    return requirements
  }

  /// Everything that is missing; empty where a launch can start. In a container nothing of this machine counts but its
  /// GPUs and the container's runtime.
  package var shortfalls: [Shortfall] {
    if !config.cluster.setupCommands.isEmpty {
      let status = run(["true"]).status
      if status != 0 {
        return [Shortfall(message: "\(Path.cluster.setupCommands) end with status \(status)")]
      }
    }
    return (config.containerImage == nil ? pythonShortfalls : runtimeShortfalls) + gpuShortfalls
  }

  private var runtimeShortfalls: [Shortfall] {
    let name = (config.cluster.containerRuntime ?? .docker).rawValue
    return isInstalled(name)
      ? []
      : [Shortfall(message: "`\(name)` is not installed, and \(Path.cluster.containerImage) needs it")]
  }

  // MARK: Python

  /// Prints one line for each distribution: its name, a tab, its version or nothing.
  package static let probe = """
    import sys
    from importlib.metadata import PackageNotFoundError, version
    print("python\\t" + ".".join(map(str, sys.version_info[:3])))
    for name in sys.argv[1:]:
        try:
            print(name + "\\t" + version(name))
        except PackageNotFoundError:
            print(name + "\\t")
    """

  private var pythonShortfalls: [Shortfall] {
    let requirements = self.requirements
    let answer = run(["python3", "-c", Self.probe] + requirements.map(\.package))
    guard answer.status == 0 else {
      let reason = answer.status == 127 ? "is not installed" : "cannot run (status \(answer.status))"
      return [Shortfall(message: "python3 \(reason)")]
    }
    var versions: [Substring: Substring] = [:]
    for line in answer.output.split(separator: "\n") {
      let columns = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
      if columns.count == 2 { versions[columns[0]] = columns[1] }
    }
    var shortfalls: [Shortfall] = []
    let oldest = config.release.pythonMinors.lowerBound
    if let python = versions["python"], Self.isOlder(python, than: [3, oldest]) {
      shortfalls.append(
        Shortfall(message: "Python is \(python); megatron-bridge needs 3.\(oldest) or newer"))
    }
    for requirement in requirements {
      let found = versions[Substring(requirement.package)] ?? ""
      if found.isEmpty {
        shortfalls.append(
          Shortfall(message: "the Python package \(requirement.package) is not installed"))
      } else if let wanted = requirement.version, Self.published(found) != wanted {
        shortfalls.append(
          Shortfall(
            message: "\(requirement.package) is \(found); this config is for \(wanted)"))
      }
    }
    if shortfalls.isEmpty, !isInstalled("torchrun") {
      shortfalls.append(Shortfall(message: "torchrun, which comes with torch, is not on the path"))
    }
    return shortfalls
  }

  /// A version without what a builder has added to it: `0.19.2+cu13` is 0.19.2.
  private static func published(_ version: Substring) -> Substring { version.prefix { $0 != "+" } }

  /// The numbers of a version: `2.9.0+cu12.post1` is 2.9.0.
  private static func numbers(of version: Substring) -> [Int] {
    version.prefix { $0.isNumber || $0 == "." }.split(separator: ".").compactMap { Int($0) }
  }

  private static func isOlder(_ version: Substring, than oldest: [Int]) -> Bool {
    numbers(of: version).lexicographicallyPrecedes(oldest)
  }

  // MARK: GPUs

  private var gpuShortfalls: [Shortfall] {
    let needed = config.cluster.gpusPerNode
    let answer = run(["nvidia-smi", "-L"])
    guard answer.status == 0 else {
      return [
        Shortfall(
          message: "no GPU is visible (nvidia-smi finds none), and the config asks for \(needed)")
      ]
    }
    let installed = answer.output.split(separator: "\n").count { $0.hasPrefix("GPU ") }
    let count = min(installed, chosenGPUs ?? installed)
    guard count < needed else { return [] }
    let reason = count < installed ? " (CUDA_VISIBLE_DEVICES, of \(installed))" : ""
    return [
      Shortfall(
        message:
          "\(count) GPU\(count == 1 ? " is" : "s are") visible\(reason), and the config asks for \(needed) a node")
    ]
  }

  /// How many GPUs CUDA_VISIBLE_DEVICES leaves: those before the first that is no device.
  private var chosenGPUs: Int? {
    variables["CUDA_VISIBLE_DEVICES"].map { text in
      text.split(separator: ",", omittingEmptySubsequences: false)
        .prefix { !$0.isEmpty && !$0.hasPrefix("-") }.count
    }
  }
}
