import ConfigDocument
import FileAccess
import LaunchModel

/// The parts of a plan, worked out from a config, with everything that a launcher cannot honour.
struct LaunchSettings {
  let config: LaunchConfig
  let launcher: any Launcher
  let directory: String
  private(set) var environment: [LaunchPlan.Variable] = []
  private(set) var commands: [(step: LaunchPlan.Step, words: [ShellWord])] = []
  private(set) var results: [LaunchPlan.Step: StepResult] = [:]
  /// The Python programs, each with the step that runs it.
  private(set) var programs: [(step: LaunchPlan.Step, file: ExportedFile)] = []
  /// Where the weights that finetuning starts from are made; `nil` where they are used as they lie.
  private(set) var importedBase: String?
  private(set) var prerequisites: [LaunchPlan.Prerequisite] = []

  init(_ config: LaunchConfig, _ launcher: any Launcher, directory: String, _ remarks: inout ExportRemarks) {
    self.config = config
    self.launcher = launcher
    self.directory = asOperand(directory.isEmpty ? "." : directory)
    checkTexts(&remarks)
    launcher.check(config, &remarks)
    launcher.noteUnheardFields(config, &remarks)
    checkCluster(&remarks)
    checkData(&remarks)
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

  private mutating func addSteps(_ remarks: inout ExportRemarks) {
    let programs = PythonPrograms(release: config.release)
    addPreparation(programs.preparing)
    var origin: String?
    if isFinetuning, let base = config.checkpoint.pretrainedCheckpoint {
      origin = addBase(base, programs.importing, &remarks)
    }
    add(.train, programs.training, command: torchrun(programs.training))
    if let folder = config.checkpoint.save, let steps = config.train.trainSteps {
      let last = folder + "/iter_" + String(repeating: "0", count: max(0, 7 - String(steps).count)) + String(steps)
      // Megatron-Bridge writes the run's config into it when the weights and the tracker are written.
      results[.train] = .files([last + "/" + CheckpointFolder.runConfigName, folder + "/" + Self.tracker])
    }
    addExport(origin: origin, programs, &remarks)
  }

  /// What Megatron-Bridge writes behind a whole checkpoint.
  private static let tracker = "latest_train_state.pt"

  /// The weights that finetuning starts from, and the step that makes Megatron's form of them.
  ///
  /// - Returns: the folder or name of Hugging Face's that they come from; `nil` where they come from none.
  private mutating func addBase(
    _ base: String, _ program: ExportedFile, _ remarks: inout ExportRemarks
  ) -> String? {
    let field = Path.checkpoint.pretrainedCheckpoint
    let kind = BaseWeights(base)
    switch kind {
    case .unfit(let reason):
      remarks.problem(field, "\(shown(base)) \(reason)")
      return nil
    case .megatron:
      prerequisites.append(.init(field: field, path: base, step: nil))
      return nil
    case .huggingFaceFolder, .hub, .unseen: break
    }
    let folder = config.runDirectory + "/imported"
    importedBase = folder
    switch kind {
    case .hub:
      remarks.note(
        field,
        """
        is taken for a model on Hugging Face's hub: there is no \(shown(base)) here. The step `import` converts it to \
        \(shown(folder)), where training begins
        """)
    case .unseen:
      remarks.note(
        field,
        """
        there is no \(shown(base)) here: where it runs, the step `import` converts a folder of Hugging Face's to \
        \(shown(folder)), and links a checkpoint of Megatron's there
        """)
    default:
      remarks.note(
        field,
        "is a folder of Hugging Face's: the step `import` converts it to \(shown(folder)), where training begins")
    }
    prerequisites.append(.init(field: field, path: folder, step: .import))
    add(.import, program, ["--model=\(base)", "--to=\(folder)"])
    results[.import] = .oneOf((BaseWeights.trackers + BaseWeights.partsOfIteration).map { folder + "/" + $0 })
    return base
  }

  /// The step that makes of the last checkpoint what others load.
  private mutating func addExport(origin: String?, _ programs: PythonPrograms, _ remarks: inout ExportRemarks) {
    let field = FieldPath("model", "hf_model_id")
    var named: String?
    if case .string(let name)? = config.model.storage.value(named: field.field)?.value { named = name }
    let tokenizer = config.tokenizer.tokenizerType == .huggingFace ? config.tokenizer.tokenizerModel : nil
    guard let folder = config.checkpoint.save else { return }
    let tracker = folder + "/" + Self.tracker
    guard config.recipe.mode == .peft else {
      guard let model = named ?? origin ?? tokenizer else {
        remarks.note(
          field, "no export step: set \(field) to the Hugging Face model whose config and tokenizer the export takes")
        return
      }
      let target = config.runDirectory + "/hf"
      add(.export, programs.exporting, ["--model=\(model)", "--from=\(folder)", "--to=\(target)"])
      results[.export] = .madeOf(folder: target, tracker: tracker)
      return
    }
    guard let model = origin ?? named ?? tokenizer else {
      remarks.note(field, "no export step: set \(field) to the Hugging Face model that the adapters are for")
      return
    }
    // DoRA's magnitudes are written by the program itself, since no release exports them.
    let merges = config.peft.peftScheme == .lora && !config.release.exportsAdapters
    let target = config.runDirectory + (merges ? "/hf" : "/adapter")
    if merges {
      remarks.note(
        Path.recipe.mode,
        "megatron-bridge \(config.release.megatronBridge) writes no adapters: the step `export` merges them into the model"
      )
    } else {
      noteGenerations(folder: target, &remarks)
    }
    add(.export, programs.exportingAdapter, ["--model=\(model)", "--from=\(folder)", "--to=\(target)"])
    results[.export] = .madeOf(folder: target, tracker: tracker)
  }

  /// The step names modules, as peft reads them on transformers 4. Transformers 5 fuses the experts of a layer, and peft
  /// there makes parameters of all that is called like a matrix of theirs, in dense and shared MLPs, too (peft 0.21.2,
  /// utils/transformers_weight_conversion.py).
  private func noteGenerations(folder: String, _ remarks: inout ExportRemarks) {
    guard config.model.numMoEExperts != nil,
      AdapterTargets(config).selection(config.peft).contains(where: \.module.isProjectionOfMLP)
    else { return }
    let way =
      config.peft.peftScheme == .dora
      ? "`moonlight-trainer merge` folds them into the model, which both read"
      : "`moonlight-trainer export-adapter` writes them as both read them"
    remarks.note(
      Path.peft.targetModules,
      "peft reads adapters of MLPs beside routed experts, as \(shown(folder)) holds them, on transformers 4 alone: \(way)"
    )
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
    } else if let examples = sources.examples, let folder = sources.exampleFolder {
      let data = config.dataset
      arguments = ["examples", "--to=\(folder)", "--seed=\(data.randomSeed)"]
      arguments += examples.train.map { "--train=\($0)" }
      arguments += examples.valid.map { "--valid=\($0)" }
      arguments += examples.test.map { "--test=\($0)" }
      if examples.valid.isEmpty, data.doValidation, let share = data.valProportion {
        arguments.append(ShellWord("--valid-share=\(share.description)"))
      }
    }
    guard !arguments.isEmpty else { return }
    for (_, prefix) in sources.renamed {
      prerequisites.append(.init(field: Path.dataset.dataPaths, path: prefix + ".idx", step: .prepare))
    }
    if sources.examples != nil, let folder = sources.exampleFolder {
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
    programs.append((step, program))
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

extension AdapterModule {
  /// Of a dense layer, of routed experts or of shared ones.
  fileprivate var isProjectionOfMLP: Bool {
    isLinear && kind != .router && huggingFacePaths.contains { $0.hasPrefix("mlp.") }
  }
}
