import ConfigDocument
import LaunchModel

/// The parts of a plan, worked out from a config, with everything that a launcher cannot honour.
struct LaunchSettings {
  let config: LaunchConfig
  let scheduler: LaunchPlan.Scheduler
  let directory: String
  private(set) var environment: [LaunchPlan.Variable] = []
  private(set) var commands: [(step: LaunchPlan.Step, words: [ShellWord])] = []
  private(set) var programs: [(name: String, text: String)] = []
  private(set) var prerequisites: [LaunchPlan.Prerequisite] = []

  init(_ config: LaunchConfig, _ scheduler: LaunchPlan.Scheduler, directory: String, _ findings: inout Findings) {
    self.config = config
    self.scheduler = scheduler
    self.directory = asOperand(directory.isEmpty ? "." : directory)
    checkTexts(&findings)
    checkCluster(&findings)
    setEnvironment(&findings)
    addSteps(&findings)
  }

  // MARK: What cannot be

  private func checkTexts(_ findings: inout Findings) {
    if unfitForOneLine(directory) {
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
      guard let text, unfitForOneLine(text) else { continue }
      findings.problem(path, "\(shown(text)) holds a line break or control character, which no path or option can")
    }
  }

  private func checkCluster(_ findings: inout Findings) {
    let cluster = config.cluster
    switch scheduler {
    case .slurm:
      if cluster.account == nil {
        findings.problem(
          Path.cluster.account, "is not set, and Slurm jobs are charged to an account",
          help: "`--set cluster.account=NAME`, or `none` for a cluster without accounts")
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
          Path.cluster.requeue, "needs checkpoint.save and checkpoint.load: there is nothing to resume from")
      }
      if cluster.requeue, !config.train.exitSignalHandler {
        findings.problem(
          Path.train.exitSignalHandler, "is false, and with it `cluster.requeue` would lose what was not saved",
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
        Path.cluster.containerMounts, "there is no container to mount anything in", help: "set cluster.container_image")
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
      } else if Self.launchVariables.contains(variable.name) {
        findings.problem(path, "is set by the launcher itself")
      } else if case .string(let text) = variable.value, unfitForShell(text) {
        findings.problem(path, "holds a NUL, which no environment variable can")
      }
    }
  }

  /// What torchrun and Slurm tell every process.
  private static let launchVariables: Set<String> = [
    "RANK", "LOCAL_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "GROUP_RANK", "MASTER_ADDR", "MASTER_PORT", "NODE_RANK",
    "LAUNCH_DIR", "launch_dir", "PATH", "IFS", "BASH_ENV", "ENV", "SHELLOPTS", "BASHOPTS",
  ]

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

  // MARK: Environment

  private mutating func setEnvironment(_ findings: inout Findings) {
    for variable in config.envVars.storage.carried {
      environment.append(LaunchPlan.Variable(name: variable.name, value: text(of: variable.value)))
    }
    let name = "CUDA_DEVICE_MAX_CONNECTIONS"
    let parallelism = config.parallelism
    let splitsLayers = parallelism.tensorModelParallelSize > 1 || parallelism.contextParallelSize > 1
    let isSharded = config.ddp.useMegatronFSDP || config.dist.useTorchFSDP2
    if splitsLayers, !isSharded, !environment.contains(where: { $0.name == name }) {
      environment.append(LaunchPlan.Variable(name: name, value: "1"))
      findings.note(
        FieldPath("env_vars", name),
        "set to 1, so that communication of tensor and context parallelism is queued in order (before Blackwell)")
    }
  }

  // MARK: Steps

  private var isFinetuning: Bool { config.recipe.mode != .pretrain }

  /// The model on Hugging Face that weights come from and go to.
  private var huggingFaceModel: String? {
    if case .string(let name)? = config.model.storage.value(named: "hf_model_id")?.value { return name }
    return config.tokenizer.tokenizerType == .huggingFace ? config.tokenizer.tokenizerModel : nil
  }

  private mutating func addSteps(_ findings: inout Findings) {
    let files = LaunchPlan.FileName.self
    addPreparation()
    if isFinetuning, let folder = config.checkpoint.pretrainedCheckpoint {
      if let model = huggingFaceModel {
        commands.append(
          (.import, python(files.importing, ["--model=\(model)", "--to=\(folder)"], isAlone: true)))
        programs.append((files.importing, PythonPrograms.importing))
      }
      prerequisites.append(
        .init(
          field: Path.checkpoint.pretrainedCheckpoint, path: folder, step: huggingFaceModel == nil ? nil : .import))
    }
    commands.append((.train, ContainerLine(self).wrapping(torchrun, isAlone: false)))
    programs.append((files.training, PythonPrograms.training))
    if let model = huggingFaceModel, let folder = config.checkpoint.save, config.recipe.mode != .peft {
      commands.append(
        (
          .export,
          python(
            files.exporting, ["--model=\(model)", "--from=\(folder)", "--to=\(config.runDirectory)/hf"],
            isAlone: true)
        ))
      programs.append((files.exporting, PythonPrograms.exporting))
    } else if config.recipe.mode == .peft {
      findings.note(
        Path.recipe.mode, "no export step: megatron-bridge 0.3.1 converts whole models; merge the adapters first")
    } else {
      findings.note(
        FieldPath("model", "hf_model_id"),
        "no export step: set model.hf_model_id to the Hugging Face model whose config and tokenizer the export takes")
    }
  }

  private mutating func addPreparation() {
    let sources = DataSources(config)
    var arguments: [ShellWord] = []
    if !sources.renamed.isEmpty {
      let field = config.dataset.kind == .tokens ? "tokens" : "text"
      arguments =
        ["tokens", "--field=\(field)"] + sources.renamed.flatMap { [ShellWord($0.source), ShellWord($0.prefix)] }
      // Paths follow, so a leading dash must not make options of them.
      arguments.insert("--", at: 2)
    } else if sources.needsExamples, let folder = sources.exampleFolder {
      let data = config.dataset
      arguments = ["examples", "--to=\(folder)", "--seed=\(data.randomSeed)"]
      arguments += data.dataPaths.map { "--train=\($0.path)" }
      arguments += data.validDataPaths.map { "--valid=\($0.path)" }
      arguments += data.testDataPaths.map { "--test=\($0.path)" }
      if data.validDataPaths.isEmpty, data.doValidation, let share = data.valProportion {
        arguments.append(ShellWord("--valid-share=\(share.description)"))
      }
    }
    guard !arguments.isEmpty else { return }
    for (_, prefix) in sources.renamed {
      prerequisites.append(.init(field: Path.dataset.dataPaths, path: prefix + ".idx", step: .prepare))
    }
    if sources.needsExamples, let folder = sources.exampleFolder {
      prerequisites.append(.init(field: Path.dataset.dataPaths, path: folder + "/training.jsonl", step: .prepare))
    }
    commands.append((.prepare, python(LaunchPlan.FileName.preparing, arguments, isAlone: true)))
    programs.append((LaunchPlan.FileName.preparing, PythonPrograms.preparing))
  }

  private func python(_ program: String, _ arguments: [ShellWord], isAlone: Bool) -> [ShellWord] {
    let command: [ShellWord] =
      [
        "python3", "\(variable: "launch_dir")/\(program)",
        "--config=\(variable: "launch_dir")/\(LaunchPlan.FileName.config)",
      ]
    return ContainerLine(self).wrapping(command + arguments, isAlone: isAlone)
  }

  private var torchrun: [ShellWord] {
    let cluster = config.cluster
    var words: [ShellWord] = [
      "torchrun", "--nnodes=\(cluster.numNodes)", "--nproc-per-node=\(cluster.gpusPerNode)",
    ]
    if scheduler == .slurm {
      words += [
        "--rdzv-id=\(variable: "SLURM_JOB_ID")", "--rdzv-backend=c10d",
        "--rdzv-endpoint=\(variable: "MASTER_ADDR"):\(cluster.masterPort)",
      ]
    } else if cluster.numNodes == 1 {
      words.append("--standalone")
    } else {
      words += [
        "--node-rank=\(variable: "NODE_RANK")", "--master-addr=\(variable: "MASTER_ADDR")",
        "--master-port=\(cluster.masterPort)",
      ]
    }
    words += ["--log-dir=\(config.runDirectory)/logs", "--tee=3"]
    words += [
      "\(variable: "launch_dir")/\(LaunchPlan.FileName.training)", "--mode=\(isFinetuning ? "finetune" : "pretrain")",
      "--config=\(variable: "launch_dir")/\(LaunchPlan.FileName.config)",
    ]
    return words
  }

  // MARK: Container

  /// `nil` where commands run on the nodes themselves.
  var image: String? { config.cluster.containerImage.flatMap { $0 == "none" ? nil : $0 } }

  var runtime: ContainerRuntime { config.cluster.containerRuntime ?? (scheduler == .slurm ? .pyxis : .docker) }
}

/// A value of `env_vars` as the text that a process sees.
private func text(of value: ConfigValue) -> String {
  switch value {
  case .null: ""
  case .bool(let flag): flag ? "1" : "0"
  case .int(let number): String(number)
  case .string(let text): text
  case .float, .list, .mapping: FlowText.yaml(value)
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
