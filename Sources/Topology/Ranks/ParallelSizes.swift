/// The parallel sizes of a launch: how many ranks share each kind of work.
public struct ParallelSizes: Hashable, Sendable {
  /// `tensor_model_parallel_size`.
  public var tensor: Int
  /// `pipeline_model_parallel_size`.
  public var pipeline: Int
  /// `virtual_pipeline_model_parallel_size`; `nil` turns the interleaved schedule off.
  public var virtualPipeline: Int?
  /// `context_parallel_size`.
  public var context: Int
  /// `expert_model_parallel_size`.
  public var expert: Int
  /// `expert_tensor_parallel_size`; `nil` is `tensor`, as in Megatron.
  public var expertTensor: Int?

  public init(
    tensor: Int = 1, pipeline: Int = 1, virtualPipeline: Int? = nil, context: Int = 1, expert: Int = 1,
    expertTensor: Int? = nil
  ) {
    self.tensor = tensor
    self.pipeline = pipeline
    self.virtualPipeline = virtualPipeline
    self.context = context
    self.expert = expert
    self.expertTensor = expertTensor
  }

  /// `expertTensor`, or `tensor` where it is not given.
  public var resolvedExpertTensor: Int { expertTensor ?? tensor }
}

/// Which kind of parallelism varies fastest from one global rank to the next, from left to right.
package enum RankOrder: String, Hashable, Sendable, CaseIterable {
  /// Megatron's default.
  case pipelineLast = "tp-cp-ep-dp-pp"
  /// What `use_tp_pp_dp_mapping` chooses.
  case dataLast = "tp-cp-ep-pp-dp"
}
