import ConfigDocument
package import Diagnostics
import Topology

extension ConfigLoader.LoadedConfig {
  /// Whether nobody has said how many GPUs there are: a ConfigContainer has no place for it.
  package var assumesGPUs: Bool {
    spelling.keys(of: Path.cluster.numNodes) == nil && !config.cluster.isWritten(\.numNodes)
      && !config.cluster.isWritten(\.gpusPerNode)
  }

  private var config: LaunchConfig { resolution.config }

  /// The same config on the fewest GPUs that its parallel sizes fill, times so many; unchanged where the GPUs are known.
  package func assumingGPUs(replicas: Int) -> Self {
    guard assumesGPUs, let gpus = config.fewestGPUs,
      case (let count, let overflow) = gpus.multipliedReportingOverflow(by: replicas),
      !overflow
    else { return self }
    let perNode = stride(from: min(8, count), through: 1, by: -1).first { count % $0 == 0 } ?? 1
    let bounds = ClusterFields.declaration(of: \.numNodes).bounds
    guard bounds.contains(Double(count / perNode)) else { return self }
    var result = self
    let origin = Origin.derived(
      reason: "assumed: a ConfigContainer does not say",
      from: [
        Path.parallelism.tensorModelParallelSize, Path.parallelism.pipelineModelParallelSize,
        Path.parallelism.contextParallelSize, Path.parallelism.expertModelParallelSize,
      ])
    result.resolution.config.cluster.set(\.numNodes, to: count / perNode, origin)
    result.resolution.config.cluster.set(\.gpusPerNode, to: perNode, origin)
    return result
  }

  /// What was assumed, for the reader of a report.
  package var assumption: Diagnostic? {
    guard assumesGPUs else { return nil }
    let (nodes, perNode) = (config.cluster.numNodes, config.cluster.gpusPerNode)
    let machines = nodes == 1 ? "1 node" : "\(nodes) nodes"
    let place = document.root?["_target_"]?.range ?? SourceRange(0, 0)
    return Diagnostic(
      FieldRule.bridgeWorld.code, .note,
      "the file does not say on how many GPUs it runs; checked for \(nodes * perNode) (\(machines) of \(perNode)), the "
        + "fewest that fit",
      help: "say it with --num-nodes and --gpus-per-node", path: "_target_", at: SourceLocation(document.file, place))
  }
}

extension LaunchConfig {
  /// The least number that both grids of process groups fill; `nil` where a size has no meaning.
  fileprivate var fewestGPUs: Int? {
    let sizes = parallelSizes
    guard let left = sizes.denseReplica, let right = sizes.expertReplica else { return nil }
    let (product, overflow) = (left / Self.commonDivisor(left, right)).multipliedReportingOverflow(by: right)
    return overflow ? nil : product
  }

  private static func commonDivisor(_ left: Int, _ right: Int) -> Int {
    right == 0 ? left : commonDivisor(right, left % right)
  }
}
