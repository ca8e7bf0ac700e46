/// One kind of parallelism of one decomposition.
enum RankAxis: Hashable {
  case tensor, context, expert, data, pipeline
}

/// A mixed-radix numbering of the ranks: the axes in their order, fastest first, each with size and stride.
struct RankShape {
  private let axes: [(axis: RankAxis, extent: RankGroup.Extent)]

  init(order: RankOrder, size: (RankAxis) -> Int) {
    let ordered: [RankAxis] =
      switch order {
      case .pipelineLast: [.tensor, .context, .expert, .data, .pipeline]
      case .dataLast: [.tensor, .context, .expert, .pipeline, .data]
      }
    var stride = 1
    var axes: [(RankAxis, RankGroup.Extent)] = []
    for axis in ordered {
      axes.append((axis, RankGroup.Extent(size: size(axis), stride: stride)))
      // Never beyond the world size, which the grid has checked.
      stride *= size(axis)
    }
    self.axes = axes
  }

  func coordinate(of rank: Int, along axis: RankAxis) -> Int {
    guard let extent = axes.first(where: { $0.axis == axis })?.extent else { return 0 }
    return rank / extent.stride % extent.size
  }

  /// The groups of ranks that differ only along the given axes, as `generate_masked_orthogonal_rank_groups` orders them.
  func groups(along chosen: Set<RankAxis>) -> RankGroups {
    RankGroups(
      inside: axes.filter { chosen.contains($0.axis) }.map(\.extent),
      outside: axes.filter { !chosen.contains($0.axis) }.map(\.extent), endsOnly: nil)
  }
}
