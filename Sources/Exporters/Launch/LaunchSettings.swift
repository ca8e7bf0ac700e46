import ConfigDocument
import LaunchModel

/// The parts of a plan, worked out from a config, with everything that a launcher cannot honour.
struct LaunchSettings {
  let config: LaunchConfig
  let launcher: any Launcher
  let directory: String
  private(set) var environment: [LaunchPlan.Variable] = []
  private(set) var commands: [(step: LaunchPlan.Step, words: [ShellWord])] = []
  private(set) var results: [LaunchPlan.Step: StepResult] = [:]
  private(set) var programs: [ExportedFile] = []
  /// Where the weights that finetuning starts from are made; `nil` where they are used as they lie.
  private(set) var importedBase: String?
  private(set) var prerequisites: [LaunchPlan.Prerequisite] = []

  init(_ config: LaunchConfig, _ launcher: any Launcher, directory: String, _ remarks: inout ExportRemarks) {
    self.config = config
    self.launcher = launcher
    self.directory = asOperand(directory.isEmpty ? "." : directory)
    checkTexts(&remarks)
    launcher.check(config, &remarks)
    checkCluster(&remarks)
    setEnvironment(&remarks)
    addSteps(&remarks)
  }

  // MARK: Environment

  private mutating func setEnvironment(_ remarks: inout ExportRemarks) {
    environment = LaunchEnvironment.variables(of: config)
    let name = LaunchEnvironment.connections
    if environment.contains(where: { $0.name == name }), config.envVars.storage.value(named: name) == nil {
      remarks.note(
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

  private mutating func addSteps(_ remarks: inout ExportRemarks) {
    let programs = PythonPrograms(release: config.release)
    self.programs.append(programs.common)
    addPreparation(programs.preparing)
    if isFinetuning, let base = config.checkpoint.pretrainedCheckpoint { addBase(base, programs.importing, &remarks) }
    add(.train, programs.training, command: torchrun(programs.training))
    if let folder = config.checkpoint.save, let steps = config.train.trainSteps {
      results[.train] = .checkpoint(
        folder: folder + "/iter_" + String(repeating: "0", count: max(0, 7 - String(steps).count)) + String(steps),
        tracker: folder + "/" + Self.tracker)
    }
    if let model = huggingFaceModel, let folder = config.checkpoint.save, config.recipe.mode != .peft {
      add(.export, programs.exporting, ["--model=\(model)", "--from=\(folder)", "--to=\(config.runDirectory)/hf"])
      results[.export] = .madeOf(folder: config.runDirectory + "/hf", tracker: folder + "/" + Self.tracker)
    } else if config.recipe.mode == .peft {
      remarks.note(
        Path.recipe.mode,
        "no export step: megatron-bridge \(config.release.megatronBridge) converts whole models; merge the adapters first"
      )
    } else {
      let path = FieldPath("model", "hf_model_id")
      remarks.note(
        path,
        "no export step: set \(path) to the Hugging Face model whose config and tokenizer the export takes")
    }
  }

  /// What Megatron-Bridge writes behind a whole checkpoint.
  private static let tracker = "latest_train_state.pt"

  /// The weights that finetuning starts from, and the step that makes Megatron's form of them.
  private mutating func addBase(_ base: String, _ program: ExportedFile, _ remarks: inout ExportRemarks) {
    let field = Path.checkpoint.pretrainedCheckpoint
    let kind = BaseWeights(base)
    let source = kind == .megatron ? huggingFaceModel : base
    let folder = kind == .megatron ? base : config.runDirectory + "/imported"
    if kind != .megatron {
      importedBase = folder
      remarks.note(
        field,
        """
        \(kind == .hub ? "taken for a model on Hugging Face's hub" : "is a folder of Hugging Face's"): the step `import` \
        converts it to \(shown(folder)), where training begins
        """)
    }
    prerequisites.append(.init(field: field, path: folder, step: source == nil ? nil : .import))
    guard let source else { return }
    add(.import, program, ["--model=\(source)", "--to=\(folder)"])
    results[.import] = .oneOf((BaseWeights.trackers + BaseWeights.partsOfIteration).map { folder + "/" + $0 })
  }

  private mutating func addPreparation(_ program: ExportedFile) {
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
    add(.prepare, program, arguments)
    results[.prepare] = .files(prerequisites.filter { $0.step == .prepare }.map(\.path))
  }

  /// A step that runs a program, with the config and more arguments, on one process.
  private mutating func add(_ step: LaunchPlan.Step, _ program: ExportedFile, _ arguments: [ShellWord]) {
    add(
      step, program,
      command: [
        "python3", "\(variable: "launch_dir")/\(program.name)",
        "--config=\(variable: "launch_dir")/\(LaunchPlan.FileName.config)",
      ] + arguments)
  }

  private mutating func add(_ step: LaunchPlan.Step, _ program: ExportedFile, command: [ShellWord]) {
    commands.append((step, launcher.invocation(of: command, for: step, config)))
    programs.append(program)
  }

  private func torchrun(_ program: ExportedFile) -> [ShellWord] {
    let cluster = config.cluster
    var words: [ShellWord] = [
      "torchrun", "--nnodes=\(cluster.numNodes)", "--nproc-per-node=\(cluster.gpusPerNode)",
    ]
    words += launcher.rendezvous(config)
    words += ["--log-dir=\(config.runDirectory)/logs", "--tee=3"]
    words += [
      "\(variable: "launch_dir")/\(program.name)", "--mode=\(isFinetuning ? "finetune" : "pretrain")",
      "--config=\(variable: "launch_dir")/\(LaunchPlan.FileName.config)",
    ]
    if let function = BridgeDataset.functionOfProgram(config) { words.append("--process-example-fn=\(function)") }
    return words
  }
}
