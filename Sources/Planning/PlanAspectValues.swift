import Validation

extension PlanAspects {
  /// The sizes that the others follow from.
  static let replicaSizes: PlanAspects = [.tensor, .pipeline, .context, .replicas]
  static let denseSide: PlanAspects = [.replicaSizes, .virtualPipeline, .microBatch, .recompute, .numMicrobatches]
  static let expertSide: PlanAspects = [.replicaSizes, .expert, .expertTensor]
}

/// The values of some aspects of a choice; those of others are 0.
struct PlanAspectValues: Hashable, Sendable {
  private var tensor: Int32 = 0
  private var pipeline: Int32 = 0
  private var context: Int32 = 0
  private var virtualPipeline: Int32 = 0
  private var microBatch: Int32 = 0
  private var expert: Int32 = 0
  private var expertTensor: Int32 = 0
  private var replicas: Int32 = 0
  private var numMicrobatches = 0
  private var recompute: RecomputeChoice?

  init(_ choice: PlanChoice, _ aspects: PlanAspects, _ batches: PlanRequest.Batches) {
    if aspects.contains(.tensor) { tensor = Int32(choice.tensor) }
    if aspects.contains(.pipeline) { pipeline = Int32(choice.pipeline) }
    if aspects.contains(.context) { context = Int32(choice.context) }
    if aspects.contains(.virtualPipeline) { virtualPipeline = Int32(choice.virtualPipeline ?? 0) }
    if aspects.contains(.microBatch) { microBatch = Int32(choice.microBatchSize) }
    if aspects.contains(.expert) { expert = Int32(choice.expert) }
    if aspects.contains(.expertTensor) { expertTensor = Int32(choice.expertTensor) }
    if aspects.contains(.replicas) { replicas = Int32(batches.replicas(choice)) }
    if aspects.contains(.numMicrobatches) { numMicrobatches = batches.numMicrobatches(choice) ?? -1 }
    if aspects.contains(.recompute) { recompute = choice.recompute }
  }
}
