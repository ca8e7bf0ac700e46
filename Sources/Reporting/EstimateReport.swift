package import ConfigDocument
package import Estimation
import LaunchModel
package import Validation

/// An estimate as a table and as JSON.
package struct EstimateReport {
  private let run: RunFacts
  private let estimate: Estimate
  private let epochs: EpochReport?

  /// - Parameter epochs: how often the run goes through its data, where they were counted.
  package init(_ run: RunFacts, _ estimate: Estimate, epochs: EpochCount? = nil) {
    self.run = run
    self.estimate = estimate
    self.epochs = epochs.map { EpochReport($0) }
  }

  // MARK: For people

  package func text(style: TerminalStyle) -> String {
    ([parameters(style), placement(style), memory(style), comparison(style), compute(style)]
      + (epochs.map { [$0.text(style: style)] } ?? []) + [assumptions(style)]).joined(separator: "\n")
  }

  private func parameters(_ style: TerminalStyle) -> String {
    let count = estimate.parameters
    var table = TextTable([.init("Parameters"), .init("", .right)])
    table.add(["total", Numbers.grouped(count.total)])
    table.add(["active", Numbers.grouped(count.active)])
    table.add(["  without embedding and head", Numbers.grouped(count.activeWithoutEmbeddings)])
    if count.numDenseLayers > 0 {
      table.add(["one dense layer, of \(count.numDenseLayers)", Numbers.grouped(count.parts.denseLayer)])
    }
    if count.numMoELayers > 0 {
      let experts = run.architecture.numMoEExperts
      table.add(["one MoE layer, of \(count.numMoELayers)", Numbers.grouped(count.parts.moeLayer(experts: experts))])
      table.add(["  one routed expert, of \(experts)", Numbers.grouped(count.parts.routedExpert)])
      table.add(["  shared experts", Numbers.grouped(count.parts.sharedExperts)])
    }
    if count.mtp > 0 { table.add(["MTP layers", Numbers.grouped(count.mtp)]) }
    table.add([
      count.parts.head == 0 ? "embedding, which is the head" : "embedding, and head",
      Numbers.grouped(count.parts.embedding),
    ])
    if let adapters = estimate.adapters { table.add(["adapters, trained alone", Numbers.grouped(adapters)]) }
    return table.text(style: style)
  }

  private func placement(_ style: TerminalStyle) -> String {
    let hasAdapters = estimate.adapters != nil
    var table = TextTable(
      ["pp", "layers", "split over TP", "on every TP rank", "routed experts"].map { .init($0, .right) }
        + (hasAdapters ? [.init("adapters", .right)] : []) + [.init("together", .right)])
    for rank in estimate.memory.ranks {
      let placed = rank.placement
      let counts = [placed.split, placed.replicated, placed.experts] + (hasAdapters ? [rank.adapterParameters] : [])
      table.add(["\(rank.pipelineRank)", "\(rank.layers)"] + (counts + [rank.parameters]).map { Numbers.grouped($0) })
    }
    let sizes = run.sizes
    return style.paint(
      "Parameters on one GPU of each pipeline rank, TP \(sizes.tensor) EP \(sizes.expert) "
        + "ETP \(sizes.expertTensor)\n", .strong) + table.text(style: style)
  }

  private func memory(_ style: TerminalStyle) -> String {
    let ranks = estimate.memory.ranks
    var columns: [(name: String, bytes: (RankMemory) -> Double)] = [
      ("weights", \.state.weights), ("gradients", \.state.gradients), ("optimizer", \.state.optimizer),
      ("activations", \.activations), ("working", \.working),
    ]
    if ranks.contains(where: { $0.gathered > 0 }) { columns.append(("gathered", \.gathered)) }
    let reserved = estimate.memory.assumptions.reservedGiB * gibibyte
    columns.append(("system", { $0.blocks + reserved }))
    columns.append(("total", { $0.total + reserved }))
    if ranks.contains(where: { $0.host > 0 }) { columns.append(("in the host", \.host)) }
    var table = TextTable([.init("pp", .right)] + columns.map { .init($0.name, .right) })
    for rank in ranks { table.add(["\(rank.pipelineRank)"] + columns.map { Numbers.gibibytes($0.bytes(rank)) }) }
    let capacity = run.config.cluster.gpuMemoryGiB
    let fits = estimate.memory.worstTotal <= capacity * gibibyte
    let kept = RecomputePlan(run.config) == .none ? "nothing recomputed" : "after recomputation"
    return style.paint("GiB on one GPU of each pipeline rank; estimated, \(kept)\n", .strong) + table.text(style: style)
      + "The fullest needs \(Numbers.gibibytes(estimate.memory.worstTotal)) of \(Numbers.decimal(capacity, 1)): "
      + (fits ? "it fits.\n" : "it does not fit.\n")
      + wrapped(memorySupport.memoryText(of: estimate.memory.worstTotal), width: 80)
  }

  /// Ours beside Megatron-LM's.
  private func comparison(_ style: TerminalStyle) -> String {
    guard let worst = estimate.memory.worst else { return "" }
    let megatron = estimate.megatronMemory
    var table = TextTable([
      .init("GiB"), .init("here, rank \(worst.pipelineRank)", .right), .init("Megatron-LM's report", .right),
    ])
    let ours = (state: worst.state.total, activations: worst.activations + worst.working)
    table.add([
      "weights, gradients, optimizer", Numbers.gibibytes(ours.state), Numbers.gibibytes(megatron.weightsAndOptimizer),
    ])
    table.add([
      "activations, and what works on them", Numbers.gibibytes(ours.activations),
      Numbers.gibibytes(megatron.activations),
    ])
    table.add(["together", Numbers.gibibytes(ours.state + ours.activations), Numbers.gibibytes(megatron.total)])
    return table.text(style: style)
      + wrapped(
        """
        Megatron-LM's report (theoretical_memory_usage.py) ignores custom layouts, optimizers other than plain Adam, \
        adapters, and how wide MoE activations are.
        """, width: style.textWidth)
  }

  private func compute(_ style: TerminalStyle) -> String {
    let timing = estimate.timing
    var table = TextTable([.init("A step"), .init("", .right)])
    table.add(["tokens", Numbers.grouped(estimate.step.tokensPerStep)])
    table.add(["operations a token", Numbers.decimal(estimate.step.perToken / 1e9, 3) + " GFLOP"])
    table.add(["operations a step", Numbers.decimal(estimate.step.perStep / 1e15, 3) + " PFLOP"])
    for (name, part) in StepTime.namedParts where estimate.time[keyPath: part] > 0 {
      table.add(["  " + name, Numbers.decimal(estimate.time[keyPath: part], 3) + " s"])
    }
    table.add(["time, estimated", Numbers.decimal(timing.secondsPerStep, 3) + " s"])
    table.add(["share of the peak", Numbers.percent(timing.modelFLOPsUtilization)])
    table.add(["tokens a second and GPU, estimated", Numbers.grouped(timing.tokensPerSecondPerGPU)])
    let length =
      timing.days < 2 ? "\(Numbers.decimal(timing.days * 24, 1)) hours" : "\(Numbers.decimal(timing.days, 1)) days"
    table.add(["the whole run, estimated", length])
    table.add(["  on \(Numbers.grouped(run.worldSize)) GPUs", "\(Numbers.grouped(timing.gpuHours)) GPU-hours"])
    return table.text(style: style)
      + wrapped("The time is \(timeSupport.text(of: timing.secondsPerStep)).", width: 80)
  }

  private var timeSupport: Support { .time(run.config, worldSize: run.worldSize, estimate.assumptions) }
  private var memorySupport: Support { .memory(run.config, worldSize: run.worldSize, estimate.assumptions) }

  private func assumptions(_ style: TerminalStyle) -> String {
    let assumed = estimate.assumptions
    return wrapped(
      """
      Assumed: \(attention); balanced routing; \(Numbers.decimal(assumed.reservedGiB, 1)) GiB for CUDA, NCCL and the \
      allocator. \(assumed.timeText) Operations are Megatron-LM's count; what is recomputed is not in it. --peak-tflops, \
      --mfu, --memory-bandwidth, --node-bandwidth, --network-bandwidth and --reserved-gib change what is assumed.
      """, width: style.textWidth)
  }

  /// What keeps the scores of attention out of memory, or does not.
  private var attention: String {
    switch run.config.model.attentionBackend {
    case .unfused, .local: "attention that writes its scores to memory"
    case .flash, .fused, .auto, nil: "flash attention"
    }
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
        "routed_expert": .int(count.parts.routedExpert), "shared_experts": .int(count.parts.sharedExperts),
        "mtp": .int(count.mtp), "embedding": .int(count.parts.embedding), "head": .int(count.parts.head),
        "adapters": estimate.adapters.map { .int($0) } ?? .null,
      ],
      "memory": [
        "ranks": .list(estimate.memory.ranks.map { .mapping(tree(of: $0)) }),
        "worst_total_bytes": .float(estimate.memory.worstTotal),
        "worst_total_support": .mapping(memorySupport.tree(of: estimate.memory.worstTotal)),
        "gpu_memory_bytes": .float(run.config.cluster.gpuMemoryGiB * gibibyte),
        "megatron_report": [
          "shard_parameters": .float(estimate.megatronMemory.shardParameters),
          "weights_and_optimizer_bytes": .float(estimate.megatronMemory.weightsAndOptimizer),
          "activation_bytes": .float(estimate.megatronMemory.activations),
        ],
      ],
      "step": [
        "tokens": .float(estimate.step.tokensPerStep), "flops_per_token": .float(estimate.step.perToken),
        "flops": .float(estimate.step.perStep), "seconds": .float(estimate.timing.secondsPerStep),
        "seconds_support": .mapping(timeSupport.tree(of: estimate.timing.secondsPerStep)),
        "seconds_by_part": .mapping(estimate.time.tree),
        "model_flops_utilization": .float(estimate.timing.modelFLOPsUtilization),
        "tokens_per_second_per_gpu": .float(estimate.timing.tokensPerSecondPerGPU),
      ],
      "data": epochs.map { .mapping($0.tree) } ?? .null,
      "run": ["gpu_hours": .float(estimate.timing.gpuHours), "days": .float(estimate.timing.days)],
      "assumptions": .mapping(estimate.assumptions.tree),
    ]
  }

  private func tree(of rank: RankMemory) -> ConfigMapping {
    [
      "pp": .int(rank.pipelineRank), "layers": .int(rank.layers), "parameters": .int(rank.parameters),
      "split_parameters": .int(rank.placement.split), "replicated_parameters": .int(rank.placement.replicated),
      "expert_parameters": .int(rank.placement.experts), "adapter_parameters": .int(rank.adapterParameters),
      "trained_parameters": .int(rank.trainedParameters), "weight_bytes": .float(rank.state.weights),
      "gradient_bytes": .float(rank.state.gradients), "optimizer_bytes": .float(rank.state.optimizer),
      "gathered_bytes": .float(rank.gathered), "activation_bytes": .float(rank.activations),
      "working_bytes": .float(rank.working), "allocator_bytes": .float(rank.blocks),
      "total_bytes": .float(rank.total), "between_steps_bytes": .float(rank.betweenSteps),
      "host_bytes": .float(rank.host),
    ]
  }
}
