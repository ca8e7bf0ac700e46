import ConfigDocument
import Estimation
import LaunchModel
import Reporting
import Topology
import Training

/// A run plan as text.
struct RunPlanText {
  private let plan: RunPlan
  private let epochs: EpochCount?
  private let style: TerminalStyle

  /// - Parameter epochs: how often the run goes through its data, where they were counted.
  init(_ plan: RunPlan, epochs: EpochCount?, style: TerminalStyle) {
    self.plan = plan
    self.epochs = epochs
    self.style = style
  }

  var text: String {
    ([run, engine] + oneProcess + [ranks, stages, batches] + data + [learningRates, saved]).joined(separator: "\n")
  }

  private var config: LaunchConfig { plan.run.config }

  private func heading(_ text: String) -> String { style.paint(text, .strong) + "\n" }

  private var run: String {
    var lines = heading("Run \(config.recipe.name)")
    lines += "  \(config.recipe.mode.rawValue)"
    if config.peft.isPresent { lines += " (\(config.peft.peftScheme.rawValue), rank \(config.peft.dim))" }
    lines += ", \(Numbers.grouped(plan.steps)) steps"
    if let parameters = plan.parameters {
      lines += ", \(millions(parameters.total)) parameters, \(millions(parameters.active)) active"
    }
    return lines + "\n"
  }

  private var engine: String {
    let name = plan.engine.kind == .cpu ? "the CPU engine of this program" : "Megatron-Bridge"
    return heading("Engine: \(plan.engine.kind.rawValue)")
      + wrapped("\(name): \(plan.engine.reason)", width: style.textWidth, indent: "  ")
  }

  /// What becomes of a distributed config on the CPU engine.
  private var oneProcess: [String] {
    guard let support = plan.support else { return [] }
    var sections: [String] = []
    if !support.refusals.isEmpty {
      let lines = support.refusals.map { wrapped($0, width: style.textWidth, indent: "  ") }.joined()
      sections.append(heading("Refused by the CPU engine") + lines)
    }
    if plan.run.worldSize > 1 { sections.append(folding) }
    if !support.withoutEffect.isEmpty {
      let lines = support.withoutEffect.map { reason, fields in
        wrapped("\(reason): " + fields.map(\.description).joined(separator: ", "), width: style.textWidth, indent: "  ")
      }
      sections.append(heading("Without effect here") + lines.joined())
    }
    return sections
  }

  private var folding: String {
    var table = TextTable([.init("  split by"), .init("ways", .right), .init("here")])
    let parallelism = config.parallelism
    let kinds: [(String, Int, String)] = [
      ("tensors", parallelism.tensorModelParallelSize, "whole matrices"),
      ("pipeline stages", parallelism.pipelineModelParallelSize, "all layers, one after the other"),
      ("context", parallelism.contextParallelSize, "whole sequences"),
      ("experts", parallelism.expertModelParallelSize, "all experts"),
      ("data", plan.derived.dataParallelSize, "further micro-batches of the same step"),
    ]
    for (name, ways, here) in kinds where ways > 1 { table.add(["  " + name, "\(ways)", here]) }
    return heading("Folded into one process") + table.text()
  }

  private var ranks: String {
    let cluster = config.cluster
    var table = TextTable([
      .init("group"), .init("size", .right), .init("groups", .right), .init("the first"),
    ])
    for kind in [RankGroupKind.tensor, .context, .pipeline, .data, .expertTensor, .expert, .expertData] {
      let groups = plan.grid.groups(kind)
      guard let first = groups.first else { continue }
      let ranks = first.prefix(8).map(String.init).joined(separator: " ") + (first.count > 8 ? " ..." : "")
      table.add(["  " + kind.rawValue, "\(first.count)", "\(groups.count)", ranks])
    }
    let nodes = "\(cluster.numNodes) node\(cluster.numNodes == 1 ? "" : "s") of \(cluster.gpusPerNode)"
    return heading("Ranks: \(plan.run.worldSize) (\(nodes)), in the order \(plan.grid.order.rawValue)") + table.text()
  }

  private var stages: String {
    let report = StageReport(
      map: plan.derived.stages, reading: plan.run.layout?.reading, moeLayers: plan.run.architecture.moeLayers)
    return heading("Stages") + report.table()
  }

  private var batches: String {
    var lines = heading("A step")
    let micro = config.train.microBatchSize ?? 1
    lines +=
      "  \(Numbers.grouped(plan.globalBatchSize)) sequences = \(counted(plan.derived.dataParallelSize, "replica")) x "
    lines += "\(counted(plan.derived.numMicrobatches, "micro-batch", "micro-batches")) x \(micro)\n"
    if let rampUp = config.batchRampUp {
      lines += "  growing from \(rampUp.start) by \(rampUp.increment) over \(Numbers.grouped(rampUp.samples)) samples\n"
    }
    let tokens = plan.tokensPerStep
    lines += "  \(Numbers.grouped(Int(tokens))) tokens; \(billions(tokens * Double(plan.steps))) in all\n"
    if let evaluation = plan.evaluation, evaluation.batches > 0, let interval = config.validation.evalInterval {
      lines += "  evaluated every \(Numbers.grouped(interval)) steps on \(evaluation.batches) batches\n"
    }
    return lines
  }

  private var data: [String] { epochs.map { [EpochReport($0).text(style: style)] } ?? [] }

  private var learningRates: String {
    var table = TextTable([.init("  step", .right), .init("learning rate", .right), .init("")])
    for point in plan.tellingSteps {
      table.add([Numbers.grouped(point.step), rate(plan.learningRate(ofStep: point.step)), point.what])
    }
    return heading("Learning rate: \(config.scheduler.lrDecayStyle.rawValue)") + table.text()
  }

  /// Three digits are enough to recognise a learning rate; the end of a cosine is no round number.
  private func rate(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return FlowText.yaml(.float(value)) }
    var scale = 1.0
    var magnitude = abs(value)
    while magnitude < 1000, scale < 1e300 {
      magnitude *= 10
      scale *= 10
    }
    return FlowText.yaml(.float(value >= 0 ? magnitude.rounded() / scale : -magnitude.rounded() / scale))
  }

  private var saved: String {
    let checkpoint = config.checkpoint
    var lines = heading("Written")
    lines += runFiles
    if let folder = checkpoint.save {
      let interval = checkpoint.saveInterval.flatMap { $0 > 0 ? $0 : nil }
      let what = config.peft.isPresent ? "adapters" : "weights"
      let first = CheckpointDirectory.folderName(min(interval ?? plan.steps, plan.steps))
      let last = CheckpointDirectory.folderName(plan.steps)
      lines += "  \(folder)/\n"
      if let interval, interval < plan.steps {
        let count = plan.steps / interval + (plan.steps % interval == 0 ? 0 : 1)
        lines +=
          "    \(what) every \(Numbers.grouped(interval)) steps: \(first) to \(last), \(Numbers.grouped(count)) in all\n"
      } else {
        lines += "    \(what) at the end: \(last)\n"
      }
      if let kept = checkpoint.mostRecentK, kept > 0 { lines += "    the last \(kept) are kept\n" }
    } else {
      lines += "  no checkpoints: `checkpoint.save` is null\n"
    }
    return lines
  }

  /// What a run writes beside its checkpoints.
  private var runFiles: String {
    let folder = config.runDirectory
    var files = [("\(folder)/config.yaml", "the resolved config")]
    if plan.engine.kind == .cpu {
      files += [("\(folder)/metrics.jsonl", "one line a step"), ("\(folder)/loss.svg", "the loss as a curve")]
    }
    if let events = config.logger.tensorboardDir { files.append(("\(events)/", "events for TensorBoard")) }
    let width = files.map(\.0.count).max() ?? 0
    return files.map { path, what in
      "  \(path)\(String(repeating: " ", count: width - path.count))  \(what)\n"
    }.joined()
  }

  // MARK: Numbers

  /// `1 replica`, `8 replicas`.
  private func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
    "\(Numbers.grouped(count)) \(count == 1 ? noun : plural ?? noun + "s")"
  }

  private func millions(_ count: Int) -> String {
    count >= 1_000_000_000 ? "\(hundredths(Double(count) / 1e9))B" : "\(hundredths(Double(count) / 1e6))M"
  }

  private func billions(_ count: Double) -> String {
    count >= 1e12
      ? "\(hundredths(count / 1e12))T tokens"
      : count >= 1e9 ? "\(hundredths(count / 1e9))B tokens" : "\(hundredths(count / 1e6))M tokens"
  }

  private func hundredths(_ value: Double) -> String {
    let rounded = (value * 100).rounded()
    guard rounded < 1e15 else { return "\(value)" }
    let whole = Int(rounded)
    return "\(whole / 100).\(whole % 100 < 10 ? "0" : "")\(whole % 100)"
  }
}
