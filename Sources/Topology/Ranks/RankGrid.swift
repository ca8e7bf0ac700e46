/// Every global rank with its place in the dense and in the expert decomposition of the same world.
///
/// The two decompositions are independent: dense layers see tensor x context x data x pipeline, expert layers see
/// expert tensor x expert x expert data x pipeline. Follows `RankGenerator` and `initialize_model_parallel` of
/// megatron-core 0.16.1.
package struct RankGrid: Hashable, Sendable {
  package let worldSize: Int
  package let sizes: ParallelSizes
  package let order: RankOrder
  /// `worldSize / (tensor * context * pipeline)`.
  package let dataParallel: Int
  /// `worldSize / (expertTensor * expert * pipeline)`.
  package let expertDataParallel: Int

  /// - Throws: the first of `problems(worldSize:sizes:order:)`.
  package init(worldSize: Int, sizes: ParallelSizes, order: RankOrder = .pipelineLast) throws(RankGridProblem) {
    if let problem = Self.problems(worldSize: worldSize, sizes: sizes, order: order).first { throw problem }
    self.worldSize = worldSize
    self.sizes = sizes
    self.order = order
    // Without a problem both come out whole.
    self.dataParallel = sizes.dataParallel(of: worldSize) ?? 1
    self.expertDataParallel = sizes.expertDataParallel(of: worldSize) ?? 1
  }

  /// Everything that Megatron would refuse when it makes its process groups; empty for a legal grid.
  package static func problems(
    worldSize: Int, sizes: ParallelSizes, order: RankOrder = .pipelineLast
  ) -> [RankGridProblem] {
    let named: [(SizeName, Int)] = [
      (.worldSize, worldSize), (.tensor, sizes.tensor), (.pipeline, sizes.pipeline), (.context, sizes.context),
      (.expert, sizes.expert), (.expertTensor, sizes.expertTensor),
    ]
    let notPositive = named.filter { $0.1 < 1 }
    guard notPositive.isEmpty else {
      return notPositive.map { .sizeNotPositive($0.0, $0.1) }
    }

    let dense = sizes.dataParallel(of: worldSize)
    let expert = sizes.expertDataParallel(of: worldSize)
    var problems: [RankGridProblem] = []
    if dense == nil {
      problems.append(
        .denseDivision(
          worldSize: worldSize, tensor: sizes.tensor, pipeline: sizes.pipeline, context: sizes.context))
    }
    if expert == nil {
      problems.append(
        .expertDivision(
          worldSize: worldSize, expertTensor: sizes.expertTensor, expert: sizes.expert,
          pipeline: sizes.pipeline))
    }
    if let dense, let expert, order == .dataLast, sizes.pipeline > 1, dense != expert {
      problems.append(.unequalDataParallel(dataParallel: dense, expertDataParallel: expert))
    }
    return problems
  }
}

/// Where a rank stands among the dense layers' groups.
package struct DenseCoordinates: Hashable, Sendable {
  package let tensor: Int
  package let context: Int
  package let data: Int
  package let pipeline: Int
}

/// Where a rank stands among the expert layers' groups.
package struct ExpertCoordinates: Hashable, Sendable {
  package let expertTensor: Int
  package let expert: Int
  package let expertData: Int
  package let pipeline: Int
}

extension RankGrid {
  /// The dense coordinates of a global rank; `nil` where the world has no such rank.
  package func denseCoordinates(of rank: Int) -> DenseCoordinates? {
    guard (0..<worldSize).contains(rank) else { return nil }
    let at = { (axis: RankAxis) in self.denseShape.coordinate(of: rank, along: axis) }
    return DenseCoordinates(tensor: at(.tensor), context: at(.context), data: at(.data), pipeline: at(.pipeline))
  }

  /// The expert coordinates of a global rank; `nil` where the world has no such rank.
  package func expertCoordinates(of rank: Int) -> ExpertCoordinates? {
    guard (0..<worldSize).contains(rank) else { return nil }
    let at = { (axis: RankAxis) in self.expertShape.coordinate(of: rank, along: axis) }
    return ExpertCoordinates(
      expertTensor: at(.tensor), expert: at(.expert), expertData: at(.data), pipeline: at(.pipeline))
  }

  /// The global ids of the experts that an expert-parallel rank holds: `expert * n ..< (expert + 1) * n` with
  /// `n = numExperts / EP`; `nil` where the experts cannot be divided or there is no such rank.
  package func localExperts(ofExpertRank expert: Int, numExperts: Int) -> Range<Int>? {
    guard numExperts >= 0, numExperts % sizes.expert == 0, (0..<sizes.expert).contains(expert) else { return nil }
    let share = numExperts / sizes.expert
    return expert * share..<(expert + 1) * share
  }

  /// All global ranks that hold a pipeline stage; `nil` where there is no such stage.
  package func ranks(ofPipelineStage stage: Int) -> RankGroup? {
    guard (0..<sizes.pipeline).contains(stage) else { return nil }
    return denseShape.groups(along: [.tensor, .context, .data])[stage]
  }

  var denseShape: RankShape {
    RankShape(order: order) { axis in
      switch axis {
      case .tensor: sizes.tensor
      case .context: sizes.context
      case .expert: 1
      case .data: dataParallel
      case .pipeline: sizes.pipeline
      }
    }
  }

  var expertShape: RankShape {
    RankShape(order: order) { axis in
      switch axis {
      case .tensor: sizes.expertTensor
      case .context: 1
      case .expert: sizes.expert
      case .data: expertDataParallel
      case .pipeline: sizes.pipeline
      }
    }
  }
}
