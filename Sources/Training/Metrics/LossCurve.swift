#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The loss curve of a run as an SVG picture: every step, a smoothed line, validation points, labelled axes.
package struct LossCurve: Sendable {
  package var title: String
  /// A logarithmic loss axis.
  package var logarithmic: Bool
  private let points: [(step: Double, loss: Double)]
  private let evaluations: [(step: Double, loss: Double)]

  private static let width = 860.0
  private static let height = 480.0
  private static let left = 72.0
  private static let right = 836.0
  private static let top = 48.0
  private static let bottom = 424.0

  /// - Parameter metrics: losses that are not finite, or not positive on a logarithmic axis, are left out.
  package init(_ metrics: [StepMetrics], title: String, logarithmic: Bool = false) {
    self.title = title
    self.logarithmic = logarithmic
    let shown = { (loss: Double) in loss.isFinite && (!logarithmic || loss > 0) }
    points = metrics.filter { shown($0.loss) }.map { (Double($0.step), $0.loss) }
    evaluations = metrics.compactMap { line in
      line.evalLoss.flatMap { shown($0) ? (Double(line.step), $0) : nil }
    }
  }

  /// The picture; for a run without losses a frame that says so.
  package var svg: String {
    var svg = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" \
      width="\(Int(Self.width))" height="\(Int(Self.height))" font-family="system-ui, sans-serif" font-size="12">
      <rect width="100%" height="100%" fill="#ffffff"/>
      <text x="\(Int(Self.left))" y="28" font-size="16" font-weight="600" fill="#1a1a1a">\(Self.escaped(title))</text>

      """
    guard let steps = Axis(points.map(\.step) + evaluations.map(\.step), whole: true),
      let losses = Axis(points.map(\.loss) + evaluations.map(\.loss), logarithmic: logarithmic)
    else {
      return svg + "<text x=\"\(Int(Self.left))\" y=\"80\" fill=\"#666666\">no losses</text>\n</svg>\n"
    }
    svg += grid(steps, losses)
    let place = { (point: (step: Double, loss: Double)) in
      (
        x: Self.left + steps.fraction(point.step) * (Self.right - Self.left),
        y: Self.bottom - losses.fraction(point.loss) * (Self.bottom - Self.top)
      )
    }
    svg += polyline(Self.thinned(points).map(place), "#9db7d5", width: 1)
    svg += polyline(Self.thinned(smoothed).map(place), "#1f5fa8", width: 2)
    svg += polyline(evaluations.map(place), "#c2551e", width: 1.5)
    for point in evaluations.map(place) {
      svg += "<circle cx=\"\(Self.number(point.x))\" cy=\"\(Self.number(point.y))\" r=\"3\" fill=\"#c2551e\"/>\n"
    }
    return svg + legend + "</svg>\n"
  }

  // MARK: Parts

  private func grid(_ steps: Axis, _ losses: Axis) -> String {
    var svg = ""
    for tick in losses.ticks {
      let y = Self.number(Self.bottom - losses.fraction(tick) * (Self.bottom - Self.top))
      svg += "<line x1=\"\(Int(Self.left))\" y1=\"\(y)\" x2=\"\(Int(Self.right))\" y2=\"\(y)\" stroke=\"#e6e6e6\"/>\n"
      svg += "<text x=\"\(Int(Self.left) - 8)\" y=\"\(y)\" dy=\"4\" text-anchor=\"end\" fill=\"#555555\">"
      svg += "\(losses.label(tick))</text>\n"
    }
    for tick in steps.ticks {
      let x = Self.number(Self.left + steps.fraction(tick) * (Self.right - Self.left))
      svg +=
        "<line x1=\"\(x)\" y1=\"\(Int(Self.bottom))\" x2=\"\(x)\" y2=\"\(Int(Self.bottom) + 5)\" stroke=\"#555555\"/>\n"
      svg += "<text x=\"\(x)\" y=\"\(Int(Self.bottom) + 20)\" text-anchor=\"middle\" fill=\"#555555\">"
      svg += "\(steps.label(tick))</text>\n"
    }
    svg += "<path d=\"M\(Int(Self.left)) \(Int(Self.top))V\(Int(Self.bottom))H\(Int(Self.right))\" fill=\"none\" "
    svg += "stroke=\"#555555\"/>\n"
    let middle = Self.number((Self.left + Self.right) / 2)
    svg += "<text x=\"\(middle)\" y=\"\(Int(Self.height) - 14)\" text-anchor=\"middle\" fill=\"#1a1a1a\">step</text>\n"
    let centre = Self.number((Self.top + Self.bottom) / 2)
    svg += "<text transform=\"translate(20 \(centre)) rotate(-90)\" text-anchor=\"middle\" fill=\"#1a1a1a\">"
    return svg + "loss\(logarithmic ? " (log)" : "")</text>\n"
  }

  private var legend: String {
    var entries = [("#9db7d5", "each step"), ("#1f5fa8", "smoothed")]
    if !evaluations.isEmpty { entries.append(("#c2551e", "validation")) }
    var svg = ""
    for (index, entry) in entries.enumerated() {
      let x = Int(Self.right) - 110 * (entries.count - index)
      svg += "<line x1=\"\(x)\" y1=\"24\" x2=\"\(x + 20)\" y2=\"24\" stroke=\"\(entry.0)\" stroke-width=\"3\"/>\n"
      svg += "<text x=\"\(x + 26)\" y=\"28\" fill=\"#333333\">\(entry.1)</text>\n"
    }
    return svg
  }

  private func polyline(_ points: [(x: Double, y: Double)], _ colour: String, width: Double) -> String {
    guard points.count > 1 else { return "" }
    let list = points.map { "\(Self.number($0.x)),\(Self.number($0.y))" }.joined(separator: " ")
    return "<polyline fill=\"none\" stroke=\"\(colour)\" stroke-width=\"\(width)\" stroke-linejoin=\"round\" "
      + "points=\"\(list)\"/>\n"
  }

  // MARK: Data

  /// A centred mean over up to a fiftieth of the run, narrower towards its ends: it neither lags nor bends.
  private var smoothed: [(step: Double, loss: Double)] {
    var sums = [0.0]
    for point in points { sums.append(sums[sums.count - 1] + point.loss) }
    let widest = max(2, points.count / 100)
    return points.indices.map { index in
      let reach = min(widest, index, points.count - 1 - index)
      return (points[index].step, (sums[index + reach + 1] - sums[index - reach]) / Double(2 * reach + 1))
    }
  }

  /// At most about 1600 points: of each bucket the lowest and the highest, so that no spike is lost.
  private static func thinned(_ points: [(step: Double, loss: Double)]) -> [(step: Double, loss: Double)] {
    let bucket = (points.count + 799) / 800
    guard bucket > 2 else { return points }
    return stride(from: 0, to: points.count, by: bucket).flatMap { start -> [(step: Double, loss: Double)] in
      let range = points[start..<min(start + bucket, points.count)]
      guard let low = range.indices.min(by: { range[$0].loss < range[$1].loss }),
        let high = range.indices.max(by: { range[$0].loss < range[$1].loss })
      else { return [] }
      return low == high ? [points[low]] : [points[min(low, high)], points[max(low, high)]]
    }
  }

  private static func number(_ value: Double) -> String { NumberText.fixed(value, 1) }

  private static func escaped(_ text: String) -> String {
    text.reduce(into: "") { result, character in
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      default: result.append(character)
      }
    }
  }
}

/// An axis with round ticks.
private struct Axis {
  let ticks: [Double]
  private let low: Double
  private let high: Double
  private let logarithmic: Bool

  init?(_ values: [Double], logarithmic: Bool = false, whole: Bool = false) {
    guard let least = values.min(), let most = values.max() else { return nil }
    self.logarithmic = logarithmic
    if logarithmic {
      ticks = Self.logarithmicTicks(least, most)
      low = log(min(least, ticks.first ?? least))
      high = log(max(most, ticks.last ?? most))
      return
    }
    let span = most > least ? most - least : max(abs(most), 1) * 0.1
    let rough = span / 6
    let power = pow(10, floor(log10(rough)))
    var step = ([1, 2, 5].first { $0 * power >= rough } ?? 10) * power
    if whole { step = max(1, step.rounded()) }
    let first = (least / step).rounded(.down)
    let last = max(first + 1, (most / step).rounded(.up))
    ticks = stride(from: first, through: last, by: 1).prefix(50).map { $0 * step }
    low = ticks[0]
    high = ticks[ticks.count - 1]
  }

  /// 1, 2 and 5 of each power of ten around the values.
  private static func logarithmicTicks(_ least: Double, _ most: Double) -> [Double] {
    let powers = Int(floor(log10(least)))...Int(ceil(log10(most)))
    let all = powers.prefix(40).flatMap { power in [1.0, 2, 5].map { $0 * pow(10, Double(power)) } }
    let first = all.lastIndex { $0 <= least } ?? 0
    let last = all.firstIndex { $0 >= most } ?? all.count - 1
    return first < last ? Array(all[first...last]) : [all[first], all[min(first + 1, all.count - 1)]]
  }

  /// 0 at the low end, 1 at the high one.
  func fraction(_ value: Double) -> Double {
    high > low ? ((logarithmic ? log(value) : value) - low) / (high - low) : 0.5
  }

  func label(_ tick: Double) -> String { tick == 0 ? "0" : NumberText.general(tick, 6) }
}
