package import ConfigDocument
import Estimation
import LaunchModel
package import Planning

/// The result of a search for layouts, as a table and as JSON.
package struct PlanReport {
  private let result: PlanResult
  private let request: PlanRequest

  package init(_ result: PlanResult, _ request: PlanRequest) {
    self.result = result
    self.request = request
  }

  // MARK: For people

  package func text(style: TerminalStyle) -> String {
    let title =
      "\(request.worldSize) GPUs in nodes of \(request.gpusPerNode), \(Numbers.decimal(request.gpuMemoryGiB, 0)) GiB "
      + "each, \(Numbers.decimal(request.marginGiB, 1)) of them left free; all numbers are estimates"
    let parts = [
      style.paint(title, .strong) + "\n"
        + (result.rows.isEmpty ? nothingFits(style) : table.text(style: style) + ties(style)),
      base(style), counts(style), assumptions(style),
    ]
    return parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private var table: TextTable {
    var table = TextTable(
      ["#", "TP", "PP", "VP", "CP", "EP", "ETP", "micro", "s/step", "GiB"].map { .init($0, .right) }
        + [.init("recompute")] + (hasPlacements ? [.init("states")] : []))
    for row in result.rows {
      let choice = row.choice
      let columns = [
        "\(row.rank)", "\(choice.tensor)", "\(choice.pipeline)", choice.virtualPipeline.map { "\($0)" } ?? "-",
        "\(choice.context)", "\(choice.expert)", "\(choice.expertTensor)", "\(choice.microBatchSize)",
        seconds(row.time.total), Numbers.decimal(row.memoryGiB, 1), choice.recompute.name,
      ]
      table.add(columns + (hasPlacements ? [row.placement.name] : []))
    }
    return table
  }

  private var hasPlacements: Bool { !request.placements.isEmpty }

  private func ties(_ style: TerminalStyle) -> String {
    guard result.ties > 1 else { return "" }
    let rows = result.ties == result.rows.count ? "All of these" : "The first \(result.ties)"
    return wrapped(
      "\(rows) are ties: they differ by less than what measured runs have differed from their estimate, "
        + "\(Numbers.percent(PlanResult.timeError)).", width: style.textWidth)
  }

  private func nothingFits(_ style: TerminalStyle) -> String {
    guard let least = result.leastMemory, let worst = least.memory.worst else {
      return wrapped(
        "No layout is legal. The rules below say which families fell; a global batch that more numbers divide, or "
          + "another number of GPUs, helps most often.", width: style.textWidth)
    }
    return wrapped(
      """
      No layout fits \(Numbers.decimal(request.usableGiB, 1)) GiB. The least that a legal one needs is \
      \(Numbers.decimal(least.memory.worstTotal / gibibyte, 1)) GiB: \(least.choice.description), where pipeline rank \
      \(worst.pipelineRank) keeps \(Numbers.decimal(worst.state.total / gibibyte, 1)) of weights, gradients and \
      optimizer, \(Numbers.decimal((worst.activations + worst.working) / gibibyte, 1)) of activations and what works on them, and \
      \(Numbers.decimal(request.assumptions.reservedGiB, 1)) for the system. More GPUs spread optimizer \
      states and experts further.
      """, width: style.textWidth)
  }

  /// The first row and the config's own layout, line by line.
  private func base(_ style: TerminalStyle) -> String {
    switch result.base {
    case .refused(let code, let message):
      return wrapped("The config's own layout is not legal here: \(code) \(message).", width: style.textWidth)
    case .unpriced:
      return wrapped(
        "The config's own layout is legal here, and its stages cannot be estimated.", width: style.textWidth)
    case .row(let base, let fits):
      let place = fits ? "number \(base.rank)" : "does not fit; it would be number \(base.rank)"
      let head = wrapped("The config's own layout, \(base.choice.description): \(place).", width: style.textWidth)
      guard let first = result.rows.first else { return head }
      var table = TextTable([.init("seconds a step"), .init("row 1", .right), .init("own", .right)])
      for (name, part) in StepTime.namedParts {
        table.add([name, seconds(first.time[keyPath: part]), seconds(base.time[keyPath: part])])
      }
      table.add(["the whole step", seconds(first.time.total), seconds(base.time.total)])
      table.add(["tokens a second and GPU"] + [first, base].map { Numbers.grouped($0.tokensPerSecondPerGPU) })
      table.add(["GiB of the fullest GPU"] + [first, base].map { Numbers.decimal($0.memoryGiB, 1) })
      return head + table.text(style: style) + bestOfOwnPipeline(base)
    }
  }

  /// What the other sizes alone would gain.
  private func bestOfOwnPipeline(_ base: PlanRow) -> String {
    guard let best = result.bestOfOwnPipeline, best.time.total < base.time.total else { return "" }
    return wrapped(
      "With the same PP, \(best.choice.description) takes \(seconds(best.time.total)) s: "
        + "\(Numbers.decimal(base.time.total / best.time.total, 2)) times as fast.", width: 80)
  }

  private func seconds(_ value: Double) -> String { Numbers.decimal(value, value < 10 && value > 0 ? 3 : 2) }

  private func counts(_ style: TerminalStyle) -> String {
    let head =
      "\(Numbers.grouped(result.considered)) choices, \(Numbers.grouped(result.legal)) legal, "
      + "\(Numbers.grouped(result.fitting)) of them fit\n"
    guard !result.rejections.isEmpty else { return head }
    var table = TextTable([.init("fell by"), .init("choices", .right), .init("the first of them")])
    for rejection in result.rejections {
      table.add([rejection.code.rawValue, Numbers.grouped(rejection.count), rejection.example])
    }
    return head + table.text(style: style) + "`moonlight explain CODE` says what a rule wants.\n"
  }

  private func assumptions(_ style: TerminalStyle) -> String {
    let assumed = request.assumptions
    return wrapped(
      """
      Assumed: \(assumed.timeText) Gradients hide behind one micro-batch, other traffic does not; balanced routing; \
      layers balanced by operations, each stage with one at least; \(Numbers.decimal(assumed.reservedGiB, 1)) GiB for the \
      system, and \(Numbers.decimal(request.marginGiB, 1)) left free: measured runs have needed up to 1.7 % more than \
      estimated. --mfu, --peak-tflops, --memory-bandwidth, --node-bandwidth, --network-bandwidth, --reserved-gib and \
      --margin-gib change it. \(support)
      """, width: style.textWidth)
  }

  /// What row 1 stands on.
  private var support: String {
    guard let first = result.rows.first else { return "" }
    return "The time of row 1 is "
      + Support.time(first.config, worldSize: request.worldSize, request.assumptions).text(of: first.time.total) + "."
  }

  // MARK: For programs

  package var tree: ConfigMapping {
    [
      "gpus": .int(request.worldSize), "gpus_per_node": .int(request.gpusPerNode),
      "gpu_memory_gib": .float(request.gpuMemoryGiB), "margin_gib": .float(request.marginGiB),
      "considered": .int(result.considered),
      "legal": .int(result.legal), "fitting": .int(result.fitting),
      "least_memory_gib": result.leastMemory.map { .float($0.memory.worstTotal / gibibyte) } ?? .null,
      "ties": .int(result.ties),
      "best_of_own_pipeline": result.bestOfOwnPipeline.map { .mapping(tree(of: $0)) } ?? .null,
      "rows": .list(result.rows.map { .mapping(tree(of: $0)) }), "base": baseTree,
      "rejections": .list(
        result.rejections.map {
          ["code": .string($0.code.rawValue), "count": .int($0.count), "example": .string($0.example)]
        }),
      "assumptions": .mapping(request.assumptions.tree),
    ]
  }

  private var baseTree: ConfigValue {
    switch result.base {
    case .row(let row, let fits):
      var tree = tree(of: row)
      tree["fits"] = .bool(fits)
      return .mapping(tree)
    case .refused(let code, let message): return ["refused_by": .string(code.rawValue), "message": .string(message)]
    case .unpriced: return ["message": "its stages cannot be estimated"]
    }
  }

  private func tree(of row: PlanRow) -> ConfigMapping {
    let (choice, time) = (row.choice, row.time)
    let recompute = row.config.recompute
    return [
      "rank": .int(row.rank), "tensor_model_parallel_size": .int(choice.tensor),
      "pipeline_model_parallel_size": .int(choice.pipeline),
      "virtual_pipeline_model_parallel_size": choice.virtualPipeline.map { .int($0) } ?? .null,
      "context_parallel_size": .int(choice.context), "expert_model_parallel_size": .int(choice.expert),
      "expert_tensor_parallel_size": .int(choice.expertTensor),
      "sequence_parallel": .bool(row.config.parallelism.sequenceParallel),
      "pipeline_model_parallel_layout": row.layout.map { .string($0) } ?? .null,
      "micro_batch_size": .int(choice.microBatchSize), "recompute": .string(choice.recompute.name),
      "recompute_granularity": recompute.recomputeGranularity.configValue,
      "recompute_modules": recompute.recomputeModules.configValue,
      "recompute_method": recompute.recomputeMethod.configValue,
      "recompute_num_layers": recompute.recomputeNumLayers.configValue,
      "data_parallel_size": .int(row.dataParallel), "expert_data_parallel_size": .int(row.expertDataParallel),
      "num_microbatches": .int(row.numMicrobatches), "states": .string(row.placement.name),
      "seconds_per_step": .float(time.total),
      "seconds_support": .mapping(
        Support.time(row.config, worldSize: request.worldSize, request.assumptions).tree(of: time.total)),
      "seconds": .mapping(time.tree),
      "tokens_per_second_per_gpu": .float(row.tokensPerSecondPerGPU), "memory_gib": .float(row.memoryGiB),
    ]
  }
}
