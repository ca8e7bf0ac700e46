import Diagnostics
import LaunchModel
import Topology

/// # PIPE-19: embedding and loss are built on the outer stages, wherever a layout has them
///
/// ## What
/// A layout may begin or end with empty stages. Megatron accepts it, but builds the embedding on the first stage and
/// the loss on the last all the same.
///
/// ## Why
/// The stages that look empty are not.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_layout: "|Et*27L"}   # the embedding sits on stage 0
/// ```
///
/// ## Fix
/// Write `E` on the first stage and `L` on the last.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `models/gpt/gpt_model.py`; megatron-bridge 0.3.1 `models/gpt_provider.py`, `provide`.
/// - 0.5.1: megatron-core 0.18.2 and megatron-bridge 0.5.1, the same.
/// - 0.6.2: megatron-core 0.19.2 and megatron-bridge 0.6.2, the same.
enum EndsOnOuterStages: Rule {
  static let code: DiagnosticCode = "PIPE-19"
  static let title = "embedding and loss are built on the outer stages, wherever a layout has them"
  static let errorsDependOn: PlanAspects = []

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard let layout = run.layout?.layout, layout.hasEmptyEnd, run.stages != nil else { return }
    for position in layout.misplacedEnds {
      let element = layout.stages[position.stage][position.element]
      let built = element == .embedding ? 0 : layout.stages.count - 1
      report.add(
        .note, at: Path.parallelism.pipelineModelParallelLayout,
        """
        the layout has \(element.named) on \(run.stageName(position.stage)), but Megatron builds it on \
        \(run.stageName(built))
        """,
        help: "write it there", excerpt: run.layoutExcerpt(position))
    }
  }
}

extension PipelineLayout {
  /// Whether the first or the last stage holds nothing; only then can an end stand elsewhere.
  fileprivate var hasEmptyEnd: Bool { stages.first?.isEmpty == true || stages.last?.isEmpty == true }
}
