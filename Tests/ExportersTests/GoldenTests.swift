import ConfigDocument
import Exporters
import LaunchModel
import Releases
import Testing

/// Every export of every case is the recorded one, to the byte.
@Suite struct GoldenTests {
  @Test(arguments: ExportCase.all)
  func bridgeConfig(_ example: ExportCase) throws {
    let exported = BridgeConfig.yaml(of: example.config)
    #expect(exported.problems.isEmpty)
    try Goldens.check(example.bridgeText, "\(example.folder)/bridge.yaml")
  }

  @Test(arguments: ExportCase.all)
  func notes(_ example: ExportCase) throws {
    let notes = BridgeConfig.tree(of: example.config).notes.map(\.description)
    try Goldens.check(notes.joined(separator: "\n") + "\n", "\(example.folder)/bridge.notes")
  }

  @Test(arguments: ExportCase.all.filter(\.fitsMegatronLM))
  func megatronLMArguments(_ example: ExportCase) throws {
    let exported = MegatronLMArguments.text(of: example.config, as: .lines)
    #expect(exported.problems.isEmpty)
    try Goldens.check(exported.value, "\(example.folder)/megatron-lm.args")
  }

  @Test(arguments: ExportCase.all.filter { $0.name != "requeue" })
  func torchrunScript(_ example: ExportCase) throws {
    let plan = LaunchPlan.plan(for: example.config, launcher: TorchrunLauncher(), directory: "launch")
    #expect(plan.problems.isEmpty)
    try Goldens.check(TorchrunLauncher().text(of: plan.value, for: example.config), "\(example.folder)/launch.sh")
  }

  @Test(arguments: ExportCase.all)
  func slurmScript(_ example: ExportCase) throws {
    let config = example.onCluster()
    let plan = LaunchPlan.plan(for: config, launcher: SlurmLauncher(), directory: "launch")
    #expect(plan.problems.isEmpty)
    try Goldens.check(SlurmLauncher().text(of: plan.value, for: config), "\(example.folder)/launch.sbatch")
  }

  /// What Tests/Reference/bridge_exports.py needs to know of each case.
  @Test(arguments: Release.all)
  func index(_ release: Release) throws {
    var index = ConfigMapping()
    for example in ExportCase.all where example.release == release {
      index[example.name] = [
        "world_size": .int(example.config.cluster.numNodes * example.config.cluster.gpusPerNode),
        "mode": .string(example.config.recipe.mode.rawValue),
      ]
    }
    try Goldens.check(try JSONEmitter().emit(.mapping(index)), "\(release.megatronBridge)/index.json")
  }
}
