/// The estimated time of a step in seconds, part by part: a stated simple model to rank layouts by, not a forecast.
///
/// The busiest pipeline rank sets the pace. Nothing of the following overlaps but the reduction of gradients, which
/// hides behind one micro-batch.
package struct StepTime: Hashable, Sendable {
  /// Matrix products, recomputation included.
  package var compute = 0.0
  /// Weights read from and gradients added up in a GPU's own memory, once a micro-batch.
  package var weights = 0.0
  package var tensorTraffic = 0.0
  package var expertTraffic = 0.0
  package var contextTraffic = 0.0
  package var pipelineTraffic = 0.0
  /// Stages waiting for the first and the last micro-batch.
  package var bubble = 0.0
  /// What does not hide.
  package var gradientTraffic = 0.0

  package var total: Double {
    compute + weights + tensorTraffic + expertTraffic + contextTraffic + pipelineTraffic + bubble + gradientTraffic
  }
}

/// Seconds of one micro-batch on one pipeline rank.
struct RankTime {
  var compute = 0.0
  var weights = 0.0
  var tensorTraffic = 0.0
  var contextTraffic = 0.0
  /// Each adds the routed experts' time.
  var moeLayers = 0.0
  /// Seconds to reduce the rank's dense gradients, once a step.
  var gradients = 0.0

  /// All but routed experts.
  var dense: Double { compute + weights + tensorTraffic + contextTraffic }
}

/// What one MoE layer's routed experts take beside their matrix products.
struct ExpertTime {
  /// Weights and gradients in a GPU's own memory, a micro-batch.
  var weights: Double
  /// To the experts and back, a micro-batch.
  var traffic: Double
  /// To reduce their gradients, once a step.
  var gradients: Double
}

/// Everything but routed experts of one choice.
struct DenseTime {
  /// By pipeline rank.
  let ranks: [RankTime]
  let numMicrobatches: Double
  /// A rank's share of the wait for the others: 1 over its chunks.
  let bubbleShare: Double
  let pipelineTraffic: Double
  /// Whether gradients are reduced while the last micro-batch runs.
  let hidesGradients: Bool

  /// The step as a whole, quickly.
  func total(_ expert: ExpertTime) -> Double {
    let perLayer = expert.weights + expert.traffic
    var busiest = 0.0
    var sum = 0.0
    var gradients = 0.0
    for rank in ranks {
      let time = rank.dense + rank.moeLayers * perLayer
      busiest = max(busiest, time)
      sum += time
      gradients = max(gradients, rank.gradients + rank.moeLayers * expert.gradients)
    }
    return numMicrobatches * busiest + (sum - busiest) * bubbleShare + pipelineTraffic
      + max(0, gradients - (hidesGradients ? busiest : 0))
  }

  /// The step part by part.
  func parts(_ expert: ExpertTime) -> StepTime {
    let perLayer = expert.weights + expert.traffic
    let times = ranks.map { $0.dense + $0.moeLayers * perLayer }
    guard let busiest = times.indices.max(by: { times[$0] < times[$1] }) else { return StepTime() }
    let rank = ranks[busiest]
    let gradients = ranks.map { $0.gradients + $0.moeLayers * expert.gradients }.max() ?? 0
    var step = StepTime()
    step.compute = numMicrobatches * rank.compute
    step.weights = numMicrobatches * (rank.weights + rank.moeLayers * expert.weights)
    step.tensorTraffic = numMicrobatches * rank.tensorTraffic
    step.expertTraffic = numMicrobatches * rank.moeLayers * expert.traffic
    step.contextTraffic = numMicrobatches * rank.contextTraffic
    step.pipelineTraffic = pipelineTraffic
    step.bubble = (times.reduce(0, +) - times[busiest]) * bubbleShare
    step.gradientTraffic = max(0, gradients - (hidesGradients ? times[busiest] : 0))
    return step
  }
}
