import ConfigDocument
package import Diagnostics
package import Estimation
import LaunchModel
package import Planning
package import Validation

/// One config on a page: what it comes to, what is wrong with it and where, its pipeline, its memory, other layouts, and
/// every value with its origin.
package struct ConfigSection: Sendable {
  package let name: String
  let file: SourceFile
  let diagnostics: [Diagnostic]
  let run: RunFacts
  let derived: DerivedValues?
  package var stages: StageReport?
  package var simulation: SimulationReport?
  package var estimate: Estimate?
  package var plan: PlanResult?

  package init(name: String, file: SourceFile, diagnostics: [Diagnostic], run: RunFacts) {
    self.name = name
    self.file = file
    self.diagnostics = diagnostics
    self.run = run
    derived = DerivedValues(run, diagnostics)
  }

  var html: String {
    var text = HTML.list(facts)
    text += heading("Findings in place") + HTML.element("p", HTML.text(summary)) + "\n"
    // Of a recipe there is no text to show.
    text += SourceText(file, diagnostics).html
    if let stages { text += heading("Stages") + HTML.picture(StageMapDrawing(stages).drawing) }
    if let simulation { text += heading("A step, simulated") + HTML.picture(TimelineDrawing(simulation).drawing) }
    if let estimate {
      text += heading("Memory, estimated")
      let capacity = run.config.cluster.gpuMemoryGiB * gibibyte
      text += HTML.picture(MemoryDrawing(estimate.memory, capacity: capacity).drawing)
    }
    if let plan { text += heading("Other layouts on these GPUs, estimated") + alternatives(plan) }
    return text + heading("Every value, and where it comes from") + values
  }

  private func heading(_ title: String) -> String { HTML.element("h3", HTML.text(title)) + "\n" }

  // MARK: What it comes to

  private var facts: [(name: String, value: String)] {
    var facts = [
      ("run", run.config.recipe.name + ", " + run.config.recipe.mode.rawValue), ("for", run.config.release.packages),
      ("fingerprint", "sha256:\(run.config.fingerprint)"), ("GPUs", Numbers.grouped(run.worldSize)),
    ]
    if let derived {
      facts += [
        ("replicas", "\(derived.dataParallelSize) of dense layers, \(derived.expertDataParallelSize) of experts"),
        ("micro-batches a step", Numbers.grouped(derived.numMicrobatches)), ("layout", derived.layout),
      ]
    }
    if let estimate {
      let (count, timing) = (estimate.parameters, estimate.timing)
      facts += [
        ("parameters", "\(Numbers.grouped(count.total)), active \(Numbers.grouped(count.active))"),
        (
          "fullest GPU, estimated",
          "\(Numbers.gibibytes(estimate.memory.worstTotal)) of \(Numbers.decimal(run.config.cluster.gpuMemoryGiB, 1)) GiB"
        ),
        ("a step, estimated", Numbers.decimal(timing.secondsPerStep, 3) + " s"),
        ("tokens a second and GPU, estimated", Numbers.grouped(timing.tokensPerSecondPerGPU)),
      ]
    }
    return facts
  }

  private var summary: String {
    let parts = [Severity.error, .warning, .note].compactMap { severity -> String? in
      let count = diagnostics.count { $0.severity == severity }
      return count > 0 ? "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")" : nil
    }
    return parts.isEmpty ? "Nothing was found." : parts.joined(separator: ", ") + "."
  }

  // MARK: Other layouts

  private func alternatives(_ plan: PlanResult) -> String {
    var rows = plan.rows.map { cells("\($0.rank)", $0) }
    if case .row(let own, _) = plan.base { rows.append(cells("own, \(own.rank)", own)) }
    guard !rows.isEmpty else { return HTML.element("p", "No layout fits these GPUs.") + "\n" }
    return HTML.table(
      ["rank", "TP", "PP", "VP", "CP", "EP", "ETP", "micro", "s/step", "GiB", "recompute"], rows, "numbers")
  }

  private func cells(_ rank: String, _ row: PlanRow) -> [String] {
    let choice = row.choice
    return [
      rank, "\(choice.tensor)", "\(choice.pipeline)", choice.virtualPipeline.map { "\($0)" } ?? "-",
      "\(choice.context)", "\(choice.expert)", "\(choice.expertTensor)", "\(choice.microBatchSize)",
      Numbers.decimal(row.time.total, 3), Numbers.decimal(row.memoryGiB, 1), choice.recompute.name,
    ].map(HTML.text)
  }

  // MARK: Values

  private var values: String {
    LaunchConfig.sections.map { section in
      let schema = section.schema
      let storage = run.config[keyPath: section.storage]
      let names =
        schema.fields.filter { schema.declares($0, in: run.config.release) }.map(\.name) + storage.carried.map(\.name)
      let rows = names.compactMap { name -> [String]? in
        guard let (value, origin) = run.config.value(at: FieldPath(schema.name, name)) else { return nil }
        return [
          HTML.element("code", HTML.text(schema.name(of: name, in: run.config.release))),
          HTML.element("code", HTML.text(FlowText.yaml(value))), HTML.text(origin.description),
        ]
      }
      return HTML.folded("\(schema.name): \(rows.count) values", HTML.table(["field", "value", "origin"], rows))
    }.joined()
  }
}
