/// The estimated time of a step in seconds, part by part.
///
/// The busiest pipeline rank sets the pace. A layer's pass takes as long as the slower of the GPU and the host that
/// launches its kernels. Nothing else overlaps but the reduction of gradients, which hides behind one micro-batch.
package struct StepTime: Hashable, Sendable {
  /// Matrix products, recomputation included.
  package var compute = 0.0
  /// Operations between products, and weights and gradients, in a GPU's own memory.
  package var memory = 0.0
  /// The GPU waiting for the host to launch kernels.
  package var host = 0.0
  package var tensorTraffic = 0.0
  package var expertTraffic = 0.0
  package var contextTraffic = 0.0
  package var pipelineTraffic = 0.0
  /// Stages waiting for the first and the last micro-batch.
  package var bubble = 0.0
  /// What does not hide.
  package var gradientTraffic = 0.0
  package var optimizer = 0.0

  package var total: Double {
    compute + memory + host + tensorTraffic + expertTraffic + contextTraffic + pipelineTraffic + bubble
      + gradientTraffic + optimizer
  }
}

/// Seconds of one layer's passes of one micro-batch: of the GPU by what they go to, and of the host.
struct LayerTime {
  var computeForward = 0.0
  var computeBackward = 0.0
  var memoryForward = 0.0
  var memoryBackward = 0.0
  var tensorTraffic = 0.0
  var contextTraffic = 0.0
  var expertTraffic = 0.0
  var hostForward = 0.0
  var hostBackward = 0.0

  private var traffic: Double { tensorTraffic + contextTraffic + expertTraffic }

  /// Traffic is alike in both passes.
  var gpuForward: Double { computeForward + memoryForward + traffic / 2 }
  var gpuBackward: Double { computeBackward + memoryBackward + traffic / 2 }
  var forward: Double { max(gpuForward, hostForward) }
  var backward: Double { max(gpuBackward, hostBackward) }
  var total: Double { forward + backward }

  static func + (left: LayerTime, right: LayerTime) -> LayerTime {
    LayerTime(
      computeForward: left.computeForward + right.computeForward,
      computeBackward: left.computeBackward + right.computeBackward,
      memoryForward: left.memoryForward + right.memoryForward,
      memoryBackward: left.memoryBackward + right.memoryBackward,
      tensorTraffic: left.tensorTraffic + right.tensorTraffic,
      contextTraffic: left.contextTraffic + right.contextTraffic,
      expertTraffic: left.expertTraffic + right.expertTraffic, hostForward: left.hostForward + right.hostForward,
      hostBackward: left.hostBackward + right.hostBackward)
  }

  /// So many of them into the parts of a step.
  func add(to step: inout StepTime, times: Double) {
    step.compute += times * (computeForward + computeBackward)
    step.memory += times * (memoryForward + memoryBackward)
    step.tensorTraffic += times * tensorTraffic
    step.contextTraffic += times * contextTraffic
    step.expertTraffic += times * expertTraffic
    step.host += times * (total - gpuForward - gpuBackward)
  }
}

/// One micro-batch on one pipeline rank.
struct RankTime {
  /// Dense layers, and the head with what stands beside it.
  var denseLayers = 0.0
  var heads = 0.0
  var moeLayers = 0.0
  /// Seconds of what does not depend on the experts.
  var fixed = 0.0
  /// Seconds to reduce the rank's dense gradients, once a step.
  var gradients = 0.0
  /// Seconds of the optimizer but for routed experts.
  var optimizer = 0.0
}

/// What one MoE layer's routed experts take.
package struct ExpertTime {
  /// Forward and backward, of a micro-batch, as passes of the GPU and of the host.
  let layer: LayerTime
  let gpuForward: Double
  let gpuBackward: Double
  /// To reduce their gradients, once a step.
  let gradients: Double
  let optimizer: Double

  init(_ layer: LayerTime, gradients: Double, optimizer: Double) {
    self.layer = layer
    gpuForward = layer.gpuForward
    gpuBackward = layer.gpuBackward
    self.gradients = gradients
    self.optimizer = optimizer
  }
}

/// Everything but routed experts of one layout.
package struct DenseTime {
  /// By pipeline rank.
  let ranks: [RankTime]
  /// Of one layer, and of the head with its projections.
  let denseLayer: LayerTime
  /// Without routed experts.
  let moeLayer: LayerTime
  let head: LayerTime
  let moeGPUForward: Double
  let moeGPUBackward: Double
  let numMicrobatches: Double
  /// A rank's share of the wait for the others: 1 over its chunks.
  let bubbleShare: Double
  /// From one stage to the next, one way.
  let send: Double
  let pipelineTraffic: Double
  /// How many times a step replicas exchange weights and gradients.
  let reductions: Double
  /// Whether they do so while a micro-batch runs.
  let hidesGradients: Bool
  /// Tokens of one micro-batch on one rank.
  let tokens: Double
  /// Whether the backward pass computes MoE layers again.
  let repeatsExperts: Bool

  /// MoE layers of a rank, those of MTP among them.
  package func moeLayers(_ rank: Int) -> Double { ranks[rank].moeLayers }

  /// Of one MoE layer with its experts.
  private func layerTime(_ expert: ExpertTime) -> Double {
    max(moeGPUForward + expert.gpuForward, moeLayer.hostForward + expert.layer.hostForward)
      + max(moeGPUBackward + expert.gpuBackward, moeLayer.hostBackward + expert.layer.hostBackward)
  }

  /// The step as a whole, quickly.
  package func total(_ expert: ExpertTime) -> Double {
    let perLayer = layerTime(expert)
    var busiest = 0.0
    var sum = 0.0
    var gradients = 0.0
    var optimizer = 0.0
    for rank in ranks {
      let time = rank.fixed + rank.moeLayers * perLayer
      busiest = max(busiest, time)
      sum += time
      gradients = max(gradients, rank.gradients + rank.moeLayers * expert.gradients)
      optimizer = max(optimizer, rank.optimizer + rank.moeLayers * expert.optimizer)
    }
    return numMicrobatches * busiest + (sum - busiest) * bubbleShare + pipelineTraffic
      + exposed(gradients, beside: busiest) + optimizer
  }

  /// What of the exchanges of gradients does not hide behind micro-batches.
  private func exposed(_ gradients: Double, beside busiest: Double) -> Double {
    reductions * max(0, gradients - (hidesGradients ? busiest : 0))
  }

  /// Seconds of the passes of one micro-batch through a chunk.
  package func passes(
    of chunk: ChunkContents, endsInMoE: Bool, _ expert: ExpertTime
  ) -> (forward: Double, backward: Double) {
    let mtp = chunk.mtpLayers
    let dense = Double(chunk.denseLayers + (endsInMoE ? 0 : mtp))
    let moe = Double(chunk.moeLayers + (endsInMoE ? mtp : 0))
    let heads = Double((chunk.hasHead ? 1 : 0) + mtp)
    let whole = moeLayer + expert.layer
    return (
      dense * denseLayer.forward + moe * whole.forward + heads * head.forward,
      dense * denseLayer.backward + moe * whole.backward + heads * head.backward
    )
  }

  /// Seconds of each pipeline rank's share of one micro-batch.
  package func perMicrobatch(_ expert: ExpertTime) -> [Double] {
    let perLayer = layerTime(expert)
    return ranks.map { $0.fixed + $0.moeLayers * perLayer }
  }

  /// The step part by part.
  package func parts(_ expert: ExpertTime) -> StepTime {
    let times = perMicrobatch(expert)
    guard let busiest = times.indices.max(by: { times[$0] < times[$1] }) else { return StepTime() }
    let rank = ranks[busiest]
    var step = StepTime()
    denseLayer.add(to: &step, times: numMicrobatches * rank.denseLayers)
    (moeLayer + expert.layer).add(to: &step, times: numMicrobatches * rank.moeLayers)
    head.add(to: &step, times: numMicrobatches * rank.heads)
    let gradients = ranks.map { $0.gradients + $0.moeLayers * expert.gradients }.max() ?? 0
    step.pipelineTraffic = pipelineTraffic
    step.bubble = (times.reduce(0, +) - times[busiest]) * bubbleShare
    step.gradientTraffic = exposed(gradients, beside: times[busiest])
    step.optimizer = ranks.map { $0.optimizer + $0.moeLayers * expert.optimizer }.max() ?? 0
    return step
  }
}
