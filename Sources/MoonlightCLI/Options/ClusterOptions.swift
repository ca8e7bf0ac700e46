import ArgumentParser
import LaunchModel

/// The machines of a run, for configs that do not say them, such as Megatron-Bridge's own files.
struct ClusterOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Machines, in place of the config's.", valueName: "n"))
  var numNodes: Int?

  @Option(help: ArgumentHelp("GPUs of each machine, in place of the config's.", valueName: "n"))
  var gpusPerNode: Int?
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
    flags.set("--num-nodes", Path.cluster.numNodes, numNodes.map { .int($0) })
    flags.set("--gpus-per-node", Path.cluster.gpusPerNode, gpusPerNode.map { .int($0) })
    return flags
  }
}
