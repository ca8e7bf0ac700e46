import Diagnostics
import LaunchModel
import Topology

/// # PIPE-30: the busiest rank keeps the others waiting
///
/// ## What
/// The ranks' work, counted in operations, is held against the best layout of the same pipeline: the one that `auto`
/// stands for, or, where that is hardly better, one that may leave a stage to the loss alone. Where less than nine tenths
/// of its efficiency are left, this is a warning.
///
/// ## Why
/// A pipeline is as fast as its busiest rank. The output head of a large vocabulary weighs more than three decoder
/// layers of Moonlight, so an even split leaves the last rank far behind: 7+7+7+6 works 80 % of the time, 7+8+8+4 works
/// 96 %. Operations are not time: measure before you trust the last percent.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_size: 4, pipeline_model_parallel_layout: Et*7|t*7|t*7|t*6L}
/// ```
///
/// ## Fix
/// Write `auto`, or the layout that the help names.
///
/// ## Source
/// Operations as in Megatron-LM's `num_floating_point_operations`; none of Megatron's rules.
enum StagesAreBalanced: Rule {
  static let code: DiagnosticCode = "PIPE-30"
  static let title = "the busiest rank keeps the others waiting"
  static let errorsDependOn: PlanAspects = []

  /// How much of the best efficiency a split must keep.
  private static let tolerated = 0.9

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard report.takesAdvice, run.sizes.pipeline > 1, let stages = run.stages,
      let weights = run.config.stageWeights(of: run.architecture),
      let load = try? PipelineLoad(of: stages, weights: weights), load.efficiency < tolerated,
      let busiest = load.devices.indices.max(by: { load.devices[$0] < load.devices[$1] })
    else { return }
    // Cheaper than finding the best layout, and enough for most.
    guard load.efficiency < tolerated * load.mean / leastMaximum(load, weights),
      let better = betterLayout(run.config, load, weights)
    else { return }
    let hasLayout = run.layout != nil
    let parallelism = run.config.parallelism
    let hasOtherSplit =
      parallelism.numLayersInFirstPipelineStage != nil || parallelism.numLayersInLastPipelineStage != nil
      || parallelism.accountForEmbeddingInPipelineSplit || parallelism.accountForLossInPipelineSplit
    report.warning(
      at: hasLayout ? Path.parallelism.pipelineModelParallelLayout : Path.parallelism.pipelineModelParallelSize,
      """
      rank \(busiest) bears \(tenths(load.maximum)) layers' worth of work, the average rank \(tenths(load.mean)): \
      the pipeline works \(percent(load.efficiency)) of the time, and could about \(percent(better.efficiency))
      """,
      help: better.help,
      related: [run.layersRelated] + (hasLayout ? [run.pipelineRelated] : []),
      fix: hasOtherSplit
        ? nil
        : .unsafe(
          "balance the stages by cost", (Path.parallelism.pipelineModelParallelLayout, better.layout.configValue)))
  }

  private struct BetterLayout {
    let layout: PipelineLayoutText
    let efficiency: Double
    let help: Message
  }

  private static func betterLayout(
    _ config: LaunchConfig, _ load: PipelineLoad, _ weights: StageWeights
  ) -> BetterLayout? {
    func isBetter(_ balanced: BalancedLayout) -> Bool { load.efficiency < tolerated * balanced.load.efficiency }
    if let automatic = try? config.balancedLayout(weights: weights), isBetter(automatic) {
      return BetterLayout(
        layout: .automatic, efficiency: automatic.load.efficiency,
        help: """
          \(name: Path.parallelism.pipelineModelParallelLayout) \(automaticLayout: "`auto`") balances the stages by cost
          """)
    }
    guard let looser = try? config.balancedLayout(allowEmptyStages: true, weights: weights), isBetter(looser) else {
      return nil
    }
    let layout = looser.layout.megatronString
    return BetterLayout(
      layout: .text(layout), efficiency: looser.load.efficiency,
      help: "`\(layout)` balances the stages by cost, with one that holds no decoder layer")
  }

  /// A load that the busiest rank cannot stay below, whatever the layout: the least one at which all ranks together
  /// have room for all layers, whole ones, beside embedding and head. A search for the best layout itself would take
  /// longer than all other rules together.
  private static func leastMaximum(_ load: PipelineLoad, _ weights: StageWeights) -> Double {
    guard let lightest = weights.layers.min(), lightest > 0 else { return load.maximum }
    func hasRoom(_ capacity: Double) -> Bool {
      var layers = 0.0
      for rank in load.devices.indices {
        let fixed = (rank == 0 ? weights.embedding : 0) + (rank == load.devices.count - 1 ? weights.loss : 0)
        layers += max(0, ((capacity - fixed) / lightest + 1e-9).rounded(.down))
      }
      return layers >= Double(weights.layers.count)
    }
    var (low, high) = (max(load.mean, weights.loss), load.maximum)
    if hasRoom(low) { return low }
    for _ in 0..<24 {
      let middle = (low + high) / 2
      if hasRoom(middle) { high = middle } else { low = middle }
    }
    return high
  }

  /// With one digit behind the point.
  private static func tenths(_ number: Double) -> String {
    guard number >= 0, number < 1e12 else { return "\(number)" }
    let tenths = Int((number * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  private static func percent(_ share: Double) -> String { "\(Int((min(max(share, 0), 1) * 100).rounded())) %" }
}
