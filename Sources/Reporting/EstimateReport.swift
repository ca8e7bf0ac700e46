package import ConfigDocument
package import Estimation
import LaunchModel
package import Validation

/// An estimate as a table and as JSON.
package struct EstimateReport {
  private let run: RunFacts
  private let estimate: Estimate

  package init(_ run: RunFacts, _ estimate: Estimate) {
    self.run = run
    self.estimate = estimate
  }

  // MARK: For people

  package func text(style: TerminalStyle) -> String {
    [parameters(style), memory(style), compute(style), assumptions(style)].joined(separator: "\n")
  }

  private func parameters(_ style: TerminalStyle) -> String {
    let count = estimate.parameters
    var table = TextTable([.init("Parameters"), .init("", .right)])
    table.add(["total", Numbers.grouped(count.total)])
    table.add(["active", Numbers.grouped(count.active)])
    table.add(["  without embedding and head", Numbers.grouped(count.activeWithoutEmbeddings)])
    table.add(["one dense layer", Numbers.grouped(count.parts.denseLayer)])
    table.add(["one MoE layer", Numbers.grouped(count.parts.moeLayer(experts: run.architecture.numMoEExperts))])
    table.add(["one routed expert", Numbers.grouped(count.parts.routedExpert)])
    table.add(["embedding, and head", Numbers.grouped(count.parts.embedding)])
    return table.text(style: style)
  }

  private func memory(_ style: TerminalStyle) -> String {
    var table = TextTable([
      .init("GiB a rank, pp"), .init("parameters", .right), .init("weights", .right), .init("gradients", .right),
      .init("optimizer", .right), .init("activations", .right), .init("logits", .right), .init("total", .right),
    ])
    let reserved = estimate.memory.assumptions.reservedGiB * gibibyte
    for rank in estimate.memory.ranks {
      let parts = [rank.weights, rank.gradients, rank.optimizer, rank.activations, rank.logits, rank.total + reserved]
      table.add(["\(rank.pipelineRank)", Numbers.millions(Double(rank.parameters))] + parts.map { Numbers.gibibytes($0) })
    }
    let megatron = estimate.megatronMemory
    return table.text(style: style) + wrapped(
      """
      Each total holds \(Numbers.decimal(estimate.memory.assumptions.reservedGiB, 1)) GiB for the system; the GPU has \
      \(Numbers.decimal(run.config.cluster.gpuMemoryGiB, 1)). Megatron-LM's own report: weights and optimizer \
      \(Numbers.gibibytes(megatron.weightsAndOptimizer)), activations \(Numbers.gibibytes(megatron.activations)); it \
      ignores custom layouts and the width of MoE activations.
      """, width: 80)
  }

  private func compute(_ style: TerminalStyle) -> String {
    let timing = estimate.timing
    var table = TextTable([.init("A step"), .init("", .right)])
    table.add(["tokens", Numbers.grouped(Int(estimate.step.tokensPerStep))])
    table.add(["operations a token", Numbers.decimal(estimate.step.perToken / 1e9, 3) + " GFLOP"])
    table.add(["operations a step", Numbers.decimal(estimate.step.perStep / 1e15, 3) + " PFLOP"])
    table.add(["seconds, estimated", Numbers.decimal(timing.secondsPerStep, 3)])
    table.add(["tokens a second and GPU, estimated", Numbers.grouped(Int(timing.tokensPerSecondPerGPU))])
    table.add(["the whole run, estimated", "\(Numbers.decimal(timing.days, 1)) days, \(Numbers.millions(timing.gpuHours)) GPU-hours"])
    return table.text(style: style)
  }

  private func assumptions(_ style: TerminalStyle) -> String {
    let assumed = estimate.assumptions
    return wrapped(
      """
      Assumed: \(Numbers.decimal(assumed.peakFLOPs / 1e12, 0)) TFLOP/s a GPU at \
      \(Numbers.decimal(assumed.modelFLOPsUtilization * 100, 0)) % utilization; flash attention; balanced routing. \
      --peak-tflops, --mfu and --reserved-gib change it.
      """, width: 80)
  }

  // MARK: For programs

  package var tree: ConfigMapping {
    let count = estimate.parameters
    return [
      "parameters": [
        "total": .int(count.total), "total_without_embeddings": .int(count.totalWithoutEmbeddings),
        "active": .int(count.active), "active_without_embeddings": .int(count.activeWithoutEmbeddings),
        "active_with_head": .int(count.activeWithHead), "muon_matrices": .int(count.muonMatrices),
        "dense_layer": .int(count.parts.denseLayer),
        "moe_layer": .int(count.parts.moeLayer(experts: run.architecture.numMoEExperts)),
        "routed_expert": .int(count.parts.routedExpert), "embedding": .int(count.parts.embedding),
        "head": .int(count.parts.head),
      ],
      "memory": [
        "ranks": .list(estimate.memory.ranks.map { .mapping(tree(of: $0)) }),
        "worst_total_bytes": .float(estimate.memory.worstTotal),
        "megatron_report": [
          "shard_parameters": .float(estimate.megatronMemory.shardParameters),
          "weights_and_optimizer_bytes": .float(estimate.megatronMemory.weightsAndOptimizer),
          "activation_bytes": .float(estimate.megatronMemory.activations),
        ],
      ],
      "step": [
        "tokens": .float(estimate.step.tokensPerStep), "flops_per_token": .float(estimate.step.perToken),
        "flops": .float(estimate.step.perStep), "seconds": .float(estimate.timing.secondsPerStep),
        "tokens_per_second_per_gpu": .float(estimate.timing.tokensPerSecondPerGPU),
      ],
      "run": ["gpu_hours": .float(estimate.timing.gpuHours), "days": .float(estimate.timing.days)],
      "assumptions": [
        "peak_flops": .float(estimate.assumptions.peakFLOPs),
        "model_flops_utilization": .float(estimate.assumptions.modelFLOPsUtilization),
        "flash_attention": .bool(estimate.assumptions.flashAttention),
        "reserved_gib": .float(estimate.assumptions.reservedGiB),
      ],
    ]
  }

  private func tree(of rank: RankMemory) -> ConfigMapping {
    [
      "pp": .int(rank.pipelineRank), "parameters": .int(rank.parameters), "weight_bytes": .float(rank.weights),
      "gradient_bytes": .float(rank.gradients), "optimizer_bytes": .float(rank.optimizer),
      "activation_bytes": .float(rank.activations), "logit_bytes": .float(rank.logits),
      "total_bytes": .float(rank.total),
    ]
  }
}
