/// Runs beside each other: their loss curves, and where they ended.
package struct RunsSection: Sendable {
  let runs: [RunMetrics]

  package init(_ runs: [RunMetrics]) { self.runs = runs }

  var title: String { runs.count == 1 ? "Run \(runs[0].name)" : "Runs" }

  var html: String {
    let curves: [(title: String, value: @Sendable (RunMetrics.Step) -> Double?)] = [
      ("Loss", { $0.loss }), ("Loss on what is held out", { $0.evalLoss }), ("Learning rate", { $0.lr }),
      ("Norm of the gradient", { $0.gradNorm }), ("Tokens a second", { $0.tokensPerSecond }),
    ]
    var text = HTML.table(
      ["run", "steps", "first loss", "last loss", "lowest held out", "tokens a second"], rows, "numbers")
    for curve in curves {
      let lines = runs.map { run in
        CurveDrawing.Line(
          name: run.name, points: run.steps.compactMap { step in curve.value(step).map { (Double(step.step), $0) } })
      }
      guard lines.contains(where: { $0.points.count > 1 }) else { continue }
      text += HTML.element("h3", HTML.text(curve.title)) + "\n"
      text += HTML.picture(CurveDrawing(lines, title: curve.title).drawing)
    }
    for run in runs where run.unreadable > 0 {
      text +=
        HTML.element("p", HTML.text("\(run.name): \(run.unreadable) lines are no metrics and are left out.")) + "\n"
    }
    return text
  }

  private var rows: [[String]] {
    runs.map { run in
      let speeds = run.steps.compactMap(\.tokensPerSecond).sorted()
      return [
        run.name, run.steps.last.map { Numbers.grouped($0.step) } ?? "-",
        number(run.steps.first { $0.loss != nil }?.loss), number(run.steps.last { $0.loss != nil }?.loss),
        number(run.steps.compactMap(\.evalLoss).min()),
        speeds.isEmpty ? "-" : Numbers.grouped(Int(min(speeds[speeds.count / 2], 1e15))),
      ].map(HTML.text)
    }
  }

  private func number(_ value: Double?) -> String { value.map { Numbers.decimal($0, 4) } ?? "-" }
}
