import Estimation
import LaunchModel

/// The estimated time of a step in seconds, part by part: a stated simple model to rank layouts by, not a forecast.
///
/// Compute runs at the assumed share of the peak. Tensor-, expert- and context-parallel traffic and transfers between
/// stages add to it; the reduction of gradients hides behind one micro-batch and counts where it is longer.
package struct StepTime: Hashable, Sendable {
  /// The busiest stage's operations, recomputation included.
  package var compute = 0.0
  /// Stages waiting for the first and the last micro-batch.
  package var bubble = 0.0
  package var tensorTraffic = 0.0
  package var expertTraffic = 0.0
  package var contextTraffic = 0.0
  package var pipelineTraffic = 0.0
  /// What does not hide.
  package var gradientTraffic = 0.0

  package var total: Double {
    compute + bubble + tensorTraffic + expertTraffic + contextTraffic + pipelineTraffic + gradientTraffic
  }
}

/// What the dense side of a choice costs: everything but routed experts' traffic and state.
struct DenseCost {
  var time: StepTime
  /// Seconds of one micro-batch on the busiest stage, which gradient reduction hides behind.
  var hiding: Double
  /// Seconds that reducing the dense gradients takes.
  var gradients: Double
  /// Tokens that a rank's MoE layers see in a step, times the layers of the busiest stage.
  var routedTokenLayers: Double
}

/// Turns bytes into seconds.
struct Links {
  let gpusPerNode: Int
  let assumptions: Assumptions

  /// Bytes a second of a group of consecutive ranks: fast where it stays within a node.
  func bandwidth(groupSpan: Int) -> Double {
    groupSpan <= gpusPerNode ? assumptions.nodeBandwidth : assumptions.networkBandwidth
  }

  /// The share of a message that leaves a rank in a ring of so many.
  func share(_ ranks: Int) -> Double { Double(ranks - 1) / Double(max(ranks, 1)) }
}

struct StepTimeModel {
  let request: PlanRequest
  let shape: Architecture
  let parts: TrainingFLOPs
  let parameters: LayerParameters
  let links: Links

  init?(_ request: PlanRequest, _ shape: Architecture, vocabSize: Int) {
    guard let parameters = LayerParameters(shape, vocabSize: vocabSize) else { return nil }
    self.request = request
    self.shape = shape
    self.parameters = parameters
    parts = TrainingFLOPs(shape, sequenceLength: request.base.model.seqLength)
    links = Links(gpusPerNode: request.gpusPerNode, assumptions: request.assumptions)
  }

  /// - Parameters:
  ///   - busiest: cost of the busiest pipeline rank, in FLOPs a token.
  ///   - layers: of the pipeline rank with most.
  ///   - densePerRank: parameters that replicas share, of the largest rank.
  func dense(
    _ choice: PlanChoice, busiest: Double, layers: Double, densePerRank: Double, bytesPerParameter: Double,
    dataParallel: Int, numMicrobatches: Int
  ) -> DenseCost {
    let micro = Double(choice.microBatchSize)
    let sequence = Double(request.base.model.seqLength)
    let tensor = Double(choice.tensor)
    let context = Double(choice.context)
    let batches = Double(numMicrobatches)
    let chunks = Double(choice.virtualPipeline ?? 1)
    let hidden = Double(shape.hiddenSize)
    let peak = request.assumptions.peakFLOPs * request.assumptions.computeUtilization
    let tokens = micro * sequence / context

    // Forward is a third of the whole.
    let repeated = 1 + choice.recompute.repeatedForward(parts) / 3
    let perBatch = busiest * repeated * tokens / tensor / peak
    var time = StepTime()
    time.compute = batches * perBatch
    time.bubble = Double(choice.pipeline - 1) / chunks * perBatch

    let activation = tokens * hidden * 2
    // With sequence parallelism: two gathers and two scatters forward, as many backward, two gathers for weight gradients.
    time.tensorTraffic =
      batches * layers * 10 * activation * links.share(choice.tensor)
      / links.bandwidth(groupSpan: choice.tensor)
    let keysAndValues =
      tokens * Double(shape.numAttentionHeads) / tensor
      * Double(shape.qkHeadDim + shape.qkPosEmbHeadDim + shape.vHeadDim) * 2
    time.contextTraffic =
      batches * layers * 3 * keysAndValues * (context - 1)
      / links.bandwidth(groupSpan: choice.tensor * choice.context)
    if choice.pipeline > 1 {
      let span = request.worldSize / choice.pipeline * 2
      time.pipelineTraffic =
        (batches * chunks + Double(choice.pipeline) - 1) * 2 * activation / tensor / links.bandwidth(groupSpan: span)
    }
    let replicas = dataParallel * choice.context
    let gradients =
      densePerRank * bytesPerParameter * links.share(replicas)
      / links.bandwidth(groupSpan: choice.tensor * replicas)
    return DenseCost(
      time: time, hiding: perBatch, gradients: gradients,
      routedTokenLayers: batches * tokens / tensor * layers)
  }

  /// Seconds of expert traffic: tokens to their experts and back, forward and backward.
  func expertTraffic(_ dense: DenseCost, expert: Int, expertTensor: Int) -> Double {
    let bytes = dense.routedTokenLayers * Double(shape.moeRouterTopK) * Double(shape.hiddenSize) * 2
    let bandwidth = links.bandwidth(groupSpan: expert * expertTensor)
    return 4 * bytes * (links.share(expert) + links.share(expertTensor)) / bandwidth
  }

  /// Seconds that reducing the experts' gradients takes.
  func expertGradients(_ perRank: Double, bytesPerParameter: Double, replicas: Int, expertRanks: Int) -> Double {
    perRank * bytesPerParameter * links.share(replicas) / links.bandwidth(groupSpan: expertRanks * replicas)
  }
}
