/// Communication hidden behind compute. Where the section is present, Megatron-Bridge rewrites the overlap settings of
/// `ddp` and of the pipeline.
public struct CommOverlapFields: SectionFields {
  public static let fields = CommOverlapFields()
  public static let schema = SectionSchema(
    "comm_overlap", fields.declarations, nullable: true,
    """
    Communication hidden behind compute. Where the section is present, Megatron-Bridge rewrites the overlap settings \
    of `ddp` and of the pipeline.
    """)
  let declarations: [FieldDeclaration]

  public let tpCommOverlap: Field<Bool>
  public let overlapP2PComm: Field<Bool?>
  public let batchP2PComm: Field<Bool?>
  public let overlapGradReduce: Field<Bool?>
  public let overlapParamGather: Field<Bool?>
  public let alignParamGather: Field<Bool?>
  public let bucketSize: Field<Int?>
  public let deferEmbeddingWgradCompute: Field<Bool?>
  public let wgradDeferralLimit: Field<Int?>
  public let overlapMoEExpertParallelComm: Field<Bool?>
  public let delayWgradCompute: Field<Bool?>

  private init() {
    var list = FieldList()
    tpCommOverlap = list.add("tp_comm_overlap", default: false, "Overlaps tensor-parallel communication with GEMMs.")
    overlapP2PComm = list.add(
      "overlap_p2p_comm", default: nil, "Overlaps transfers between stages; `null` lets Bridge decide.")
    batchP2PComm = list.add(
      "batch_p2p_comm", default: nil, "Batches transfers between stages; `null` lets Bridge decide.")
    overlapGradReduce = list.add("overlap_grad_reduce", default: nil, "`null` lets Bridge decide.")
    overlapParamGather = list.add("overlap_param_gather", default: nil, "`null` lets Bridge decide.")
    alignParamGather = list.add("align_param_gather", default: nil, "`null` lets Bridge decide.")
    bucketSize = list.add("bucket_size", default: nil, in: .samples, "`null` lets Bridge decide.")
    deferEmbeddingWgradCompute = list.add(
      "defer_embedding_wgrad_compute", default: nil, "Puts the head's weight gradient off until the pipeline drains.")
    wgradDeferralLimit = list.add(
      "wgrad_deferral_limit", default: nil, in: Bounds(lower: -1, upper: 2_147_483_647), "How many are put off.")
    overlapMoEExpertParallelComm = list.add(
      "overlap_moe_expert_parallel_comm", default: nil, "Overlaps the experts' all-to-all with compute.")
    delayWgradCompute = list.add(
      "delay_wgrad_compute", default: nil, "Puts weight gradients off to hide the all-to-all.")
    declarations = list.declarations
  }
}
