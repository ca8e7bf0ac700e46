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
        "cluster.account=a", "cluster.container_image=none",
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
    try "{}".write(toFile: folder + "/config.json", atomically: false, encoding: .utf8)
    for base in [folder, "moonshotai/Moonlight-16B-A3B"] {
      let plan = try plan(base)
      #expect(try plan.arguments(.import, [:])?.suffix(2) == ["--model=\(base)", "--to=\(made)"])
      #expect(plan.files[0].text.contains("pretrained_checkpoint: \(made)\n"))
      #expect(plan.prerequisites.contains { $0.path == made && $0.step == .import })
    }
    // A checkpoint of Megatron's is used as it lies, and so is what cannot be seen from here.
    try "".write(toFile: folder + "/latest_train_state.pt", atomically: false, encoding: .utf8)
    for base in [folder, "/checkpoints/iter_0000100", "base"] {
      #expect(try plan(base).files[0].text.contains("pretrained_checkpoint: \(base)\n"))
    }
  }
}
