import ConfigDocument
import Exporters
import Foundation
import LaunchModel
import Testing

/// The scripts run under bash, with programs that write down how they were called: what the config says arrives, to the byte.
@Suite struct ScriptArgumentTests {
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
      let plan = stage.launch.plan
      let variables = ["PWD": stage.folder.path, "SLURM_JOB_ID": "17", "MASTER_ADDR": Stage.host]
      let steps = LaunchPlan.Step.allCases
      let answer = try stage.run(steps.map(\.rawValue), environment: ["SLURM_JOB_ID": "17"])
      #expect(answer.status == 0, "\(answer.errors)")
      for step in steps {
        let words = try #require(try plan.arguments(step, variables), "\(step)")
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
      try stage.replaceScript(stage.launch.innerScript())
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
}
