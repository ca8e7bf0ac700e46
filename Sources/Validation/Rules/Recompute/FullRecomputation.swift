import ConfigDocument
import Diagnostics
import LaunchModel

/// # RECOMP-02: full recomputation says how and how many
///
/// ## What
/// `recompute_granularity: full` needs `recompute_method` (`uniform` or `block`) and `recompute_num_layers`.
///
/// ## Why
/// `uniform` keeps the input of every group of that many layers, `block` recomputes the first that many of each stage.
///
/// ## Example
/// ```yaml
/// recompute: {recompute_granularity: full}
/// ```
///
/// ## Fix
/// Write `recompute_method: uniform` and `recompute_num_layers: 1`.
///
/// ## Source
/// - 0.3.1: megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
/// - 0.5.1: megatron-core 0.18.2, the same.
/// - 0.6.2: megatron-core 0.19.2, the same.
enum FullRecomputation: Rule {
  static let code: DiagnosticCode = "RECOMP-02"
  static let title = "full recomputation says how and how many"
  static let errorsDependOn: PlanAspects = .recompute

  static func check(_ run: RunFacts, _ report: inout Report) {
    let recompute = run.config.recompute
    guard recompute.recomputeGranularity == .full,
      recompute.recomputeMethod == nil || recompute.recomputeNumLayers == nil
    else { return }
    let missing = [
      recompute.recomputeMethod == nil ? "recompute_method" : nil,
      recompute.recomputeNumLayers == nil ? "recompute_num_layers" : nil,
    ].compactMap { $0 }
    let mend = FieldFix(
      title: "recompute every layer by itself", applicability: .unsafe,
      changes: (recompute.recomputeMethod == nil
        ? [(path: Path.recompute.recomputeMethod, value: ConfigValue.string("uniform"))] : [])
        + (recompute.recomputeNumLayers == nil
          ? [(path: Path.recompute.recomputeNumLayers, value: ConfigValue.int(1))] : []))
    report.error(
      at: Path.recompute.recomputeGranularity, "full recomputation needs \(missing.joined(separator: " and "))",
      help: "uniform with 1 recomputes every layer by itself",
      related: [
        (Path.recompute.recomputeMethod, "\(recompute.recomputeMethod?.rawValue ?? "null")"),
        (Path.recompute.recomputeNumLayers, recompute.recomputeNumLayers.map { "\($0)" } ?? "null"),
      ],
      fix: mend)
  }
}
