import Diagnostics
import LaunchModel
import Releases

/// # MOE-45: quantile balancing takes plain routing
///
/// ## What
/// `moe_router_load_balancing_type: quantile_balancing` excludes `moe_router_fusion` and groups of experts, and the tokens that
/// a router sees at once, times `moe_router_topk`, must be a multiple of `num_moe_experts`.
///
/// ## Why
/// Each expert is to get the same number of tokens of every micro-batch, which the first forward pass checks.
///
/// ## Example
/// ```yaml
/// model: {moe_router_load_balancing_type: quantile_balancing, moe_router_num_groups: 8, moe_router_group_topk: 4}
/// ```
///
/// ## Fix
/// Set the groups to null and turn the fusion off.
///
/// ## Source
/// - 0.6.2: megatron-core 0.19.2 `transformer/moe/router.py`, `quantile_balancing`; `transformer/moe/moe_utils.py`.
enum QuantileBalancing: Rule {
  static let code: DiagnosticCode = "MOE-45"
  static let title = "quantile balancing takes plain routing"
  static let errorsDependOn: PlanAspects = [.microBatch, .tensor]
  static let releases = ReleaseSet.since(.bridge062)

  static func check(_ run: RunFacts, _ report: inout Report) {
    let model = run.config.model
    // Among several kinds it is passed over.
    guard model.moeRouterLoadBalancingType.only == .quantileBalancing, run.hasMoELayer else { return }
    let path = Path.model.moeRouterLoadBalancingType
    let fusion = FieldPath("model", "moe_router_fusion")
    if model.isOn(fusion.field) {
      report.error(
        at: path, "quantile balancing has no fused router", help: "turn the fusion off", related: [(fusion, "on")],
        fix: .unsafe("turn the fusion off", (fusion, false)))
    }
    if model.moeRouterNumGroups != nil || model.moeRouterGroupTopK != nil {
      report.error(
        at: path, "quantile balancing knows no groups of experts", help: "set them to null",
        related: [
          (Path.model.moeRouterNumGroups, model.moeRouterNumGroups.map { "\($0)" } ?? "null"),
          (Path.model.moeRouterGroupTopK, model.moeRouterGroupTopK.map { "\($0)" } ?? "null"),
        ],
        fix: .unsafe(
          "route without groups", (Path.model.moeRouterNumGroups, .null), (Path.model.moeRouterGroupTopK, .null)))
    }
    // The ranks of TP and CP put their tokens together; without sequence parallelism those of TP have the same ones.
    let copies = run.config.parallelism.sequenceParallel ? 1 : run.sizes.tensor
    let (top, experts) = (run.architecture.moeRouterTopK, run.architecture.numMoEExperts)
    guard let micro = run.config.train.microBatchSize, experts > 0 else { return }
    let (sequences, overflow) = micro.multipliedReportingOverflow(by: copies)
    let (tokens, tooMany) = sequences.multipliedReportingOverflow(by: model.seqLength)
    let (routed, far) = tokens.multipliedReportingOverflow(by: top)
    guard !overflow, !tooMany, !far, routed % experts != 0 else { return }
    report.error(
      at: path, "\(tokens) tokens x top \(top) = \(routed) cannot be dealt evenly over \(experts) experts",
      related: [
        run.expertsRelated, run.topKRelated, (Path.model.seqLength, "\(model.seqLength) tokens"),
        (Path.train.microBatchSize, "micro batch \(micro)"),
      ])
  }
}
