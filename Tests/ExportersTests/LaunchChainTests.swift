import Exporters
import Foundation
import LaunchModel
import Testing

/// The steps of a launch, in their order and one by one, with programs that only make what the real ones would.
@Suite struct LaunchChainTests {
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
    for words in [["--only", "imports"], ["--only"]] { #expect(try stage.run(words).status == 64) }
    #expect(stage.calls("torchrun").isEmpty)
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
}
