import ConfigDocument
import LaunchModel

// What a launcher cannot honour: one problem for each setting.
extension LaunchSettings {
  func checkTexts(_ findings: inout Findings) {
    // The run's own folder is unfit for the sake of its name.
    if unfitForOneLine(directory), !unfitForOneLine(config.runDirectory) {
      findings.problem(
        Path.recipe.dir, "the launch's folder \(shown(directory)) holds a line break or control character")
    }
    let paths: [(FieldPath, String?)] = [
      (Path.recipe.name, config.recipe.name), (Path.recipe.dir, config.recipe.dir),
      (Path.checkpoint.save, config.checkpoint.save), (Path.checkpoint.load, config.checkpoint.load),
      (Path.checkpoint.pretrainedCheckpoint, config.checkpoint.pretrainedCheckpoint),
      (Path.logger.tensorboardDir, config.logger.tensorboardDir),
      (Path.dataset.pathToCache, config.dataset.pathToCache),
      (Path.tokenizer.tokenizerModel, config.tokenizer.tokenizerModel),
      (Path.cluster.account, config.cluster.account), (Path.cluster.partition, config.cluster.partition),
      (Path.cluster.qos, config.cluster.qos), (Path.cluster.timeLimit, config.cluster.timeLimit),
      (Path.cluster.gpuType, config.cluster.gpuType), (Path.cluster.containerImage, config.cluster.containerImage),
    ]
    let data = config.dataset
    let sources: [(FieldPath, String?)] =
      data.dataPaths.map { (Path.dataset.dataPaths, $0.path) }
      + data.validDataPaths.map { (Path.dataset.validDataPaths, $0.path) }
      + data.testDataPaths.map { (Path.dataset.testDataPaths, $0.path) }
      + config.cluster.containerMounts.map { (Path.cluster.containerMounts, $0) }
      + config.cluster.sbatchOptions.map { (Path.cluster.sbatchOptions, $0) }
    for (path, text) in paths + sources {
      // What is made of another field is unfit for that field's sake.
      guard let text, unfitForOneLine(text), !config.isDerived(path) else { continue }
      findings.problem(path, "\(shown(text)) holds a line break or control character, which no path or option can")
    }
  }

  func checkCluster(_ findings: inout Findings) {
    let cluster = config.cluster
    switch scheduler {
    case .slurm:
      if cluster.account == nil {
        findings.problem(
          Path.cluster.account, "is not set, and Slurm jobs are charged to an account",
          help: "`--set \(Path.cluster.account)=NAME`, or `none` for a cluster without accounts")
      }
      if cluster.containerImage == nil {
        findings.problem(
          Path.cluster.containerImage, "is not set",
          help: "name an image with Megatron-Bridge, or `none` where the nodes have the packages themselves")
      }
      if cluster.containerRuntime == .docker {
        findings.problem(
          Path.cluster.containerRuntime, "Slurm does not start Docker containers", help: "use pyxis or apptainer")
      }
      if let limit = cluster.timeLimit, !Self.isTimeLimit(limit) {
        findings.problem(
          Path.cluster.timeLimit, "\(shown(limit)) is no time as Slurm reads it",
          help: "write minutes, `hours:minutes:seconds` or `days-hours:minutes:seconds`")
      }
      if cluster.requeue, cluster.timeLimit == nil {
        findings.problem(
          Path.cluster.timeLimit, "is not set, and `requeue` acts before the time limit", help: "set it, as `4:00:00`")
      }
      if cluster.requeue, config.checkpoint.save == nil || config.checkpoint.load == nil {
        findings.problem(
          Path.cluster.requeue,
          """
          needs \(Path.checkpoint.save) and \(Path.checkpoint.load): there is nothing to resume from
          """)
      }
      if cluster.requeue, !config.train.exitSignalHandler {
        findings.problem(
          Path.train.exitSignalHandler, "is false, and with it `\(Path.cluster.requeue)` would lose what was not saved",
          help: "leave it out, or set it to true")
      }
      for option in cluster.sbatchOptions where !option.hasPrefix("--") || option.utf8.count < 3 {
        findings.problem(
          Path.cluster.sbatchOptions, "\(shown(option)) is no option of sbatch", help: "write it as `--name=value`")
      }
      if cluster.gpuRequest == .none, cluster.gpuType != nil {
        findings.problem(Path.cluster.gpuType, "has no effect where `gpu_request` is `none`")
      }
    case .none:
      if cluster.requeue {
        findings.problem(
          Path.cluster.requeue, "torchrun has no queue to put a job back into",
          help: "use `--to slurm`, or set it to false")
      }
      if cluster.containerRuntime == .pyxis {
        findings.problem(
          Path.cluster.containerRuntime, "pyxis is a plugin of Slurm", help: "use docker or apptainer")
      }
      let unused: [(FieldPath, Bool)] = [
        (Path.cluster.account, cluster.account != nil), (Path.cluster.partition, cluster.partition != nil),
        (Path.cluster.qos, cluster.qos != nil), (Path.cluster.timeLimit, cluster.timeLimit != nil),
        (Path.cluster.gpuType, cluster.gpuType != nil), (Path.cluster.cpusPerTask, cluster.cpusPerTask != nil),
        (Path.cluster.sbatchOptions, !cluster.sbatchOptions.isEmpty),
      ]
      for (path, isSet) in unused where isSet { findings.notExported(path, "there is no scheduler to ask") }
    }
    if config.envVars.storage.carried.isEmpty == false { checkVariables(&findings) }
    if image == nil, !cluster.containerMounts.isEmpty {
      findings.problem(
        Path.cluster.containerMounts, "there is no container to mount anything in",
        help: "set \(Path.cluster.containerImage)")
    }
    for mount in cluster.containerMounts where !Self.isMount(mount, runtime) {
      findings.problem(
        Path.cluster.containerMounts, "\(shown(mount)) is no mount",
        help: "write `/from`, `/from:/to` or `/from:/to:ro`")
    }
    if let image, image.hasPrefix("-") {
      findings.problem(Path.cluster.containerImage, "\(shown(image)) would be read as an option")
    }
  }

  private func checkVariables(_ findings: inout Findings) {
    for variable in config.envVars.storage.carried {
      let path = FieldPath("env_vars", variable.name)
      if !isVariableName(variable.name) {
        findings.problem(path, "\(shown(variable.name)) cannot be the name of an environment variable")
      } else if let owner = VariableOwner(of: variable.name) {
        findings.problem(path, "belongs to \(owner.rawValue): \(owner.consequence)")
      } else if case .string(let text) = variable.value, unfitForShell(text) {
        findings.problem(path, "holds a NUL, which no environment variable can")
      }
    }
  }

  /// `minutes`, `minutes:seconds`, `hours:minutes:seconds`, `days-hours`, `days-hours:minutes[:seconds]`.
  static func isTimeLimit(_ text: String) -> Bool {
    let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let clock = (parts.last ?? "").split(separator: ":", omittingEmptySubsequences: false)
    let isNumber = { (part: Substring) in
      !part.isEmpty && part.utf8.count <= 9
        && part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
    guard clock.count <= 3, clock.allSatisfy(isNumber) else { return false }
    return parts.count == 1 || isNumber(parts[0])
  }

  private static func isMount(_ text: String, _ runtime: ContainerRuntime) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard (1...3).contains(parts.count), parts.prefix(2).allSatisfy({ $0.hasPrefix("/") }) else { return false }
    return (parts.count < 3 || ["ro", "rw"].contains(parts[2])) && (runtime == .docker || !text.contains(","))
  }
}

/// A text in a message: on one line, whatever is in it.
func shown(_ text: String) -> String {
  var result = "`"
  for scalar in text.unicodeScalars.prefix(80) {
    let isControl =
      scalar.value < 0x20 || scalar.value == 0x7F || scalar == "\u{2028}" || scalar == "\u{2029}" || scalar == "\u{85}"
    if isControl {
      result += scalar == "\n" ? "\\n" : "\\u{\(String(scalar.value, radix: 16))}"
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result + (text.unicodeScalars.count > 80 ? "…`" : "`")
}
