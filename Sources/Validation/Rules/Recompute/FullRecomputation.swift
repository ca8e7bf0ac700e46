import ConfigDocument
import Diagnostics
import LaunchModel
import Topology

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
/// megatron-core 0.16.1 `transformer_config.py`, `__post_init__`.
enum FullRecomputation: Rule {
  static let code: DiagnosticCode = "RECOMP-02"
  static let title = "full recomputation says how and how many"

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
        (Path.recompute.recomputeMethod, recompute.recomputeMethod?.rawValue ?? "null"),
        (Path.recompute.recomputeNumLayers, recompute.recomputeNumLayers.map(String.init) ?? "null"),
      ],
      fix: mend)
  }
}

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
/// megatron-core 0.16.1 `transformer_block.py`, `_checkpointed_forward`.
enum RecomputedGroups: Rule {
  static let code: DiagnosticCode = "RECOMP-03"
  static let title = "groups of recomputed layers fill every stage"

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
      guard let stages = run.stages?.stages, let short = stages.first(where: { $0.numLayers % size != 0 }) else {
        return
      }
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
