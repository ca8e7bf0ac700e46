/// What one training step reports: a line of `metrics.jsonl`.
package struct StepMetrics: Hashable, Sendable {
  /// From 1.
  package var step: Int
  package var loss: Double
  package var learningRate: Double
  package var gradientNorm: Double
  /// Tokens of this step.
  package var tokens: Int
  package var tokensPerSecond: Double
  /// Of this step.
  package var seconds: Double
  /// Where the validation loss was measured behind this step.
  package var evalLoss: Double?
  /// Further numbers, such as the sequence auxiliary loss.
  package var others: [String: Double]

  package init(
    step: Int, loss: Double, learningRate: Double, gradientNorm: Double, tokens: Int, tokensPerSecond: Double,
    seconds: Double, evalLoss: Double? = nil, others: [String: Double] = [:]
  ) {
    self.step = step
    self.loss = loss
    self.learningRate = learningRate
    self.gradientNorm = gradientNorm
    self.tokens = tokens
    self.tokensPerSecond = tokensPerSecond
    self.seconds = seconds
    self.evalLoss = evalLoss
    self.others = others
  }

  /// One line of JSON without its line end; what is not finite becomes `null`.
  package var json: String {
    var json = JSONText()
    json.object { json in
      json.field("step", step)
      json.field("loss", loss)
      json.field("lr", learningRate)
      json.field("grad_norm", gradientNorm)
      json.field("tokens", tokens)
      json.field("tokens_per_second", tokensPerSecond)
      json.field("seconds", seconds)
      if let evalLoss { json.field("eval_loss", evalLoss) }
      for (name, value) in others.sorted(by: { $0.key < $1.key }) { json.field(name, value) }
    }
    return json.text
  }

  /// Reads a line; `null` becomes NaN.
  init(_ cursor: inout JSONCursor) throws {
    self.init(
      step: 0, loss: .nan, learningRate: .nan, gradientNorm: .nan, tokens: 0, tokensPerSecond: .nan, seconds: .nan)
    var hasStep = false
    try cursor.object { cursor, key in
      func number() throws -> Double {
        guard try cursor.kind() == .null else { return try cursor.double() }
        try cursor.null()
        return .nan
      }
      switch key {
      case "step":
        step = try cursor.integer()
        hasStep = true
      case "loss": loss = try number()
      case "lr": learningRate = try number()
      case "grad_norm": gradientNorm = try number()
      case "tokens": tokens = try cursor.integer()
      case "tokens_per_second": tokensPerSecond = try number()
      case "seconds": seconds = try number()
      case "eval_loss": evalLoss = try number()
      default:
        if try cursor.kind() == .number { others[key] = try cursor.double() } else { try cursor.skip() }
      }
    }
    if !hasStep { throw cursor.error("the object has no \"step\"") }
  }
}
