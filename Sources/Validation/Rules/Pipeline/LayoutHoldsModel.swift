import Diagnostics
import LaunchModel
import Topology

/// # PIPE-16: a layout holds every layer once
///
/// ## What
/// A layout has as many `t` as `num_layers` and as many `m` as `mtp_num_layers`.
///
/// ## Why
/// Each stage builds the layers that it is given. Two of the layouts that the upstream Moonlight recipe ships hold 31
/// decoders for 27 layers, and are refused here as there.
///
/// ## Example
/// ```yaml
/// model: {num_layers: 27}
/// parallelism: {pipeline_model_parallel_layout: Et*14|t*14L}   # 28
/// ```
///
/// ## Fix
/// Add or take away layers, or write `auto`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `pipeline_parallel_layer_layout.py`, `validate_layer_layout`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum LayoutHoldsModel: Rule {
  static let code: DiagnosticCode = "PIPE-16"
  static let title = "a layout holds every layer once"
  static let errorsDependOn: PlanAspects = [.pipeline, .virtualPipeline]

  static func check(_ run: RunFacts, _ report: inout Report) {
    for violation in run.splitViolations(of: Self.self) {
      switch violation {
      case .decoderCount(let count, let layers):
        let counts = run.layout?.layout.decoderCounts ?? []
        let sum = counts.count > 1 && counts.count <= 16 ? "\(counts.map(String.init).joined(separator: "+")) = " : ""
        report.error(
          at: Path.parallelism.pipelineModelParallelLayout,
          """
          the layout holds \(sum)\(Help.count(count, "decoder layer")), \(abs(count - layers)) \
          \(count < layers ? "less" : "more") than num_layers \(layers)
          """,
          help: "\(automaticLayout: "`auto`") balances \(layers) layers by cost", related: [run.layersRelated],
          fix: .unsafe(
            "balance the stages by cost",
            (Path.parallelism.pipelineModelParallelLayout, PipelineLayoutText.automatic.configValue)))
      case .mtpCount(let count, let layers):
        report.error(
          at: Path.parallelism.pipelineModelParallelLayout,
          """
          the layout holds \(Help.count(count, "MTP layer")), but mtp_num_layers is \
          \(layers.map(String.init) ?? "null")
          """,
          help: count == 0
            ? "write \(String(repeating: "m", count: min(layers ?? 0, 8))) before the L"
            : "set mtp_num_layers \(count)",
          related: [(Path.model.mtpNumLayers, layers.map { "\(Help.count($0, "MTP layer"))" } ?? "null")])
      default: break
      }
    }
  }
}
