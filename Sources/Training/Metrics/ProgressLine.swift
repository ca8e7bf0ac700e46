/// The lines that show a run's progress: one that renews itself on a terminal, plain ones elsewhere.
package struct ProgressLine: Sendable {
  package enum Style: Sendable {
    /// Rewrites one line, at most as wide as the terminal.
    case terminal(columns: Int)
    /// A line each time, for files and pipes.
    case plain
  }

  /// May change between lines, as a terminal's width does.
  package var style: Style
  private let totalSteps: Int
  /// Seconds a step, smoothed, for the time left.
  private var pace: Double?

  package init(_ style: Style, totalSteps: Int) {
    self.style = style
    self.totalSteps = totalSteps
  }

  /// The text to write to the standard error stream, its line end or carriage return included.
  package mutating func text(_ metrics: StepMetrics) -> String {
    if metrics.seconds.isFinite { pace = pace.map { 0.9 * $0 + 0.1 * metrics.seconds } ?? metrics.seconds }
    let left = Double(max(0, totalSteps - metrics.step)) * (pace ?? .nan)
    var parts = [
      "step \(String(repeating: " ", count: max(0, "\(totalSteps)".utf8.count - "\(metrics.step)".utf8.count)))"
        + "\(metrics.step)/\(totalSteps)",
      "loss \(NumberText.fixed(metrics.loss, 4))",
    ]
    if let evalLoss = metrics.evalLoss { parts.append("eval \(NumberText.fixed(evalLoss, 4))") }
    parts += [
      "lr \(NumberText.scientific(metrics.learningRate, 2))",
      "grad \(NumberText.general(metrics.gradientNorm, 3))",
      "\(NumberText.count(metrics.tokensPerSecond)) tok/s",
      "\(NumberText.duration(left)) left",
    ]
    switch style {
    case .plain: return parts.joined(separator: "  ") + "\n"
    case .terminal(let columns):
      // Erase to the end: the line before may have been longer.
      return "\r" + Self.line(parts, columns: columns - 1) + "\u{1B}[K"
    }
  }

  /// As many whole parts as fit; a terminal narrower than the first gets its beginning.
  private static func line(_ parts: [String], columns: Int) -> String {
    var line = String(parts[0].prefix(max(1, columns)))
    for part in parts.dropFirst() {
      guard line.count + 2 + part.count <= columns else { break }
      line += "  " + part
    }
    return line
  }

  /// What must be written before any other line, so that it does not run into the progress line.
  package var interruption: String {
    switch style {
    case .terminal: "\r\u{1B}[K"
    case .plain: ""
    }
  }

  /// What ends the run's progress.
  package var ending: String {
    switch style {
    case .terminal: "\n"
    case .plain: ""
    }
  }
}
