import Estimation

/// Turns bytes into seconds, by where the ranks of a group sit.
///
/// Ranks are numbered through the nodes, so a group of `ranks` with neighbours `stride` apart stays within a node as
/// long as it spans no more GPUs than one has.
struct Links {
  let gpusPerNode: Int
  let assumptions: Assumptions

  /// An all-gather, or a reduce-scatter, of `bytes` in all: a ring, as fast as its slowest link.
  func ring(bytes: Double, ranks: Int, stride: Int) -> Double {
    guard ranks > 1 else { return 0 }
    return bytes * Double(ranks - 1) / Double(ranks) / bandwidth(span: stride * ranks)
  }

  /// Every rank sends `bytes`, spread evenly over all ranks: what stays within the node and what leaves it go at once.
  func allToAll(bytes: Double, ranks: Int, stride: Int) -> Double {
    guard ranks > 1 else { return 0 }
    let near = min(max(gpusPerNode / stride, 1), ranks)
    let each = bytes / Double(ranks)
    return max(
      each * Double(near - 1) / assumptions.nodeBandwidth, each * Double(ranks - near) / assumptions.networkBandwidth)
  }

  /// From one rank to another so many away.
  func send(bytes: Double, distance: Int) -> Double { bytes / bandwidth(span: distance + 1) }

  private func bandwidth(span: Int) -> Double {
    span <= gpusPerNode ? assumptions.nodeBandwidth : assumptions.networkBandwidth
  }
}
