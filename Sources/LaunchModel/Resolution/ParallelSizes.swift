package import Topology

extension LaunchConfig {
  /// The parallel sizes, an unset `expert_tensor_parallel_size` resolved as the release does.
  package var parallelSizes: ParallelSizes {
    let (tensor, expert) = (parallelism.tensorModelParallelSize, parallelism.expertModelParallelSize)
    return ParallelSizes(
      tensor: tensor, pipeline: parallelism.pipelineModelParallelSize,
      virtualPipeline: parallelism.virtualPipelineModelParallelSize, context: parallelism.contextParallelSize,
      expert: expert,
      expertTensor: parallelism.expertTensorParallelSize
        ?? release.unsetExpertTensor.size(tensor: tensor, expert: expert))
  }
}
