import ArgumentParser
import LaunchModel

/// The machines of a run, for configs that do not say them, such as Megatron-Bridge's own files.
struct ClusterOptions: ParsableArguments {
  @Option(help: GPUCount.help)
  var gpus: Int?

  @Option(help: ArgumentHelp("Machines, in place of the config's.", valueName: "n"))
  var numNodes: Int?

  @Option(help: ArgumentHelp("GPUs of each machine, in place of the config's.", valueName: "n"))
  var gpusPerNode: Int?

  fileprivate var count: GPUCount { GPUCount(gpus: gpus, numNodes: numNodes, gpusPerNode: gpusPerNode) }

  func validate() throws { try count.check() }
}

extension Overrides {
  /// The values of `--set`, and the machines below them.
  init(_ options: OverrideOptions, _ cluster: ClusterOptions) {
    self = options.overrides
    add(cluster.flags)
  }

  init(_ cluster: ClusterOptions) {
    self.init()
    add(cluster.flags)
  }
}

extension ClusterOptions {
  fileprivate var flags: FlagLayer {
    var flags = FlagLayer()
    count.contribute(to: &flags)
    return flags
  }
}
