/// The lines that show a run's progress: one that renews itself on a terminal, plain ones elsewhere.
package struct ProgressLine: Sendable {
  package enum Style: Sendable {
    /// Rewrites one line, at most as wide as the terminal.
    case terminal(columns: Int)
    /// A line each time, for files and pipes.
    case plain
  }

  private let style: Style
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
    let line = parts.joined(separator: "  ")
    switch style {
    case .plain: return line + "\n"
    case .terminal(let columns):
      // Erase to the end: the line before may have been longer.
      return "\r" + line.prefix(max(1, columns - 1)) + "\u{1B}[K"
    }
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
