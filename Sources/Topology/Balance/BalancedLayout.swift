/// The split of a model's layers over a pipeline that keeps the busiest rank least busy.
///
/// Among all splits into `pipeline * virtualPipeline` chunks of consecutive layers, chunk `k` on rank `k % pipeline`, the
/// embedding on the first chunk and MTP layers and loss on the last, it has
/// 1. the least maximum load of a rank, all chunks of the rank together;
/// 2. of those, the least peak of activations, which is the greatest `PipelineLoad.activations` of a rank;
/// 3. of those, the evenest chunks: the least sum of the squares of the chunks' costs, where costs are rounded to a
///    hundredth of the average layer's;
/// 4. of those, few layers on the first ranks, and always the same choice.
///
/// Loads and activations that differ by less than a billionth count as equal.
package struct BalancedLayout: Hashable, Sendable {
  /// Decoder layers of each chunk, in model order.
  package let decoders: [Int]
  package let mtpNumLayers: Int
  package let map: StageMap
  package let load: PipelineLoad
  /// Whether no better layout exists. It always is, but for an interleaved pipeline whose layers have neither one cost nor
  /// two of which one comes first: that is a search, which gives up after a bounded amount of work.
  package let isProven: Bool

  package var layout: PipelineLayout { PipelineLayout(boundedDecoders: decoders, mtp: mtpNumLayers) }

  /// - Parameters:
  ///   - mtpNumLayers: how many MTP layers stand before the loss.
  ///   - allowEmptyStages: whether a chunk may hold no decoder layer (nothing at all, only the embedding, or only the
  ///     loss).
  package init(
    weights: StageWeights, mtpNumLayers: Int = 0, pipeline: Int, virtualPipeline: Int? = nil,
    allowEmptyStages: Bool = false
  ) throws(BalanceError) {
    let problem = try BalanceProblem(
      weights: weights, mtpNumLayers: mtpNumLayers, pipeline: pipeline, virtualPipeline: virtualPipeline,
      minimum: allowEmptyStages ? 0 : 1)
    let solution = problem.solve()
    decoders = solution.decoders
    isProven = solution.isProven
    self.mtpNumLayers = mtpNumLayers
    map = StageMap(
      decoders: solution.decoders, mtp: solution.decoders.indices.map { $0 == problem.chunks - 1 ? mtpNumLayers : 0 },
      pipeline: pipeline, virtualPipeline: virtualPipeline)
    load = try PipelineLoad(of: map, weights: weights)
  }
}
