package import Topology

extension LaunchConfig {
  /// The parallel sizes, an unset `expert_tensor_parallel_size` resolved as the release does.
  package var parallelSizes: ParallelSizes {
    ParallelSizes(
      tensor: parallelism.tensorModelParallelSize, pipeline: parallelism.pipelineModelParallelSize,
      virtualPipeline: parallelism.virtualPipelineModelParallelSize, context: parallelism.contextParallelSize,
      expert: parallelism.expertModelParallelSize, expertTensor: UnsetSize.expertTensorParallelSize.size(in: self))
  }
}
