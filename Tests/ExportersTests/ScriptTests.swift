import ConfigDocument
import Exporters
import Foundation
import LaunchModel
import Testing

/// The scripts run under bash, with programs that write down how they were called.
@Suite struct ScriptTests {
  // MARK: Form

  @Test(arguments: ExportCase.all)
  func scriptsAreValidBash(_ example: ExportCase) throws {
    for script in try scripts(example) {
      let answer = try Bash.run(["-n", "-s"], input: script)
      #expect(answer.status == 0, "\(answer.errors)")
    }
  }

  /// Where shellcheck is installed; it is not needed to build or to run.
  @Test(.enabled(if: Self.shellcheck != nil), arguments: ExportCase.all)
  func shellcheckHasNothingToSay(_ example: ExportCase) throws {
    let shellcheck = try #require(Self.shellcheck)
    for script in try scripts(example) {
      let answer = try Bash.run(["-c", "exec \(shellQuoted(shellcheck)) --shell=bash -"], input: script)
      #expect(answer.status == 0, "\(answer.text)")
    }
  }

  private static let shellcheck: String? = {
    if let path = ProcessInfo.processInfo.environment["SHELLCHECK"] { return path }
    let answer = try? Bash.run(["-c", "command -v shellcheck"])
    return answer?.status == 0 ? answer?.text.trimmingCharacters(in: .newlines) : nil
  }()

  private func scripts(_ example: ExportCase) throws -> [String] {
    let hostile = [
      "cluster.container_mounts=[\"/data $(x)\", \"/it's:/b:ro\"]",
      #"cluster.setup_commands=["module load 'a", "source x"]"#,
      "cluster.qos=\"q q\"", "cluster.gpu_request=gres", "cluster.gpu_type=h100", "cluster.partition=p",
    ]
    var result: [String] = []
    for config in [
      example.onCluster(), example.onCluster(hostile), example.onCluster(["cluster.container_runtime=apptainer"]),
    ] {
      result.append(try Launch(config, SlurmLauncher(), directory: "launch").file.text)
    }
    let config = example.config.with(["cluster.requeue=false"])
    result.append(try Launch(config, TorchrunLauncher(), directory: "launch").file.text)
    result.append(
      try Launch(
        config.with(["cluster.container_image=image", "cluster.num_nodes=3"]), TorchrunLauncher(), directory: "l"
      ).file.text)
    return result
  }

  // MARK: What arrives

  /// This machine, as the scripts call it.
  private static let host = (try? Bash.run(["-c", "hostname"]).text.trimmingCharacters(in: .newlines)) ?? ""

  @Test func torchrunGetsWhatTheConfigSays() throws {
    let stage = try Stage(try ExportCase.named("pretrain").config.with(["cluster.num_nodes=1"]), TorchrunLauncher())
    let answer = try stage.run()
    #expect(answer.status == 0, "\(answer.errors)")
    let call = try #require(stage.calls("torchrun").first)
    #expect(
      call.arguments == [
        "--nnodes=1", "--nproc-per-node=8", "--standalone", "--log-dir=nemo_experiments/default/logs", "--tee=3",
        "launch/train.py", "--mode=pretrain", "--config=launch/bridge.yaml",
      ])
    #expect(call.environment["CUDA_DEVICE_MAX_CONNECTIONS"] == "1")
  }

  @Test func everyNodeGetsItsRank() throws {
    let config = try ExportCase.named("pretrain").config.with(["cluster.num_nodes=4", "cluster.master_port=12345"])
    let stage = try Stage(config, TorchrunLauncher())
    let answer = try stage.run(environment: ["NODE_RANK": "3", "MASTER_ADDR": "first node"])
    #expect(answer.status == 0, "\(answer.errors)")
    let arguments = try #require(stage.calls("torchrun").first).arguments
    #expect(
      arguments.prefix(5) == [
        "--nnodes=4", "--nproc-per-node=8", "--node-rank=3", "--master-addr=first node", "--master-port=12345",
      ])
  }

  @Test(arguments: ["NODE_RANK", "MASTER_ADDR"])
  func aNodeWithoutItsRankIsRefused(missing: String) throws {
    let stage = try Stage(try ExportCase.named("pretrain").config.with(["cluster.num_nodes=4"]), TorchrunLauncher())
    let answer = try stage.run(environment: ["NODE_RANK": "3", "MASTER_ADDR": "a"].filter { $0.key != missing })
    #expect(answer.status != 0)
    #expect(answer.errors.contains(missing))
    #expect(stage.calls("torchrun").isEmpty)
  }

  @Test(arguments: Bash.hostileTexts.filter { !unfitForOneLine($0) && !$0.isEmpty && !$0.contains("/") })
  func hostileNamesArrive(name: String) throws {
    var config = try ExportCase.named("pretrain").config.with(["cluster.num_nodes=1", "env_vars.NAME=x"])
    config = LaunchConfig.resolve([
      config.layer,
      Layer(
        name: "hostile",
        assignments: [
          .init(Path.recipe.name, .string(name), .program),
          .init(FieldPath("env_vars", "NAME"), .string(name), .program),
        ]),
    ])
    let stage = try Stage(config, TorchrunLauncher(), directory: name)
    let answer = try stage.run()
    #expect(answer.status == 0, "\(answer.errors)")
    let call = try #require(stage.calls("torchrun").first)
    #expect(call.arguments.contains("--log-dir=nemo_experiments/\(name)/logs"))
    #expect(call.arguments.last == "--config=\(asOperand(name))/bridge.yaml")
    #expect(call.environment["NAME"] == name)
    #expect(!stage.exists("pwned"))
  }

  /// A text in every field that reaches a script: each step of each kind of script runs the plan's words, to the byte.
  @Test(arguments: Bash.hostileTexts.filter { !unfitForOneLine($0) && !$0.isEmpty && !$0.contains(":") })
  func hostileFieldsArrive(text: String) throws {
    let fields: [(FieldPath, ConfigValue)] = [
      (Path.recipe.name, .string(text)), (Path.recipe.dir, .string(text + "/runs")),
      (Path.checkpoint.pretrainedCheckpoint, .string(text)), (FieldPath("model", "hf_model_id"), .string(text)),
      (Path.checkpoint.save, .string(text + "/saved")), (Path.dataset.dataPaths, .list([.string(text + ".jsonl")])),
      (Path.dataset.testDataPaths, .list([.string(text), "-t"])), (Path.cluster.account, .string(text)),
      (Path.cluster.partition, .string(text)), (Path.cluster.qos, .string(text)), (Path.cluster.gpuType, .string(text)),
      (Path.cluster.containerImage, .string("image " + text)), (Path.cluster.numNodes, 1),
      (Path.cluster.containerMounts, text.contains(",") ? .list([]) : .list([.string("/" + text)])),
      (Path.cluster.sbatchOptions, .list([.string("--comment=" + text)])),
      (FieldPath("env_vars", "VALUE"), .string(text)),
    ]
    let config = LaunchConfig.resolve([
      try ExportCase.named("examples-files").onCluster().layer,
      Layer(name: "hostile", assignments: fields.map { .init($0.0, $0.1, .program) }),
    ])
    for launcher in [TorchrunLauncher(), SlurmLauncher()] as [any Launcher] {
      let folder = "a " + text.split(separator: "/").joined()
      let stage = try Stage(config, launcher, directory: folder)
      #expect(try Bash.run(["-n", "-s"], input: stage.script).status == 0)
      let plan = try Launch(config, launcher, directory: folder).plan
      let variables = ["PWD": stage.folder.path, "SLURM_JOB_ID": "17", "MASTER_ADDR": Self.host]
      for step in LaunchPlan.Step.allCases {
        let words = try #require(try plan.arguments(step, variables), "\(step)")
        let answer = try stage.run([step.rawValue], environment: ["SLURM_JOB_ID": "17"])
        #expect(answer.status == 0, "\(answer.errors)")
        let call = try #require(
          stage.calls(words[0]).last { Array($0.arguments) == Array(words.dropFirst()) }, "\(words)")
        #expect(call.environment["VALUE"] == text)
      }
      #expect(
        try plan.arguments(.import, variables)?.suffix(2) == ["--model=\(text)", "--to=\(text)/runs/\(text)/imported"])
      #expect(try plan.arguments(.prepare, variables)?.contains("--train=\(text).jsonl") == true)
      #expect(!stage.exists("pwned"))
    }
  }

  @Test(arguments: Bash.hostileTexts.filter { !$0.isEmpty })
  func hostileVariablesArrive(value: String) throws {
    var config = try ExportCase.named("pretrain").config.with(["cluster.num_nodes=1"])
    config = LaunchConfig.resolve([
      config.layer,
      Layer(name: "hostile", assignments: [.init(FieldPath("env_vars", "VALUE"), .string(value), .program)]),
    ])
    let stage = try Stage(config, TorchrunLauncher())
    #expect(try stage.run().status == 0)
    #expect(try #require(stage.calls("torchrun").first).environment["VALUE"] == value)
    #expect(!stage.exists("pwned"))
  }

  /// The script within the file of a system that starts it itself.
  private func script(in launch: Launch) throws -> String {
    let documents = launch.file.text.components(separatedBy: "\n---\n")
    let root = DocumentReader.read(text: try #require(documents.last), name: "launch", format: .yaml).root
    if case .string(let script)? = root?["run"]?.value(in: .v1_2) { return script }
    guard case .list(let command)? = root?["spec"]?["trainer"]?["command"]?.value(in: .v1_2),
      case .string(let script) = command[2]
    else { throw NoScript() }
    #expect(command[0] == "bash" && command[1] == "-c")
    // What Kubernetes makes of it, for which `$(NAME)` would be a variable.
    #expect(!script.replacing("$$", with: "").contains("$"))
    return script.replacing("$$", with: "$")
  }

  private struct NoScript: Error {}

  @Test(arguments: ExportCase.all)
  func scriptsWithinFilesAreValidBash(_ example: ExportCase) throws {
    for launcher in [KubernetesLauncher(), SkyPilotLauncher()] as [any Launcher] {
      let config = example.config.with([
        "cluster.container_image=image", "cluster.gpu_type=H100", "recipe.dir=/runs", "cluster.requeue=false",
        "checkpoint.save=/runs/saved", "checkpoint.load=/runs/saved",
      ])
      let script = try script(in: try Launch(config, launcher, directory: "launch"))
      let answer = try Bash.run(["-n", "-s"], input: script)
      #expect(answer.status == 0, "\(answer.errors)")
    }
  }

  @Test(arguments: Bash.hostileTexts.filter { !unfitForOneLine($0) && !$0.isEmpty && !$0.contains(":") })
  func hostileTextsArriveThroughOtherFiles(text: String) throws {
    let runs = FileManager.default.temporaryDirectory.path + "/moonlight-hostile-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: runs) }
    let fields: [(FieldPath, ConfigValue)] = [
      (Path.recipe.name, .string(text)), (Path.recipe.dir, .string(runs + "/" + text)),
      (Path.cluster.containerImage, .string("image " + text)), (Path.cluster.gpuType, "H100"),
      (Path.cluster.numNodes, 1), (FieldPath("env_vars", "VALUE"), .string(text)),
    ]
    let config = LaunchConfig.resolve([
      try ExportCase.named("tiny-pretrain").config.layer,
      Layer(name: "hostile", assignments: fields.map { .init($0.0, $0.1, .program) }),
    ])
    for launcher in [KubernetesLauncher(), SkyPilotLauncher()] as [any Launcher] {
      let stage = try Stage(config, launcher)
      try stage.replaceScript(try script(in: try Launch(config, launcher, directory: "launch")))
      let answer = try stage.run(environment: ["LAUNCH_DIR": stage.folder.path + "/launch"])
      #expect(answer.status == 0, "\(answer.errors)")
      let call = try #require(stage.calls("torchrun").first)
      #expect(call.arguments.contains("--log-dir=\(runs)/\(text)/\(text)/logs"))
      #expect(call.environment["VALUE"] == text)
      #expect(!stage.exists("pwned"))
    }
  }

  /// The file that a step runs, its arguments, its place in the container.
  @Test func stepsRunInTheContainer() throws {
    let config = try ExportCase.named("examples-files").config.with([
      "cluster.num_nodes=1", "cluster.container_image=\"my image\"", "cluster.container_mounts=[\"/a b\"]",
      "env_vars.TOKEN=secret", "model.hf_model_id=moonshotai/Moonlight-16B-A3B",
    ])
    let stage = try Stage(config, TorchrunLauncher())
    let answer = try stage.run(["prepare", "import", "train", "export"])
    #expect(answer.status == 0, "\(answer.errors)")
    let calls = stage.calls("docker").map(\.arguments)
    #expect(calls.count == 4)
    let options = try #require(calls.first).prefix { $0 != "my image" }
    #expect(options.contains("--volume=/a b:/a b"))
    #expect(options.contains("--env=TOKEN"))
    #expect(options.contains("--volume=\(stage.folder.path):\(stage.folder.path)"))
    let commands = calls.map { Array($0.drop { $0 != "my image" }.dropFirst()) }
    #expect(
      commands[0] == [
        "python3", "launch/prepare_data.py", "--config=launch/bridge.yaml", "examples",
        "--to=nemo_experiments/default/examples",
        "--seed=5678", "--train=/data/a.jsonl", "--train=/data/b.jsonl", "--valid-share=0.1",
      ])
    #expect(
      commands[1] == [
        "python3", "launch/import_checkpoint.py", "--config=launch/bridge.yaml", "--model=/checkpoints/moonlight",
        "--to=nemo_experiments/default/imported",
      ])
    #expect(commands[2].prefix(2) == ["torchrun", "--nnodes=1"])
    #expect(commands[2].contains("--mode=finetune"))
    #expect(
      commands[3] == [
        "python3", "launch/export_checkpoint.py", "--config=launch/bridge.yaml", "--model=moonshotai/Moonlight-16B-A3B",
        "--from=nemo_experiments/default/checkpoints", "--to=nemo_experiments/default/hf",
      ])
  }

  // MARK: The chain

  /// What the steps would make, made by fakes of them.
  private static let pythonMakes = #"""
    case $1 in
      *prepare_data.py) mkdir -p runs/r/examples; touch runs/r/examples/training.jsonl ;;
      *import_checkpoint.py) mkdir -p runs/r/imported; touch runs/r/imported/latest_train_state.pt ;;
      *export_checkpoint.py) mkdir -p runs/r/hf ;;
    esac
    """#
  /// In the order of the package: the folder of the iteration changes once more behind the tracker.
  private static let trainingMakes =
    "mkdir -p saved/iter_0000007; touch saved/latest_train_state.pt; touch saved/iter_0000007/run_config.yaml"

  private func finetuning(nodes: Int) throws -> Stage {
    let config = try ExportCase.named("examples-files").config.with([
      "cluster.num_nodes=\(nodes)", "checkpoint.pretrained_checkpoint=base", "recipe.dir=runs", "recipe.name=r",
      "checkpoint.save=saved", "train.train_iters=7", "model.hf_model_id=a/b",
    ])
    let stage = try Stage(config, TorchrunLauncher())
    try stage.fake("python3", Self.pythonMakes)
    try stage.fake("torchrun", Self.trainingMakes)
    return stage
  }

  @Test("without arguments the steps run in order, and what is there is not made again")
  func chain() throws {
    let stage = try finetuning(nodes: 1)
    #expect(try stage.run().status == 0)
    let programs = stage.calls("python3").map { $0.arguments[0] }
    #expect(programs == ["prepare_data.py", "import_checkpoint.py", "export_checkpoint.py"].map { "launch/" + $0 })
    #expect(stage.calls("torchrun").count == 1)
    let again = try stage.run()
    #expect(again.status == 0)
    #expect(stage.calls("python3").count == 3 && stage.calls("torchrun").count == 1)
    #expect(again.errors.split(separator: "\n").count == 4)
  }

  @Test("a launch that was stopped goes on where it was")
  func resumed() throws {
    let stage = try finetuning(nodes: 1)
    try stage.fake("torchrun", "exit 3")
    #expect(try stage.run().status == 3)
    #expect(stage.calls("python3").count == 2)
    try stage.fake("torchrun", Self.trainingMakes)
    #expect(try stage.run().status == 0)
    #expect(stage.calls("python3").count == 3 && stage.calls("torchrun").count == 2)
  }

  @Test("half a checkpoint is none")
  func halfOfTheLastCheckpoint() throws {
    let stage = try finetuning(nodes: 1)
    try stage.fake("torchrun", "mkdir -p saved/iter_0000007; touch saved/latest_train_state.pt; exit 3")
    for _ in 0..<2 { #expect(try stage.run().status == 3) }
    #expect(stage.calls("torchrun").count == 2)
  }

  @Test("--only runs one step, whatever is there")
  func only() throws {
    let stage = try finetuning(nodes: 1)
    for _ in 0..<2 { #expect(try stage.run(["--only", "import"]).status == 0) }
    #expect(stage.calls("python3").map { $0.arguments[0] } == Array(repeating: "launch/import_checkpoint.py", count: 2))
    #expect(stage.calls("torchrun").isEmpty)
    #expect(try stage.run(["--only", "imports"]).status == 64)
  }

  @Test("a checkpoint that is newer than what was made of it is exported again")
  func exportedAgain() throws {
    let stage = try finetuning(nodes: 1)
    #expect(try stage.run().status == 0)
    #expect(try Bash.run(["-c", "touch -d '+1 minute' saved/latest_train_state.pt"], in: stage.folder).status == 0)
    #expect(try stage.run().status == 0)
    #expect(stage.calls("python3").last?.arguments[0] == "launch/export_checkpoint.py")
    #expect(stage.calls("python3").count == 4 && stage.calls("torchrun").count == 1)
  }

  @Test("of several nodes the first one prepares and exports")
  func chainOnNodes() throws {
    let stage = try finetuning(nodes: 2)
    let environment = ["MASTER_ADDR": "first", "NODE_RANK": "0"]
    #expect(try stage.run(["prepare", "import"], environment: environment).status == 0)
    #expect(try stage.run(environment: environment.merging(["NODE_RANK": "1"]) { $1 }).status == 0)
    #expect(stage.calls("python3").count == 2 && stage.calls("torchrun").count == 1)
    #expect(try stage.run(environment: environment).status == 0)
    #expect(stage.calls("python3").last?.arguments[0] == "launch/export_checkpoint.py")
  }

  // MARK: Mounts

  @Test("folders of the config's paths are in the container")
  func mounts() throws {
    let settings = [
      "cluster.num_nodes=1", "cluster.container_image=image", "cluster.container_mounts=[\"/shared:/data\"]",
      "recipe.dir=/results", "dataset.data_paths=[/data/a.jsonl, /corpora/b/c.jsonl, here.jsonl]",
      "checkpoint.pretrained_checkpoint=/corpora/base", "tokenizer.tokenizer_model=/tokenizers/t",
    ]
    let config = try ExportCase.named("examples-files").config.with(settings)
    let stage = try Stage(config, TorchrunLauncher())
    #expect(try stage.run(["train"]).status == 0)
    let mounts = try #require(stage.calls("docker").first).arguments.filter { $0.hasPrefix("--volume=") }.dropFirst()
    #expect(
      mounts == [
        "--volume=/corpora:/corpora", "--volume=/results:/results", "--volume=/tokenizers:/tokenizers",
        "--volume=/shared:/data",
      ])
  }

  /// A mount of the config's within a folder that is mounted beside it stands behind that, which would hide it.
  @Test(arguments: ["docker", "apptainer"])
  func aNeededFolderHidesNothing(runtime: String) throws {
    let config = try ExportCase.named("examples-files").config.with([
      "cluster.num_nodes=1", "cluster.container_image=image", "cluster.container_runtime=\(runtime)",
      "cluster.container_mounts=[\"/fast:/data/cache\"]", "dataset.data_paths=[/data/a.jsonl]",
      "tokenizer.tokenizer_model=/data/tokenizer", "checkpoint.pretrained_checkpoint=/data/base",
      "recipe.dir=/data/runs",
    ])
    let stage = try Stage(config, TorchrunLauncher())
    #expect(try stage.run(["train"]).status == 0)
    let mounts = try #require(stage.calls(runtime).first).arguments.filter { $0.contains("/data") && $0.contains(":") }
    #expect(mounts.map { $0.drop { $0 != "/" } }.prefix(2) == ["/data:/data", "/fast:/data/cache"])
  }

  @Test(arguments: [
    ([#"cluster.container_mounts=["/a:/data", "/b:/data"]"#], "two mounts stand at `/data`"),
    ([#"cluster.container_mounts=["/a:/"]"#], "a mount at `/` would hide all that the container holds"),
    (
      [#"cluster.container_mounts=["/a:/data/sub", "/b:/data"]"#],
      "the mount at `/data` would hide the one at `/data/sub`"
    ),
    ([#"dataset.data_paths=["/data:1/a.jsonl"]"#], "`/data:1/a.jsonl` is not in the container"),
  ])
  func mountsThatCannotBe(settings: [String], problem: String) throws {
    let config = try ExportCase.named("examples-files").config.with(["cluster.container_image=image"] + settings)
    let problems = Launch.launch(of: config, by: TorchrunLauncher(), directory: "launch").problems
    #expect(problems.count == 1 && problems[0].message.text.hasPrefix(problem), "\(problems)")
  }

  @Test func anUnknownStepIsRefused() throws {
    let stage = try Stage(try ExportCase.named("pretrain").config.with(["cluster.num_nodes=1"]), TorchrunLauncher())
    let answer = try stage.run(["trian"])
    #expect(answer.status == 64)
    #expect(answer.errors.contains("the steps are train"))
  }

  @Test func aMovedLaunchIsFoundOrMissed() throws {
    let stage = try Stage(try ExportCase.named("pretrain").config.with(["cluster.num_nodes=1"]), TorchrunLauncher())
    try stage.move(to: "else where")
    #expect(try stage.run().status == 66)
    #expect(try stage.run(environment: ["LAUNCH_DIR": "else where"]).status == 0)
    #expect(try #require(stage.calls("torchrun").first).arguments.last == "--config=else where/bridge.yaml")
  }

  @Test func aFailedStepFailsTheScript() throws {
    let stage = try Stage(try ExportCase.named("pretrain").config.with(["cluster.num_nodes=1"]), TorchrunLauncher())
    try stage.fake("torchrun", "exit 7")
    #expect(try stage.run().status == 7)
  }

  // MARK: Slurm

  @Test func srunGetsWhatTheConfigSays() throws {
    let stage = try Stage(
      try ExportCase.named("pp4-vp2").onCluster(["cluster.container_mounts=[/data]"]), SlurmLauncher())
    let answer = try stage.run(environment: ["SLURM_JOB_ID": "17"])
    #expect(answer.status == 0, "\(answer.errors)")
    let call = try #require(stage.calls("srun").first)
    let here = stage.folder.path
    #expect(
      call.arguments == [
        "--nodes=4", "--ntasks=4", "--ntasks-per-node=1", "--kill-on-bad-exit=1",
        "--container-image=nvcr.io#nvidia/nemo:25.11", "--container-workdir=\(here)",
        "--container-mounts=\(here):\(here),/data:/data", "torchrun", "--nnodes=4", "--nproc-per-node=8",
        "--rdzv-id=17",
        "--rdzv-backend=c10d", "--rdzv-endpoint=\(Self.host):29500", "--log-dir=nemo_experiments/default/logs",
        "--tee=3",
        "launch/train.py", "--mode=pretrain", "--config=launch/bridge.yaml",
      ])
  }

  @Test(arguments: [
    ("gpus-per-node", "", "--gpus-per-node=8"), ("gres", "", "--gres=gpu:8"), ("gres", "h100", "--gres=gpu:h100:8"),
    ("gpus-per-node", "a100", "--gpus-per-node=a100:8"),
  ])
  func gpusAreAskedFor(request: String, kind: String, option: String) throws {
    let settings = ["cluster.gpu_request=\(request)"] + (kind.isEmpty ? [] : ["cluster.gpu_type=\(kind)"])
    let options = try batchOptions(try ExportCase.named("pretrain").onCluster(settings))
    #expect(options.contains(option))
  }

  @Test func batchOptionsAreThoseOfTheConfig() throws {
    let options = try batchOptions(
      try ExportCase.named("requeue").onCluster([
        "recipe.name=\"it's $(touch pwned) \\\"x\\\" # \"", "cluster.partition=\"a b\"", "cluster.qos=high",
        "cluster.sbatch_options=[\"--comment=a 'b'\", --spread-job]", "cluster.cpus_per_task=96",
      ]))
    #expect(
      options == [
        "--job-name=it's $(touch pwned) \"x\" # ", "--account=llm", "--partition=a b", "--qos=high", "--nodes=2",
        "--ntasks-per-node=1", "--gpus-per-node=8", "--cpus-per-task=96", "--exclusive", "--time=4:00:00",
        "--output=launch/slurm-%j.log", "--open-mode=append", "--requeue", "--signal=B:USR1@600", "--comment=a 'b'",
        "--spread-job",
      ])
  }

  @Test func noneMeansNeitherAccountNorContainer() throws {
    let config = try ExportCase.named("pretrain").config.with(["cluster.account=none", "cluster.container_image=none"])
    let script = try Launch(config, SlurmLauncher(), directory: "launch").file.text
    #expect(!script.contains("account"))
    #expect(!script.contains("container"))
  }

  /// sbatch's notice reaches the step as the signal that the config names; then the job is queued again.
  @Test func theTimeLimitSavesAndRequeues() throws {
    let stage = try Stage(try ExportCase.named("requeue").onCluster(), SlurmLauncher())
    try stage.fake("scancel", #"kill -s "${1#--signal=}" "$(cat srun.pid)""#)
    // The fake srun is a grandchild of the script, behind the shell of its background job.
    let script = stage.script.replacing("run_step \"$step\" &", with: "export BATCH=$$\n  run_step \"$step\" &")
    try stage.replaceScript(script)
    try stage.fake(
      "srun",
      #"trap 'echo saved > saved; exit 0' USR2; echo $$ > srun.pid; kill -USR1 "$BATCH"; for _ in {1..200}; do sleep 0.05; done; exit 9"#
    )
    let answer = try stage.run(environment: ["SLURM_JOB_ID": "17"])
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(stage.exists("saved"))
    #expect(stage.calls("scancel").first?.arguments == ["--signal=12", "17"])
    #expect(stage.calls("scontrol").first?.arguments == ["requeue", "17"])
  }

  @Test func withoutATimeLimitNothingIsRequeued() throws {
    for (status, body) in [(0, "exit 0"), (5, "exit 5")] {
      let stage = try Stage(try ExportCase.named("requeue").onCluster(), SlurmLauncher())
      try stage.fake("srun", body)
      #expect(try stage.run(environment: ["SLURM_JOB_ID": "17"]).status == Int32(status))
      #expect(stage.calls("scontrol").isEmpty)
    }
  }

  /// The signal passes torchrun by: the command before it makes it ignored.
  @Test func torchrunIgnoresTheNotice() throws {
    let stage = try Stage(try ExportCase.named("requeue").onCluster(["cluster.container_image=none"]), SlurmLauncher())
    try stage.fake("srun", #"while [[ $1 == --* ]]; do shift; done; "$@""#)
    try stage.fake("torchrun", #"kill -s 12 $$; touch survived"#)
    let answer = try stage.run()
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(stage.exists("survived"))
  }

  private func batchOptions(_ config: LaunchConfig) throws -> [String] {
    let script = try Launch(config, SlurmLauncher(), directory: "launch").file.text
    let lines = script.split(separator: "\n").filter { $0.hasPrefix("#SBATCH ") }.map { $0.dropFirst(8) }
    #expect(!script.contains("#SBATCH") || !lines.isEmpty)
    let answer = try Bash.run(["--norc", "-s"], input: "printf '%s\\0' " + lines.joined(separator: " "))
    return answer.text.split(separator: "\0").map(String.init)
  }
}
