import Estimation
import Topology

/// The map of a pipeline as one would put it on a slide: a column a GPU, a block a virtual stage, a cell a layer, and
/// beneath each column how busy it is beside the busiest.
package struct StageMapDrawing {
  private let report: StageReport
  package private(set) var drawing: Drawing

  private static let width = 1600.0
  private static let margin = 40.0
  private static let gap = 10.0
  private static let padding = 7.0
  /// Columns beside each other; more stages go on beneath.
  private static let columnsOfBand = 16
  /// Beyond these, blocks say how many layers they hold instead of showing each.
  private static let mostStages = 256
  private static let mostLayers = 2_000
  private static let labelSize = 11.0
  private static let cellHeight = 20.0
  private static let cellGap = 3.0

  package init(_ report: StageReport) {
    self.report = report
    let map = report.map
    let virtual = map.virtualPipeline.map { " x \($0) virtual" } ?? ""
    let noun = map.pipeline * (map.virtualPipeline ?? 1) == 1 ? "stage" : "stages"
    drawing = Drawing(title: "Pipeline of \(map.pipeline)\(virtual) \(noun)", width: Self.width)
    var y = addHead()
    for start in stride(from: 0, to: map.pipeline, by: Self.columnsOfBand) {
      y = addBand(start..<min(start + Self.columnsOfBand, map.pipeline), from: y) + 26
    }
    drawing.height = addLegend(from: y) + Self.margin - 12
  }

  // MARK: Head

  private mutating func addHead() -> Double {
    var y = Self.margin + 22
    let map = report.map
    let layers = map.stages.reduce(0) { $0 + $1.numLayers }
    drawing.add(
      Drawing.Label(
        text: drawing.title + ", \(layers) layers", x: Self.margin, y: y, size: 26, isBold: true))
    y += 12
    for (name, text) in [("layout", map.layout.megatronString), ("reading", report.readingText)] {
      y = addItem(name, text, from: y)
    }
    for line in report.summaryLines { y = addItem(line.name, line.text, from: y) }
    return y + 26
  }

  private mutating func addItem(_ name: String, _ text: String, from y: Double) -> Double {
    var y = y
    let indent = 92.0
    drawing.add(Drawing.Label(text: name, x: Self.margin, y: y + 20, size: 14, colour: Palette.faint))
    for line in TextWidth.lines(of: text, width: Self.width - 2 * Self.margin - indent, size: 14).prefix(8) {
      y += 20
      drawing.add(Drawing.Label(text: line, x: Self.margin + indent, y: y, size: 14))
    }
    return y
  }

  // MARK: Columns

  private mutating func addBand(_ ranks: Range<Int>, from top: Double) -> Double {
    let columns = Double(min(report.map.pipeline, Self.columnsOfBand))
    let pitch = (Self.width - 2 * Self.margin + Self.gap) / columns
    let width = pitch - Self.gap
    let x = { (rank: Int) in Self.margin + Double(rank - ranks.lowerBound) * pitch }
    for rank in ranks { addHeading(rank, x: x(rank), y: top, width: width) }

    var y = top + 26
    for vp in 0..<report.map.stages.count / report.map.pipeline {
      let blocks = ranks.compactMap { report.map.stage(pp: $0, vp: vp) }
      let height = blocks.map { Block($0, report, width: width).height }.max() ?? 0
      for stage in blocks { addBlock(Block(stage, report, width: width), x: x(stage.pp), y: y, height: height) }
      y += height + 8
    }
    return ranks.map { addLoad($0, x: x($0), y: y, width: width) }.max() ?? y
  }

  private mutating func addHeading(_ rank: Int, x: Double, y: Double, width: Double) {
    let name = "pp \(rank)"
    drawing.add(Drawing.Label(text: name, x: x, y: y + 17, size: 16, isBold: true))
    guard let ranks = report.grid?.ranks(ofPipelineStage: rank) else { return }
    let room = width - TextWidth.of(name, size: 16, isBold: true) - 8
    let text = TextWidth.fitting(
      ["ranks \(rankList(ranks))", rankList(ranks), "\(ranks.count) GPUs"], width: room, size: Self.labelSize)
    drawing.add(
      Drawing.Label(text: text, x: x + width, y: y + 17, size: Self.labelSize, anchor: .end, colour: Palette.faint))
  }

  /// What a block shows, and how large that makes it.
  private struct Block {
    let stage: PipelineStage
    let heading: String
    let showsCells: Bool
    let cellsOfRow: Int
    let cellWidth: Double
    let inner: Double

    init(_ stage: PipelineStage, _ report: StageReport, width: Double) {
      self.stage = stage
      inner = width - 2 * StageMapDrawing.padding
      let numbers = StageReport.numbers(stage)
      let layers = stage.numLayers == 0 ? "no layers" : stage.numLayers == 1 ? "layer \(numbers)" : "layers \(numbers)"
      let total = report.map.stages.reduce(0) { $0 + $1.numLayers }
      showsCells = report.map.stages.count <= StageMapDrawing.mostStages && total <= StageMapDrawing.mostLayers
      let vp = report.map.virtualPipeline == nil ? "" : "vp \(stage.vp)"
      // Where every cell has its number, a heading can do without.
      let wordings = vp.isEmpty ? [layers, numbers] : ["\(vp): \(layers)", showsCells ? vp : "\(vp): \(numbers)", vp]
      heading = TextWidth.fitting(wordings, width: inner, size: StageMapDrawing.labelSize)
      let gap = StageMapDrawing.cellGap
      let least = max(24, TextWidth.of("\(max(total - 1, 0))", size: StageMapDrawing.labelSize) + 6)
      let most = report.map.stages.map(\.numLayers).max() ?? 1
      cellsOfRow = max(1, min(Int((inner + gap) / (least + gap)), most))
      cellWidth = min((inner + gap) / Double(cellsOfRow) - gap, 44)
    }

    var rows: Int { showsCells ? (stage.numLayers + cellsOfRow - 1) / cellsOfRow : stage.numLayers > 0 ? 1 : 0 }

    /// Embedding, MTP and loss each take a row of their own.
    var bars: Int { (stage.embedding ? 1 : 0) + (stage.mtp > 0 ? 1 : 0) + (stage.loss ? 1 : 0) }

    var height: Double {
      let pitch = StageMapDrawing.cellHeight + StageMapDrawing.cellGap
      return 24 + Double(max(rows + bars, 1)) * pitch + StageMapDrawing.padding
    }
  }

  private mutating func addBlock(_ block: Block, x: Double, y: Double, height: Double) {
    drawing.add(
      Drawing.Box(
        x: x, y: y, width: block.inner + 2 * Self.padding, height: height, fill: Palette.ground, stroke: Palette.rule,
        radius: 6))
    let left = x + Self.padding
    drawing.add(Drawing.Label(text: block.heading, x: left, y: y + 16, size: Self.labelSize, colour: Palette.faint))
    var top = y + 24
    if block.stage.embedding { addBar(["embedding", "embed", "E"], Palette.embedding, block, left, &top) }
    if block.showsCells {
      for layer in block.stage.layers { addCell(layer, block, left, top) }
    } else if block.stage.numLayers > 0 {
      addCell(
        text: ["\(block.stage.numLayers) layers", "\(block.stage.numLayers)"], Palette.moe, left, top, block.inner)
    }
    top += Double(block.rows) * (Self.cellHeight + Self.cellGap)
    if block.stage.mtp > 0 { addBar(["\(block.stage.mtp) mtp", "mtp", "m"], Palette.mtp, block, left, &top) }
    if block.stage.loss { addBar(["head and loss", "head, loss", "loss", "L"], Palette.loss, block, left, &top) }
  }

  private mutating func addBar(
    _ wordings: [String], _ fill: String, _ block: Block, _ left: Double, _ top: inout Double
  ) {
    addCell(text: wordings, fill, left, top, block.inner)
    top += Self.cellHeight + Self.cellGap
  }

  private mutating func addCell(_ layer: Int, _ block: Block, _ left: Double, _ top: Double) {
    let place = layer - block.stage.firstLayer
    let x = left + Double(place % block.cellsOfRow) * (block.cellWidth + Self.cellGap)
    let y = top + Double(place / block.cellsOfRow) * (Self.cellHeight + Self.cellGap)
    addCell(text: ["\(layer)"], isDense(layer) ? Palette.dense : Palette.moe, x, y, block.cellWidth)
  }

  private mutating func addCell(
    text wordings: [String], _ fill: String, _ x: Double, _ y: Double, _ width: Double
  ) {
    drawing.add(Drawing.Box(x: x, y: y, width: width, height: Self.cellHeight, fill: fill, radius: 3))
    let text = TextWidth.fitting(wordings, width: width - 2, size: Self.labelSize)
    drawing.add(Drawing.Label(text: text, x: x + width / 2, y: y + 14, size: Self.labelSize, anchor: .middle))
  }

  private func isDense(_ layer: Int) -> Bool {
    report.moeLayers.map { $0.indices.contains(layer) && !$0[layer] } ?? false
  }

  // MARK: Loads

  private mutating func addLoad(_ rank: Int, x: Double, y: Double, width: Double) -> Double {
    guard let analysis = report.analysis, analysis.load.maximum > 0 else { return y }
    let device = analysis.devices[rank]
    let top = y + 6
    let isBusiest = device.cost >= analysis.load.maximum * (1 - PipelineAnalysis.tolerance)
    drawing.add(Drawing.Box(x: x, y: top, width: width, height: 14, fill: Palette.ground, stroke: Palette.rule))
    drawing.add(
      Drawing.Box(
        x: x, y: top, width: width * device.cost / analysis.load.maximum, height: 14,
        fill: isBusiest ? Palette.busiest : Palette.load))
    let mean = x + width * analysis.load.efficiency
    drawing.add(Drawing.Line(x1: mean, y1: top - 3, x2: mean, y2: top + 17, colour: Palette.ink, width: 1.5))

    var bottom = top + 14
    let load = Numbers.decimal(device.cost, 2)
    var lines = [["load \(load) (\(Numbers.percent(device.share)))", "load \(load)", load]]
    if let count = report.map.chunksParameters(analysis, rank) {
      let millions = Numbers.millions(Double(count))
      lines.append(["\(millions) parameters", "\(millions) params", millions])
    }
    if let activationBytes = device.activationBytes {
      let bytes = Numbers.bytes(activationBytes)
      lines.append(["\(bytes) activations", "\(bytes) act.", bytes])
    }
    for wordings in lines {
      bottom += 16
      drawing.add(
        Drawing.Label(
          text: TextWidth.fitting(wordings, width: width, size: Self.labelSize), x: x, y: bottom, size: Self.labelSize))
    }
    return bottom
  }

  // MARK: Legend

  private mutating func addLegend(from y: Double) -> Double {
    let stages = report.map.stages
    let moe = report.moeLayers ?? []
    var items: [(String, String)] = []
    if moe.contains(false) { items.append((Palette.dense, "dense layer")) }
    if moe.contains(true) || moe.isEmpty { items.append((Palette.moe, moe.isEmpty ? "decoder layer" : "MoE layer")) }
    items.append((Palette.embedding, "embedding"))
    if stages.contains(where: { $0.mtp > 0 }) { items.append((Palette.mtp, "multi-token prediction")) }
    items.append((Palette.loss, "output head and loss"))
    if report.analysis != nil {
      items.append((Palette.load, "load beside the busiest"))
      items.append((Palette.busiest, "busiest; the line is the mean"))
    }
    var x = Self.margin
    for (fill, text) in items {
      drawing.add(Drawing.Box(x: x, y: y, width: 14, height: 14, fill: fill, radius: 3))
      drawing.add(Drawing.Label(text: text, x: x + 20, y: y + 12, size: 13))
      x += 20 + TextWidth.of(text, size: 13) + 24
    }
    var bottom = y + 14
    let basis = [
      report.weightSource.flatMap { source in
        report.analysis.map { analysis in
          "loads: "
            + source.summary(
              of: analysis.weights, moeLayers: report.moeLayers, hasMTP: stages.contains { $0.mtp > 0 })
            + " (\(source.text))"
        }
      },
      report.memoryBasis.map { "activations: " + $0 },
    ]
    for text in basis.compactMap({ $0 }) {
      for line in TextWidth.lines(of: text, width: Self.width - 2 * Self.margin, size: 12).prefix(4) {
        bottom += 19
        drawing.add(Drawing.Label(text: line, x: Self.margin, y: bottom, size: 12, colour: Palette.faint))
      }
    }
    return bottom
  }
}

extension StageMap {
  /// The parameters of all chunks of a rank, whole.
  fileprivate func chunksParameters(_ analysis: PipelineAnalysis, _ rank: Int) -> Int? {
    let counts = stride(from: rank, to: stages.count, by: pipeline).compactMap { analysis.chunks[$0].parameters }
    return counts.isEmpty ? nil : counts.reduce(0, +)
  }
}
