import LaunchModel
import Topology

extension SizeName {
  /// Megatron's name for it.
  var text: String {
    switch self {
    case .worldSize: "the number of GPUs"
    case .tensor: Path.parallelism.tensorModelParallelSize.field
    case .pipeline: Path.parallelism.pipelineModelParallelSize.field
    case .virtualPipeline: Path.parallelism.virtualPipelineModelParallelSize.field
    case .context: Path.parallelism.contextParallelSize.field
    case .expert: Path.parallelism.expertModelParallelSize.field
    case .expertTensor: Path.parallelism.expertTensorParallelSize.field
    case .microbatches: "the number of micro-batches"
    }
  }
}
