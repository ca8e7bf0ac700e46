import Diagnostics
import LaunchModel
import Topology

/// # PIPE-04: a layout excludes the other ways to split
///
/// ## What
/// `pipeline_model_parallel_layout` cannot stand beside `num_layers_in_first_pipeline_stage`,
/// `num_layers_in_last_pipeline_stage` or the `account_for_…_in_pipeline_split` switches.
///
/// ## Why
/// The layout says all of it.
///
/// ## Example
/// ```yaml
/// parallelism: {pipeline_model_parallel_layout: Et*14|t*13L, num_layers_in_first_pipeline_stage: 14}
/// ```
///
/// ## Fix
/// Remove the others.
///
/// ## Source
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
enum LayoutExcludesOtherSplits: Rule {
  static let code: DiagnosticCode = "PIPE-04"
  static let title = "a layout excludes the other ways to split"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard case .layoutWithOtherSplit? = run.splitViolations(code).first else { return }
    let others = run.edgesRelated + run.accountingRelated
    report.error(
      at: Path.parallelism.pipelineModelParallelLayout,
      """
      a pipeline layout says how many layers each stage holds, so \(others.map(\.0.field).joined(separator: ", ")) \
      cannot be set as well
      """,
      help: "remove one or the other", related: others,
      fix: FieldFix(
        title: "keep the layout alone", applicability: .unsafe, changes: others.map { (path: $0.0, value: nil) }))
  }
}

/// # PIPE-05: uneven ends exclude counting embedding and loss
///
/// ## What
/// `num_layers_in_first_pipeline_stage` and `num_layers_in_last_pipeline_stage` cannot stand beside
/// `account_for_embedding_in_pipeline_split` or `account_for_loss_in_pipeline_split`.
///
/// ## Why
/// Both say how the ends differ from the middle.
///
/// ## Example
/// ```yaml
/// parallelism: {num_layers_in_first_pipeline_stage: 6, account_for_embedding_in_pipeline_split: true}
/// ```
///
/// ## Fix
/// Keep one of them, or write a layout.
///
/// ## Source
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
enum EdgesExcludeAccounting: Rule {
  static let code: DiagnosticCode = "PIPE-05"
  static let title = "uneven ends exclude counting embedding and loss"

  static func check(_ run: RunFacts, _ report: inout Report) {
    guard case .edgesWithAccounting? = run.splitViolations(code).first, let first = run.edgesRelated.first else {
      return
    }
    let others = run.edgesRelated.dropFirst() + run.accountingRelated
    report.error(
      at: first.0,
      """
      \(run.edgesRelated.map(\.0.field).joined(separator: " and ")) cannot stand beside \
      \(run.accountingRelated.map(\.0.field).joined(separator: " and "))
      """,
      help: "keep one of the two ways, or write a layout", related: Array(others),
      fix: FieldFix(
        title: "keep the numbers of layers", applicability: .unsafe,
        changes: run.accountingRelated.map { (path: $0.0, value: false) }))
  }
}

extension RunFacts {
  /// The first and last stage's sizes, where they are written.
  fileprivate var edgesRelated: [(FieldPath, String)] {
    let parallelism = config.parallelism
    return [
      (Path.parallelism.numLayersInFirstPipelineStage, parallelism.numLayersInFirstPipelineStage),
      (Path.parallelism.numLayersInLastPipelineStage, parallelism.numLayersInLastPipelineStage),
    ].compactMap { path, layers in layers.map { (path, Help.count($0, "layer")) } }
  }

  /// The switches that count embedding and loss, where they are on.
  fileprivate var accountingRelated: [(FieldPath, String)] {
    let parallelism = config.parallelism
    return [
      (Path.parallelism.accountForEmbeddingInPipelineSplit, parallelism.accountForEmbeddingInPipelineSplit),
      (Path.parallelism.accountForLossInPipelineSplit, parallelism.accountForLossInPipelineSplit),
    ].filter(\.1).map { ($0.0, "on") }
  }
}
