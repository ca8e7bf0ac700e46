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
  /// `expert_tensor_parallel_size`, or what Megatron makes of an unset one.
  public var expertTensor: Int

  public init(
    tensor: Int = 1, pipeline: Int = 1, virtualPipeline: Int? = nil, context: Int = 1, expert: Int = 1,
    expertTensor: Int = 1
  ) {
    self.tensor = tensor
    self.pipeline = pipeline
    self.virtualPipeline = virtualPipeline
    self.context = context
    self.expert = expert
    self.expertTensor = expertTensor
  }
}

extension ParallelSizes {
  /// GPUs of one replica of the dense layers: TP x PP x CP; `nil` where a size has no meaning.
  package var denseReplica: Int? { Self.product(tensor, pipeline, context) }

  /// GPUs of one replica of the routed experts: ETP x EP x PP; `nil` where a size has no meaning.
  package var expertReplica: Int? { Self.product(expertTensor, expert, pipeline) }

  /// Replicas of the dense layers on so many GPUs; `nil` where they do not come out whole.
  package func dataParallel(of worldSize: Int) -> Int? { Self.quotient(worldSize, denseReplica) }

  /// Replicas of the routed experts on so many GPUs; `nil` where they do not come out whole.
  package func expertDataParallel(of worldSize: Int) -> Int? { Self.quotient(worldSize, expertReplica) }

  private static func product(_ first: Int, _ second: Int, _ third: Int) -> Int? {
    guard first > 0, second > 0, third > 0 else { return nil }
    let (pair, pairOverflows) = first.multipliedReportingOverflow(by: second)
    let (product, overflows) = pair.multipliedReportingOverflow(by: third)
    return pairOverflows || overflows ? nil : product
  }

  private static func quotient(_ worldSize: Int, _ replica: Int?) -> Int? {
    guard let replica, worldSize % replica == 0 else { return nil }
    return worldSize / replica
  }
}

/// Which kind of parallelism varies fastest from one global rank to the next, from left to right.
package enum RankOrder: String, Hashable, Sendable, CaseIterable {
  /// Megatron's default.
  case pipelineLast = "tp-cp-ep-dp-pp"
  /// What `use_tp_pp_dp_mapping` chooses.
  case dataLast = "tp-cp-ep-pp-dp"
}
