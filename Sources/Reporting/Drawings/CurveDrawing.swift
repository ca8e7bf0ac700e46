#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Values of several runs over their steps, a colour a run.
package struct CurveDrawing {
  package struct Line: Sendable {
    package let name: String
    package let points: [(step: Double, value: Double)]

    package init(name: String, points: [(step: Double, value: Double)]) {
      self.name = name
      self.points = points
    }
  }

  package private(set) var drawing: Drawing

  private static let colours = ["#1f5fa8", "#c2551e", "#2f7d4f", "#7b4ea3", "#8a6d1b", "#3e4c59"]
  private static let (left, right, top, bottom) = (90.0, 876.0, 30.0, 320.0)
  /// Points of a line; of more, the lowest and the highest of each piece are kept.
  private static let mostPoints = 400

  package init(_ lines: [Line], title: String) {
    drawing = Drawing(title: title, width: 900, height: 340)
    let points = lines.flatMap(\.points)
    guard let steps = Scale(points.map(\.step), isWhole: true), let values = Scale(points.map(\.value)) else { return }
    for tick in values.ticks {
      let y = Self.bottom - values.fraction(tick) * (Self.bottom - Self.top)
      drawing.add(Drawing.Line(x1: Self.left, y1: y, x2: Self.right, y2: y, colour: Palette.rule))
      drawing.add(Drawing.Label(text: values.text(tick), x: Self.left - 8, y: y + 5, size: 14, anchor: .end))
    }
    for tick in steps.ticks {
      let x = Self.left + steps.fraction(tick) * (Self.right - Self.left)
      drawing.add(Drawing.Label(text: steps.text(tick), x: x, y: Self.bottom + 18, size: 14, anchor: .middle))
    }
    var y = Self.bottom + 38
    for (index, line) in lines.enumerated() {
      let colour = Self.colours[index % Self.colours.count]
      let places = Self.thinned(line.points).map { point in
        (
          x: Self.left + steps.fraction(point.step) * (Self.right - Self.left),
          y: Self.bottom - values.fraction(point.value) * (Self.bottom - Self.top)
        )
      }
      for (from, to) in zip(places, places.dropFirst()) {
        drawing.add(Drawing.Line(x1: from.x, y1: from.y, x2: to.x, y2: to.y, colour: colour, width: 2))
      }
      drawing.add(Drawing.Box(x: Self.left, y: y - 10, width: 22, height: 4, fill: colour))
      drawing.add(Drawing.Label(text: line.name, x: Self.left + 30, y: y, size: 14))
      y += 20
    }
    drawing.height = y
  }

  private static func thinned(_ points: [(step: Double, value: Double)]) -> [(step: Double, value: Double)] {
    guard points.count > mostPoints else { return points }
    let size = (points.count * 2 + mostPoints - 1) / mostPoints
    return stride(from: 0, to: points.count, by: size).flatMap { start in
      let piece = points[start..<min(start + size, points.count)]
      let ends = [piece.min { $0.value < $1.value }, piece.max { $0.value < $1.value }].compactMap { $0 }
      return ends.sorted { $0.step < $1.step }
    }
  }
}

/// An axis with round numbers.
private struct Scale {
  let ticks: [Double]
  private let lower: Double
  private let upper: Double
  private let distance: Double

  /// - Parameter isWhole: ticks are whole numbers.
  init?(_ values: [Double], isWhole: Bool = false) {
    guard let least = values.min(), let most = values.max(), (most - least).isFinite else { return nil }
    let span = most > least ? most - least : max(abs(least), 1)
    let power = pow(10, floor(log10(span / 5)))
    let step = [1, 2, 5, 10].map { $0 * power }.first { span / $0 <= 6 } ?? span
    let distance = isWhole ? max(1, step) : step
    let lower = floor(least / distance) * distance
    let upper = max(ceil(most / distance) * distance, lower + distance)
    ticks = (0...Int(((upper - lower) / distance).rounded())).map { lower + Double($0) * distance }
    (self.distance, self.lower, self.upper) = (distance, lower, upper)
  }

  func fraction(_ value: Double) -> Double { (value - lower) / (upper - lower) }

  func text(_ tick: Double) -> String {
    let size = max(abs(lower), abs(upper))
    if size >= 1e6 || size < 1e-3 {
      return Numbers.short(tick / pow(10, floor(log10(size))), 3) + "e\(Int(floor(log10(size))))"
    }
    return Numbers.decimal(tick, max(0, Int(-floor(log10(distance)))))
  }
}
