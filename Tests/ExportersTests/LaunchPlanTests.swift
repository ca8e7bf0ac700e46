import Exporters
import Foundation
import LaunchModel
import Releases
import Testing

@Suite struct LaunchPlanTests {
  /// A program that runs the plan itself runs what the script runs.
  @Test(arguments: ExportCase.all.filter { $0.name != "requeue" })
  func scriptAndPlanRunTheSame(_ example: ExportCase) throws {
    let config = example.config.with(["cluster.num_nodes=2"])
    let stage = try Stage(config, TorchrunLauncher())
    let variables = ["NODE_RANK": "1", "MASTER_ADDR": "first"]
    #expect(try stage.run(["train"], environment: variables).status == 0)
    let call = try #require(stage.calls("torchrun").first)
    let plan = try Launch(config, TorchrunLauncher(), directory: "launch").plan
    #expect(try plan.arguments(.train, variables) == ["torchrun"] + call.arguments)
    for variable in plan.environment { #expect(call.environment[variable.name] == variable.value) }
  }

  @Test func aMissingVariableIsNamed() throws {
    let plan = try Launch(try ExportCase.named("pretrain").config, TorchrunLauncher(), directory: "launch").plan
    #expect(throws: MissingVariable(name: "NODE_RANK")) { try plan.arguments(.train, [:]) }
    #expect(try plan.arguments(.import, [:]) == nil)
  }

  @Test func theLaunchHoldsWhatItsStepsRun() throws {
    for example in ExportCase.all {
      let plan = try Launch(example.config.with(["cluster.requeue=false"]), TorchrunLauncher(), directory: "launch")
        .plan
      let names = Set(plan.files.map(\.name))
      #expect(names.contains("bridge.yaml"))
      #expect(names.contains("megatron_release.py"))
      for (_, words) in plan.commands {
        for case .text(let text) in words.flatMap(\.parts) where text.hasSuffix(".py") {
          #expect(names.contains(text), "\(text)")
        }
      }
    }
  }

  /// Programs are the same for every config: nothing of it is written into them.
  @Test func programsHoldNoValues() throws {
    let plans = try ["lora", "hostile-texts", "jsonl"].map {
      try Launch(try ExportCase.named($0).config, TorchrunLauncher(), directory: $0).plan
    }
    let programs = plans.flatMap(\.files).filter { $0.name.hasSuffix(".py") }
    for program in programs {
      #expect(programs.allSatisfy { $0.name != program.name || $0.text == program.text })
    }
  }

  /// A script's first line is how it is run.
  @Test(arguments: Release.all)
  func everyFileBeginsWithItsRelease(_ release: Release) throws {
    for launcher in Launchers.all {
      let config = try ExportCase.named("lora", for: release).config.with([
        "cluster.account=a", "cluster.container_image=image", "cluster.gpu_type=H100", "recipe.dir=/runs",
      ])
      let launch = try Launch(config, launcher, directory: "launch")
      for file in launch.plan.files + [launch.file] {
        let line = file.text.split(separator: "\n").first { !$0.hasPrefix("#!") }
        let names = [release.packages, "Megatron-Bridge \(release.megatronBridge) with"]
        #expect(names.contains { line?.contains($0) == true }, "\(file.name)")
      }
    }
  }

  /// Whatever builds a model checks the packages, and mends what its release's core builds otherwise, before it begins.
  @Test(arguments: Release.all)
  func programsBeginWithTheirPackages(_ release: Release) throws {
    let files = try Launch(ExportCase.named("sft", for: release).config, TorchrunLauncher(), directory: "launch").plan
      .files
    let common = try #require(files.first { $0.name == "megatron_release.py" }).text
    #expect(
      common.contains(
        #"{"megatron-bridge": "\#(release.megatronBridge)", "megatron-core": "\#(release.megatronCore)"}"#))
    #expect(common.contains("mend_query_projection()\n") == release.normsQueriesWithoutLatent)
    for file in files where file.name.hasSuffix(".py") && file.name != "megatron_release.py" {
      let imports = file.text.split(separator: "\n").filter { $0.contains("import ") }
      #expect(imports.first == "import megatron_release")
      let check = file.name == "prepare_data.py" ? "check_packages" : "set_up"
      #expect(file.text.contains("import megatron_release\n\nmegatron_release.\(check)()\n"), "\(file.name)")
    }
  }

  /// A folder of Hugging Face's and a name on its hub are converted into a folder of the run; neither is written to.
  @Test func theBaseIsConvertedIntoTheRun() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/moonlight-base-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func plan(_ base: String) throws -> LaunchPlan {
      let config = try ExportCase.named("lora").config.with(["checkpoint.pretrained_checkpoint=\(base)"])
      return try Launch(config, TorchrunLauncher(), directory: "launch").plan
    }
    let made = "nemo_experiments/default/imported"
    func write(_ name: String, _ text: String = "") throws {
      try text.write(toFile: folder + "/" + name, atomically: false, encoding: .utf8)
    }
    try write("config.json", "{}")
    try write("model.safetensors")
    // What cannot be seen from here may be either: the program tells it there.
    for base in [folder, "moonshotai/Moonlight-16B-A3B", "/checkpoints/moonlight", "base"] {
      let plan = try plan(base)
      #expect(try plan.arguments(.import, [:])?.suffix(2) == ["--model=\(base)", "--to=\(made)"])
      #expect(plan.files[0].text.contains("pretrained_checkpoint: \(made)\n"))
      #expect(plan.prerequisites.contains { $0.path == made && $0.step == .import })
    }
    // A checkpoint of Megatron's is used as it lies.
    try write("latest_train_state.pt")
    try FileManager.default.createDirectory(atPath: folder + "/iter_0000003", withIntermediateDirectories: false)
    try write("iter_0000003/.metadata")
    for base in [folder, folder + "/iter_0000003", "/checkpoints/iter_0000100"] {
      #expect(try plan(base).files[0].text.contains("pretrained_checkpoint: \(base)\n"))
      #expect(try plan(base).command(.import) == nil)
    }
  }

  /// Half a checkpoint is none, and nothing is written for it.
  @Test(arguments: [
    ([:], "is neither a folder of Hugging Face's nor a checkpoint of Megatron's"),
    (["config.json": "{}"], "has a config.json and no weights"),
    (
      [
        "config.json": "{}", "a.safetensors": "",
        "model.safetensors.index.json": #"{"weight_map": {"x": "a.safetensors", "y": "b.safetensors"}}"#,
      ],
      "lacks 1 of its 2 files of weights, `b.safetensors` first"
    ),
    (["latest_checkpointed_iteration.txt": "7\n"], "names a last iteration, and holds none"),
    (
      ["latest_checkpointed_iteration.txt": "7\n", "iter_0000005/x": ""],
      "names iteration 7, which it does not hold"
    ),
    (
      ["latest_checkpointed_iteration.txt": "5\n", "iter_0000005/x": ""],
      "names iteration 5, of which only a part lies there"
    ),
  ])
  func halfACheckpoint(files: [String: String], problem: String) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/moonlight-half-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder + "/iter_0000005", withIntermediateDirectories: true)
    if !files.keys.contains(where: { $0.hasPrefix("iter") }) {
      try FileManager.default.removeItem(atPath: folder + "/iter_0000005")
    }
    for (name, text) in files { try text.write(toFile: folder + "/" + name, atomically: false, encoding: .utf8) }
    let config = try ExportCase.named("lora").config.with(["checkpoint.pretrained_checkpoint=\(folder)"])
    let problems = Launch.launch(of: config, by: TorchrunLauncher(), directory: "launch").problems
    #expect(problems.map(\.message.text) == ["`\(folder)` \(problem)"])
    #expect(problems.first?.path == Path.checkpoint.pretrainedCheckpoint)
  }

  @Test(arguments: Release.all.filter { $0.containerImage != nil })
  func theContainerOfAnotherReleaseIsNamed(release: Release) throws {
    let image = try #require(release.containerImage)
    for image in [image, image.replacing("nvcr.io/", with: "nvcr.io#")] {
      for other in Release.all {
        let config = try ExportCase.named("tiny-pretrain", for: other).config.with([
          "cluster.container_image=\"\(image)\""
        ])
        let notes = Launch.launch(of: config, by: TorchrunLauncher(), directory: "launch").notes
        let said = notes.filter { $0.path == Path.cluster.containerImage }.map(\.message.text)
        #expect(said.isEmpty == (other == release), "\(said)")
        #expect(said.allSatisfy { $0.hasPrefix("is the container of megatron-bridge \(release.megatronBridge)") })
      }
    }
  }

  /// Data may lie where the launch runs; a slip in their name is seen all the same.
  @Test func dataThatAreNotHereAreNamed() throws {
    let file = #filePath
    func notes(_ paths: String) throws -> [String] {
      let config = try ExportCase.named("examples-files").config.with([
        "dataset.data_paths=\(paths)", "dataset.valid_data_paths=[]", "dataset.test_data_paths=[]",
      ])
      return Launch.launch(of: config, by: TorchrunLauncher(), directory: "launch").notes.map(\.message.text)
        .filter { $0.contains("has to be where") || $0.contains("have to be where") }
    }
    #expect(
      try notes("[\"/none/a.jsonl\"]") == ["there is no `/none/a.jsonl` here: it has to be where the launch runs"])
    #expect(
      try notes("[\"\(file)\", \"/none/a.jsonl\", \"/none/b.jsonl\"]") == [
        "2 of its 3 paths are not here, `/none/a.jsonl` first: they have to be where the launch runs"
      ])
    #expect(try notes("[\"\(file)\"]") == [])
  }

  /// A conversion is a launch of its own; a step that the run does not have is a problem of the launch.
  @Test func oneStepAlone() throws {
    let config = try ExportCase.named("lora").config.with(["cluster.num_nodes=1"])
    let plan = Launch.launch(of: config, by: TorchrunLauncher(), directory: "launch", only: .import).value.plan
    #expect(plan.commands.map(\.step) == [.import])
    #expect(
      plan.files.map(\.name) == ["bridge.yaml", "megatron_release.py", "import_checkpoint.py", "requirements.txt"])
    let pretraining = try ExportCase.named("pretrain").config
    let problems = Launch.launch(of: pretraining, by: TorchrunLauncher(), directory: "launch", only: .import).problems
    #expect(problems.map(\.message.text) == ["the run has no step `import`"])
  }

  /// Adapters go to peft where the release writes them, else into the model; those of DoRA the program writes itself.
  @Test(arguments: Release.all)
  func adaptersAreExported(_ release: Release) throws {
    let config = try ExportCase.named("lora", for: release).config
    let plan = try Launch(config, TorchrunLauncher(), directory: "launch").plan
    let made = "nemo_experiments/default/" + (release == .bridge031 ? "hf" : "adapter")
    #expect(
      try plan.arguments(.export, [:])?.suffix(3) == [
        "--model=/checkpoints/moonlight", "--from=nemo_experiments/default/checkpoints", "--to=\(made)",
      ])
    let dora = try Launch(try ExportCase.named("dora", for: release).config, TorchrunLauncher(), directory: "launch")
    #expect(
      try dora.plan.arguments(.export, [:])?.suffix(2) == [
        "--from=nemo_experiments/default/checkpoints", "--to=nemo_experiments/default/adapter",
      ])
  }

  /// Where peft of one generation alone reads what the step `export` writes, the launch says so, and what to do.
  @Test(
    "Adapters of MLPs beside experts are for transformers 4",
    arguments: [
      ("lora", ["*.mlp.linear_fc1"], "`moonlight-trainer export-adapter` writes them as both read them"),
      ("lora", ["linear_proj", "linear_fc2"], "`moonlight-trainer export-adapter` writes them as both read them"),
      ("dora", ["*.shared_experts.linear_fc2"], "`moonlight-trainer merge` folds them into the model, which both read"),
      ("lora", ["linear_q_proj", "linear_proj"], nil),
      ("dora", ["linear_q_proj"], nil),
    ] as [(String, [String], String?)])
  func adaptersOfOneGeneration(name: String, targets: [String], way: String?) throws {
    let list = targets.map { "\"\($0)\"" }.joined(separator: ", ")
    let config = try ExportCase.named(name).config.with(["peft.target_modules=[\(list)]"])
    let notes = Launch.launch(of: config, by: TorchrunLauncher(), directory: "launch").notes
      .filter { $0.path == Path.peft.targetModules }.map(\.message.text)
    let folder = "`nemo_experiments/default/adapter`"
    #expect(
      notes
        == (way.map {
          ["peft reads adapters of MLPs beside routed experts, as \(folder) holds them, on transformers 4 alone: \($0)"]
        } ?? []))
  }
}
