import ConfigDocument
import LaunchModel

/// The metrics of a run, as `moonlight-trainer train` writes them: one JSON object a line.
package struct RunMetrics: Sendable {
  package struct Step: Hashable, Sendable {
    package let step: Int
    package let loss: Double?
    package let evalLoss: Double?
    package let lr: Double?
    package let gradNorm: Double?
    package let tokensPerSecond: Double?
  }

  package let name: String
  package let steps: [Step]
  /// Lines that are no metrics, which a run that was killed may leave.
  package let unreadable: Int

  package init(name: String, text: String) {
    self.name = name
    var steps: [Step] = []
    var unreadable = 0
    for line in text.split(separator: "\n") {
      let document = DocumentReader.read(text: String(line), name: name, format: .json)
      guard case .mapping(let tree)? = document.root?.plainValue, let step = tree["step"]?.number,
        let number = Int(exactly: step)
      else {
        unreadable += 1
        continue
      }
      func value(_ key: String) -> Double? { tree[key]?.number.flatMap { $0.isFinite ? $0 : nil } }
      steps.append(
        Step(
          step: number, loss: value("loss"), evalLoss: value("eval_loss"), lr: value("lr"),
          gradNorm: value("grad_norm"), tokensPerSecond: value("tokens_per_second")))
    }
    self.steps = steps
    self.unreadable = unreadable
  }
}

extension ConfigValue {
  fileprivate var number: Double? {
    switch self {
    case .int(let value): Double(value)
    case .float(let value): value
    default: nil
    }
  }
}
