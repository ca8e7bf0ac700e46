import Diagnostics
import LaunchModel
import Topology

/// # RECOMP-03: groups of recomputed layers fill every stage
///
/// ## What
/// With `full` and `uniform`, `recompute_num_layers` must be at least 1 and divide the layers of every stage. With
/// `block`, 0 recomputes nothing.
///
/// ## Why
/// Megatron does not check it. 0 loops forever; a last group that reaches beyond the stage's layers fails in the first
/// step.
///
/// ## Example
/// ```yaml
/// model: {num_layers: 27}
/// recompute: {recompute_granularity: full, recompute_method: uniform, recompute_num_layers: 2}
/// ```
///
/// ## Fix
/// Write 1, or a number that divides all stages.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_block.py`, `_checkpointed_forward`.
/// - 0.5.1: megatron-core 0.18.2 `recompute.py`, `checkpointed_forward`.
/// - 0.6.2: megatron-core 0.19.2 `recompute.py`, `checkpointed_forward`.
enum RecomputedGroups: Rule {
  static let code: DiagnosticCode = "RECOMP-03"
  static let title = "groups of recomputed layers fill every stage"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline, .recompute]

  static func check(_ run: RunFacts, _ report: inout Report) {
    let recompute = run.config.recompute
    guard recompute.recomputeGranularity == .full, let size = recompute.recomputeNumLayers else { return }
    let path = Path.recompute.recomputeNumLayers
    switch recompute.recomputeMethod {
    case .uniform?:
      if size == 0 {
        return report.error(
          at: path, "uniform recomputation in groups of 0 layers never ends",
          help: "write 1 to recompute every layer by itself",
          related: [(Path.recompute.recomputeMethod, "uniform")], fix: .unsafe("write 1", (path, 1)))
      }
      guard !run.release.recomputesPartialGroups, let stages = run.stages?.stages,
        let short = stages.first(where: { $0.numLayers % size != 0 })
      else { return }
      // With MTP layers, MTP-02 asks for 1 anyway.
      guard run.architecture.mtpNumLayers == 0 else { return }
      let common = stages.reduce(0) { greatestCommonDivisor($0, $1.numLayers) }
      let place =
        stages.count == 1
        ? "the model" : "stage pp \(short.pp)" + (run.virtualPipelineSize == nil ? "" : ", vp \(short.vp)")
      report.error(
        at: path,
        """
        \(place) has \(Help.count(short.numLayers, "layer")), and \(short.numLayers) / groups of \(size) = \
        \(Help.quotient(short.numLayers, size)): the last group reaches beyond them
        """,
        help: "sizes that divide every stage: \(Help.list(Array(divisors(of: max(1, common)).prefix(6))))",
        related: [run.layersRelated, (Path.recompute.recomputeMethod, "uniform"), run.pipelineRelated]
          + (run.layout == nil ? [] : [run.layoutRelated]),
        fix: .unsafe("write 1", (path, 1)))
    case .block?:
      guard size == 0 else { return }
      report.note(
        at: path, "block recomputation of 0 layers recomputes nothing",
        help: "write null for recompute_granularity to say so",
        related: [(Path.recompute.recomputeMethod, "block")])
    case nil: break
    }
  }

  private static func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
    second == 0 ? first : greatestCommonDivisor(second, first % second)
  }
}
