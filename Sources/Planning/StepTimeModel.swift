import Estimation
import LaunchModel

/// The formulas behind ``StepTime``. Volumes follow from what Megatron-Core 0.16.1 sends; each formula stands alone.
struct StepTimeModel {
  private let shape: Architecture
  private let assumptions: Assumptions
  private let worldSize: Int
  private let sequenceLength: Double
  private let operations: TrainingFLOPs
  private let kinds: LayerKinds
  private let links: Links
  private let isFrozen: Bool
  /// Whether the optimizer is distributed.
  private let isSharded: Bool
  private let hidesGradients: Bool
  /// Replicas are neighbours, and stages far apart or the other way round.
  private let stagesAreNeighbours: Bool

  /// The share of a layer's forward pass that its norms, or its experts' activations, take: no matrix products, so
  /// little.
  static let elementwiseShare = 0.015

  init(_ request: PlanRequest, _ shape: Architecture, _ kinds: LayerKinds) {
    self.shape = shape
    assumptions = request.assumptions
    worldSize = request.worldSize
    sequenceLength = Double(request.base.model.seqLength)
    self.kinds = kinds
    operations = TrainingFLOPs(shape, sequenceLength: request.base.model.seqLength)
    links = Links(gpusPerNode: request.gpusPerNode, assumptions: request.assumptions)
    isFrozen = request.base.peft.isPresent
    isSharded = ParameterBytes(request.base, isMuonMatrix: false).isSharded
    hidesGradients = EffectiveOverlap(request.base, dataParallelSize: 2).overlapGradReduce
    stagesAreNeighbours = request.base.dist.useTPPPDPMapping
  }

  // MARK: The dense side

  /// - Parameters:
  ///   - contents: by pipeline rank.
  ///   - states: everything but routed experts, by pipeline rank.
  func dense(
    _ choice: PlanChoice, contents: [ChunkContents], states: [ModelState], dataParallel: Int, numMicrobatches: Int
  ) -> DenseTime {
    let tokens = Double(choice.microBatchSize) * sequenceLength / Double(choice.context)
    let again = (
      dense: repeatedForward(.dense, choice.recompute.plan), moe: repeatedForward(.moe, choice.recompute.plan)
    )
    let ranks = zip(contents, states).map { contents, state in
      let mtp = contents.mtpLayers
      let dense = Double(contents.denseLayers + (kinds.endsInMoE ? 0 : mtp))
      let moe = Double(contents.moeLayers + (kinds.endsInMoE ? mtp : 0))
      let layers = dense + moe
      let heads = Double((contents.hasHead ? 1 : 0) + mtp)
      let trained =
        dense * operations.denseLayer + moe * (operations.moeLayer + operations.router)
        + Double(mtp) * operations.mtpProjection + heads * operations.head
      let perToken = trained * trainedShare + dense * again.dense + moe * again.moe
      return RankTime(
        compute: perToken * tokens / Double(choice.tensor)
          / (assumptions.peakFLOPs * assumptions.computeUtilization),
        weights: memoryTime(state, isRepeated: choice.recompute.plan == .full),
        tensorTraffic: layers * tensorTraffic(choice, tokens), contextTraffic: layers * contextTraffic(choice, tokens),
        moeLayers: moe, gradients: denseGradients(choice, state, dataParallel: dataParallel))
    }
    return DenseTime(
      ranks: ranks, numMicrobatches: Double(numMicrobatches),
      bubbleShare: 1 / Double(choice.virtualPipeline ?? 1),
      pipelineTraffic: pipelineTraffic(choice, tokens, numMicrobatches: numMicrobatches),
      hidesGradients: hidesGradients)
  }

  /// Of the operations of training: a third goes forward, a third to inputs' gradients, a third to weights', which
  /// frozen ones do not have.
  private var trainedShare: Double { isFrozen ? 2.0 / 3 : 1 }

  private enum LayerKind { case dense, moe }

  /// FLOPs a token that run a second time in one layer.
  private func repeatedForward(_ kind: LayerKind, _ plan: RecomputePlan) -> Double {
    let layer = kind == .moe ? operations.moeLayer + operations.router : operations.denseLayer
    var repeated = 0.0
    switch plan {
    case .none: break
    case .full: repeated = layer
    case .selective:
      if plan.drops(.coreAttention) { repeated += operations.attentionCore }
      if plan.drops(.mlaUpProjection) { repeated += operations.queryProjection + operations.upProjection }
      if plan.drops(.layerNorm) { repeated += Self.elementwiseShare * layer }
      if kind == .moe {
        if plan.drops(.moe) {
          repeated += operations.routedExperts + operations.sharedExperts + operations.router
        } else {
          if plan.drops(.moeActivation) { repeated += Self.elementwiseShare * layer }
          if plan.drops(.sharedExperts) { repeated += operations.sharedExperts }
        }
      } else if plan.drops(.mlp) {
        repeated += operations.denseMLP
      }
    }
    // Forward is a third of the whole.
    return repeated / 3
  }

  /// One micro-batch reads weights forward and backward, once more to recompute, and adds to the gradients in place.
  private func memoryTime(_ state: ModelState, isRepeated: Bool) -> Double {
    (state.weights * (isRepeated ? 3 : 2) + state.gradients * 2) / assumptions.memoryBandwidth
  }

  /// Sequence parallelism of one layer: two all-gathers and two reduce-scatters forward, as many backward, two
  /// all-gathers for weights' gradients; those forward once more where all is recomputed.
  private func tensorTraffic(_ choice: PlanChoice, _ tokens: Double) -> Double {
    let passes = 8 + (isFrozen ? 0 : 2) + (choice.recompute.plan == .full ? 4 : 0)
    return Double(passes)
      * links.ring(bytes: tokens * Double(shape.hiddenSize) * 2, ranks: choice.tensor, stride: 1)
  }

  /// Keys and values of one layer from all other context ranks: once forward, and with their gradients backward.
  private func contextTraffic(_ choice: PlanChoice, _ tokens: Double) -> Double {
    let width =
      shape.isLatentAttention
      ? Double(shape.numAttentionHeads) * Double(shape.qkHeadDim + shape.qkPosEmbHeadDim + shape.vHeadDim)
      : 2 * Double(shape.numQueryGroups) * Double(shape.kvChannels)
    let passes = 3 + (choice.recompute.plan == .full || choice.recompute.plan.drops(.coreAttention) ? 1 : 0)
    let all = tokens * Double(choice.context) * width / Double(choice.tensor) * 2
    return Double(passes) * links.ring(bytes: all, ranks: choice.context, stride: choice.tensor)
  }

  /// Activations forward and their gradients backward between stages, for every chunk of every micro-batch.
  private func pipelineTraffic(_ choice: PlanChoice, _ tokens: Double, numMicrobatches: Int) -> Double {
    guard choice.pipeline > 1 else { return 0 }
    let distance =
      stagesAreNeighbours ? choice.tensor * choice.context : worldSize / choice.pipeline
    let each = links.send(
      bytes: tokens * Double(shape.hiddenSize) * 2 / Double(choice.tensor), distance: distance)
    return 2 * each * (Double(numMicrobatches) * Double(choice.virtualPipeline ?? 1) + Double(choice.pipeline - 1))
  }

  private func denseGradients(_ choice: PlanChoice, _ state: ModelState, dataParallel: Int) -> Double {
    links.ring(
      bytes: reducedBytes(state), ranks: dataParallel * choice.context,
      stride: choice.tensor * (stagesAreNeighbours ? choice.pipeline : 1))
  }

  /// Gradients are scattered and new weights gathered; without a distributed optimizer, gradients are gathered instead.
  private func reducedBytes(_ state: ModelState) -> Double {
    guard !isFrozen else { return 0 }
    return state.gradients + (isSharded ? state.weights : state.gradients)
  }

  // MARK: Routed experts

  /// What does not depend on the micro-batch: `perToken` is the traffic of one token's hidden state through one pass.
  struct ExpertSide {
    let perToken: Double
    let weights: Double
    let repeatedWeights: Double
    let gradients: Double
  }

  /// One MoE layer.
  ///
  /// - Parameters:
  ///   - state: of the layer's routed experts on one rank.
  ///   - replicas: of them.
  func expertSide(_ choice: PlanChoice, _ state: ModelState, replicas: Int) -> ExpertSide {
    let bytes = Double(shape.moeRouterTopK) * Double(shape.hiddenSize) * 2
    let isRouted = shape.numMoEExperts > 0
    // Between expert ranks, then to all ranks that share an expert: each gathers what the others were sent.
    let exchanged = links.allToAll(bytes: bytes, ranks: choice.expert, stride: choice.expertTensor)
    let gathered = links.ring(
      bytes: bytes * Double(choice.expertTensor), ranks: choice.expertTensor, stride: 1)
    return ExpertSide(
      perToken: isRouted ? exchanged + gathered : 0, weights: memoryTime(state, isRepeated: false),
      repeatedWeights: memoryTime(state, isRepeated: true),
      gradients: links.ring(
        bytes: reducedBytes(state), ranks: replicas,
        stride: choice.expert * choice.expertTensor * (stagesAreNeighbours ? choice.pipeline : 1)))
  }

  /// Tokens go to their experts and back, forward and backward; and once more where MoE layers are recomputed.
  func experts(_ side: ExpertSide, _ choice: PlanChoice) -> ExpertTime {
    let tokens = Double(choice.microBatchSize) * sequenceLength / Double(choice.context) / Double(choice.tensor)
    let isRepeated = choice.recompute.plan == .full || choice.recompute.plan.drops(.moe)
    return ExpertTime(
      weights: isRepeated ? side.repeatedWeights : side.weights,
      traffic: (isRepeated ? 6 : 4) * tokens * side.perToken, gradients: side.gradients)
  }
}
