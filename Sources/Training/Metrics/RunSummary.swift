/// What a run came to, shown when it ends.
package struct RunSummary: Hashable, Sendable {
  package let steps: Int
  package let tokens: Int
  package let seconds: Double
  package let firstLoss: Double?
  /// Mean of the last tenth of the steps, at least one and at most a hundred: single steps are noisy.
  package let finalLoss: Double?
  package let lowestLoss: Double?
  package let lastEvalLoss: Double?

  package init(_ metrics: [StepMetrics]) {
    steps = metrics.count
    tokens = metrics.reduce(0) { $0.addingReportingOverflow($1.tokens).partialValue }
    seconds = metrics.reduce(0) { $0 + ($1.seconds.isFinite ? $1.seconds : 0) }
    let losses = metrics.map(\.loss).filter(\.isFinite)
    firstLoss = losses.first
    let tail = losses.suffix(min(100, max(1, losses.count / 10)))
    finalLoss = tail.isEmpty ? nil : tail.reduce(0, +) / Double(tail.count)
    lowestLoss = losses.min()
    lastEvalLoss = metrics.last { $0.evalLoss != nil }?.evalLoss
  }

  /// A few lines for people.
  package var text: String {
    let loss = { (value: Double?) in value.map { NumberText.fixed($0, 4) } ?? "-" }
    var lines = [
      "\(steps) steps, \(NumberText.count(Double(tokens))) tokens in \(NumberText.duration(seconds))"
        + (seconds > 0 ? ", \(NumberText.count(Double(tokens) / seconds)) tok/s" : ""),
      "loss \(loss(firstLoss)) -> \(loss(finalLoss)), lowest \(loss(lowestLoss))",
    ]
    if let lastEvalLoss { lines.append("validation loss \(loss(lastEvalLoss))") }
    return lines.joined(separator: "\n") + "\n"
  }
}
