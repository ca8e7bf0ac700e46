import ConfigDocument
package import Estimation

/// What fills a GPU of each pipeline rank: a bar a rank, a colour a part, and a line where the memory ends.
package struct MemoryDrawing {
  package private(set) var drawing = Drawing(title: "Memory of one GPU of each pipeline rank, in GiB", width: 1200)

  private static let parts: [(name: String, colour: String, bytes: @Sendable (RankMemory) -> Double)] = [
    ("weights", Palette.moe, { $0.state.weights }), ("gradients", Palette.embedding, { $0.state.gradients }),
    ("optimizer", Palette.dense, { $0.state.optimizer }), ("activations", Palette.loss, { $0.activations }),
    ("working", Palette.mtp, { $0.working }), ("gathered", Palette.load, { $0.gathered }),
  ]
  private static let (margin, left, right) = (24.0, 90.0, 1080.0)
  private static let barHeight = 22.0
  private static let mostRanks = 64

  /// - Parameter capacity: bytes of a GPU.
  package init(_ memory: MemoryEstimate, capacity: Double) {
    let reserved = memory.assumptions.reservedGiB * gibibyte
    let ranks = memory.ranks.prefix(Self.mostRanks)
    let most = max(capacity, ranks.map { $0.total + reserved }.max() ?? 0)
    guard most > 0, most.isFinite else { return }
    let scale = (Self.right - Self.left) / most
    drawing.add(Drawing.Label(text: drawing.title, x: Self.margin, y: 34, size: 18, isBold: true))
    var y = addLegend(from: 46) + 10
    let top = y
    for rank in ranks {
      var x = Self.left
      drawing.add(
        Drawing.Label(text: "pp \(rank.pipelineRank)", x: Self.left - 10, y: y + 16, size: 14, anchor: .end))
      let system = ("system", Palette.rule, rank.blocks + reserved)
      for (name, colour, bytes) in Self.parts.map({ ($0.name, $0.colour, $0.bytes(rank)) }) + [system] where bytes > 0 {
        let width = bytes * scale
        drawing.add(
          Drawing.Box(
            x: x, y: y, width: width, height: Self.barHeight, fill: colour, tip: "\(name) \(Numbers.gibibytes(bytes))"))
        x += width
      }
      drawing.add(
        Drawing.Label(
          text: Numbers.gibibytes(rank.total + reserved), x: x + 6, y: y + 16, size: 14, colour: Palette.ink))
      y += Self.barHeight + 6
    }
    let end = Self.left + capacity * scale
    drawing.add(
      Drawing.Line(x1: end, y1: top - 6, x2: end, y2: y, colour: Palette.busiest, width: 2, isDashed: true))
    drawing.add(
      Drawing.Label(
        text: "\(Numbers.gibibytes(capacity)) of the GPU", x: end, y: y + 16, size: 14, anchor: .end,
        colour: Palette.busiest))
    drawing.height = y + 34
  }

  private mutating func addLegend(from y: Double) -> Double {
    var x = Self.margin
    for (name, colour) in Self.parts.map({ ($0.name, $0.colour) }) + [("system", Palette.rule)] {
      drawing.add(Drawing.Box(x: x, y: y, width: 12, height: 12, fill: colour))
      let label = Drawing.Label(text: name, x: x + 18, y: y + 11, size: 14)
      drawing.add(label)
      x += 18 + label.width + 22
    }
    return y + 18
  }
}
