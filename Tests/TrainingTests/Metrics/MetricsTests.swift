import Testing

@testable import Training

@Suite("Metrics of a run")
struct MetricsTests {
  static func metrics(_ step: Int, loss: Double? = nil, eval: Double? = nil) -> StepMetrics {
    StepMetrics(
      step: step, loss: loss ?? 4 / Double(step), learningRate: 3e-4, gradientNorm: 1.5, tokens: 1024,
      tokensPerSecond: 2048, seconds: 0.5, evalLoss: eval)
  }

  @Test("A step is one object with the names of the run directory's contract")
  func writesLine() {
    var step = Self.metrics(2, eval: 1.25)
    step.others = ["aux_loss": 0.5]
    step.gradientNorm = .infinity
    #expect(
      step.json
        == #"{"step": 2, "loss": 2.0, "lr": 0.0003, "grad_norm": null, "tokens": 1024, "tokens_per_second": 2048.0, "#
        + #""seconds": 0.5, "eval_loss": 1.25, "aux_loss": 0.5}"#)
  }

  @Test("Every line is in the file at once, and reads back")
  func appends() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("metrics.jsonl")
    let log = try MetricsLog(path)
    for step in 1...3 {
      try log.append(Self.metrics(step, eval: step == 2 ? 7 : nil))
      #expect(try MetricsLog.read(path).map(\.step) == Array(1...step))
    }
    #expect(try MetricsLog.read(path)[1] == Self.metrics(2, eval: 7))
  }

  @Test("A resumed run drops later lines and a torn one", arguments: [(0, 0), (1, 1), (3, 3), (9, 5)])
  func truncates(resumed: Int, kept: Int) throws {
    let folder = try TemporaryFolder()
    let lines = (1...5).map { Self.metrics($0).json }.joined(separator: "\n")
    let path = try folder.write("metrics.jsonl", lines + "\n{\"step\": 6, \"lo")
    let log = try MetricsLog(path, resumedStep: resumed)
    #expect(try MetricsLog.read(path).map(\.step) == Array((1...5).prefix(kept)))
    try log.append(Self.metrics(kept + 1))
    #expect(try MetricsLog.read(path).map(\.step) == Array(1...(kept + 1)))
  }

  @Test("Plain progress is a line a step; a terminal's line renews itself and stays within its width")
  func formatsProgress() {
    var plain = ProgressLine(.plain, totalSteps: 100)
    #expect(plain.text(Self.metrics(2)) == "step   2/100  loss 2.0000  lr 3.00e-04  grad 1.5  2.05k tok/s  49s left\n")
    #expect(plain.text(Self.metrics(100, eval: 1)).contains("loss 0.0400  eval 1.0000  lr"))
    #expect(plain.text(Self.metrics(100)).hasSuffix("0s left\n"))
    var terminal = ProgressLine(.terminal(columns: 40), totalSteps: 100)
    #expect(terminal.text(Self.metrics(2)) == "\rstep   2/100  loss 2.0000  lr 3.00e-04\u{1B}[K")
    terminal.style = .terminal(columns: 38)
    #expect(terminal.text(Self.metrics(2)) == "\rstep   2/100  loss 2.0000\u{1B}[K")
    terminal.style = .terminal(columns: 5)
    #expect(terminal.text(Self.metrics(2)) == "\rstep\u{1B}[K")
    #expect(terminal.interruption == "\r\u{1B}[K" && plain.interruption.isEmpty)
  }

  @Test(
    "Durations are short",
    arguments: [
      (0.4, "0s"), (59, "59s"), (125, "2m05s"), (11_220, "3h07m"), (190_000, "2d04h"), (.nan, "?"), (1e12, "?"),
    ])
  func formatsDuration(seconds: Double, text: String) {
    #expect(NumberText.duration(seconds) == text)
  }

  @Test(
    "Counts are short",
    arguments: [
      (0.0, "0"), (950, "950"), (1234, "1.23k"), (99_960, "100k"), (27_800_000, "27.8M"), (1.6e10, "16.0B"),
      (.infinity, "?"),
    ])
  func formatsCount(value: Double, text: String) {
    #expect(NumberText.count(value) == text)
  }

  @Test("The summary takes the mean of the last tenth")
  func summarizes() {
    let summary = RunSummary((1...40).map { Self.metrics($0, loss: Double(100 - $0), eval: $0 == 20 ? 5 : nil) })
    #expect(
      summary.text
        == "40 steps, 41.0k tokens in 20s, 2.05k tok/s\nloss 99.0000 -> 61.5000, lowest 60.0000\nvalidation loss 5.0000\n"
    )
    #expect(RunSummary([]).text == "0 steps, 0 tokens in 0s\nloss - -> -, lowest -\n")
  }
}
