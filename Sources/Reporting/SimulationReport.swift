package import ConfigDocument
package import Estimation
package import Topology

/// A simulated training step, for people and for programs.
package struct SimulationReport: Sendable {
  package let map: StageMap
  package let reading: LayoutReading?
  package let simulation: StepSimulation
  package let weights: StageWeights
  package let weightSource: StageWeightSource
  package let moeLayers: [Bool]?
  /// The same step with the balanced layout; `nil` where that is no better or unknown.
  package let balanced: Balanced?
  /// The same step in seconds; `nil` where the file says no run, or the weights are somebody's own.
  package let seconds: SimulatedSeconds?

  package struct Balanced: Sendable {
    package let map: StageMap
    package let simulation: StepSimulation

    package init(map: StageMap, simulation: StepSimulation) {
      self.map = map
      self.simulation = simulation
    }
  }

  package init(
    map: StageMap, reading: LayoutReading?, simulation: StepSimulation, weights: StageWeights,
    weightSource: StageWeightSource, moeLayers: [Bool]?, balanced: Balanced?, seconds: SimulatedSeconds? = nil
  ) {
    self.map = map
    self.reading = reading
    self.simulation = simulation
    self.weights = weights
    self.weightSource = weightSource
    self.moeLayers = moeLayers
    self.balanced = balanced
    self.seconds = seconds
  }

  /// `Interleaved 1F1B: PP 4, VP 2, 16 micro-batches in groups of 4`.
  package var scheduleText: String {
    let schedule = simulation.schedule
    let batches = "\(schedule.microbatches) micro-batch\(schedule.microbatches == 1 ? "" : "es")"
    guard let virtual = schedule.virtualPipeline else { return "\(Self.plain) PP \(schedule.pipeline), \(batches)" }
    return "\(Self.interleaved) PP \(schedule.pipeline), VP \(virtual), \(batches) in groups of \(schedule.groupSize)"
  }

  private static let plain = "1F1B:"
  private static let interleaved = "Interleaved 1F1B:"
  /// What the text begins with, by the kind of schedule.
  package static let beginnings = [plain, interleaved]

  /// What a time is measured in.
  var unitText: String {
    weightSource.isComputed
      ? "time, in forward and backward passes of one layer" : "time, in the unit of the weights"
  }

  var weightsText: String {
    let summary = weightSource.summary(of: weights, moeLayers: moeLayers, hasMTP: map.stages.contains { $0.mtp > 0 })
    return "\(summary) (\(weightSource.text))"
  }

  /// What the picture says above.
  var headlines: [String] {
    var lines = ["layout \(map.layout.megatronString)", "step \(stepText)", "bubble \(bubbleText)"]
    if let balancedText { lines.append("balanced " + balancedText) }
    return lines
  }

  // MARK: For people

  package func text(style: TerminalStyle = .plain) -> String {
    var text = style.paint(scheduleText, .strong) + "\n\n"
    let readingText = reading?.text ?? "Megatron's own split"
    for (name, value) in [
      ("layout", map.layout.megatronString), ("reading", readingText), ("weights", weightsText), ("passes", passesText),
      ("step", stepText), ("bubble", bubbleText), ("formula", formulaText),
    ] { text += StageReport.item(name, value, style) }
    if let balancedText { text += StageReport.item("balanced", balancedText, style) }
    if let secondsText { text += StageReport.item("seconds", secondsText, style) }

    var table = TextTable([
      .init("pp", .right), .init("layers", .right), .init("forward", .right), .init("backward", .right),
      .init("busy", .right), .init("idle", .right), .init("in flight", .right), .init("formula", .right),
    ])
    let step = simulation.timeline.stepTime
    for rank in 0..<map.pipeline {
      let chunks = map.chunks(pp: rank)
      let forward = stride(from: rank, to: map.stages.count, by: map.pipeline).reduce(0) {
        $0 + simulation.load.chunks[$1]
      }
      let busy = simulation.timeline.busy[rank]
      table.add([
        "\(rank)", chunks.map { "\($0.numLayers)" }.joined(separator: "+"), number(forward),
        number(forward * simulation.backwardRatio), number(busy),
        step > 0 ? Numbers.percent((step - busy) / step) : "-", inFlightText(rank),
        Numbers.short(simulation.inFlightFormula(rank: rank), 3),
      ])
    }
    return text + "\n" + table.text(style: style)
  }

  /// Simulated times in the unit of the weights.
  private func number(_ simulated: Double) -> String { Numbers.decimal(simulation.time(simulated), 3) }

  private func inFlightText(_ rank: Int) -> String {
    Numbers.short(Double(simulation.inFlight.ranks[rank]) / Double(simulation.schedule.chunks), 3)
  }

  private var passesText: String {
    "forward : backward = 1 : \(Numbers.short(simulation.backwardRatio, 3))"
      + (simulation.pointToPoint > 0 ? ", \(Numbers.short(simulation.pointToPoint, 6)) to send" : "")
  }

  private var stepText: String {
    "\(Numbers.decimal(simulation.stepTime, 3)), ideal \(Numbers.decimal(simulation.idealTime, 3)): "
      + "\(Numbers.decimal(simulation.slowdown, 3))x = \(Numbers.decimal(simulation.imbalance, 3))x imbalance"
      + " * \(Numbers.decimal(simulation.waiting, 3))x waiting"
  }

  private var bubbleText: String {
    "\(Numbers.short(simulation.bubbleFraction, 6)) of the ideal time, "
      + "\(Numbers.percent(simulation.idleShare)) of the step"
  }

  private var formulaText: String {
    let schedule = simulation.schedule
    let (name, sizes) =
      schedule.chunks > 1
      ? ("(p-1)/(v m)", "\(schedule.pipeline - 1)/(\(schedule.chunks)*\(schedule.microbatches))")
      : ("(p-1)/m", "\(schedule.pipeline - 1)/\(schedule.microbatches)")
    let value = "\(name) = \(sizes) = \(Numbers.short(simulation.bubbleFormula, 6))"
    return value
      + (simulation.formulaHolds
        ? ", which holds here: equal stages, nothing to send" : " for equal stages with nothing to send")
  }

  private var balancedText: String? {
    balanced.map {
      "\($0.map.layout.megatronString) would take \(Numbers.decimal($0.simulation.stepTime, 3)): "
        + "\(Numbers.decimal(simulation.stepTime / $0.simulation.stepTime, 2))x"
    }
  }

  /// By the time model of `estimate`, whose passes are not in the ratio of their operations.
  private var secondsText: String? {
    seconds.map {
      let shown = { (value: Double) in Numbers.decimal(value, 3) }
      return "\(shown($0.total)): \(shown($0.pipeline)) in the pipeline (ideal \(shown($0.ideal))) and "
        + "\(shown($0.afterwards)) for gradients and optimizer; `estimate` and `plan` say \(shown($0.estimated.total))"
    }
  }

  // MARK: For programs

  /// One object, for `--format json`.
  package var tree: ConfigMapping {
    let schedule = simulation.schedule
    let float = { (value: Double) in ConfigValue.float(Numbers.rounded(value)) }
    return [
      "layout": .string(map.layout.megatronString),
      "reading": .string(reading?.text ?? "Megatron's own split"),
      "schedule": [
        "name": schedule.virtualPipeline == nil ? "1f1b" : "interleaved",
        "pipeline": .int(schedule.pipeline),
        "virtual_pipeline": schedule.virtualPipeline.map { .int($0) } ?? .null,
        "num_microbatches": .int(schedule.microbatches),
        "microbatch_group_size": schedule.virtualPipeline == nil ? .null : .int(schedule.groupSize),
      ],
      "weights": .mapping(StageReport.tree(of: weights, weightSource)),
      "backward_ratio": float(simulation.backwardRatio),
      "point_to_point": float(simulation.pointToPoint),
      "step_time": float(simulation.stepTime),
      "ideal_time": float(simulation.idealTime),
      "step_over_ideal": float(simulation.slowdown),
      "imbalance": float(simulation.imbalance),
      "waiting": float(simulation.waiting),
      "bubble_fraction": .float(simulation.bubbleFraction),
      "idle_share": float(simulation.idleShare),
      "bubble_formula": [
        "value": .float(simulation.bubbleFormula), "holds": .bool(simulation.formulaHolds),
      ],
      "ranks": .list(
        (0..<schedule.pipeline).map { rank in
          [
            "pp": .int(rank), "busy": float(simulation.time(simulation.timeline.busy[rank])),
            "idle": float(simulation.stepTime - simulation.time(simulation.timeline.busy[rank])),
            "microbatches_in_flight": float(Double(simulation.inFlight.ranks[rank]) / Double(schedule.chunks)),
            "microbatches_in_flight_formula": float(simulation.inFlightFormula(rank: rank)),
          ]
        }),
      "stages": .list(
        map.stages.indices.map { index in
          var tree = map.stages[index].tree
          let forward = simulation.time(simulation.load.chunks[index])
          tree["forward"] = float(forward)
          tree["backward"] = float(forward * simulation.backwardRatio)
          tree["microbatches_in_flight"] = .int(simulation.inFlight.stages[index])
          return .mapping(tree)
        }),
      "balanced": balanced.map {
        [
          "layout": .string($0.map.layout.megatronString), "step_time": float($0.simulation.stepTime),
          "gain": float($0.simulation.stepTime > 0 ? simulation.stepTime / $0.simulation.stepTime : 1),
        ]
      } ?? .null,
      "seconds": seconds.map { .mapping(Self.tree(of: $0)) } ?? .null,
    ]
  }

  private static func tree(of seconds: SimulatedSeconds) -> ConfigMapping {
    [
      "step": .float(seconds.total), "pipeline": .float(seconds.pipeline), "ideal": .float(seconds.ideal),
      "gradients_and_optimizer": .float(seconds.afterwards), "estimate": .float(seconds.estimated.total),
      "forward": .list(seconds.costs.forward.map { .float($0) }),
      "backward": .list(seconds.costs.backward.map { .float($0) }),
      "point_to_point": .float(seconds.costs.pointToPoint),
    ]
  }
}
