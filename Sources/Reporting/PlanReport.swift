package import ConfigDocument
package import Planning
import LaunchModel

/// The result of a search for layouts, as a table and as JSON.
package struct PlanReport {
  private let result: PlanResult
  private let request: PlanRequest
  private let top: Int

  package init(_ result: PlanResult, _ request: PlanRequest, top: Int) {
    self.result = result
    self.request = request
    self.top = top
  }

  private var rows: ArraySlice<PlanRow> { result.rows.prefix(top) }

  // MARK: For people

  package func text(style: TerminalStyle) -> String {
    var table = TextTable([
      .init("#", .right), .init("TP", .right), .init("PP", .right), .init("VP", .right), .init("CP", .right),
      .init("EP", .right), .init("ETP", .right), .init("micro", .right), .init("recompute"), .init("s/step", .right),
      .init("tok/s/GPU", .right), .init("GiB", .right), .init("bubble", .right),
    ])
    for row in rows { table.add(cells(of: row)) }
    var text = style.paint("\(request.worldSize) GPUs in nodes of \(request.gpusPerNode), "
      + "\(Numbers.decimal(request.gpuMemoryGiB, 0)) GiB each; all numbers are estimates", .strong) + "\n"
    text += rows.isEmpty ? "no layout is legal and fits\n" : table.text(style: style)
    if let base = result.base, !rows.contains(where: { $0.choice == base.choice }) {
      text += "the config's own layout is number \(base.rank):\n  " + cells(of: base).joined(separator: "  ") + "\n"
    } else if let base = result.base {
      text += "the config's own layout is number \(base.rank)\n"
    } else {
      text += "the config's own layout is not legal here, or does not fit\n"
    }
    text += "\n" + counts
    text += "\n" + rejections(style) + "\n" + assumptions
    return text
  }

  private func cells(of row: PlanRow) -> [String] {
    let choice = row.choice
    return [
      "\(row.rank)", "\(choice.tensor)", "\(choice.pipeline)", choice.virtualPipeline.map { "\($0)" } ?? "-",
      "\(choice.context)", "\(choice.expert)", "\(choice.expertTensor)", "\(choice.microBatchSize)",
      choice.recompute.rawValue, Numbers.decimal(row.time.total, 2), Numbers.grouped(Int(row.tokensPerSecondPerGPU)),
      Numbers.decimal(row.memoryGiB, 1),
      Numbers.decimal(row.time.bubble / row.time.total * 100, 0) + " %",
    ]
  }

  private var counts: String {
    "\(Numbers.grouped(result.legal)) legal layouts, \(Numbers.grouped(result.fitting)) of them fit\n"
  }

  private func rejections(_ style: TerminalStyle) -> String {
    var table = TextTable([.init("fell by"), .init("choices", .right), .init("such as")])
    for rejection in result.rejections.prefix(12) {
      table.add([rejection.code.rawValue, Numbers.grouped(rejection.count), rejection.example])
    }
    return table.text(style: style)
  }

  private var assumptions: String {
    let assumed = request.assumptions
    return wrapped(
      """
      Assumed: \(Numbers.decimal(assumed.peakFLOPs / 1e12, 0)) TFLOP/s a GPU of which compute alone reaches \
      \(Numbers.decimal(assumed.computeUtilization * 100, 0)) %; \(Numbers.decimal(assumed.nodeBandwidth / 1e9, 0)) GB/s \
      within a node, \(Numbers.decimal(assumed.networkBandwidth / 1e9, 0)) GB/s a GPU between nodes; gradient reduction \
      hides behind one micro-batch, other traffic does not; \(Numbers.decimal(assumed.reservedGiB, 1)) GiB for the \
      system. `moonlight explain CODE` says what a rule wants.
      """, width: 80)
  }

  // MARK: For programs

  package var tree: ConfigMapping {
    [
      "gpus": .int(request.worldSize), "gpus_per_node": .int(request.gpusPerNode),
      "gpu_memory_gib": .float(request.gpuMemoryGiB), "legal": .int(result.legal), "fitting": .int(result.fitting),
      "rows": .list(rows.map { .mapping(tree(of: $0)) }),
      "base": result.base.map { .mapping(tree(of: $0)) } ?? .null,
      "rejections": .list(
        result.rejections.map {
          ["code": .string($0.code.rawValue), "count": .int($0.count), "example": .string($0.example)]
        }),
      "assumptions": [
        "peak_flops": .float(request.assumptions.peakFLOPs),
        "compute_utilization": .float(request.assumptions.computeUtilization),
        "node_bandwidth": .float(request.assumptions.nodeBandwidth),
        "network_bandwidth": .float(request.assumptions.networkBandwidth),
        "reserved_gib": .float(request.assumptions.reservedGiB),
      ],
    ]
  }

  private func tree(of row: PlanRow) -> ConfigMapping {
    let (choice, time) = (row.choice, row.time)
    return [
      "rank": .int(row.rank), "tensor_model_parallel_size": .int(choice.tensor),
      "pipeline_model_parallel_size": .int(choice.pipeline),
      "virtual_pipeline_model_parallel_size": choice.virtualPipeline.map { .int($0) } ?? .null,
      "context_parallel_size": .int(choice.context), "expert_model_parallel_size": .int(choice.expert),
      "expert_tensor_parallel_size": .int(choice.expertTensor), "micro_batch_size": .int(choice.microBatchSize),
      "recompute": .string(choice.recompute.rawValue), "layout": row.layout.map { .string($0) } ?? .null,
      "data_parallel_size": .int(row.dataParallel), "expert_data_parallel_size": .int(row.expertDataParallel),
      "num_microbatches": .int(row.numMicrobatches), "seconds_per_step": .float(time.total),
      "seconds": [
        "compute": .float(time.compute), "bubble": .float(time.bubble), "tensor_traffic": .float(time.tensorTraffic),
        "expert_traffic": .float(time.expertTraffic), "context_traffic": .float(time.contextTraffic),
        "pipeline_traffic": .float(time.pipelineTraffic), "gradient_traffic": .float(time.gradientTraffic),
      ],
      "tokens_per_second_per_gpu": .float(row.tokensPerSecondPerGPU), "memory_gib": .float(row.memoryGiB),
    ]
  }
}
