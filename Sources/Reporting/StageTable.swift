import Estimation
import Topology

extension StageReport {
  /// For people: what the layout is, a line a stage, and beneath what it makes of the cluster.
  package func table(style: TerminalStyle = .plain) -> String {
    let columns = columns
    var table = TextTable(columns.map(\.column))
    for index in map.stages.indices { table.add(columns.map { $0.cell(index) }) }
    return head(style) + "\n" + table.text(style: style) + devicesText(style) + ranksText(style) + foot(style)
  }

  static let width = 80

  // MARK: Above

  private func head(_ style: TerminalStyle) -> String {
    var lines = Self.item("layout", map.layout.megatronString, style)
    lines += Self.item("decoders", counts, style)
    lines += Self.item("reading", readingText, style)
    if let analysis, let weightSource {
      let summary = weightSource.summary(
        of: analysis.weights, moeLayers: moeLayers, hasMTP: map.stages.contains { $0.mtp > 0 })
      lines += Self.item("weights", "\(summary) (\(weightSource.text))", style)
    }
    if let memoryBasis { lines += Self.item("memory", memoryBasis, style) }
    return lines
  }

  /// `name      text`, in as many lines as it takes.
  static func item(_ name: String, _ text: String, _ style: TerminalStyle) -> String {
    let indent = 11
    var lines: [String] = []
    var line = ""
    for piece in pieces(text) {
      let end = piece.last == " " ? 1 : 0
      if !line.isEmpty, DisplayWidth.columns(of: line + piece) - end > style.textWidth - indent {
        lines.append(line)
        line = ""
      }
      line += piece
    }
    lines.append(line)
    let margin = { (index: Int) in
      index == 0
        ? name + String(repeating: " ", count: max(1, indent - name.count)) : String(repeating: " ", count: indent)
    }
    return lines.enumerated().map { index, line in
      var line = margin(index) + line
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }

  /// Text in pieces that may stand on different lines: words, and a layout's stages.
  private static func pieces(_ text: String) -> [String] {
    var pieces = [""]
    for character in text {
      pieces[pieces.count - 1].append(character)
      if " |+".contains(character) { pieces.append("") }
    }
    return pieces
  }

  // MARK: The stages

  /// One column of the table; a new one needs its line in ``columns``.
  private struct StageColumn {
    let column: TextTable.Column
    let cell: (_ stage: Int) -> String

    init(_ title: String, _ alignment: TextTable.Alignment = .right, _ cell: @escaping (Int) -> String) {
      column = .init(title, alignment)
      self.cell = cell
    }
  }

  private var columns: [StageColumn] {
    let stages = map.stages
    var columns = [StageColumn("pp") { "\(stages[$0].pp)" }]
    if map.virtualPipeline != nil { columns.append(StageColumn("vp") { "\(stages[$0].vp)" }) }
    columns.append(StageColumn("layers") { Self.numbers(stages[$0]) })
    if let moeLayers, moeLayers.contains(true) {
      columns.append(StageColumn("dense") { numLayers(of: stages[$0], moe: false).map(String.init) ?? "" })
      columns.append(StageColumn("moe") { numLayers(of: stages[$0], moe: true).map(String.init) ?? "" })
    } else {
      columns.append(StageColumn("count") { "\(stages[$0].numLayers)" })
    }
    columns.append(StageColumn("holds", .left) { Self.extras(stages[$0]) })
    guard let chunks = analysis?.chunks else { return columns }
    if chunks.contains(where: { $0.parameters != nil }) {
      columns.append(StageColumn("params") { chunks[$0].parameters.map { Numbers.millions(Double($0)) } ?? "-" })
    }
    columns.append(
      StageColumn(weightSource?.isComputed == true ? "FLOPs" : "cost") { Numbers.percent(chunks[$0].share) })
    columns.append(StageColumn("in flight") { "\(chunks[$0].microbatchesInFlight)" })
    if chunks.contains(where: { $0.activationBytes != nil }) {
      columns.append(StageColumn("activations") { chunks[$0].activationBytes.map(Numbers.bytes) ?? "-" })
    }
    return columns
  }

  /// `0-6`, `7`, or `-` for none.
  static func numbers(_ stage: PipelineStage) -> String {
    switch stage.numLayers {
    case 0: "-"
    case 1: "\(stage.firstLayer)"
    default: "\(stage.firstLayer)-\(stage.layers.upperBound - 1)"
    }
  }

  private static func extras(_ stage: PipelineStage) -> String {
    var parts: [String] = []
    if stage.embedding { parts.append("embedding") }
    if stage.mtp > 0 { parts.append(stage.mtp == 1 ? "mtp" : "\(stage.mtp) mtp") }
    if stage.loss { parts.append("loss") }
    return parts.joined(separator: ", ")
  }

  // MARK: Beneath

  /// What a rank has of all its chunks, where it has several.
  private func devicesText(_ style: TerminalStyle) -> String {
    guard let analysis, map.virtualPipeline ?? 1 > 1 else { return "" }
    var table = TextTable([
      .init("pp", .right), .init("load", .right), .init("share", .right), .init("parameters a GPU", .right),
      .init("activations at the peak", .right),
    ])
    for device in analysis.devices {
      table.add([
        "\(device.pp)", Numbers.decimal(device.cost, 3), Numbers.percent(device.share),
        device.parametersPerRank.map { Numbers.millions(Double($0)) } ?? "-",
        device.activationBytes.map(Numbers.bytes) ?? "-",
      ])
    }
    return "\n" + table.text(style: style)
  }

  private func ranksText(_ style: TerminalStyle) -> String {
    guard let grid else { return "" }
    var table = TextTable([.init("pp", .right), .init("GPUs", .right), .init("ranks")])
    for rank in 0..<map.pipeline {
      guard let ranks = grid.ranks(ofPipelineStage: rank) else { continue }
      table.add(["\(rank)", "\(ranks.count)", rankList(ranks)])
    }
    return "\n" + table.text(style: style)
  }

  private func foot(_ style: TerminalStyle) -> String {
    guard let analysis, map.pipeline > 1, analysis.load.maximum > 0 else { return "" }
    return "\n"
      + summaryLines.map { line in
        let text = Self.item(line.name, line.text, style)
        return line.name == "efficiency"
          ? text : style.isColoured ? style.paint(String(text.dropLast()), .help) + "\n" : text
      }.joined()
  }

  /// What the split makes of the cluster, and what a better one would.
  var summaryLines: [(name: String, text: String)] {
    guard let analysis, map.pipeline > 1, analysis.load.maximum > 0 else { return [] }
    let load = analysis.load
    let busiest = load.devices.firstIndex { $0 == load.maximum } ?? 0
    var lines = [
      (
        name: "efficiency",
        text: "\(Numbers.decimal(load.efficiency, 3)): mean load \(Numbers.decimal(load.mean, 3)), "
          + "\(Numbers.decimal(load.maximum, 3)) on pp \(busiest)"
      )
    ]
    if let balanced = analysis.balanced {
      if balanced.gain > 1 + PipelineAnalysis.tolerance {
        lines.append(("balanced", Self.text(of: balanced)))
      } else {
        let isProven = balanced.isProven && analysis.balancedWithEmptyStages?.isProven ?? true
        lines.append(("balanced", isProven ? "no split is better" : "no better split was found"))
      }
    }
    if let loose = analysis.balancedWithEmptyStages, loose.gain > 1 + PipelineAnalysis.tolerance {
      lines.append(("or", Self.text(of: loose) + " (with --allow-empty-stages)"))
    }
    return lines
  }

  static func text(of alternative: PipelineAnalysis.Alternative) -> String {
    "\(alternative.map.layout.megatronString) would be \(Numbers.decimal(alternative.load.efficiency, 3)): "
      + "\(Numbers.decimal(alternative.gain, alternative.gain < 1.005 ? 4 : 2))x"
  }
}

/// `0-3, 16-19`; many runs of one length as the first two and the last: `0-1, 8-9, ..., 120-121`.
func rankList(_ ranks: some Sequence<Int>) -> String {
  var runs: [(start: Int, end: Int)] = []
  for rank in ranks {
    if let last = runs.last, rank == last.end + 1 { runs[runs.count - 1].end = rank } else { runs.append((rank, rank)) }
  }
  let texts = runs.map { $0.start == $0.end ? "\($0.start)" : "\($0.start)-\($0.end)" }
  let isRegular = runs.indices.dropFirst().allSatisfy {
    runs[$0].start - runs[$0 - 1].start == runs[1].start - runs[0].start
      && runs[$0].end - runs[$0].start == runs[0].end - runs[0].start
  }
  if texts.count > 6, isRegular { return texts.prefix(2).joined(separator: ", ") + ", ..., " + (texts.last ?? "") }
  return texts.joined(separator: ", ")
}
