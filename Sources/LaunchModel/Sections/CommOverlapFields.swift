/// Communication hidden behind compute. Where the section is present, Megatron-Bridge rewrites the overlap settings of
/// `ddp` and of the pipeline.
public final class CommOverlapFields: SectionFields {
  public static let fields = CommOverlapFields()
  public static let schema = SectionSchema(
    "comm_overlap", of: fields, nullable: true,
    """
    Communication hidden behind compute. Where the section is present, Megatron-Bridge rewrites the overlap settings \
    of `ddp` and of the pipeline.
    """)

  public let tpCommOverlap = Field<Bool>(
    "tp_comm_overlap", default: false, "Overlaps tensor-parallel communication with GEMMs.")
  public let overlapP2PComm = Field<Bool?>(
    "overlap_p2p_comm", default: nil, "Overlaps transfers between stages; `null` lets Bridge decide.")
  public let batchP2PComm = Field<Bool?>(
    "batch_p2p_comm", default: nil, "Batches transfers between stages; `null` lets Bridge decide.")
  public let overlapGradReduce = Field<Bool?>("overlap_grad_reduce", default: nil, "`null` lets Bridge decide.")
  public let overlapParamGather = Field<Bool?>("overlap_param_gather", default: nil, "`null` lets Bridge decide.")
  public let alignParamGather = Field<Bool?>("align_param_gather", default: nil, "`null` lets Bridge decide.")
  public let bucketSize = Field<Int?>("bucket_size", default: nil, in: .samples, "`null` lets Bridge decide.")
  public let deferEmbeddingWgradCompute = Field<Bool?>(
    "defer_embedding_wgrad_compute", default: nil, "Puts the head's weight gradient off until the pipeline drains.")
  public let wgradDeferralLimit = Field<Int?>(
    "wgrad_deferral_limit", default: nil, in: Bounds(lower: -1, upper: 2_147_483_647), "How many are put off.")
  public let overlapMoEExpertParallelComm = Field<Bool?>(
    "overlap_moe_expert_parallel_comm", default: nil, "Overlaps the experts' all-to-all with compute.")
  public let delayWgradCompute = Field<Bool?>(
    "delay_wgrad_compute", default: nil, "Puts weight gradients off to hide the all-to-all.")
}
