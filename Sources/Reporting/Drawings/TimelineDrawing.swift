import Estimation
import Topology

/// A training step as a Gantt chart: a row a pipeline rank, a box a pass of one micro-batch.
///
/// A step that is too long to be seen whole is shown by its beginning and its end, a pipeline that is too high by its
/// first and last ranks; the picture says so.
package struct TimelineDrawing {
  private let report: SimulationReport
  private let timeline: PipelineTimeline
  package private(set) var drawing: Drawing

  private static let width = 1600.0
  private static let margin = 40.0
  private static let rowLabels = 64.0
  /// A pass of average length is at least so wide, in pixels.
  private static let leastPass = 6.0
  private static let breakWidth = 44.0
  private static let mostRows = 64

  /// A stretch of time and where it is drawn.
  private struct Window {
    let times: ClosedRange<Double>
    let x: Double
    let scale: Double

    func position(_ time: Double) -> Double {
      x + (min(max(time, times.lowerBound), times.upperBound) - times.lowerBound) * scale
    }
    var end: Double { position(times.upperBound) }
  }

  package init(_ report: SimulationReport) {
    self.report = report
    timeline = report.simulation.timeline
    drawing = Drawing(title: report.scheduleText, width: Self.width)
    let windows = Self.windows(of: timeline)
    var y = addHead(isCut: windows.count > 1)
    y = addRows(windows, from: y)
    y = addAxis(windows, from: y)
    drawing.height = addLegend(from: y + 20) + Self.margin
  }

  // MARK: Windows

  private static var plotLeft: Double { margin + rowLabels }
  private static var plotWidth: Double { width - margin - plotLeft }

  private static func windows(of timeline: PipelineTimeline) -> [Window] {
    let total = timeline.stepTime
    guard total > 0 else { return [Window(times: 0...0, x: plotLeft, scale: 0)] }
    var sum = 0.0
    var count = 0
    for event in timeline.ranks.joined() where event.pass == .forward && event.end > event.start {
      sum += event.end - event.start
      count += 1
    }
    let pass = count > 0 ? sum / Double(count) : total
    if total / pass * leastPass <= plotWidth || pass <= 0 {
      return [Window(times: 0...total, x: plotLeft, scale: plotWidth / total)]
    }
    let scale = leastPass / pass
    let room = plotWidth - breakWidth
    let head = 0.58 * room
    return [
      Window(times: 0...(head / scale), x: plotLeft, scale: scale),
      Window(times: (total - (room - head) / scale)...total, x: plotLeft + head + breakWidth, scale: scale),
    ]
  }

  /// The ranks drawn, and how many are left out behind the first part.
  private var rows: (first: Range<Int>, left: Int, last: Range<Int>) {
    let count = timeline.schedule.pipeline
    guard count > Self.mostRows else { return (0..<count, 0, count..<count) }
    return (0..<Self.mostRows / 2, count - Self.mostRows, count - Self.mostRows / 2..<count)
  }

  private var rowHeight: Double {
    switch timeline.schedule.pipeline {
    case ...8: 36
    case ...16: 28
    default: 18
    }
  }

  // MARK: Parts

  private mutating func addHead(isCut: Bool) -> Double {
    var y = Self.margin + 22
    drawing.add(Drawing.Label(text: drawing.title, x: Self.margin, y: y, size: 26, isBold: true))
    y += 8
    for text in report.headlines
      + (isCut ? ["The middle of the step is left out: only its beginning and its end are drawn."] : [])
    {
      for line in TextWidth.lines(of: text, width: Self.width - 2 * Self.margin, size: 14).prefix(8) {
        y += 20
        drawing.add(Drawing.Label(text: line, x: Self.margin, y: y, size: 14))
      }
    }
    return y + 24
  }

  private mutating func addRows(_ windows: [Window], from top: Double) -> Double {
    var y = top
    let (first, left, last) = rows
    for rank in first { addRow(rank, windows, &y) }
    if left > 0 {
      drawing.add(
        Drawing.Label(
          text: "pp \(first.upperBound) to \(last.lowerBound - 1) are not drawn", x: Self.plotLeft, y: y + 15, size: 12,
          colour: Palette.faint))
      y += 24
    }
    for rank in last { addRow(rank, windows, &y) }
    return y
  }

  private mutating func addRow(_ rank: Int, _ windows: [Window], _ y: inout Double) {
    let height = rowHeight - 4
    drawing.add(
      Drawing.Label(text: "pp \(rank)", x: Self.margin, y: y + height / 2 + 5, size: min(14, height - 1), isBold: true))
    for window in windows {
      drawing.add(
        Drawing.Box(x: window.x, y: y, width: window.end - window.x, height: height, fill: Palette.ground))
    }
    for event in timeline.ranks[rank] where event.end > event.start {
      for window in windows where event.end > window.times.lowerBound && event.start < window.times.upperBound {
        addEvent(event, window, y, height)
      }
    }
    y += rowHeight
  }

  private mutating func addEvent(_ event: TimelineEvent, _ window: Window, _ y: Double, _ height: Double) {
    let x = window.position(event.start)
    let width = window.position(event.end) - x
    guard width > 0.05 else { return }
    let chunks = timeline.schedule.chunks
    let fill =
      event.pass == .forward
      ? Palette.forward(chunk: event.chunk, of: chunks) : Palette.backward(chunk: event.chunk, of: chunks)
    drawing.add(
      Drawing.Box(x: x, y: y, width: width, height: height, fill: fill, stroke: width > 3 ? "#ffffff" : nil))
    let size = width > 24 ? 12.0 : width > 14 ? 10.0 : 8.0
    // Numbers stand where the largest would fit, so that a row does not lose them half way.
    guard TextWidth.of("\(timeline.schedule.microbatches - 1)", size: size) <= width - 2 else { return }
    drawing.add(
      Drawing.Label(
        text: "\(event.microbatch)", x: x + width / 2, y: y + height / 2 + 0.36 * size, size: size, anchor: .middle))
  }

  private mutating func addAxis(_ windows: [Window], from top: Double) -> Double {
    for window in windows {
      drawing.add(Drawing.Line(x1: window.x, y1: top + 4, x2: window.end, y2: top + 4, colour: Palette.rule))
      guard window.scale > 0 else { continue }
      let time = report.simulation.time
      // A label is at most a dozen characters; ticks keep more than that apart.
      let step = Self.niceStep(atLeast: time(110 / window.scale))
      guard step > 0 else { continue }
      let low = (time(window.times.lowerBound) / step).rounded(.up)
      let high = (time(window.times.upperBound) / step).rounded(.down)
      var right = window.x - 4
      for tick in stride(from: low, through: high, by: 1).prefix(64) {
        let x = window.position(tick * step * (1 + report.simulation.backwardRatio))
        drawing.add(Drawing.Line(x1: x, y1: top + 4, x2: x, y2: top + 9, colour: Palette.faint))
        let label = Drawing.Label(
          text: Numbers.short(tick * step, 4), x: x, y: top + 22, size: 12, anchor: .middle, colour: Palette.faint)
        guard label.left > right, label.left + label.width < window.end + 12 else { continue }
        drawing.add(label)
        right = label.left + label.width + 4
      }
    }
    drawing.add(
      Drawing.Label(
        text: report.unitText, x: Self.plotLeft, y: top + 40, size: 12, colour: Palette.faint))
    if windows.count > 1 {
      drawing.add(
        Drawing.Label(
          text: "...", x: windows[1].x - Self.breakWidth / 2, y: top - 6, size: 18, anchor: .middle,
          colour: Palette.faint))
    }
    return top + 40
  }

  /// 1, 2 or 5 times a power of ten.
  static func niceStep(atLeast value: Double) -> Double {
    guard value.isFinite, value > 1e-12, value < 1e15 else { return 0 }
    let bound = value * (1 + 1e-9)
    var power = 1.0
    while power * 10 <= bound { power *= 10 }
    while power > bound { power /= 10 }
    return [1, 2, 5].map { $0 * power }.first { $0 * (1 + 1e-9) >= value } ?? 10 * power
  }

  private mutating func addLegend(from y: Double) -> Double {
    let chunks = timeline.schedule.chunks
    var x = Self.margin
    for (name, colour) in [("forward", Palette.forward), ("backward", Palette.backward)] {
      // A wide pipeline's shades are told apart by their ends.
      let shown = chunks <= 8 ? Array(0..<chunks) : [0, chunks / 2, chunks - 1]
      for chunk in shown {
        let text = chunks == 1 ? "\(name) of a micro-batch" : "\(name), vp \(chunk)"
        drawing.add(Drawing.Box(x: x, y: y, width: 14, height: 14, fill: colour(chunk, chunks)))
        drawing.add(Drawing.Label(text: text, x: x + 19, y: y + 12, size: 12))
        x += 19 + TextWidth.of(text, size: 12) + 12
      }
    }
    if x + 60 < Self.width - Self.margin {
      drawing.add(Drawing.Box(x: x, y: y, width: 14, height: 14, fill: Palette.ground, stroke: Palette.rule))
      drawing.add(Drawing.Label(text: "idle", x: x + 19, y: y + 12, size: 12))
    }
    return y + 14
  }
}
