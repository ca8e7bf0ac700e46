/// Turns bytes into seconds, by where the ranks of a group sit.
///
/// Ranks are numbered through the nodes, so a group of `ranks` with neighbours `stride` apart stays within what
/// NVLink joins, a node or several, as long as it spans no more GPUs than that has.
package struct Links: Sendable {
  private let gpusPerDomain: Int
  /// Bytes a second that collectives reach over NVLink and over the network.
  private let near: Double
  private let far: Double

  package init(gpusPerDomain: Int, assumptions: Assumptions) {
    self.gpusPerDomain = gpusPerDomain
    near = assumptions.nodeBandwidth * assumptions.kernels.linkUtilization
    far = assumptions.networkBandwidth * assumptions.kernels.linkUtilization
  }

  /// An all-gather, or a reduce-scatter, of `bytes` in all: a ring, as fast as its slowest link.
  package func ring(bytes: Double, ranks: Int, stride: Int) -> Double {
    guard ranks > 1 else { return 0 }
    return bytes * Double(ranks - 1) / Double(ranks) / bandwidth(span: stride * ranks)
  }

  /// Every rank sends `bytes`, spread evenly over all ranks: what stays on NVLink and what leaves it go at once.
  package func allToAll(bytes: Double, ranks: Int, stride: Int) -> Double {
    guard ranks > 1 else { return 0 }
    let neighbours = min(max(gpusPerDomain / stride, 1), ranks)
    let each = bytes / Double(ranks)
    return max(
      each * Double(neighbours - 1) / near, each * Double(ranks - neighbours) / far)
  }

  /// From one rank to another so many away.
  package func send(bytes: Double, distance: Int) -> Double { bytes / bandwidth(span: distance + 1) }

  private func bandwidth(span: Int) -> Double {
    span <= gpusPerDomain ? near : far
  }
}
