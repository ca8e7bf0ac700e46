package import LaunchModel

/// What of a run's layout its time depends on.
package struct StepLayout: Hashable, Sendable {
  package var tensor: Int
  package var pipeline: Int
  /// `nil` for none.
  package var virtualPipeline: Int?
  package var context: Int
  package var expert: Int
  package var expertTensor: Int
  package var microBatchSize: Int
  package var recompute: RecomputePlan

  package init(
    tensor: Int, pipeline: Int, virtualPipeline: Int?, context: Int, expert: Int, expertTensor: Int,
    microBatchSize: Int, recompute: RecomputePlan
  ) {
    self.tensor = tensor
    self.pipeline = pipeline
    self.virtualPipeline = virtualPipeline
    self.context = context
    self.expert = expert
    self.expertTensor = expertTensor
    self.microBatchSize = microBatchSize
    self.recompute = recompute
  }

  /// A config's own.
  ///
  /// - Parameter virtualPipeline: its layout's, where that has set it.
  package init(_ config: borrowing LaunchConfig, virtualPipeline: Int?) {
    let sizes = config.parallelSizes
    self.init(
      tensor: max(sizes.tensor, 1), pipeline: max(sizes.pipeline, 1), virtualPipeline: virtualPipeline,
      context: max(sizes.context, 1), expert: max(sizes.expert, 1), expertTensor: max(sizes.expertTensor, 1),
      microBatchSize: config.train.microBatchSize ?? 1, recompute: RecomputePlan(config))
  }
}
