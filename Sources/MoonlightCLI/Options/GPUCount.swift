import ArgumentParser
import ConfigDocument
import LaunchModel

/// The machines of a command line: `--num-nodes` and `--gpus-per-node`, or `--gpus` for both.
struct GPUCount {
  let gpus: Int?
  let numNodes: Int?
  let gpusPerNode: Int?

  static let help = ArgumentHelp("GPUs in all, in nodes of --gpus-per-node (8 if not given).", valueName: "n")
  private static let usualPerNode = 8

  /// - Throws: `ValidationError` where they contradict each other.
  func check() throws {
    guard let gpus else { return }
    guard numNodes == nil else { throw ValidationError("--gpus and --num-nodes exclude each other.") }
    guard gpus >= 1 else { throw ValidationError("--gpus must be at least 1, but is \(gpus).") }
    let node = gpusPerNode ?? Self.usualPerNode
    guard node >= 1, gpus <= node || gpus % node == 0 else {
      throw ValidationError(
        "\(gpus) GPUs are no whole number of nodes of \(node); another --gpus-per-node may fit.")
    }
  }

  func contribute(to flags: inout FlagLayer) {
    guard let gpus else {
      flags.set("--num-nodes", Path.cluster.numNodes, numNodes.map { .int($0) })
      flags.set("--gpus-per-node", Path.cluster.gpusPerNode, gpusPerNode.map { .int($0) })
      return
    }
    let node = min(gpus, gpusPerNode ?? Self.usualPerNode)
    flags.set("--gpus", Path.cluster.numNodes, .int(gpus / node))
    flags.set("--gpus", Path.cluster.gpusPerNode, .int(node))
  }
}
