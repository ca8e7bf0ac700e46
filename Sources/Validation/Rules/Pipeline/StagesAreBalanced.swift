import Diagnostics
import LaunchModel
import Topology

/// # PIPE-30: the busiest rank keeps the others waiting
///
/// ## What
/// The stages' work, counted in operations, is held against the best split of the same model over the same pipeline.
/// Where the busiest rank bears so much that less than nine tenths of the best efficiency are left, this is a warning.
///
/// ## Why
/// A pipeline is as fast as its busiest rank. The output head of a large vocabulary weighs more than three decoder layers
/// of Moonlight, so an even split leaves the last rank far behind: 7+7+7+6 works 80 % of the time, 7+8+8+4 works 96 %.
/// Operations are not time: measure before you trust the last percent.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_size: 4, pipeline_model_parallel_layout: Et*7|t*7|t*7|t*6L}
/// ```
///
/// ## Fix
/// Write the layout that the warning names, or `auto`.
///
/// ## Source
/// Operations as in Megatron-LM's `num_floating_point_operations`; none of Megatron's rules.
enum StagesAreBalanced: Rule {
  static let code: DiagnosticCode = "PIPE-30"
  static let title = "the busiest rank keeps the others waiting"

  /// How much of the best efficiency a split must keep.
  private static let tolerated = 0.9

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard run.sizes.pipeline > 1, let stages = run.stages, let weights = run.config.stageWeights,
      let load = try? PipelineLoad(of: stages, weights: weights),
      // No split is better than one without idle ranks, so most configs need no search for the best.
      load.efficiency < tolerated,
      let best = try? run.config.balancedLayout(
        allowEmptyStages: stages.stages.contains { $0.numLayers == 0 }, weights: weights),
      load.efficiency < tolerated * best.load.efficiency, let busiest = load.devices.indices.max(by: { load.devices[$0] < load.devices[$1] })
    else { return }
    let hasLayout = run.layout != nil
    let parallelism = run.config.parallelism
    let hasOtherSplit =
      parallelism.numLayersInFirstPipelineStage != nil || parallelism.numLayersInLastPipelineStage != nil
      || parallelism.accountForEmbeddingInPipelineSplit || parallelism.accountForLossInPipelineSplit
    let text = best.layout.megatronString
    report.warning(
      at: hasLayout ? Path.parallelism.pipelineModelParallelLayout : Path.parallelism.pipelineModelParallelSize,
      """
      rank \(busiest) bears \(Self.tenths(load.maximum)) layers' worth of work, the average rank \(Self.tenths(load.mean)): \
      the pipeline works \(Self.percent(load.efficiency)) of the time, and could \(Self.percent(best.load.efficiency))
      """,
      help: "balanced by cost: \(text)",
      related: [run.layersRelated] + (hasLayout ? [run.pipelineRelated] : []),
      fix: hasOtherSplit
        ? nil
        : .unsafe(
          "write the balanced layout", (Path.parallelism.pipelineModelParallelLayout, PipelineLayoutText.text(text).configValue)))
  }

  /// With one digit behind the point.
  private static func tenths(_ number: Double) -> String {
    guard number >= 0, number < 1e12 else { return "\(number)" }
    let tenths = Int((number * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  private static func percent(_ share: Double) -> String { "\(Int((min(max(share, 0), 1) * 100).rounded())) %" }
}
