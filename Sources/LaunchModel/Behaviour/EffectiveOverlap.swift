/// The overlap settings that a run ends up with, after Megatron-Bridge has applied `comm_overlap` and made the two
/// switches of the distributed optimizer agree.
///
/// Source: megatron-bridge 0.3.1 `training/comm_overlap.py`, `CommOverlapConfig.setup`; `training/config.py`,
/// `_validate_and_sync_distributed_optimizer_settings`.
public struct EffectiveOverlap: Hashable, Sendable {
  // MARK: Tensors, pipeline, experts

  public let tpCommOverlap: Bool
  public let overlapP2PComm: Bool
  public let batchP2PComm: Bool
  public let deferEmbeddingWgradCompute: Bool
  public let wgradDeferralLimit: Int
  public let overlapMoEExpertParallelComm: Bool
  public let delayWgradCompute: Bool

  // MARK: Data-parallel replicas

  public let overlapGradReduce: Bool
  public let overlapParamGather: Bool
  public let alignParamGather: Bool
  /// Parameters of a bucket; `nil` for Megatron's own choice.
  public let bucketSize: Int?
  /// Of both the optimizer and the replicas: set where either asks for it.
  public let useDistributedOptimizer: Bool
  /// Whether `comm_overlap` has replaced the settings of `ddp`.
  public let replacesDDP: Bool

  /// What Bridge puts in a bucket where nobody says: 128 Mi parameters.
  public static let bridgeBucketSize = 128 * 1024 * 1024

  /// - Parameters:
  ///   - config: what is asked for.
  ///   - dataParallelSize: replicas of the dense layers.
  public init(_ config: borrowing LaunchConfig, dataParallelSize: Int) {
    let (model, ddp, overlap, sizes) = (config.model, config.ddp, config.commOverlap, config.parallelism)
    useDistributedOptimizer = ddp.useDistributedOptimizer || config.optimizer.useDistributedOptimizer
    let isPipelined = sizes.pipelineModelParallelSize > 1
    // Bridge looks before a layout has been read: chunks that only the layout implies are not seen here.
    let isInterleaved = isPipelined && (sizes.virtualPipelineModelParallelSize ?? 1) > 1
    if overlap.isPresent {
      tpCommOverlap = overlap.tpCommOverlap && sizes.tensorModelParallelSize > 1 && sizes.sequenceParallel
      overlapP2PComm = overlap.overlapP2PComm ?? isInterleaved
      batchP2PComm = overlap.batchP2PComm ?? (isPipelined && !isInterleaved)
      deferEmbeddingWgradCompute = overlap.deferEmbeddingWgradCompute ?? false
      wgradDeferralLimit = overlap.wgradDeferralLimit ?? -1
      overlapMoEExpertParallelComm = overlap.overlapMoEExpertParallelComm ?? false
      delayWgradCompute = overlap.delayWgradCompute ?? false
    } else {
      tpCommOverlap = model.tpCommOverlap
      overlapP2PComm = model.overlapP2PComm
      batchP2PComm = model.batchP2PComm
      deferEmbeddingWgradCompute = model.deferEmbeddingWgradCompute
      wgradDeferralLimit = model.wgradDeferralLimit
      overlapMoEExpertParallelComm = model.overlapMoEExpertParallelComm
      delayWgradCompute = model.delayWgradCompute
    }
    // Only `ddp`'s own switch counts here: it is read before the two are made to agree.
    replacesDDP = overlap.isPresent && ddp.useDistributedOptimizer
    if replacesDDP {
      let isReplicated = dataParallelSize > 1
      overlapGradReduce = overlap.overlapGradReduce ?? isReplicated
      overlapParamGather = overlap.overlapParamGather ?? isReplicated
      alignParamGather = overlap.alignParamGather ?? (isReplicated && isInterleaved)
      bucketSize = overlap.bucketSize ?? (isReplicated ? Self.bridgeBucketSize : nil)
    } else {
      overlapGradReduce = ddp.overlapGradReduce
      overlapParamGather = ddp.overlapParamGather
      alignParamGather = ddp.alignParamGather
      bucketSize = ddp.bucketSize
    }
  }
}
