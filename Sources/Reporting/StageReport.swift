package import ConfigDocument
package import Topology

/// Which layers every pipeline stage holds, for people and for programs.
package struct StageReport: Sendable {
  package let map: StageMap
  /// What the layout was taken for; `nil` where there is none, which is Megatron's own split.
  package let reading: LayoutReading?
  /// For each decoder layer whether it is MoE; `nil` where that is not known.
  package let moeLayers: [Bool]?
  /// The process grid, where the ranks of the stages are asked for.
  package let grid: RankGrid?

  package init(map: StageMap, reading: LayoutReading?, moeLayers: [Bool]? = nil, grid: RankGrid? = nil) {
    self.map = map
    self.reading = reading
    self.moeLayers = moeLayers
    self.grid = grid
  }

  package var readingText: String { reading?.description ?? "Megatron's own split" }

  /// Decoder layers of each stage, as in `7+7+7+6`.
  private var counts: String { map.stages.map { "\($0.numLayers)" }.joined(separator: "+") }

  // MARK: For people

  /// One column of the table; a new one needs its line in ``columns``.
  private struct StageColumn {
    let column: TextTable.Column
    let cell: (PipelineStage) -> String
  }

  private var columns: [StageColumn] {
    var columns = [StageColumn(column: .init("pp", .right)) { "\($0.pp)" }]
    if map.virtualPipeline != nil { columns.append(StageColumn(column: .init("vp", .right)) { "\($0.vp)" }) }
    columns.append(StageColumn(column: .init("layers", .right)) { "\($0.numLayers)" })
    columns.append(StageColumn(column: .init("numbers", .right), cell: numbers))
    if let moeLayers, moeLayers.contains(true) {
      columns.append(StageColumn(column: .init("dense", .right)) { "\(count(of: false, in: $0, moeLayers))" })
      columns.append(StageColumn(column: .init("moe", .right)) { "\(count(of: true, in: $0, moeLayers))" })
    }
    columns.append(StageColumn(column: .init("also holds"), cell: extras))
    if let grid { columns.append(StageColumn(column: .init("ranks")) { ranks(of: $0, grid) }) }
    return columns
  }

  package func table(style: TerminalStyle = .plain) -> String {
    let columns = columns
    var table = TextTable(columns.map(\.column))
    for stage in map.stages { table.add(columns.map { $0.cell(stage) }) }
    // The string of an irregular layout is longer than a line; it has no place to break at but its bars.
    return """
      layout   \(map.layout.megatronString)
      decoders \(counts)
      reading  \(readingText)


      """ + table.text(style: style)
  }

  private func numbers(_ stage: PipelineStage) -> String {
    switch stage.numLayers {
    case 0: "-"
    case 1: "\(stage.firstLayer)"
    default: "\(stage.firstLayer)-\(stage.layers.upperBound - 1)"
    }
  }

  private func count(of isMoE: Bool, in stage: PipelineStage, _ moeLayers: [Bool]) -> Int {
    stage.layers.count { moeLayers.indices.contains($0) && moeLayers[$0] == isMoE }
  }

  private func extras(_ stage: PipelineStage) -> String {
    var parts: [String] = []
    if stage.embedding { parts.append("embedding") }
    if stage.mtp > 0 { parts.append(stage.mtp == 1 ? "mtp" : "\(stage.mtp) mtp") }
    if stage.loss { parts.append("loss") }
    return parts.joined(separator: ", ")
  }

  /// `0-3, 16-19`, cut short where it would not fit, with the number of all.
  private func ranks(of stage: PipelineStage, _ grid: RankGrid) -> String {
    guard let ranks = grid.ranks(ofPipelineStage: stage.pp), !ranks.isEmpty else { return "" }
    var parts: [String] = []
    var start: Int?
    var end = 0
    func close() { if let start { parts.append(start == end ? "\(start)" : "\(start)-\(end)") } }
    for rank in ranks {
      if start != nil, rank == end + 1 { end = rank; continue }
      close()
      guard parts.count < 3 else { return parts.joined(separator: ", ") + ", ... (\(ranks.count))" }
      (start, end) = (rank, rank)
    }
    close()
    return parts.joined(separator: ", ")
  }

  // MARK: For programs

  package var tree: ConfigMapping {
    [
      "layout": .string(map.layout.megatronString),
      "reading": .string(readingText),
      "decoders": .list(map.stages.map { .int($0.numLayers) }),
      "stages": .list(
        map.stages.map { stage in
          var tree = stage.tree
          if let grid, let ranks = grid.ranks(ofPipelineStage: stage.pp) { tree["ranks"] = .list(ranks.map { .int($0) }) }
          return .mapping(tree)
        }),
    ]
  }
}
